"""Snapshot: what is published at one revision of the store, as columns; immutable.

Row i of every column is the same incident; rows go newest first. Texts, reasons, alternatives and outages are not in
it: `take` and `get` read whole incidents from where the snapshot was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category, Incident, Moment, Precision
from kubmap.read import mercator
from kubmap.read.brief import Brief
from kubmap.read.columns import CATEGORIES, NO_DAY, UNTOLD, Columns, columns_of
from kubmap.read.membership import Membership
from kubmap.read.places import PRECISIONS, BBox, Mask, PlaceIndex, Places
from kubmap.read.search import SearchIndex, needles
from kubmap.store.codec import moment_from_text
from kubmap.store.light import Published, light_of

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

__all__ = ["CATEGORIES", "NO_DAY", "BBox", "Details", "Filter", "Rows", "Snapshot", "build", "days"]

Rows: TypeAlias = npt.NDArray[np.intp]
"""Row numbers of a snapshot, ascending: newest first."""

_BATCH = 500
_KEPT = 16_384
_KRAI = PRECISIONS.index(Precision.KRAI)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asked for; None or empty stands for everything. `since` and `until` are days, both included.

    An incident is in the period when any day of it is: from its start (else its publication) to its end (else its
    start). One without any date is in no period. Zones and municipalities are names; what spans several belongs to each
    of them. `text` are words that all occur in title, text or place: see `kubmap.read.search`.
    """

    categories: frozenset[Category] | None = None
    since: date | None = None
    until: date | None = None
    zones: frozenset[str] | None = None
    municipalities: frozenset[str] | None = None
    bbox: BBox | None = None
    text: str = ""


