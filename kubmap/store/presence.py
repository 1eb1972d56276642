"""Presence: who has which record open, by their last sign of life; nobody is locked out. On an open connection."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, delete, insert, select, update

from kubmap.store import codec
from kubmap.store.schema import presence as table

TOUCH_S = 15
"""A page that is open says so at least this often."""
EXPIRES = timedelta(seconds=45)
"""Who was silent for longer has it open no more."""


def touch(connection: Connection, incident_id: str, owner: str, at: datetime) -> None:
    """Note a sign of life, and forget whoever was silent too long."""
    text = codec.moment_to_text(at)
    mine = (table.c.incident_id == incident_id) & (table.c.owner == owner)
    if not connection.execute(update(table).where(mine).values(at=text)).rowcount:
        connection.execute(insert(table).values(incident_id=incident_id, owner=owner, at=text))
    connection.execute(delete(table).where(table.c.at < codec.moment_to_text(at - EXPIRES)))


def leave(connection: Connection, incident_id: str, owner: str) -> None:
    connection.execute(delete(table).where(table.c.incident_id == incident_id, table.c.owner == owner))


def forget(connection: Connection, incident_id: str) -> None:
    connection.execute(delete(table).where(table.c.incident_id == incident_id))


def others(
    connection: Connection, ids: Collection[str], owner: str, at: datetime
) -> Iterator[tuple[str, str, datetime]]:
    """(incident, name, last sign of life) of whoever else has one of these open, by name."""
    query = select(table.c.incident_id, table.c.owner, table.c.at).where(
        table.c.incident_id.in_(list(ids)), table.c.owner != owner, table.c.at >= codec.moment_to_text(at - EXPIRES)
    )
    for incident_id, name, seen in connection.execute(query.order_by(table.c.owner)):
        yield incident_id, name, cast("datetime", codec.moment_from_text(seen))
