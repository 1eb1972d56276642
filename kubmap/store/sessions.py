"""Sessions: who is logged in where. The browser keeps a secret, the table only its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from kubmap.store import engine as engines
from kubmap.store.schema import sessions, users
from kubmap.store.users import Account, account, clock

NOTED: Final = timedelta(minutes=5)
"""How exactly the last use of a session is known: a write each time would be one a request."""
OF_A_USER: Final = 20
"""Sessions of one account at once; the one begun first ends."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives: without use, and at all."""

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)


class Sessions:
    """Sessions in the database of the store. Asking whose one is is no use of it: pages ask by themselves."""

    def __init__(self, engine: Engine, *, limits: Limits | None = None, now: Callable[[], datetime] = clock) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self._now = now

    def begin(self, whose: Account) -> str:
        """A new session; returns its secret. Ends what has expired, and the oldest of too many."""
        secret = secrets.token_urlsafe(32)
        now = self._now().isoformat()
        row = {
            "id": _digest(secret), "user_id": whose.id, "epoch": whose.epoch, "created_at": now, "seen_at": now
        }  # fmt: skip
        with engines.writing(self.engine) as connection:
            self._tidy(connection, whose.id)
            connection.execute(insert(sessions).values(row))
        return secret

    def find(self, secret: str) -> Account | None:
        """Whose session it is; None when it has ended or expired, or the account is disabled."""
        with engines.reading(self.engine) as connection:
            query = select(users, sessions.c.created_at.label("begun"), sessions.c.seen_at).where(
                sessions.c.id == _digest(secret),
                users.c.id == sessions.c.user_id,
                users.c.epoch == sessions.c.epoch,
                users.c.disabled.is_(False),
            )
            row = connection.execute(query).mappings().one_or_none()
        return account(row) if row is not None and self._lives(row["begun"], row["seen_at"]) else None

    @property
    def exact(self) -> timedelta:
        """How exactly the last use is to be noted."""
        return min(NOTED, self.limits.idle / 4)

    def note(self, secret: str) -> None:
        """The session is used now; one that has expired stays so. A busy database is no error: the next use counts."""
        mine = sessions.c.id == _digest(secret)
        with suppress(OperationalError), engines.writing(self.engine) as connection:
            row = connection.execute(select(sessions).where(mine)).one_or_none()
            if row is not None and self._lives(row.created_at, row.seen_at):
                connection.execute(update(sessions).where(mine).values(seen_at=self._now().isoformat()))

    def end(self, secret: str) -> None:
        """Log out here."""
        with engines.writing(self.engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.id == _digest(secret)))

    def count(self) -> dict[str, int]:
        """How many sessions live, by the id of the account."""
        found: dict[str, int] = {}
        with engines.reading(self.engine) as connection:
            query = select(sessions.c.user_id, sessions.c.created_at, sessions.c.seen_at).where(
                users.c.id == sessions.c.user_id, users.c.epoch == sessions.c.epoch, users.c.disabled.is_(False)
            )
            for user_id, begun, seen in connection.execute(query):
                found[user_id] = found.get(user_id, 0) + self._lives(begun, seen)
        return found

    def _lives(self, begun: str, seen: str) -> bool:
        now = self._now()
        idle, age = now - datetime.fromisoformat(seen), now - datetime.fromisoformat(begun)
        return idle < self.limits.idle and age < self.limits.absolute

    def _tidy(self, connection: Connection, user_id: str) -> None:
        query = select(sessions.c.id, sessions.c.user_id, sessions.c.created_at, sessions.c.seen_at)
        rows = connection.execute(query.order_by(sessions.c.created_at)).all()
        over = [row.id for row in rows if not self._lives(row.created_at, row.seen_at)]
        mine = [row.id for row in rows if row.user_id == user_id and row.id not in over]
        over += mine[: max(0, len(mine) - OF_A_USER + 1)]
        for each in over:
            connection.execute(delete(sessions).where(sessions.c.id == each))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
