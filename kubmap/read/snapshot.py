"""Snapshot: what is published at one revision of the store, as columns; immutable.

Row i of every column is the same incident; rows go newest first. Texts, reasons, alternatives and outages are not in
it: `take` and `get` read whole incidents from where the snapshot was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kubmap.domain import Incident, Moment, Precision
from kubmap.read import filters
from kubmap.read.brief import Brief
from kubmap.read.columns import CATEGORIES, NO_DAY, UNTOLD, Columns, Moved, columns_of, minute_text, moment_of
from kubmap.read.details import Details, InMemory
from kubmap.read.filters import Filter, lookup
from kubmap.read.heads import Heads
from kubmap.read.membership import Membership
from kubmap.read.places import PRECISIONS, BBox, Mask, PlaceIndex, Places
from kubmap.read.rowindex import RowIndex
from kubmap.read.search import SearchIndex
from kubmap.read.zorder import Rows, ZOrder
from kubmap.store.light import Published, light_of

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

__all__ = ["CATEGORIES", "NO_DAY", "BBox", "Details", "Filter", "Kept", "Rows", "Snapshot", "build", "days"]

_BATCH = 500
_KEPT = 16_384
_KRAI = PRECISIONS.index(Precision.KRAI)


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives a snapshot, by slot: headlines, the words of the texts, the bytes of what maps say of a row."""

    heads: Heads = field(default_factory=Heads)
    index: SearchIndex = field(default_factory=SearchIndex)
    briefs: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """Never changed once made, so threads share it without locks."""

    epoch: int
    revision: int
    demo: bool
    columns: Columns
    places: Places
    details: Details = field(repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)
    matches: dict[Filter, Any] = field(default_factory=dict, repr=False)
    """What `kubmap.read.view` found for the last filters: readers move the map more often than they filter anew."""

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def index(self) -> SearchIndex:
        """The words of the texts."""
        return self.kept.index

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
    def rows(self) -> RowIndex:
        """Row by id."""
        return RowIndex(self.columns)

    @property
    def x(self) -> npt.NDArray[np.int64]:
        """Where each row is grouped (mercator units), -1 for what has no place on the map."""
        return self.places.x[self.columns.place]

    @property
    def y(self) -> npt.NDArray[np.int64]:
        return self.places.y[self.columns.place]

    @property
    def wide(self) -> Mask:
        """The rows whose place is no point: a line, an area, a district."""
        return self.places.wide[self.columns.place]

    @cached_property
    def placed(self) -> Mask:
        """The rows that stand somewhere on the map."""
        return lookup(np.greater_equal(self.places.x, 0), self.columns.place)

    @cached_property
    def krai(self) -> Mask:
        """The rows about the krai as a whole."""
        place = self.columns.place
        return lookup(self.places.precision == _KRAI, place) & np.not_equal(place, 0)

    @cached_property
    def unplaced(self) -> Mask:
        """The rows without any place."""
        return ~self.placed & ~self.krai

    @cached_property
    def townless(self) -> Mask:
        """The rows that belong to no municipality."""
        return lookup(~np.logical_or.reduce(self.places.municipalities, axis=1), self.columns.place)

    @cached_property
    def zorder(self) -> ZOrder:
        """The placed rows by Z-order code."""
        return ZOrder.of(self.columns, self.places, np.arange(len(self), dtype=np.int32))

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """All of them, whole: reads everything, so only for what small archives and tests need."""
        return tuple(self.take(range(len(self))))

    def followed(self, after: Snapshot, moved: Moved) -> Snapshot:
        """The snapshot of after, with its orders made from those of this one; `moved` leads its rows there."""
        known = vars(self)
        if "rows" in known:
            vars(after)["rows"] = self.rows.followed(after.columns, moved)
        if "zorder" in known:
            vars(after)["zorder"] = self.zorder.followed(after.columns, after.places, moved)
        return after

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
            ids = [self.columns.id[each] for each in wanted[start : start + _BATCH]]
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
            headline=self.kept.heads[int(columns.slot[row])],
            published_at=moment_of(int(columns.published[row])),
            starts_at=moment_of(int(columns.starts[row])),
            ends_at=moment_of(int(columns.ends[row])),
            is_scheduled=None if scheduled == UNTOLD else bool(scheduled),
            shape=self.places.shapes[place] if place else None,
        )

    def keep(self, row: int, make: Callable[[Brief], bytes]) -> bytes:
        """What `make` makes of a row; made once, and again when there was no room any more."""
        slot, briefs = int(self.columns.slot[row]), self.kept.briefs
        found = briefs.get(slot)
        if found is None:
            if len(briefs) >= _KEPT:
                briefs.clear()
            found = briefs[slot] = make(self.brief(row))
        return found

    def moment(self, row: int) -> str | None:
        """When it began, else was published: ISO 8601 to the minute, or a day."""
        return minute_text(int(self.columns.moment[row]))

    def select(self, wanted: Filter) -> Rows:
        """The rows that pass, newest first. With a `bbox`, what has no place (krai-wide) does not pass."""
        return np.flatnonzero(self.mask(wanted))

    def mask(self, wanted: Filter) -> Mask:
        """Whether each row passes."""
        return filters.mask(self, wanted)

    def learn(self) -> None:
        """Put the texts that the search index does not know yet into it; the first time it takes seconds."""
        self.index.learn(self.columns.slot, self._texts)

    def prepare(self) -> None:
        """Make all that is else made when it is first asked for."""
        for name in ("rows", "period", "zorder", "unplaced"):
            getattr(self, name)
        self.learn()

    def _texts(self, rows: Rows) -> Iterator[tuple[int, str]]:
        """(slot, text with the place's name) of these rows."""
        ids = [self.columns.id[each] for each in rows] if len(rows) * 4 < len(self) else None
        for incident_id, text in self.details.texts(ids):
            row = self.rows.get(incident_id)
            if row is not None:
                label = self.places.shapes[self.columns.place[row]].location.label
                yield int(self.columns.slot[row]), f"{text}\n{label}"


def build(published: Published, atlas: Atlas | None = None) -> Snapshot:
    """The snapshot of incidents that are at hand; without an atlas, places belong to the zones that they name."""
    index, kept = PlaceIndex.begin(Membership(atlas)), Kept()
    columns = columns_of(map(light_of, published.incidents), index, kept.heads)
    return Snapshot(
        epoch=published.epoch,
        revision=published.revision,
        demo=published.demo,
        columns=columns,
        places=index.grown(),
        details=InMemory(published.incidents),
        kept=kept,
    )


def days(incident: Incident | Brief) -> tuple[date, date] | None:
    """First and last day of an incident: as told, else the day of publication; None when no date is known."""
    first = incident.starts_at or incident.ends_at or incident.published_at
    if first is None:
        return None
    last = incident.ends_at or first
    return _day(first), max(_day(first), _day(last))


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
