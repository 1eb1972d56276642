"""What an editor does to one record: save, publish, reject, retract, restore; inside a write transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from kubmap.desk import fields
from kubmap.desk.merging import three_way
from kubmap.desk.settling import settled
from kubmap.desk.values import Clash, ClashField, FieldErrors, Saved
from kubmap.domain import Incident, Status
from kubmap.errors import ConflictError, InputError, NotFoundError
from kubmap.store import history, incidents
from kubmap.store.checks import CHANGEABLE
from kubmap.store.schema import history as entries

if TYPE_CHECKING:
    from kubmap.store.incidents import Writer
    from kubmap.store.undo import Step

REJECTED = "отклонено"
"""Reason of a draft that the desk turned down: retracted, and never seen by readers."""


def save(  # noqa: PLR0913  keyword-only
    writer: Writer, incident_id: str, *, base_version: int, changes: Mapping[str, Any], actor: str, reason: str = "",
    publish: bool = False,
) -> Saved:  # fmt: skip
    """The next version, with the changes put together with what others saved since `base_version`.

    Raises Clash, FieldErrors, NotFoundError.
    """
    mine = fields.read(changes)
    theirs = incidents.get(writer.connection, incident_id)
    base = version_of(writer.connection, theirs, base_version)
    done = three_way(base, theirs, mine)
    clashes = (*done.clashes, *_status_clash(base, theirs, publish=publish))
    if clashes:
        by, at = _author(writer.connection, theirs)
        raise Clash(base=base, theirs=theirs, fields=clashes, merged=done.changes, by=by, at=at)
    told = done.changes.keys() | (mine.keys() & {"location_verified"})  # «not verified» is said too where it was so
    wanted = settled(theirs, replace(theirs, **done.changes), told=told)
    if publish:
        wanted = replace(wanted, status=Status.PUBLISHED, duplicate_of=None)
    fields.check(wanted)
    try:
        return Saved(writer.change(theirs, wanted, actor=actor, reason=reason), done.kept)
    except InputError as error:
        raise FieldErrors({error.field or "text": str(error)}) from None


def _status_clash(base: Incident, theirs: Incident, *, publish: bool) -> tuple[ClashField, ...]:
    """What somebody rejected, retracted or merged meanwhile is not published silently."""
    if not publish or theirs.status in (base.status, Status.PUBLISHED):
        return ()
    return (ClashField("status", base.status, theirs.status, Status.PUBLISHED),)


def publish(writer: Writer, current: Incident, *, actor: str) -> Incident:
    """Show a draft to readers, or again what was retracted. Raises InputError."""
    if current.duplicate_of:
        raise InputError("объединена с другой записью: сначала верните её", field="status")
    fields.check(current)
    return writer.change(current, replace(current, status=Status.PUBLISHED), actor=actor, reason="опубликовано")


def reject(writer: Writer, current: Incident, *, actor: str, reason: str = "") -> Incident:
    """Turn a draft down. Raises InputError for what is published."""
    if current.status is Status.PUBLISHED:
        raise InputError("уже опубликована: её снимают с указанием причины", field="status")
    if current.status is Status.RETRACTED:
        return current
    told = f"{REJECTED}: {reason.strip()}" if reason.strip() else REJECTED
    return writer.change(current, replace(current, status=Status.RETRACTED), actor=actor, reason=told)


def retract(writer: Writer, current: Incident, *, actor: str, reason: str) -> Incident:
    """Take it from readers; the permalink tells the reason. Raises InputError."""
    if not reason.strip():
        raise InputError("Назовите причину: её увидят те, кто откроет ссылку на событие.", field="reason")
    if current.status is not Status.PUBLISHED:
        raise InputError("Снять можно только опубликованное.", field="status")
    return writer.change(current, replace(current, status=Status.RETRACTED), actor=actor, reason=reason.strip())


def restore(writer: Writer, current: Incident, to_version: int, *, actor: str, reason: str = "") -> Incident:
    """A new version that says what an old one said.

    What readers see stays published when a version from before its publication is restored. Raises NotFoundError.
    """
    old = version_of(writer.connection, current, to_version)
    wanted = replace(current, **{name: getattr(old, name) for name in CHANGEABLE})
    if current.status is Status.PUBLISHED and old.status is Status.DRAFT:
        wanted = replace(wanted, status=Status.PUBLISHED)
    told = f"возвращена версия {to_version}" + (f": {reason.strip()}" if reason.strip() else "")
    return writer.change(current, wanted, actor=actor, reason=told)


def take_back(writer: Writer, step: Step, *, actor: str, reason: str) -> Incident:
    """Undo a step by a new version that says what the one before it said. Raises ConflictError."""
    current = incidents.get(writer.connection, step.id)
    if current.version != step.after:
        told = f"после этого запись изменили (сейчас версия {current.version}): верните версию {step.before} в истории"
        raise ConflictError(told, expected=step.after, found=current.version)
    old = version_of(writer.connection, current, step.before)
    wanted = replace(current, **{name: getattr(old, name) for name in CHANGEABLE})
    return writer.change(current, wanted, actor=actor, reason=reason)


def version_of(connection: Connection, current: Incident, version: int) -> Incident:
    """An incident as it was. Raises NotFoundError."""
    if version == current.version:
        return current
    found = history.snapshot(connection, current.id, version)
    if found is None:
        raise NotFoundError(f"нет версии {version} записи {current.id}")
    return found


def expect(current: Incident, version: int | None) -> Incident:
    """Raises ConflictError where the record is not of the version that the editor saw (None: any)."""
    if version is not None and version != current.version:
        told = f"запись изменили: вы видели версию {version}, сейчас {current.version}. Откройте её заново."
        raise ConflictError(told, expected=version, found=current.version)
    return current


def _author(connection: Connection, incident: Incident) -> tuple[str, datetime]:
    query = select(entries.c.actor).where(entries.c.incident_id == incident.id, entries.c.version == incident.version)
    assert incident.updated_at is not None, "the store sets it"
    return connection.scalar(query) or "", incident.updated_at
