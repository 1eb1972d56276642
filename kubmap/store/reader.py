"""Reader: what the read model asks of one consistent state of the store; whole records only where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, select

from kubmap.domain import Category, Incident, Status
from kubmap.store import codec, meta
from kubmap.store.incidents import OWN
from kubmap.store.light import HEAD_CHARS, Light, State
from kubmap.store.schema import incidents

_CHUNK = 500  # ids a query: SQLite takes 999 parameters where it is old
_STREAMED = 2_000  # rows fetched at once


_TABLE = incidents.c
_SHOWN = _TABLE.status == Status.PUBLISHED.value
_UNTITLED = func.trim(func.coalesce(_TABLE.title, "")) == ""
_LIGHT = (
    _TABLE.id, _SHOWN, _TABLE.version, _TABLE.category, _TABLE.title,
    case((_UNTITLED, func.substr(_TABLE.text, 1, HEAD_CHARS)), else_=None),
    _TABLE.published_at, _TABLE.starts_at, _TABLE.ends_at, _TABLE.is_scheduled, _TABLE.casualties, _TABLE.location,
)  # fmt: skip
_WHOLE = tuple(column for column in _TABLE if column.name not in OWN)
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


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, _CHUNK)):
        yield batch
