"""Whole records out and in again, as they are: ids, versions, who and when, and with `history` all that they ever said.

A line is `codec.to_json` of an incident with two more members: `import` (what the store knows it again by) and, where
asked for, `history`. Reading such lines into an empty store gives the same store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, true, update

from kubmap.domain import Incident, Status
from kubmap.errors import InputError, NotFoundError
from kubmap.store import codec, history, incidents
from kubmap.store import engine as engines
from kubmap.store.checks import check
from kubmap.store.drafts import traits
from kubmap.store.identity import text_key
from kubmap.store.incidents import Writer
from kubmap.store.rows import BadRow, bad
from kubmap.store.schema import history as history_table
from kubmap.store.schema import incidents as table
from kubmap.store.sheets import Record
from kubmap.store.store import Store

_MARKS = frozenset({"id", "version", "status", "category", "text", "created_by"})
"""Members that every record has, and no teaser."""
_PART = 500


def is_record(value: Mapping[str, Any] | None) -> bool:
    """Whether a JSON object is a record that kubmap wrote."""
    return value is not None and value.keys() >= _MARKS


def shown(*, drafts: bool) -> ColumnElement[bool]:
    """What an export holds: what readers see, or all there is."""
    return true() if drafts else table.c.status == Status.PUBLISHED.value


def lines(store: Store, *, drafts: bool = False, history: bool = False) -> Iterator[dict[str, Any]]:
    """The records of one consistent state, oldest first, streamed."""
    query = select(table).where(shown(drafts=drafts)).order_by(table.c.id).execution_options(yield_per=_PART)
    with engines.reading(store.engine) as connection:
        for rows in connection.execute(query).mappings().partitions(_PART):
            told = _histories(connection, [row["id"] for row in rows]) if history else {}
            for row in rows:
                yield _line(row, told.get(row["id"]))


def put(writer: Writer, value: Mapping[str, Any], *, publish: bool) -> str:
    """Store a record: "added", "updated" or "unchanged"; what is newer here stays.

    Without `publish` what was published comes back as a draft. Raises InputError.
    """
    incident = _incident(value)
    if incident.status is Status.PUBLISHED and not publish:
        incident = replace(incident, status=Status.DRAFT)
    try:
        there = incidents.get(writer.connection, incident.id)
    except NotFoundError:
        return _add(writer, incident, value)
    newer = incident.updated_at is not None and there.updated_at is not None and incident.updated_at > there.updated_at
    if not newer:
        return "unchanged"
    kept = {"version": there.version, "created_by": there.created_by, "created_at": there.created_at}
    done = writer.change(there, replace(incident, **kept), actor="import", reason="из выгрузки")  # type: ignore[arg-type]
    return "unchanged" if done is there else "updated"


def put_all(
    store: Store, records: Iterable[Record | BadRow], *, publish: bool
) -> Iterator[tuple[Record | BadRow, str | BadRow]]:
    """Store records in one transaction; each with what became of it."""
    with store.writing() as writer:
        done = [(record, _one(writer, record, publish=publish)) for record in records]
    yield from done


def join_duplicates(store: Store, pairs: Mapping[str, str]) -> None:
    """{id: id of what it duplicates}: of records that came before the one that they point at."""
    with engines.writing(store.engine) as connection:
        known = set(_existing(connection, pairs.values()))
        for incident_id, target in pairs.items():
            if target in known:
                connection.execute(update(table).where(table.c.id == incident_id).values(duplicate_of=target))


def _one(writer: Writer, record: Record | BadRow, *, publish: bool) -> str | BadRow:
    if isinstance(record, BadRow):
        return record
    try:
        with writer.connection.begin_nested():
            return put(writer, record.value or {}, publish=publish)
    except InputError as error:
        return replace(bad(record.line, error, record.raw), cells=record.cells)


def _incident(value: Mapping[str, Any]) -> Incident:
    try:
        incident = codec.from_json({name: each for name, each in value.items() if name not in {"history", "import"}})
        whole = bool(incident.id and incident.version >= 1 and incident.created_at and incident.updated_at)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(f"запись не читается: {type(error).__name__}: {str(error)[:100]}") from None
    if not whole:
        raise InputError("запись неполна: нет id, version, created_at или updated_at")
    check(incident)
    return incident


def _add(writer: Writer, incident: Incident, value: Mapping[str, Any]) -> str:
    own = value.get("import") or {}
    key = own.get("key") if isinstance(own, dict) else None
    if key and writer.connection.scalar(select(table.c.id).where(table.c.import_key == key)):
        return "unchanged"  # the same teaser was imported here by itself
    row = codec.to_row(incident) | traits(incident)
    row["duplicate_of"] = next(iter(_existing(writer.connection, [incident.duplicate_of])), None)
    revision = writer.new_revision() if incident.status is Status.PUBLISHED else 0
    row |= {"text_key": text_key(incident.text), "revision": revision}
    row |= {"import_key": key, "import_marks": codec.dumps(own["marks"]) if key and own.get("marks") else None}
    writer.connection.execute(insert(table), row)
    for entry in _entries(incident, value):
        writer.connection.execute(insert(history_table), entry)
    return "added"


def _entries(incident: Incident, value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Its history, as far as it is told; the last entry says what is stored."""
    told = [each for each in value.get("history") or () if isinstance(each, dict)]
    last = -1
    for each in told:
        if not (isinstance(each.get("version"), int) and last < each["version"] <= incident.version):
            raise InputError("история записи не читается: версии не по порядку", field="history")
        last = each["version"]
        snapshot = _incident(each.get("snapshot") or {})
        yield {
            "incident_id": incident.id, "version": last, "at": str(each.get("at")), "actor": str(each.get("actor")),
            "reason": str(each.get("reason", "")), "snapshot": codec.dumps(codec.to_json(snapshot)),
            "diff": codec.dumps(each.get("diff") or {}),
        }  # fmt: skip
    if last < incident.version:
        yield history.row(None, incident, actor=incident.created_by, reason="из выгрузки")


def _existing(connection: Connection, ids: Iterable[str | None]) -> list[str]:
    wanted = sorted({each for each in ids if each})
    found: list[str] = []
    for at in range(0, len(wanted), _PART):
        query = select(table.c.id).where(table.c.id.in_(wanted[at : at + _PART]))
        found += connection.scalars(query)
    return found


def _histories(connection: Connection, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = select(history_table).where(history_table.c.incident_id.in_(ids)).order_by(history_table.c.version)
    for row in connection.execute(query).mappings():
        entry = {name: row[name] for name in ("version", "at", "actor", "reason")}
        entry |= {name: codec.loads(row[name]) for name in ("diff", "snapshot")}
        found.setdefault(row["incident_id"], []).append(entry)
    return found


def _line(row: Mapping[Any, Any], told: list[dict[str, Any]] | None) -> dict[str, Any]:
    value = codec.to_json(codec.from_row(row))
    if row["import_key"]:
        marks = codec.loads(row["import_marks"]) if row["import_marks"] else None
        value["import"] = {"key": row["import_key"], "marks": marks}
    return value if told is None else {**value, "history": told}
