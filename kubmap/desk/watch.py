"""What changed in the store since the last look, by the growing number of the history.

Writers go one after another, so a number that was seen has no lesser one coming after it. A purge takes rows away (and
SQLite may give their numbers again): it changes the epoch of the store, and everything is read anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from kubmap.store import meta
from kubmap.store.schema import history


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the store was read."""

    epoch: int
    history: int


def mark(connection: Connection) -> Mark:
    """How far the store goes now."""
    return Mark(meta.read(connection, "epoch"), connection.scalar(select(func.max(history.c.id))) or 0)


def changed(connection: Connection, since: Mark) -> list[str]:
    """Ids of the records with new versions since a mark of the same epoch."""
    query = select(history.c.incident_id).where(history.c.id > since.history).distinct()
    return sorted(connection.scalars(query))
