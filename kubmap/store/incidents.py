"""Versioned writes of incidents and the queries for them, on a connection that somebody else opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from kubmap.domain import MOSCOW, Incident, Status
from kubmap.errors import ConflictError, NotFoundError
from kubmap.store import codec, history, meta
from kubmap.store.checks import check, check_changes
from kubmap.store.drafts import TRAITS, traits
from kubmap.store.identity import text_key, uuid7
from kubmap.store.schema import incidents

OWN = frozenset({"import_key", "import_marks", "text_key", "revision", *TRAITS})
"""Columns that are the store's own."""

_DOMAIN = [incidents.c[name] for name in incidents.c.keys() if name not in OWN]  # noqa: SIM118


class Writer:
    """Changes inside one write transaction (`engine.writing`).

    The changes of a transaction that readers can see make one new revision of the store together.
    """

    def __init__(self, connection: Connection, *, now: Callable[[], datetime]) -> None:
        self.connection = connection
        self._now = now
        self._revision: int | None = None

    def add(self, incident: Incident, *, actor: str, reason: str = "", **own: Any) -> Incident:
        """The incident as stored: with a new id (UUIDv7), version 1 and `actor` as its creator.

        `own` are columns that the domain does not know (`import_key`, `import_marks`).
        """
        at = self._now().astimezone(MOSCOW)
        new = replace(incident, id=uuid7(at), version=1, created_by=actor, created_at=at, updated_at=at)
        check(new)
        row = codec.to_row(new) | own | traits(new)
        row |= {"revision": self._visible(None, new), "text_key": text_key(new.text)}
        self.connection.execute(insert(incidents), row)
        history.append(self.connection, None, new, actor=actor, reason=reason)
        return new

    def update(
        self, incident_id: str, *, expected_version: int, changes: Mapping[str, Any], actor: str, reason: str = ""
    ) -> Incident:
        """The incident with the changes, one version on; the same version when they change nothing.

        Raises NotFoundError, ConflictError (someone else was faster), InputError.
        """
        check_changes(changes)
        current = get(self.connection, incident_id)
        if current.version != expected_version:
            raise _conflict(expected_version, current.version)
        return self.change(current, replace(current, **changes), actor=actor, reason=reason)

    def change(self, current: Incident, wanted: Incident, *, actor: str, reason: str = "", **own: Any) -> Incident:
        """`wanted` stored as the next version of `current`; nothing is written when they say the same."""
        check(wanted)
        if codec.to_json(current) == codec.to_json(wanted):
            return current
        at = max(self._now().astimezone(MOSCOW), current.updated_at or datetime.min.replace(tzinfo=MOSCOW))
        new = replace(wanted, version=current.version + 1, updated_at=at)
        row = codec.to_row(new) | own | {"text_key": text_key(new.text)} | traits(new)
        if revision := self._visible(current, new):
            row["revision"] = revision
        same = (incidents.c.id == current.id) & (incidents.c.version == current.version)
        if not self.connection.execute(update(incidents).where(same).values(row)).rowcount:
            raise _conflict(current.version, get(self.connection, current.id).version)
        history.append(self.connection, current, new, actor=actor, reason=reason)
        return new

    def _visible(self, before: Incident | None, after: Incident) -> int:
        """The revision of a change that readers see; 0 for one that they do not."""
        shown = (before is not None and before.status is Status.PUBLISHED) or after.status is Status.PUBLISHED
        return self.new_revision() if shown else 0

    def new_revision(self) -> int:
        """The revision that this transaction makes; the same one however often asked."""
        if self._revision is None:
            self._revision = meta.read(self.connection, "revision") + 1
            meta.write(self.connection, "revision", self._revision)
        return self._revision


def get(connection: Connection, incident_id: str) -> Incident:
    """Raises NotFoundError."""
    query = select(*_DOMAIN).where(incidents.c.id == incident_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(f"нет записи {incident_id}")
    return codec.from_row(row)


def find(
    connection: Connection, *, status: Status | None = None, after: str | None = None, limit: int = 100
) -> tuple[Incident, ...]:
    """Newest first, at most `limit`; `after` is the id of the last one of the page before."""
    query = select(*_DOMAIN).order_by(incidents.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(incidents.c.status == Status(status).value)
    if after is not None:
        query = query.where(incidents.c.id < after)
    return tuple(_decoded(connection, query))


def published(connection: Connection, *, since: int = 0) -> Iterator[Incident]:
    """What readers may see, oldest first; `since`: only what changed after that revision."""
    return where(connection, (incidents.c.status == Status.PUBLISHED.value) & (incidents.c.revision > since))


def where(connection: Connection, condition: ColumnElement[bool]) -> Iterator[Incident]:
    """The incidents that meet a condition on `schema.incidents`, oldest first, streamed."""
    return _decoded(connection, select(*_DOMAIN).where(condition).order_by(incidents.c.id))


def _decoded(connection: Connection, query: Any) -> Iterator[Incident]:
    rows = connection.execute(query.execution_options(yield_per=1000)).mappings()
    return map(codec.from_row, rows)


def _conflict(expected: int, found: int) -> ConflictError:
    message = f"запись изменил другой редактор: вы правили версию {expected}, сейчас сохранена {found}"
    return ConflictError(message, expected=expected, found=found)
