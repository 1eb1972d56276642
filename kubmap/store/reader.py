"""Reader: what the read model asks of one consistent state of the store; whole records only where asked for.

A light row holds what lists and maps need, as the database keeps it (moments and nested values as text), so that a
hundred thousand of them are read in about a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, literal, select

from kubmap.domain import Category, Incident, Status
from kubmap.store import codec, meta
from kubmap.store.schema import incidents

HEAD_CHARS = 300
"""Of a text whose record has no title."""

_CHUNK = 500  # ids a query: SQLite takes 999 parameters where it is old
_STREAMED = 2_000  # rows fetched at once


@dataclass(frozen=True, slots=True)
class State:
    """Numbers of the store; (`epoch`, `revision`) names a state of what readers see for ever."""

    epoch: int
    revision: int
    demo: bool


class Light(NamedTuple):
    """The light row of an incident; `shown` is False for what readers must not see any more.

    `head` is the beginning of the text where there is no title. `casualties` and `location` are JSON.
    """

    id: str
    shown: bool
    version: int
    category: str
    title: str | None
    head: str | None
    published_at: str | None
    starts_at: str | None
    ends_at: str | None
    is_scheduled: bool | None
    casualties: str | None
    location: str | None


_TABLE = incidents.c
_SHOWN = _TABLE.status == Status.PUBLISHED.value
_UNTITLED = func.trim(func.coalesce(_TABLE.title, "")) == ""
_LIGHT = (
    _TABLE.id, _SHOWN, _TABLE.version, _TABLE.category, _TABLE.title,
    case((_UNTITLED, func.substr(_TABLE.text, 1, HEAD_CHARS)), else_=None),
    _TABLE.published_at, _TABLE.starts_at, _TABLE.ends_at, _TABLE.is_scheduled, _TABLE.casualties, _TABLE.location,
)  # fmt: skip
_WHOLE = tuple(column for column in _TABLE if column.name not in {"import_key", "import_marks", "revision"})
_EXPLAINING = {"alternatives", "reasons"}
_PLAIN = tuple(literal(None).label(each.name) if each.name in _EXPLAINING else each for each in _WHOLE)


class Reader:
    """Queries inside one read transaction (`Store.reading`): all of them see the same state."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> State:
        return State(
            epoch=meta.read(self._connection, "epoch"),
            revision=meta.read(self._connection, "revision"),
            demo=bool(meta.read(self._connection, "demo")),
        )

    def light(self, *, since: int = 0) -> Iterator[Light]:
        """All that is published or, with `since`, all that changed after that revision, published or taken back.

        In no order: asked for one, SQLite would walk through all ids to find the few that changed.
        """
        condition = _TABLE.revision > since if since else _SHOWN
        query = select(*_LIGHT).where(condition)
        return map(Light._make, self._streamed(query))

    def texts(self, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """(id, title and text) of what is published, or of these ids."""
        query = select(_TABLE.id, func.coalesce(_TABLE.title, ""), _TABLE.text).where(_SHOWN)
        queries = (query,) if ids is None else (query.where(_TABLE.id.in_(part)) for part in _batches(ids))
        for each in queries:
            for incident_id, title, text in self._streamed(each):
                yield incident_id, f"{title}\n{text}"

    def details(self, ids: Iterable[str], *, reasons: bool = True) -> Iterator[Incident]:
        """The published ones of these ids, whole, in no order; without `reasons` no alternatives either."""
        query = select(*(_WHOLE if reasons else _PLAIN)).where(_SHOWN)
        for part in _batches(ids):
            rows = self._connection.execute(query.where(_TABLE.id.in_(part))).mappings()
            yield from map(codec.from_row, rows)

    def taken_back(self, categories: Iterable[Category]) -> Iterator[Incident]:
        """What readers saw once and an editor took from them, of these categories, without reasons."""
        retracted = (_TABLE.status == Status.RETRACTED.value) & (_TABLE.revision > 0)
        condition = retracted & _TABLE.category.in_(sorted(each.value for each in categories))
        query = select(*_PLAIN).where(condition).order_by(_TABLE.id)
        return map(codec.from_row, self._connection.execute(query).mappings())

    def _streamed(self, query: Select[Any]) -> Iterator[Any]:
        return iter(self._connection.execute(query.execution_options(yield_per=_STREAMED)))


def light_of(incident: Incident) -> Light:
    """The light row that the database would give of the incident."""
    row = codec.to_row(incident)
    head = None if (incident.title or "").strip(" ") else incident.text[:HEAD_CHARS]
    shown = incident.status is Status.PUBLISHED
    values = (row[name] for name in Light._fields[6:])
    return Light(incident.id, shown, incident.version, incident.category.value, incident.title, head, *values)


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, _CHUNK)):
        yield batch
