"""Pairs of records that an editor said are not duplicates of each other; on an open connection."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from kubmap.store import codec
from kubmap.store.schema import pairs as table


def remember(connection: Connection, one: str, other: str, *, actor: str, at: datetime) -> None:
    """Both ways; said twice is said once."""
    first, second = sorted((one, other))
    if other not in apart(connection, [one]).get(one, ()):
        row = {"first": first, "second": second, "actor": actor, "at": codec.moment_to_text(at)}
        connection.execute(insert(table), row)


def forget(connection: Connection, incident_id: str) -> None:
    connection.execute(delete(table).where(or_(table.c.first == incident_id, table.c.second == incident_id)))


def apart(connection: Connection, ids: Collection[str]) -> dict[str, frozenset[str]]:
    """By id, the records that are not duplicates of it; without entry where there are none."""
    wanted = list(ids)
    query = select(table.c.first, table.c.second).where(or_(table.c.first.in_(wanted), table.c.second.in_(wanted)))
    found: dict[str, set[str]] = {}
    for first, second in connection.execute(query):
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return {name: frozenset(those) for name, those in found.items() if name in set(wanted)}
