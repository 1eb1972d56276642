"""Columns: what is known of each incident, one array a field; made from light rows, merged as rows change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

from kubmap.domain import MOSCOW, Category, Moment
from kubmap.read.brief import headline
from kubmap.read.heads import Heads
from kubmap.read.places import PlaceIndex
from kubmap.store.light import Light

CATEGORIES = tuple(Category)
_CODES = {each.value: code for code, each in enumerate(CATEGORIES)}
NO_DAY = 0
"""Ordinal of a day that is not known (`date.min` has ordinal 1)."""
UNTOLD = -1
"""Of a number of people, and of is_scheduled."""
NO_MOMENT = -1
_DAY_S = 86_400
_MINUTES = [f"T{time(*divmod(minute, 60), tzinfo=MOSCOW).isoformat('minutes')}" for minute in range(24 * 60)]
_PART = 4_096
"""Rows made at once: as Python objects they take ten times the room of the columns."""
MANY = 8
"""A share of the rows (1/8) from which sorting all costs less than putting each in its place."""

Rows: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]
Moved: TypeAlias = npt.NDArray[np.int32]
"""Of each row before, its number after; -1 for one that went."""


class Ids:
    """The ids as bytes of one width; one of them is text."""

    __slots__ = ("raw",)

    def __init__(self, raw: npt.NDArray[np.bytes_]) -> None:
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, row: Any) -> str:
        return bytes(self.raw[row]).decode()

    def __iter__(self) -> Iterator[str]:
        return (each.decode() for each in self.raw.tolist())


@dataclass(frozen=True, slots=True)
class Columns:
    """Row i of every column is the same incident; rows go newest first once `ordered`.

    `published`, `starts`, `ends`, `moment` are moments as numbers (see `moment`); `moment` is the one that orders rows.
    `category` indexes CATEGORIES, `place` the snapshot's places. Days are proleptic ordinals, NO_DAY when not known.
    `slot` numbers the version of an incident for ever, for what outlives a snapshot: search index, headlines.
    """

    id: Ids
    version: npt.NDArray[np.int32]
    category: npt.NDArray[np.int8]
    scheduled: npt.NDArray[np.int8]
    dead: npt.NDArray[np.int32]
    injured: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    first_day: npt.NDArray[np.int32]
    last_day: npt.NDArray[np.int32]
    published: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    moment: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.slot)

    def arrays(self) -> Iterator[npt.NDArray[Any]]:
        """All columns as arrays, in the order of the fields."""
        yield self.id.raw
        for each in fields(self)[1:]:
            yield getattr(self, each.name)

    @classmethod
    def of(cls, arrays: Iterable[npt.NDArray[Any]]) -> Columns:
        """The inverse of `arrays`; nobody writes into them any more."""
        first, *rest = map(frozen, arrays)
        return cls(Ids(first), *rest)

    def taken(self, rows: Any) -> Columns:
        """The rows of a mask or of row numbers, in their order; read-only."""
        return Columns.of(each[rows] for each in self.arrays())

    def ordered(self) -> Columns:
        """Newest first; what has no moment comes last, of one moment the greater id first."""
        return self.taken(self.newest())

    def newest(self) -> Rows:
        """The rows in the order that `ordered` puts them in."""
        return np.lexsort((self.id.raw, self.moment))[::-1]

    def merged(self, keep: Mask, new: Columns) -> tuple[Columns, Moved]:
        """The kept rows and the new ones in order, and where the rows from before are now; both must be `ordered`."""
        kept = self.taken(keep)
        at = _positions(kept, new) if len(new) * MANY < len(kept) else None
        moved = np.full(len(self), -1, dtype=np.int32)
        if at is None:
            both = Columns.of(map(_joined, kept.arrays(), new.arrays()))
            order = both.newest()
            place = np.empty(len(order), dtype=np.int32)
            place[order] = np.arange(len(order), dtype=np.int32)
            moved[keep] = place[: len(kept)]
            return both.taken(order), moved
        rows = np.arange(len(kept))
        moved[keep] = rows + np.searchsorted(at, rows, side="right")
        return Columns.of(_inserted(*pair, at) for pair in zip(kept.arrays(), new.arrays(), strict=True)), moved


def _joined(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([old, new])


def _inserted(old: npt.NDArray[Any], new: npt.NDArray[Any], at: Any) -> npt.NDArray[Any]:
    """Unlike numpy's own it does not cut what is longer than the old ones."""
    return np.insert(old.astype(np.promote_types(old.dtype, new.dtype), copy=False), at, new)