class Details(Protocol):
    """Where whole incidents come from."""

    def whole(self, ids: Sequence[str], *, reasons: bool) -> Mapping[str, Incident]:
        """The published ones of these ids; without `reasons` no alternatives either."""
        ...

    def texts(self, ids: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        """(id, title and text) of these ids, or of everything published."""
        ...


@dataclass(frozen=True, slots=True)
class ZOrder:
    """The placed rows sorted by Z-order code (`kubmap.read.mercator`), with what grouping needs of each.

    `x`, `y` are mercator units; `wide_at` are the positions of the rows whose place is no point, `wide_codes` and
    `wide_place` the codes and places of those.
    """

    rows: Rows
    codes: npt.NDArray[np.int64]
    x: npt.NDArray[np.int32]
    y: npt.NDArray[np.int32]
    category: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    wide: Mask
    wide_at: Rows
    wide_codes: npt.NDArray[np.int64]
    wide_place: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Snapshot:
    """Never changed once made, so threads share it without locks."""

    epoch: int
    revision: int
    demo: bool
    columns: Columns
    places: Places
    details: Details = field(repr=False)
    index: SearchIndex = field(default_factory=SearchIndex, repr=False)
    _kept: dict[int, bytes] = field(default_factory=dict, repr=False)
    matches: dict[Filter, Any] = field(default_factory=dict, repr=False)
    """What `kubmap.read.view` found for the last filters: readers move the map more often than they filter anew."""

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def etag(self) -> str:
        """A strong entity tag of this state, without quotes; add what else the bytes depend on."""
        return f"{self.epoch:x}-{self.revision}"

    @cached_property
    def period(self) -> tuple[date, date] | None:
        """First and last day of what is published; None when nothing has a date."""
        known = self.columns.first_day != NO_DAY
        if not known.any():
            return None
        first, last = self.columns.first_day[known].min(), self.columns.last_day[known].max()
        return date.fromordinal(int(first)), date.fromordinal(int(last))

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Row by id."""
        return {incident_id: row for row, incident_id in enumerate(self.columns.id)}

    @cached_property
    def x(self) -> npt.NDArray[np.int64]:
        """Where each row is grouped (mercator units), -1 for what has no place on the map."""
        return self.places.x[self.columns.place]

    @cached_property
    def y(self) -> npt.NDArray[np.int64]:
        return self.places.y[self.columns.place]

    @cached_property
    def wide(self) -> Mask:
        """The rows whose place is no point: a line, an area, a district."""
        return self.places.wide[self.columns.place]

    @cached_property
    def placed(self) -> Mask:
        """The rows that stand somewhere on the map."""
        return np.greater_equal(self.x, 0)

    @cached_property
    def krai(self) -> Mask:
        """The rows about the krai as a whole."""
        place = self.columns.place
        return _lookup(self.places.precision == _KRAI, place) & np.not_equal(place, 0)

    @cached_property
    def unplaced(self) -> Mask:
        """The rows without any place."""
        return ~self.placed & ~self.krai

    @cached_property
    def townless(self) -> Mask:
        """The rows that belong to no municipality."""
        return _lookup(~np.logical_or.reduce(self.places.municipalities, axis=1), self.columns.place)

    @cached_property
    def zorder(self) -> ZOrder:
        """The placed rows by Z-order code."""
        rows = np.flatnonzero(self.placed)
        codes = mercator.code(self.x[rows], self.y[rows])
        order = np.argsort(codes, kind="stable")
        rows = rows[order]
        wide = self.wide[rows]
        return ZOrder(
            rows=rows,
            codes=codes[order],
            x=self.x[rows].astype(np.int32),
            y=self.y[rows].astype(np.int32),
            category=self.columns.category[rows],
            place=self.columns.place[rows],
            wide=wide,
            wide_at=np.flatnonzero(wide),
            wide_codes=codes[order][wide],
            wide_place=self.columns.place[rows][wide],
        )

    @cached_property
    def zone_sets(self) -> tuple[npt.NDArray[np.intp], Mask]:
        """For each row the number of its set of zones, and the sets as (n, zone_names)."""
        zones = self.places.zones
        packed = np.packbits(zones, axis=1)
        words = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(np.uint64)
        words = words.reshape(-1) if words.shape[1] == 1 else words  # one number a place sorts far faster than several
        _, first, number = np.unique(words, axis=0, return_index=True, return_inverse=True)
        return number.reshape(-1)[self.columns.place], zones[first]

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """All of them, whole: reads everything, so only for what small archives and tests need."""
        return tuple(self.take(range(len(self))))

    def get(self, incident_id: str) -> Incident | None:
        """The whole incident; None for one that is not published."""
        row = self.rows.get(incident_id)
        return None if row is None else next(self.take([row]), None)

    def take(self, rows: Iterable[int], *, reasons: bool = True) -> Iterator[Incident]:
        """Whole incidents in the order of the rows, read by the hundred; without `reasons` no alternatives either.

        One that was taken back since the snapshot was made is left out.
        """
        wanted = np.fromiter(rows, dtype=np.intp)
        for start in range(0, len(wanted), _BATCH):
            ids = [str(each) for each in self.columns.id[wanted[start : start + _BATCH]]]
            found = self.details.whole(ids, reasons=reasons)
            yield from (found[each] for each in ids if each in found)

    def brief(self, row: int) -> Brief:
        """What lists and maps say of a row."""
        columns = self.columns
        place, scheduled = int(columns.place[row]), int(columns.scheduled[row])
        return Brief(
            id=columns.id[row],
            version=int(columns.version[row]),
            category=CATEGORIES[columns.category[row]],
            headline=columns.head[row],
            published_at=_moment(columns.published_at[row]),
            starts_at=_moment(columns.starts_at[row]),
            ends_at=_moment(columns.ends_at[row]),
            is_scheduled=None if scheduled == UNTOLD else bool(scheduled),
            shape=self.places.shapes[place] if place else None,
        )

    def keep(self, row: int, make: Callable[[Brief], bytes]) -> bytes:
        """What `make` makes of a row; made once for as long as the snapshot lives and there is room."""
        found = self._kept.get(row)
        if found is None:
            found = make(self.brief(row))
            if len(self._kept) < _KEPT:
                self._kept[row] = found
        return found

    def moment(self, row: int) -> str | None:
        """When it began, else was published: ISO 8601 to the minute, or a day."""
        columns = self.columns
        text: str | None = columns.starts_at[row] or columns.published_at[row] or columns.ends_at[row]
        return text and text[:16] + text[19:]

    def select(self, wanted: Filter) -> Rows:
        """The rows that pass, newest first. With a `bbox`, what has no place (krai-wide) does not pass."""
        return np.flatnonzero(self.mask(wanted))

    def mask(self, wanted: Filter) -> Mask:
        """Whether each row passes."""
        passing = np.ones(len(self), dtype=bool)
        for mask in self._masks(wanted):
            passing &= mask
        return passing

    def _masks(self, wanted: Filter) -> Iterator[Mask]:
        columns, places = self.columns, self.places
        if wanted.categories:
            yield _lookup(np.array([each in wanted.categories for each in CATEGORIES]), columns.category)
        if wanted.zones:
            yield _lookup(places.in_zones(wanted.zones), columns.place)
        if wanted.municipalities:
            yield _lookup(places.in_municipalities(wanted.municipalities), columns.place)
        if wanted.bbox is not None:
            yield _lookup(places.touching(wanted.bbox), columns.place)
        if wanted.since is not None:
            yield columns.last_day >= wanted.since.toordinal()
        if wanted.until is not None:
            yield (columns.first_day != NO_DAY) & (columns.first_day <= wanted.until.toordinal())
        if needles(wanted.text):
            yield self._holding(wanted.text)

    def _holding(self, text: str) -> Mask:
        self.learn()
        return self.index.holding(text, self.columns.slot)

    def learn(self) -> None:
        """Put the texts that the search index does not know yet into it; the first time it takes seconds."""
        self.index.learn(self.columns.slot, self._texts)

    def prepare(self) -> None:
        """Make all that is else made when it is first asked for."""
        for name in ("rows", "period", "zorder", "zone_sets", "unplaced"):
            getattr(self, name)
        self.learn()

    def _texts(self, rows: Rows) -> Iterator[tuple[int, str]]:
        """(slot, text with the place's name) of these rows."""
        ids = [str(each) for each in self.columns.id[rows]]
        for incident_id, text in self.details.texts(ids if len(ids) * 4 < len(self) else None):
            row = self.rows.get(incident_id)
            if row is not None:
                label = self.places.shapes[self.columns.place[row]].location.label
                yield int(self.columns.slot[row]), f"{text}\n{label}"


class InMemory:
    """Details of incidents that are at hand."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._incidents = {each.id: each for each in incidents}

    def whole(self, ids: Sequence[str], *, reasons: bool) -> Mapping[str, Incident]:
        del reasons
        return {each: self._incidents[each] for each in ids}

    def texts(self, ids: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        for each in self._incidents if ids is None else ids:
            found = self._incidents[each]
            yield each, f"{found.title or ''}\n{found.text}"


def build(published: Published, atlas: Atlas | None = None) -> Snapshot:
    """The snapshot of incidents that are at hand; without an atlas, places belong to the zones that they name."""
    index = PlaceIndex.begin(Membership(atlas))
    columns = columns_of(map(light_of, published.incidents), index).ordered()
    return Snapshot(
        epoch=published.epoch,
        revision=published.revision,
        demo=published.demo,
        columns=columns,
        places=index.grown(),
        details=InMemory(published.incidents),
    )


def days(incident: Incident | Brief) -> tuple[date, date] | None:
    """First and last day of an incident: as told, else the day of publication; None when no date is known."""
    first = incident.starts_at or incident.ends_at or incident.published_at
    if first is None:
        return None
    last = incident.ends_at or first
    return _day(first), max(_day(first), _day(last))


def _moment(text: str | None) -> Moment | None:
    return None if text is None else moment_from_text(text)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _lookup(table: Any, codes: Any) -> Mask:
    found: Mask = table[codes]
    return found
