"""Places: each distinct place of a snapshot once, as columns; rows of incidents point at them.

Row 0 stands for "no place known". Tables only grow: a place's number stays true in every later table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson

from kubmap.domain import Location, Precision
from kubmap.read import mercator
from kubmap.read.brief import Shape
from kubmap.read.membership import Membership
from kubmap.store.codec import location_from_json

BBox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north; degrees."""

Mask: TypeAlias = npt.NDArray[np.bool_]
PRECISIONS = tuple(Precision)
PINNED = frozenset({Precision.ADDRESS, Precision.ROAD_KM, Precision.SETTLEMENT})
"""Places that are a point with a radius; every other one that is placed is wide."""

NOWHERE = Shape(Location(None, None, Precision.KRAI, None, ""))


@dataclass(frozen=True, slots=True)
class Places:
    """One array a field, one row a place.

    `x`, `y` (mercator units) are where it is grouped: its pin, else the middle of its shape; -1 without. `extent` is
    (n, 4) west, south, east, north of pin and geometry, NaN without. `zones` and `municipalities` are (n, names) and
    tell which of `zone_names`, `municipality_names` the place belongs to.
    """

    shapes: tuple[Shape, ...]
    x: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    extent: npt.NDArray[np.float64]
    precision: npt.NDArray[np.int8]
    wide: Mask
    zones: Mask
    municipalities: Mask
    zone_names: tuple[str, ...]
    municipality_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.shapes)

    def touching(self, bbox: BBox) -> Mask:
        """The places whose extent touches the frame; what has no extent does not."""
        west, south, east, north = bbox
        extent = self.extent
        across = (extent[:, 0] <= east) & (extent[:, 2] >= west)
        found: Mask = across & (extent[:, 1] <= north) & (extent[:, 3] >= south)
        return found

    def in_zones(self, names: frozenset[str]) -> Mask:
        return _any(self.zones, self.zone_names, names)

    def in_municipalities(self, names: frozenset[str]) -> Mask:
        return _any(self.municipalities, self.municipality_names, names)


@dataclass(slots=True)
class PlaceIndex:
    """Numbers of places by their JSON text, and the table of them; grows as new texts come (one writer at a time)."""

    membership: Membership
    table: Places
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _new: list[Shape] = field(default_factory=list)

    @classmethod
    def begin(cls, membership: Membership) -> PlaceIndex:
        """With nothing but the row of no place."""
        nothing = _table([NOWHERE], membership, membership.zones, membership.municipalities)
        return cls(membership, nothing)

    def number(self, text: str | None) -> int:
        """The place's number in the table that `grown` gives."""
        if text is None:
            return 0
        key = hashlib.blake2b(text.encode(), digest_size=16).digest()
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.table) + len(self._new)
            self._new.append(self.membership.shape(location_from_json(orjson.loads(text))))
        return known

    def grown(self) -> Places:
        """The table with all the places that were numbered."""
        if self._new:
            self.table = _joined(self.table, self._new, self.membership)
            self._new = []
        return self.table


def _joined(old: Places, new: Sequence[Shape], membership: Membership) -> Places:
    more = _table(new, membership, old.zone_names, old.municipality_names)
    zones, towns = len(more.zone_names), len(more.municipality_names)
    return Places(
        shapes=old.shapes + more.shapes,
        x=np.concatenate([old.x, more.x]),
        y=np.concatenate([old.y, more.y]),
        extent=np.concatenate([old.extent, more.extent]),
        precision=np.concatenate([old.precision, more.precision]),
        wide=np.concatenate([old.wide, more.wide]),
        zones=np.concatenate([_padded(old.zones, zones), more.zones]),
        municipalities=np.concatenate([_padded(old.municipalities, towns), more.municipalities]),
        zone_names=more.zone_names,
        municipality_names=more.municipality_names,
    )


def _table(shapes: Sequence[Shape], membership: Membership, zones: Sequence[str], towns: Sequence[str]) -> Places:
    """A table of these alone; names that are new come after the known ones."""
    members = [membership.of(each) for each in shapes]
    zone_names = _with_new(zones, (each[0] for each in members))
    town_names = _with_new(towns, (each[1] for each in members))
    measures = np.array([_measure(each) for each in shapes], dtype=np.float64).reshape(-1, 6)
    x, y = mercator.project(np.nan_to_num(measures[:, 0]), np.nan_to_num(measures[:, 1]))
    nowhere = np.isnan(measures[:, 0])
    return Places(
        shapes=tuple(shapes),
        x=np.where(nowhere, -1, x),
        y=np.where(nowhere, -1, y),
        extent=measures[:, 2:].copy(),
        precision=np.array([PRECISIONS.index(each.location.precision) for each in shapes], dtype=np.int8),
        wide=np.array([each.location.precision not in PINNED for each in shapes], dtype=bool) & ~nowhere,
        zones=_matrix((each[0] for each in members), zone_names, len(shapes)),
        municipalities=_matrix((each[1] for each in members), town_names, len(shapes)),
        zone_names=zone_names,
        municipality_names=town_names,
    )


def _measure(shape: Shape) -> tuple[float, ...]:
    """Longitude and latitude to group at, then the extent; NaN where there is nothing to draw."""
    location = shape.location
    if location.precision is Precision.KRAI:
        return (np.nan,) * 6
    geometry = None if shape.geometry is None else orjson.loads(shape.geometry)
    points = [] if geometry is None else list(positions(geometry))
    pin = [] if location.lon is None or location.lat is None else [(location.lon, location.lat)]
    if not points and not pin:
        return (np.nan,) * 6
    lons, lats = zip(*points, *pin, strict=True)
    lon, lat = (pin or [_middle(points)])[0]
    return lon, lat, min(lons), min(lats), max(lons), max(lats)


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return points[len(points) // 2]


def positions(geometry: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """All positions (lon, lat) of a GeoJSON geometry, in order."""
    for part in geometry.get("geometries", ()):
        yield from positions(part)
    yield from _positions(geometry.get("coordinates", ()))


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    if value and isinstance(value[0], int | float):
        yield value[0], value[1]
        return
    for part in value:
        yield from _positions(part)


def _with_new(known: Sequence[str], groups: Iterator[frozenset[str]]) -> tuple[str, ...]:
    new = set().union(*groups) - set(known)
    return (*known, *sorted(new))


def _matrix(groups: Iterator[frozenset[str]], names: Sequence[str], count: int) -> Mask:
    code = {name: number for number, name in enumerate(names)}
    found = np.zeros((count, len(names)), dtype=bool)
    for row, group in enumerate(groups):
        found[row, [code[name] for name in group]] = True
    return found


def _padded(matrix: Mask, width: int) -> Mask:
    return np.pad(matrix, ((0, 0), (0, width - matrix.shape[1])))


def _any(matrix: Mask, names: Sequence[str], wanted: frozenset[str]) -> Mask:
    columns = [number for number, name in enumerate(names) if name in wanted]
    found: Mask = np.logical_or.reduce(matrix[:, columns], axis=1)
    return found
