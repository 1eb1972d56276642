"""Purge: an incident removed wholly, with its history, for legal reasons; the log keeps who, when and why.

The only sanctioned way to delete history: triggers allow it for the incident that the same transaction marks in
`purging`, and a mark that is still there makes the commit fail.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, delete, func, insert, select

from kubmap.store import codec, incidents, meta, pairs, presence, working
from kubmap.store.schema import history, purges, purging
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from kubmap.store.incidents import Writer

_NEVER = "purged"  # no key of `meta`, and none can be


@dataclass(frozen=True, slots=True)
class Purged:
    """A line of the log: nothing of what the incident said."""

    incident_id: str
    versions: int
    at: datetime
    actor: str
    reason: str


def purge(writer: Writer, incident_id: str, *, actor: str, reason: str, at: datetime) -> Purged:
    """Remove the incident, its history and what editors keep of it. Raises NotFoundError.

    The store gets a new epoch, so that every read model and cache is made anew without it.
    """
    connection = writer.connection
    incidents.get(connection, incident_id)
    _let_go(writer, incident_id, actor=actor)
    versions = connection.scalar(select(func.count()).where(history.c.incident_id == incident_id)) or 0
    connection.execute(insert(purging).values(incident_id=incident_id, ends=_NEVER))
    connection.execute(delete(history).where(history.c.incident_id == incident_id))
    connection.execute(delete(table).where(table.c.id == incident_id))
    connection.execute(delete(purging).where(purging.c.incident_id == incident_id))
    for forget in (working.forget, presence.forget, pairs.forget):
        forget(connection, incident_id)
    done = Purged(incident_id, versions, at, actor, reason)
    row = {"incident_id": incident_id, "versions": versions, "actor": actor, "reason": reason}
    connection.execute(insert(purges), row | {"at": codec.moment_to_text(at)})
    writer.new_revision()
    meta.write(connection, "epoch", secrets.randbits(48) | 1)
    return done


def log(connection: Connection) -> tuple[Purged, ...]:
    """Newest first."""
    rows = connection.execute(select(purges).order_by(purges.c.id.desc())).mappings()
    return tuple(
        Purged(
            row["incident_id"], row["versions"], cast("datetime", codec.moment_from_text(row["at"])), row["actor"],
            row["reason"],
        )
        for row in rows
    )  # fmt: skip


def _let_go(writer: Writer, incident_id: str, *, actor: str) -> None:
    """Records that were merged into it stand alone again, retracted as they are."""
    for each in list(incidents.where(writer.connection, table.c.duplicate_of == incident_id)):
        writer.change(each, replace(each, duplicate_of=None), actor=actor, reason="исходная запись удалена")
