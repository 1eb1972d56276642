"""Who changed what, when and why: one entry a version, never changed (triggers forbid it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, insert, select

from kubmap.domain import Incident
from kubmap.store import codec
from kubmap.store.schema import history

_SILENT = {"id", "version", "created_at", "updated_at"}
"""Fields that change with every version and tell nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a version changed; `before` and `after` are JSON values, None where there was nothing."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A version of an incident; `diff` is against the version before, and empty for the first."""

    incident_id: str
    version: int
    at: datetime
    actor: str
    reason: str
    snapshot: Incident
    diff: tuple[Change, ...]


def row(before: Incident | None, after: Incident, *, actor: str, reason: str) -> dict[str, Any]:
    """The row of `schema.history` that tells of the step from `before` to `after`."""
    value = codec.to_json(after)
    diff = {} if before is None else codec.differences(codec.to_json(before), value)
    return {
        "incident_id": after.id,
        "version": after.version,
        "at": value["updated_at"],
        "actor": actor,
        "reason": reason,
        "snapshot": codec.dumps(value),
        "diff": codec.dumps({name: pair for name, pair in diff.items() if name not in _SILENT}),
    }


def append(connection: Connection, before: Incident | None, after: Incident, *, actor: str, reason: str) -> None:
    connection.execute(insert(history), row(before, after, actor=actor, reason=reason))


def entries(connection: Connection, incident_id: str) -> tuple[HistoryEntry, ...]:
    """All versions, oldest first; empty when there is no such incident."""
    query = select(history).where(history.c.incident_id == incident_id).order_by(history.c.version)
    return tuple(_entry(each) for each in connection.execute(query).mappings())


def snapshot(connection: Connection, incident_id: str, version: int) -> Incident | None:
    """The incident as it was at `version`."""
    query = select(history.c.snapshot).where(history.c.incident_id == incident_id, history.c.version == version)
    found = connection.scalar(query)
    return None if found is None else codec.from_json(codec.loads(found))


def _entry(columns: Mapping[Any, Any]) -> HistoryEntry:
    diff = codec.loads(columns["diff"])
    return HistoryEntry(
        incident_id=columns["incident_id"],
        version=columns["version"],
        at=cast("datetime", codec.moment_from_text(columns["at"])),
        actor=columns["actor"],
        reason=columns["reason"],
        snapshot=codec.from_json(codec.loads(columns["snapshot"])),
        diff=tuple(Change(name, *pair) for name, pair in diff.items()),
    )
