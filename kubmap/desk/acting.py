"""Actions on several records: each by itself, told one by one; undone as one. Inside a write transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from kubmap.desk.editing import expect, take_back
from kubmap.desk.values import Failure, Joined, Outcome
from kubmap.domain import Incident
from kubmap.errors import InputError, KubmapError, NotFoundError
from kubmap.store import incidents, undo
from kubmap.store.undo import Step

if TYPE_CHECKING:
    from kubmap.store.incidents import Writer

MOST = 500
"""Records of one action."""

Change = Callable[[Incident], Incident]


def each(  # noqa: PLR0913  keyword-only
    writer: Writer, ids: Iterable[str], change: Change, *, versions: Mapping[str, int] | None, actor: str, action: str,
    now: datetime,
) -> Outcome:  # fmt: skip
    """Change each record, and keep what takes it back. Raises InputError for too many."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise InputError(f"Записей {len(wanted)}, а за один раз можно {MOST}.", field="ids")
    steps: list[Step] = []

    def one(incident_id: str) -> Incident:
        current = expect(incidents.get(writer.connection, incident_id), (versions or {}).get(incident_id))
        new = change(current)
        if new.version != current.version:
            steps.append(Step(new.id, current.version, new.version))
        return new

    done, failed = _apart(writer, wanted, one)
    token = undo.keep(writer.connection, steps, actor=actor, action=action, at=now) if steps else None
    return Outcome(done, failed, token)


def back(writer: Writer, action: undo.Action, *, actor: str) -> Outcome:
    """Take an action back by a new version of each record; what changed since is left alone and told."""
    steps = {step.id: step for step in action.steps}
    reason = f"отмена действия «{action.name}»"
    done, failed = _apart(writer, steps, lambda name: take_back(writer, steps[name], actor=actor, reason=reason))
    return Outcome(done, failed)


def join(  # noqa: PLR0913  keyword-only
    writer: Writer, keep: Incident, wanted: Incident, other: Incident, gone: Incident, *, actor: str, action: str,
    now: datetime,
) -> Joined:  # fmt: skip
    """Two records that become one: both written, and taken back as one."""
    kept = writer.change(keep, wanted, actor=actor, reason=f"{action}: {other.id}")
    left = writer.change(other, gone, actor=actor, reason=f"{action} с записью {keep.id}")
    steps = [Step(new.id, old.version, new.version) for old, new in ((keep, kept), (other, left))]
    return Joined(kept, left, undo.keep(writer.connection, steps, actor=actor, action=action, at=now))


def _apart(
    writer: Writer, ids: Iterable[str], change: Callable[[str], Incident]
) -> tuple[tuple[Incident, ...], tuple[Failure, ...]]:
    done: list[Incident] = []
    failed: list[Failure] = []
    for name in ids:
        try:
            done.append(change(name))
        except KubmapError as error:
            failed.append(Failure(name, _title(writer, name), str(error)))
    return tuple(done), tuple(failed)


def _title(writer: Writer, incident_id: str) -> str:
    try:
        found = incidents.get(writer.connection, incident_id)
    except NotFoundError:
        return ""
    return found.title or found.text[:120]
