"""The queue from the database alone: the drafts of one page, how many pass, and the counts; for the first looks at it.

The same order and filters as in memory (`board`), by what the rows keep of each draft (`store.drafts`). Words alone are
looked for in all drafts that pass otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Float, and_, func, literal, literal_column, or_, select

from kubmap.atlas.words import fold
from kubmap.desk.entry import Counts, View, counted, entry_of, rank_of, token, words_of
from kubmap.desk.values import QueueFilter
from kubmap.store import codec, incidents
from kubmap.store.drafts import DRAFTS, SCALE, UNTOLD
from kubmap.store.schema import incidents as table

_SOURCE: Final = func.coalesce(table.c.source_name, literal_column("''"))
_RANK: Final = (table.c.confidence, table.c.id)
_STREAMED: Final = 1_000
_MOMENTS: Final = (table.c.published_at, table.c.starts_at, table.c.ends_at)


def holds_many(connection: Connection, many: int) -> bool:
    """Whether there are more drafts than that."""
    return len(connection.scalars(select(table.c.id).where(DRAFTS).limit(many + 1)).all()) > many


def view(connection: Connection, wanted: QueueFilter, *, me: str, after: str | None, limit: int) -> View | None:
    """A page of the queue; None where the rows do not tell, because nothing is kept in them yet."""
    sure, last = rank_of(after) if after else (-1.0, "")
    if not math.isfinite(sure) or _is_untold(connection):
        return None
    begin = (round(sure * SCALE, 3), last)
    groups = _groups(connection)
    passing = _passing(wanted, me, {row[3] for row in groups})
    if needles := fold(wanted.text).split():
        found = list(_holding(connection, passing, needles))
        total, ids = len(found), [each[1] for each in found if each > begin][: limit + 1]
    else:
        total = _total(connection, passing, groups, wanted)
        ids = _beyond(connection, passing, begin, limit + 1)
    whole = {each.id: each for each in incidents.where(connection, table.c.id.in_(ids[:limit]))}
    entries = tuple(entry_of(whole[each]) for each in ids[:limit])
    following = token(entries[-1]) if len(ids) > limit else None
    return View(entries, total, following, _counts(groups))


def _beyond(connection: Connection, passing: ColumnElement[bool], begin: tuple[float, str], limit: int) -> list[str]:
    rank = literal(begin[0], Float)
    beyond = or_(table.c.confidence > rank, and_(table.c.confidence == rank, table.c.id > begin[1]))
    return list(connection.scalars(select(table.c.id).where(passing & beyond).order_by(*_RANK).limit(limit)))


def _holding(
    connection: Connection, passing: ColumnElement[bool], needles: Sequence[str]
) -> Iterator[tuple[float, str]]:
    """Confidence and id of the drafts whose words hold all needles, in the order of the queue."""
    query = select(*_RANK, table.c.title, table.c.text, table.c.location).where(passing).order_by(*_RANK)
    for sure, name, title, text, location in connection.execute(query.execution_options(yield_per=_STREAMED)):
        words = words_of(title, text, codec.loads(location)["label"] if location else "")
        if all(needle in words for needle in needles):
            yield sure, name


def _is_untold(connection: Connection) -> bool:
    return connection.scalar(select(table.c.id).where(UNTOLD).limit(1)) is not None


def _groups(connection: Connection) -> Sequence[Any]:
    """Rows of category, zone, source, doubts, and how many drafts have them."""
    columns = (table.c.category, table.c.zone, _SOURCE, table.c.doubts)
    return connection.execute(select(*columns, func.count()).where(DRAFTS).group_by(*columns)).all()


def _counts(groups: Sequence[Any]) -> Counts:
    return counted((category, zone, source, doubts.split(), n) for category, zone, source, doubts, n in groups)


def _total(connection: Connection, passing: ColumnElement[bool], groups: Sequence[Any], wanted: QueueFilter) -> int:
    if wanted == QueueFilter():
        return sum(row[-1] for row in groups)
    return connection.scalar(select(func.count()).select_from(table).where(passing)) or 0


def _passing(wanted: QueueFilter, me: str, told: set[str]) -> ColumnElement[bool]:
    """`told` are the doubts that drafts have, as the rows keep them."""
    conditions: list[ColumnElement[bool]] = [DRAFTS]
    if wanted.categories:
        conditions.append(table.c.category.in_([each.value for each in wanted.categories]))
    if wanted.zones:
        conditions.append(table.c.zone.in_(wanted.zones))
    if wanted.sources:
        conditions.append(_SOURCE.in_(wanted.sources))
    if wanted.doubts:
        conditions.append(table.c.doubts.in_([each for each in told if wanted.doubts & set(each.split())]))
    if wanted.mine:
        conditions.append(table.c.created_by == me)
    return and_(*conditions, *_on_days(wanted))


def _on_days(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    if wanted.since is None and wanted.until is None:
        return []
    conditions: list[ColumnElement[bool]] = [or_(table.c.published_at.is_not(None), table.c.starts_at.is_not(None))]
    if wanted.since is not None:
        conditions.append(or_(*(each >= wanted.since.isoformat() for each in _MOMENTS)))
    if wanted.until is not None and wanted.until < date.max:
        beyond = (wanted.until + timedelta(days=1)).isoformat()
        conditions.append(or_(*(each < beyond for each in _MOMENTS)))
    return conditions
