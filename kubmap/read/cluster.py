"""Clusters: what is too near to be told apart at a zoom, as one; a grid that follows the zoom and never the frame.

Incidents are grouped by the cell of the place's pin, or of the middle of a wide place. A frame shows whole cells, so
that a cluster and its members are the same however the map is moved; a wide place (a road, an area, a district) that
reaches into the frame from a cell outside is shown too. Every incident is in exactly one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category
from kubmap.read import mercator
from kubmap.read.columns import CATEGORIES
from kubmap.read.membership import DIGITS
from kubmap.read.mercator import BITS
from kubmap.read.places import BBox, Mask
from kubmap.read.snapshot import Rows, Snapshot, ZOrder

CELL_LEVELS = 2
"""A cell is 256 / 2**2 = 64 pixels wide."""
FEW = 40
"""So many incidents or fewer, anywhere, are never grouped, unless they are at one place."""
ONE_PLACE = 22
"""Level whose cells (10 m) hold what is at one place."""
TOGETHER = 10
"""Up to this level (the krai fits a screen) points and wide places share cells; from there on each kind has its own.

Near by, the roads and areas that pass are anchored far away: their cells may have to be larger than those of points.
"""

KRAI, UNPLACED = "krai", "unplaced"
"""Ids of what has no place on the map."""

_ID = re.compile(r"([cpw])([0-9]{1,2})-([0-9a-f]{1,15})")
Ints: TypeAlias = npt.NDArray[np.int64]
Frame: TypeAlias = tuple[int, int, int, int]
"""West, south, east, north in mercator units; the east and the south edge are outside."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two incidents or more. `bbox` (degrees) holds their points; `latest` is the row of the newest.

    `wide` of them are no points; `place` is the number of their place where it is one and the same.
    """

    id: str
    lon: float
    lat: float
    count: int
    categories: dict[Category, int]
    bbox: BBox
    latest: int
    wide: int
    place: int | None


@dataclass(frozen=True, slots=True)
class Groups:
    """What a frame shows: rows that stand alone, newest first, and clusters."""

    singles: tuple[int, ...]
    clusters: tuple[Cluster, ...]

    @property
    def count(self) -> int:
        return len(self.singles) + sum(each.count for each in self.clusters)


class Kind(StrEnum):
    """What the groups of a cell hold: all that is there, only points, only wide places."""

    ALL = "c"
    POINTS = "p"
    WIDE = "w"


@dataclass(frozen=True, slots=True)
class Limit:
    """Of a view: groups altogether, and of those single incidents; beyond, the cells grow."""

    groups: int
    singles: int


LIMITS = {Kind.ALL: Limit(420, 160), Kind.POINTS: Limit(400, 130), Kind.WIDE: Limit(60, 30)}


@dataclass(frozen=True, slots=True)
class _Cells:
    """Positions in the Z-order, so sorted by cell, and where each cell begins."""

    kind: Kind
    level: int
    at: Rows
    cells: Ints
    starts: Rows
    counts: Rows

    @classmethod
    def of(cls, kind: Kind, level: int, at: Rows, cells: Ints) -> _Cells:
        """Of the positions and the cell of each."""
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        return cls(kind, level, at, cells[starts], starts, np.diff(starts, append=len(at)))


def grouped(snapshot: Snapshot, passing: Mask, *, bbox: BBox | None, zoom: int) -> Groups:
    """The groups of the passing rows in the frame (west, south, east, north; degrees) at a web map's zoom."""
    few = np.count_nonzero(passing & snapshot.placed) <= FEW
    level = ONE_PLACE if few else min(zoom + CELL_LEVELS, ONE_PLACE)
    if level > TOGETHER:
        return _groups(snapshot, [_limited(snapshot, passing, kind, bbox, level) for kind in (Kind.POINTS, Kind.WIDE)])
    inside = _limited(snapshot, passing, Kind.ALL, bbox, level)
    return _groups(snapshot, [inside, _outside(snapshot, passing, bbox, inside.level)])


