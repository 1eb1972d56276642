"""Snapshot: what is published at one revision of the store, as columns; immutable.

Row i of every column and `incidents[i]` are the same incident; rows go newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.atlas.words import fold
from kubmap.domain import Category, Incident, Location, Moment, Precision
from kubmap.store.store import Published

Rows: TypeAlias = npt.NDArray[np.intp]
"""Row numbers of a snapshot, ascending: newest first."""

BBox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north; degrees."""

CATEGORIES = tuple(Category)
PRECISIONS = tuple(Precision)
NO_DAY = 0
"""Ordinal of a day that is not known (`date.min` has ordinal 1)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asked for; None or empty stands for everything. `since` and `until` are days, both included.

    An incident is in the period when any day of it is: from its start (else its publication) to its end (else its
    start). One without any date is in no period. `text` are words that all occur in title, text or place, ё-blind.
    """

    categories: frozenset[Category] | None = None
    since: date | None = None
    until: date | None = None
    zones: frozenset[str] | None = None
    municipalities: frozenset[str] | None = None
    bbox: BBox | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """One array a field. Codes index CATEGORIES, PRECISIONS and the snapshot's `zones`, `municipalities`; -1: none.

    `lon` and `lat` are NaN without a pin; `extent` is (n, 4) west, south, east, north of pin and geometry, NaN without;
    days are proleptic ordinals (`date.toordinal`), NO_DAY when not known.
    """

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    extent: npt.NDArray[np.float64]
    category: npt.NDArray[np.int8]
    precision: npt.NDArray[np.int8]
    zone: npt.NDArray[np.int16]
    municipality: npt.NDArray[np.int16]
    first_day: npt.NDArray[np.int32]
    last_day: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Made by `build`; never changed afterwards, so threads share it without locks."""

    epoch: int
    revision: int
    demo: bool
    incidents: tuple[Incident, ...]
    columns: Columns
    zones: tuple[str, ...]
    municipalities: tuple[str, ...]
    words: tuple[str, ...] = field(repr=False)
    rows: Mapping[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.incidents)

    @property
    def etag(self) -> str:
        """A strong entity tag of this state, without quotes; add what else the bytes depend on."""
        return f"{self.epoch:x}-{self.revision}"

    @property
    def period(self) -> tuple[date, date] | None:
        """First and last day of what is published; None when nothing has a date."""
        known = self.columns.first_day != NO_DAY
        if not known.any():
            return None
        first, last = self.columns.first_day[known].min(), self.columns.last_day[known].max()
        return date.fromordinal(int(first)), date.fromordinal(int(last))

    def get(self, incident_id: str) -> Incident | None:
        row = self.rows.get(incident_id)
        return None if row is None else self.incidents[row]

    def take(self, rows: Iterable[int]) -> Iterator[Incident]:
        return (self.incidents[row] for row in rows)

    def select(self, wanted: Filter) -> Rows:
        """The rows that pass, newest first. With a `bbox`, what has no place (krai-wide) does not pass."""
        passing = np.ones(len(self), dtype=bool)
        for mask in self._masks(wanted):
            passing &= mask
        rows = np.flatnonzero(passing)
        needles = fold(wanted.text).split()
        if not needles:
            return rows
        found = [row for row in rows if all(needle in self.words[row] for needle in needles)]
        return np.array(found, dtype=np.intp)

    def _masks(self, wanted: Filter) -> Iterator[npt.NDArray[np.bool_]]:
        columns = self.columns
        if wanted.categories:
            yield np.isin(columns.category, [CATEGORIES.index(each) for each in wanted.categories])
        if wanted.zones:
            yield _among(columns.zone, self.zones, wanted.zones)
        if wanted.municipalities:
            yield _among(columns.municipality, self.municipalities, wanted.municipalities)
        if wanted.since is not None:
            yield columns.last_day >= wanted.since.toordinal()
        if wanted.until is not None:
            yield (columns.first_day != NO_DAY) & (columns.first_day <= wanted.until.toordinal())
        if wanted.bbox is not None:
            yield _touching(columns.extent, wanted.bbox)


def build(published: Published) -> Snapshot:
    """The snapshot of what the store gave."""
    incidents = tuple(sorted(published.incidents, key=_newness, reverse=True))
    locations = [each.location for each in incidents]
    zones = _names(each.zone for each in locations if each)
    municipalities = _names(each.municipality for each in locations if each)
    return Snapshot(
        epoch=published.epoch,
        revision=published.revision,
        demo=published.demo,
        incidents=incidents,
        columns=_columns(incidents, zones, municipalities),
        zones=zones,
        municipalities=municipalities,
        words=tuple(_words(each) for each in incidents),
        rows={each.id: row for row, each in enumerate(incidents)},
    )


def days(incident: Incident) -> tuple[date, date] | None:
    """First and last day of an incident: as told, else the day of publication; None when no date is known."""
    first = incident.starts_at or incident.ends_at or incident.published_at
    if first is None:
        return None
    last = incident.ends_at or first
    return _day(first), max(_day(first), _day(last))


def _columns(incidents: Sequence[Incident], zones: Sequence[str], municipalities: Sequence[str]) -> Columns:
    locations = [each.location for each in incidents]
    zone_code = {name: code for code, name in enumerate(zones)}
    municipality_code = {name: code for code, name in enumerate(municipalities)}
    ordinals = np.array([_ordinals(each) for each in incidents], dtype=np.int32).reshape(-1, 2)
    extent = np.array([_extent(each) for each in locations], dtype=np.float64).reshape(-1, 4)
    return Columns(
        lon=_frozen(np.array([each.lon if each else None for each in locations], dtype=np.float64)),
        lat=_frozen(np.array([each.lat if each else None for each in locations], dtype=np.float64)),
        extent=_frozen(extent),
        category=_frozen(np.array([CATEGORIES.index(each.category) for each in incidents], dtype=np.int8)),
        precision=_frozen(
            np.array([PRECISIONS.index(each.precision) if each else -1 for each in locations], dtype=np.int8)
        ),
        zone=_frozen(np.array([zone_code.get((each and each.zone) or "", -1) for each in locations], dtype=np.int16)),
        municipality=_frozen(
            np.array(
                [municipality_code.get((each and each.municipality) or "", -1) for each in locations], dtype=np.int16
            )
        ),
        first_day=_frozen(ordinals[:, 0].copy()),
        last_day=_frozen(ordinals[:, 1].copy()),
    )


def _frozen(column: Any) -> Any:
    column.flags.writeable = False
    return column


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _words(incident: Incident) -> str:
    label = incident.location.label if incident.location else ""
    return fold(f"{incident.title or ''}\n{incident.text}\n{label}")


def _newness(incident: Incident) -> tuple[str, str]:
    moment = incident.starts_at or incident.published_at or incident.ends_at
    return ("" if moment is None else moment.isoformat(), incident.id)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _ordinals(incident: Incident) -> tuple[int, int]:
    found = days(incident)
    return (NO_DAY, NO_DAY) if found is None else (found[0].toordinal(), found[1].toordinal())


def _extent(location: Location | None) -> BBox:
    points = [] if location is None or location.geometry is None else list(_points(location.geometry))
    if location is not None and location.lon is not None and location.lat is not None:
        points.append((location.lon, location.lat))
    if not points:
        return (np.nan, np.nan, np.nan, np.nan)
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _points(geometry: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """All positions of a GeoJSON geometry."""
    for part in geometry.get("geometries", ()):
        yield from _points(part)
    stack = [geometry.get("coordinates", ())]
    while stack:
        value = stack.pop()
        if value and isinstance(value[0], int | float):
            yield value[0], value[1]
        else:
            stack.extend(value)


def _among(codes: npt.NDArray[np.int16], names: Sequence[str], wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.isin(codes, [code for code, name in enumerate(names) if name in wanted])


def _touching(extent: npt.NDArray[np.float64], bbox: BBox) -> npt.NDArray[np.bool_]:
    west, south, east, north = bbox
    across = (extent[:, 0] <= east) & (extent[:, 2] >= west)
    result: npt.NDArray[np.bool_] = across & (extent[:, 1] <= north) & (extent[:, 3] >= south)
    return result
