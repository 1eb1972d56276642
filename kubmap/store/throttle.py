"""Failed logins, counted by login, by address and by known device; each failure makes the next attempt wait longer.

An attempt is counted before the password is looked at, so that many at once get no further than one after another.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from kubmap.errors import LoginError
from kubmap.store.schema import login_failures as table

LONGEST: Final = timedelta(minutes=15)
KEPT: Final = 10_000
"""Rows at the most; those with the fewest failures go first: a flood of names does not wash away one that is tried."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many failures pass without a wait, and after how long a quiet time they are forgotten."""

    free: int
    forgotten: timedelta

    def wait(self, failures: int) -> timedelta:
        """2 s after the first failure that is too many, twice as long after each further one."""
        over = failures - self.free
        return timedelta(0) if over <= 0 else min(LONGEST, timedelta(seconds=2 ** min(over, 20)))


LOGIN: Final = Policy(free=3, forgotten=timedelta(hours=24))
ADDRESS: Final = Policy(free=15, forgotten=timedelta(hours=1))
"""Many people may share an address."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose failures are counted."""

    name: str
    policy: Policy

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()


def keys(login: str, address: str, device: str | None = None) -> tuple[Key, ...]:
    """What an attempt counts for.

    A device that this login was used on before is counted by itself: others who try the login lock nobody out there.
    """
    if device:
        return (Key(f"device:{device}", LOGIN),)
    return (Key(f"login:{login}", LOGIN), Key(f"address:{network(address)}", ADDRESS))


def network(address: str) -> str:
    """The address; of IPv6 the /64, which one customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return (
            str(ipaddress.ip_network(f"{found}/64", strict=False)) if not found.ipv4_mapped else str(found.ipv4_mapped)
        )
    return str(found)


def charge(connection: Connection, wanted: tuple[Key, ...], now: datetime) -> None:
    """Count an attempt as failed. Raises LoginError when it comes too early; then nothing is counted."""
    rows = {key: _row(connection, key, now) for key in wanted}
    early = [
        wait for row in rows.values() if row and (wait := datetime.fromisoformat(row["until_at"]) - now) > timedelta(0)
    ]
    if early:
        raise LoginError("Слишком много попыток.", wait_s=max(1, round(max(early).total_seconds())))
    for key, row in rows.items():
        _count(connection, key, row, now)
    _bound(connection)


def release(connection: Connection, wanted: tuple[Key, ...], now: datetime) -> None:
    """The attempt was right: forget the failures of the login or device, take back this one of the address."""
    for key in wanted:
        if key.policy is ADDRESS:
            row = _row(connection, key, now)
            if row and row["failures"] > 1:
                values = {"failures": row["failures"] - 1, "until_at": now.isoformat()}
                connection.execute(update(table).where(table.c.key == key.digest).values(values))
                continue
        connection.execute(delete(table).where(table.c.key == key.digest))


def _row(connection: Connection, key: Key, now: datetime) -> Mapping[str, Any] | None:
    found = connection.execute(select(table).where(table.c.key == key.digest)).mappings().one_or_none()
    if found is not None and now - datetime.fromisoformat(found["last_at"]) > key.policy.forgotten:
        connection.execute(delete(table).where(table.c.key == key.digest))
        return None
    return dict(found) if found is not None else None


def _count(connection: Connection, key: Key, row: Mapping[str, Any] | None, now: datetime) -> None:
    failures = (row["failures"] if row else 0) + 1
    values = {
        "failures": failures,
        "last_at": now.isoformat(),
        "until_at": (now + key.policy.wait(failures)).isoformat(),
    }
    if row:
        connection.execute(update(table).where(table.c.key == key.digest).values(values))
    else:
        connection.execute(insert(table).values(key=key.digest, **values))


def _bound(connection: Connection) -> None:
    over = (connection.scalar(select(func.count()).select_from(table)) or 0) - KEPT
    if over > 0:
        least = select(table.c.key).order_by(table.c.failures, table.c.last_at).limit(over)
        connection.execute(delete(table).where(table.c.key.in_(least)))