def members(snapshot: Snapshot, passing: Mask, group_id: str) -> Rows | None:
    """The passing rows of a cluster, of KRAI or of UNPLACED, newest first; None for what is no such id."""
    if group_id in {KRAI, UNPLACED}:
        return np.flatnonzero(passing & (snapshot.krai if group_id == KRAI else snapshot.unplaced))
    found = _ID.fullmatch(group_id)
    if found is None or int(found[2]) > ONE_PLACE:
        return None
    order, cell, shift = snapshot.zorder, int(found[3], 16), _shift(int(found[2]))
    if cell >= 1 << 2 * int(found[2]):
        return None
    first, last = np.searchsorted(order.codes, [cell << shift, (cell + 1) << shift])
    rows = order.rows[first:last]
    rows = rows[passing[rows] & _of_kind(order, Kind(found[1]), slice(first, last))]
    return np.sort(rows)


def _shift(level: int) -> int:
    return 2 * (BITS - level)


def _of_kind(order: ZOrder, kind: Kind, part: slice) -> Mask | np.bool_:
    if kind is Kind.ALL:
        return np.True_
    return order.wide[part] if kind is Kind.WIDE else ~order.wide[part]


def _limited(snapshot: Snapshot, passing: Mask, kind: Kind, bbox: BBox | None, level: int) -> _Cells:
    """The cells at the level, or at the finest coarser one that keeps the limit."""
    while True:
        found = _framed(snapshot, passing, kind, bbox, level)
        fitting = _fitting(found)
        if fitting == level:
            return found
        level = fitting


def _framed(snapshot: Snapshot, passing: Mask, kind: Kind, bbox: BBox | None, level: int) -> _Cells:
    """The cells in the frame and, of wide places, those outside from which one reaches in.

    A cell outside counts with all its wide places or not at all: members do not hang on the frame.
    """
    order = snapshot.zorder
    if bbox is None:
        at = np.flatnonzero(passing[order.rows] & _of_kind(order, kind, slice(None)))
        return _Cells.of(kind, level, at, order.codes[at] >> _shift(level))
    frame = _snapped(bbox, level)
    at = _inside(order, passing, kind, frame)
    further = _reaching(snapshot, passing, frame, level) if kind is Kind.WIDE else at[:0]
    if len(further):
        at = np.sort(np.concatenate([at, further]), kind="stable")  # two runs in order: a merge
    return _Cells.of(kind, level, at, order.codes[at] >> _shift(level))


def _outside(snapshot: Snapshot, passing: Mask, bbox: BBox | None, level: int) -> _Cells:
    """Cells outside the frame with wide places that reach in; few where the level is coarse."""
    none = np.array([], dtype=np.intp)
    at = none if bbox is None else _reaching(snapshot, passing, _snapped(bbox, level), level)
    return _Cells.of(Kind.WIDE, level, at, snapshot.zorder.codes[at] >> _shift(level))


def _inside(order: ZOrder, passing: Mask, kind: Kind, frame: Frame) -> Rows:
    """Positions of the passing rows in the frame: its corners hold it in the Z-order."""
    west, south, east, north = frame
    corners = mercator.code(np.array([west, east - 1]), np.array([north, south - 1]))
    first, last = np.searchsorted(order.codes, corners + np.array([0, 1]))
    part = slice(first, last)
    x, y = order.x[part], order.y[part]
    inside = (x >= west) & (x < east) & (y >= north) & (y < south)
    inside &= passing[order.rows[part]] & _of_kind(order, kind, part)
    return np.flatnonzero(inside) + int(first)


def _reaching(snapshot: Snapshot, passing: Mask, frame: Frame, level: int) -> Rows:
    """Positions of the wide rows of those cells outside the frame from which one reaches in."""
    order, wide = snapshot.zorder, snapshot.zorder.wide_at
    west, south, east, north = frame
    at = wide[snapshot.places.touching(_degrees(frame))[order.wide_place]]
    at = at[passing[order.rows[at]]]
    x, y = order.x[at], order.y[at]
    at = at[(x < west) | (x >= east) | (y < north) | (y >= south)]
    if not len(at):
        return at
    cells = order.codes[at] >> _shift(level)
    cells = cells[np.flatnonzero(np.diff(cells, prepend=-1))]
    first, last = (np.searchsorted(order.wide_codes, each << _shift(level)) for each in (cells, cells + 1))
    held = wide[np.repeat(last - np.cumsum(last - first), last - first) + np.arange(np.sum(last - first))]
    return held[passing[order.rows[held]]]


