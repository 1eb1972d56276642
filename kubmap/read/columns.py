"""Columns: what is known of each incident, one array a field; made from light rows, merged as rows change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

from kubmap.domain import Category
from kubmap.read.brief import headline
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

Objects: TypeAlias = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Row i of every column is the same incident; rows go newest first once `ordered`.

    `id`, `head` (title or first words), `published_at`, `starts_at`, `ends_at` (ISO 8601 or None) are strings.
    `category` indexes CATEGORIES, `place` the snapshot's places. Days are proleptic ordinals, NO_DAY when not known.
    `moment` orders rows by time: seconds since year 1 of Moscow time, doubled, odd where a time of the day is known.
    `slot` numbers the version of an incident for ever, for indexes that outlive a snapshot.
    """

    id: Objects
    head: Objects
    published_at: Objects
    starts_at: Objects
    ends_at: Objects
    version: npt.NDArray[np.int32]
    category: npt.NDArray[np.int8]
    scheduled: npt.NDArray[np.int8]
    dead: npt.NDArray[np.int32]
    injured: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    first_day: npt.NDArray[np.int32]
    last_day: npt.NDArray[np.int32]
    moment: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.id)

    def taken(self, rows: Any) -> Columns:
        """The rows of a mask or of row numbers, in their order; read-only."""
        return Columns(*(frozen(getattr(self, each.name)[rows]) for each in fields(self)))

    def joined(self, more: Columns) -> Columns:
        pairs = ((getattr(self, each.name), getattr(more, each.name)) for each in fields(self))
        return Columns(*(np.concatenate(pair) for pair in pairs))

    def ordered(self) -> Columns:
        """Newest first; what has no moment comes last, of one moment the greater id first."""
        ids = np.array([each.encode() for each in self.id], dtype="S") if len(self) else np.array([], dtype="S1")
        return self.taken(np.lexsort((ids, self.moment))[::-1])


_DTYPES: tuple[Any, ...] = (
    object, object, object, object, object, np.int32, np.int8, np.int8, np.int32, np.int32, np.int32, np.int32,
    np.int32, np.int64, np.int32,
)  # fmt: skip


def columns_of(rows: Iterable[Light], places: PlaceIndex, *, first_slot: int = 0) -> Columns:
    """The rows in the order given; places are numbered by `places`."""
    values = [_values(row, places, first_slot + number) for number, row in enumerate(rows)]
    lists = list(zip(*values, strict=True)) if values else [()] * len(_DTYPES)
    return Columns(*(_array(column, dtype) for column, dtype in zip(lists, _DTYPES, strict=True)))


def frozen(column: Any) -> Any:
    column.flags.writeable = False
    return column


def _array(values: Any, dtype: Any) -> Any:
    column = np.empty(len(values), dtype=dtype)
    column[:] = values
    return column


def _values(row: Light, places: PlaceIndex, slot: int) -> tuple[Any, ...]:
    first, last = span(row.published_at, row.starts_at, row.ends_at)
    hurt = orjson.loads(row.casualties) if row.casualties else {}
    return (
        row.id, headline(row.title, row.head or ""),
        _shared(row.published_at), _shared(row.starts_at), _shared(row.ends_at),
        row.version, _CODES[row.category], UNTOLD if row.is_scheduled is None else int(row.is_scheduled),
        hurt.get("dead", UNTOLD), hurt.get("injured", UNTOLD), places.number(row.location), first, last,
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
    """See `Columns.moment`."""
    if text is None:
        return NO_MOMENT
    midnight = ordinal(text[:10]) * _DAY_S
    if len(text) == len("2021-11-23"):
        return 2 * midnight
    return 2 * (midnight + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])) + 1


@lru_cache(maxsize=16_384)
def ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


@lru_cache(maxsize=16_384)
def _shared(text: str | None) -> str | None:
    """Days repeat: one object of each that was seen of late."""
    return text