def _positions(kept: Columns, new: Columns) -> Any:
    """Before which kept row each new one goes."""
    backwards = -kept.moment
    found = []
    for moment_, id_ in zip(new.moment.tolist(), new.id.raw.tolist(), strict=True):
        first, last = (int(np.searchsorted(backwards, -moment_, side=side)) for side in ("left", "right"))
        while first < last:  # ids of one moment go down
            middle = (first + last) // 2
            first, last = (middle + 1, last) if kept.id.raw[middle] > id_ else (first, middle)
        found.append(first)
    return np.array(found, dtype=np.int64)


_DTYPES: tuple[Any, ...] = (
    np.bytes_, np.int32, np.int8, np.int8, np.int32, np.int32, np.int32, np.int32, np.int32,
    np.int64, np.int64, np.int64, np.int64, np.int32,
)  # fmt: skip


def columns_of(rows: Iterable[Light], places: PlaceIndex, heads: Heads, *, first_slot: int = 0) -> Columns:
    """The rows, ordered; places are numbered by `places`, headlines go to `heads`."""
    parts = list(_parts(iter(rows), places, heads, first_slot))
    if not parts:
        return Columns.of(np.array([], dtype=dtype) for dtype in _DTYPES)
    return Columns.of(map(np.concatenate, zip(*parts, strict=True))).ordered()


def _parts(rows: Iterator[Light], places: PlaceIndex, heads: Heads, slot: int) -> Iterator[list[Any]]:
    while part := list(islice(rows, _PART)):
        heads.add(slot, [headline(row.title, row.head or "") for row in part])
        values = zip(*(_values(row, places, slot + number) for number, row in enumerate(part)), strict=True)
        yield [np.array(column, dtype=dtype) for column, dtype in zip(values, _DTYPES, strict=True)]
        slot += len(part)


def frozen(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    column.flags.writeable = False
    return column


def _values(row: Light, places: PlaceIndex, slot: int) -> tuple[Any, ...]:
    first, last = span(row.published_at, row.starts_at, row.ends_at)
    hurt = orjson.loads(row.casualties) if row.casualties else {}
    return (
        row.id.encode(), row.version, _CODES[row.category],
        UNTOLD if row.is_scheduled is None else int(row.is_scheduled),
        hurt.get("dead", UNTOLD), hurt.get("injured", UNTOLD), places.number(row.location), first, last,
        moment(row.published_at), moment(row.starts_at), moment(row.ends_at),
        moment(row.starts_at or row.published_at or row.ends_at), slot,
    )  # fmt: skip


def span(published: str | None, starts: str | None, ends: str | None) -> tuple[int, int]:
    """Ordinals of the first and the last day: as told, else of the publication."""
    first = starts or ends or published
    if first is None:
        return NO_DAY, NO_DAY
    day = ordinal(first[:10])
    return day, max(day, ordinal(ends[:10])) if ends else day


def moment(text: str | None) -> int:
    """A moment as the store writes it (Moscow time) as a number that orders.

    Seconds since year 1, doubled, and odd where a time of the day is known; NO_MOMENT without.
    """
    if text is None:
        return NO_MOMENT
    midnight = ordinal(text[:10]) * _DAY_S
    if len(text) == len("2021-11-23"):
        return 2 * midnight
    return 2 * (midnight + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])) + 1


def moment_of(number: int) -> Moment | None:
    """The inverse of `moment`, to the second."""
    if number == NO_MOMENT:
        return None
    days, seconds = divmod(number // 2, _DAY_S)
    day = date.fromordinal(days)
    return datetime.combine(day, time(), MOSCOW) + timedelta(seconds=seconds) if number % 2 else day


def minute_text(number: int) -> str | None:
    """The moment of a number as ISO 8601 to the minute, a day where it is one; None for NO_MOMENT."""
    if number == NO_MOMENT:
        return None
    days, seconds = divmod(number // 2, _DAY_S)
    return _day_text(days) + _MINUTES[seconds // 60] if number % 2 else _day_text(days)


@lru_cache(maxsize=16_384)
def _day_text(days: int) -> str:
    return date.fromordinal(days).isoformat()


@lru_cache(maxsize=16_384)
def ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
