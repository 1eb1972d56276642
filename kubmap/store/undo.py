"""Undo: what an action of an editor changed, kept until it is taken back or grows old; on an open connection."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from kubmap.store import codec
from kubmap.store.schema import undos as table

KEPT = timedelta(days=1)
"""Older actions are taken back by hand, from the history."""


class Step(NamedTuple):
    """A record that the action moved from version `before` to version `after`."""

    id: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Action:
    actor: str
    name: str
    steps: tuple[Step, ...]


def keep(connection: Connection, steps: Sequence[Step], *, actor: str, action: str, at: datetime) -> str:
    """The token that `take` wants."""
    connection.execute(delete(table).where(table.c.at < codec.moment_to_text(at - KEPT)))
    token = secrets.token_urlsafe(18)
    row = {
        "token": token, "actor": actor, "action": action, "items": codec.dumps([list(each) for each in steps]),
        "at": codec.moment_to_text(at),
    }  # fmt: skip
    connection.execute(insert(table), row)
    return token


def get(connection: Connection, token: str) -> Action | None:
    row = connection.execute(select(table).where(table.c.token == token)).mappings().first()
    if row is None:
        return None
    return Action(row["actor"], row["action"], tuple(Step(*each) for each in codec.loads(row["items"])))


def done(connection: Connection, token: str) -> None:
    """An action is taken back once."""
    connection.execute(delete(table).where(table.c.token == token))
