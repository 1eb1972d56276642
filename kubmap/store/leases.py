"""Leases: what one process at a time does, for as long as it says that it lives."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from kubmap.domain import MOSCOW
from kubmap.store import engine as engines
from kubmap.store.schema import leases as table


@dataclass(frozen=True, slots=True)
class Lease:
    """A right named `name`, kept by one holder for `lasts` since it was taken or renewed last."""

    engine: Engine
    name: str
    now: Callable[[], datetime]
    lasts: timedelta = timedelta(minutes=3)
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    def take(self) -> bool:
        """Take or renew it; False when another holder has it."""
        at = self.now().astimezone(MOSCOW)
        values = {"owner": self.owner, "until_at": (at + self.lasts).isoformat()}
        with engines.writing(self.engine) as connection:
            held = connection.execute(select(table).where(table.c.name == self.name)).mappings().first()
            if held is None:
                connection.execute(insert(table), {"name": self.name, **values})
                return True
            if held["owner"] != self.owner and datetime.fromisoformat(held["until_at"]) > at:
                return False
            connection.execute(update(table).where(table.c.name == self.name).values(values))
            return True

    def end(self) -> None:
        """Give it up; what another holder has stays."""
        mine = (table.c.name == self.name) & (table.c.owner == self.owner)
        with engines.writing(self.engine) as connection:
            connection.execute(delete(table).where(mine))