def _snapped(bbox: BBox, level: int) -> Frame:
    """West, south, east, north of the whole cells that the frame touches, in units."""
    west, south, east, north = bbox
    (left, right), (bottom, top) = mercator.project([west, east], [south, north])
    size = BITS - level
    return (
        int(left) >> size << size,
        (int(bottom) >> size) + 1 << size,
        (int(right) >> size) + 1 << size,
        int(top) >> size << size,
    )


def _degrees(frame: Frame) -> BBox:
    west, south, east, north = frame
    lon, lat = mercator.unproject([west, east], [south, north])
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


def _fitting(found: _Cells) -> int:
    """The finest level, not finer than its own, at which these cells keep the limit."""
    limit = LIMITS[found.kind]
    if len(found.cells) <= min(limit.groups, limit.singles):
        return found.level
    splits = _splits(found)
    apart = np.maximum(np.append(splits, 0), np.append(0, splits))  # the level from which a cell is apart from both
    levels = found.level + 1
    cells = 1 + np.bincount(splits, minlength=levels).cumsum()
    singles = np.bincount(apart[found.counts == 1], minlength=levels).cumsum()
    keeping = (cells <= limit.groups) & (singles <= limit.singles)
    return int(np.flatnonzero(keeping).max(initial=0))


def _splits(found: _Cells) -> Ints:
    """For each pair of neighbouring cells the coarsest level at which they are two."""
    differ = found.cells[1:] ^ found.cells[:-1]
    length = np.frexp(differ.astype(np.float64))[1]  # of the bits; exact, cells have no more than 44
    return found.level - (length.astype(np.int64) - 1) // 2


def _groups(snapshot: Snapshot, parts: Sequence[_Cells]) -> Groups:
    order = snapshot.zorder
    singles = np.concatenate([order.rows[each.at[each.starts[each.counts == 1]]] for each in parts])
    clusters = [cluster for each in parts for cluster in _clusters(order, each)]
    return Groups(tuple(np.sort(singles).tolist()), tuple(clusters))


def _clusters(order: ZOrder, found: _Cells) -> Iterator[Cluster]:
    """The cells with two rows or more, in the order of the grid."""
    several = found.counts > 1
    counts = found.counts[several]
    if not len(counts):
        return
    at = found.at if several.all() else found.at[np.repeat(several, found.counts)]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    values = zip(
        found.cells[several].tolist(),
        counts.tolist(),
        _by_category(order.category[at], counts),
        *(column.tolist() for column in _measures(order, at, starts, counts)),
        strict=True,
    )
    for cell, count, categories, lon, lat, west, south, east, north, latest, wide, first, last in values:
        yield Cluster(
            id=f"{found.kind}{found.level}-{cell:x}",
            lon=lon,
            lat=lat,
            count=count,
            categories=categories,
            bbox=(west, south, east, north),
            latest=latest,
            wide=wide,
            place=first if first == last else None,
        )


def _measures(order: ZOrder, at: Rows, starts: Rows, counts: Rows) -> Iterator[npt.NDArray[Any]]:
    """Of each cluster: middle, frame (degrees), newest row, how many are wide, least and greatest place."""
    x, y = order.x[at], order.y[at]
    corners = (
        (np.add.reduceat(x, starts, dtype=np.int64) / counts, np.add.reduceat(y, starts, dtype=np.int64) / counts),
        (np.minimum.reduceat(x, starts), np.maximum.reduceat(y, starts)),
        (np.maximum.reduceat(x, starts), np.minimum.reduceat(y, starts)),
    )
    for each in corners:
        yield from np.round(mercator.unproject(*each), DIGITS)
    yield np.minimum.reduceat(order.rows[at], starts)
    yield np.add.reduceat(order.wide[at], starts, dtype=np.int64)
    place = order.place[at]
    yield np.minimum.reduceat(place, starts)
    yield np.maximum.reduceat(place, starts)


def _by_category(category: npt.NDArray[np.int8], counts: Rows) -> Iterator[dict[Category, int]]:
    """How many of each category that occurs in each cluster."""
    width = len(CATEGORIES)
    cells = np.repeat(np.arange(len(counts)) * width, counts) + category
    for row in np.bincount(cells, minlength=len(counts) * width).reshape(-1, width).tolist():
        yield {kind: count for kind, count in zip(CATEGORIES, row, strict=True) if count}
