"""Clusters: what is too near to be told apart at a zoom, as one; a grid that follows the zoom and never the frame.

Incidents are grouped by the cell of the place's pin, or of the middle of a wide place. A frame shows whole cells, so
that a cluster and its members are the same however the map is moved; a wide place (a road, an area, a district) that
reaches into the frame from a cell outside is shown too. Every incident is in exactly one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category
from kubmap.read import mercator
from kubmap.read.columns import CATEGORIES
from kubmap.read.mercator import BITS
from kubmap.read.places import BBox, Mask
from kubmap.read.snapshot import Rows, Snapshot

CELL_LEVELS = 2
"""A cell is 256 / 2**2 = 64 pixels wide."""
FEW = 40
"""So many incidents or fewer, anywhere, are never grouped, unless they are at one place."""
ONE_PLACE = 22
"""Level whose cells (10 m) hold what is at one place."""
MAX_GROUPS = 420
MAX_SINGLES = 160
"""Of a view; beyond, the cells grow."""

KRAI, UNPLACED = "krai", "unplaced"
"""Ids of what has no place on the map."""

_ID = re.compile(r"([cw])([0-9]{1,2})-([0-9a-f]{1,15})")
Ints: TypeAlias = npt.NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows sorted by cell, and where each cell begins."""

    kind: str
    level: int
    rows: Rows
    cells: Ints
    starts: Rows

    @classmethod
    def of(cls, kind: str, level: int, rows: Rows, codes: Ints) -> _Cells:
        cells = codes >> _shift(level)
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        return cls(kind, level, rows, cells[starts], starts)

    @property
    def counts(self) -> Rows:
        return np.diff(self.starts, append=len(self.rows))


def grouped(snapshot: Snapshot, passing: Mask, *, bbox: BBox | None, zoom: int) -> Groups:
    """The groups of the passing rows in the frame (west, south, east, north; degrees) at a web map's zoom."""
    rows, codes = _placed(snapshot, passing)
    level = min(zoom + CELL_LEVELS, ONE_PLACE) if len(rows) > FEW else ONE_PLACE
    while True:
        inside, outside = _framed(snapshot, rows, codes, bbox, level)
        fitting = min(level, _fitting(inside), _fitting(outside))
        if fitting == level and _fits(inside, outside):
            return _groups(snapshot, inside, outside)
        level = fitting if fitting < level else level - 1


def members(snapshot: Snapshot, passing: Mask, group_id: str) -> Rows | None:
    """The passing rows of a cluster, of KRAI or of UNPLACED, newest first; None for what is no such id."""
    if group_id in {KRAI, UNPLACED}:
        return np.flatnonzero(passing & (snapshot.krai if group_id == KRAI else snapshot.unplaced))
    found = _ID.fullmatch(group_id)
    if found is None or int(found[2]) > ONE_PLACE:
        return None
    rows, codes = _placed(snapshot, passing)
    first, last = np.searchsorted(codes >> _shift(int(found[2])), [int(found[3], 16), int(found[3], 16) + 1])
    rows = rows[first:last]
    return np.sort(rows[snapshot.wide[rows]] if found[1] == "w" else rows)


def _placed(snapshot: Snapshot, passing: Mask) -> tuple[Rows, Ints]:
    """The passing rows by Z-order code, and the codes."""
    rows, codes = snapshot.zorder
    if passing.all():
        return rows, codes
    chosen = passing[rows]
    return rows[chosen], codes[chosen]


def _shift(level: int) -> int:
    return 2 * (BITS - level)


def _framed(snapshot: Snapshot, rows: Rows, codes: Ints, bbox: BBox | None, level: int) -> tuple[_Cells, _Cells]:
    """Cells in the frame, and cells outside of it with the wide places that reach in."""
    if bbox is None:
        return _Cells.of("c", level, rows, codes), _Cells.of("w", level, rows[:0], codes[:0])
    west, south, east, north = _snapped(bbox, level)
    x, y = snapshot.x[rows], snapshot.y[rows]
    inside = (x >= west) & (x < east) & (y >= north) & (y < south)
    outside = ~inside & snapshot.wide[rows]
    reaching = outside & snapshot.places.touching(_degrees(west, south, east, north))[snapshot.columns.place[rows]]
    cells = codes >> _shift(level)
    outside &= np.isin(cells, np.unique(cells[reaching]))  # all of a cell or nothing: members do not hang on the frame
    return (
        _Cells.of("c", level, rows[inside], codes[inside]),
        _Cells.of("w", level, rows[outside], codes[outside]),
    )


def _snapped(bbox: BBox, level: int) -> tuple[int, int, int, int]:
    """West, south, east, north of the whole cells that the frame touches, in units."""
    west, south, east, north = bbox
    (left, right), (bottom, top) = mercator.project([west, east], [south, north])
    size = BITS - level
    return left >> size << size, (bottom >> size) + 1 << size, (right >> size) + 1 << size, top >> size << size


def _degrees(west: int, south: int, east: int, north: int) -> BBox:
    lon, lat = mercator.unproject([west, east], [south, north])
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


def _fits(inside: _Cells, outside: _Cells) -> bool:
    groups = len(inside.cells) + len(outside.cells)
    singles = sum(int((each.counts == 1).sum()) for each in (inside, outside))
    return inside.level == 0 or (groups <= MAX_GROUPS and singles <= MAX_SINGLES)


def _fitting(found: _Cells) -> int:
    """The finest level, not finer than its own, at which these cells keep the limits."""
    if len(found.cells) <= min(MAX_GROUPS, MAX_SINGLES):
        return found.level
    splits = _splits(found)
    apart = np.maximum(np.append(splits, 0), np.append(0, splits))  # the level from which a cell is apart from both
    lone = apart[found.counts == 1]
    levels = found.level + 1
    cells = 1 + np.bincount(splits, minlength=levels).cumsum()
    singles = np.bincount(lone, minlength=levels).cumsum()
    keeping = (cells <= MAX_GROUPS) & (singles <= MAX_SINGLES)
    return int(np.flatnonzero(keeping).max(initial=0))


def _splits(found: _Cells) -> Ints:
    """For each pair of neighbouring cells the coarsest level at which they are two."""
    differ = found.cells[1:] ^ found.cells[:-1]
    length = np.frexp(differ.astype(np.float64))[1]  # of the bits; exact, cells have no more than 44
    return found.level - (length.astype(np.int64) - 1) // 2


def _groups(snapshot: Snapshot, inside: _Cells, outside: _Cells) -> Groups:
    singles = [row for each in (inside, outside) for row in each.rows[each.starts[each.counts == 1]]]
    clusters = [cluster for each in (inside, outside) for cluster in _clusters(snapshot, each)]
    return Groups(tuple(sorted(map(int, singles))), tuple(clusters))


def _clusters(snapshot: Snapshot, found: _Cells) -> Iterator[Cluster]:
    """The cells with two rows or more, in the order of the grid."""
    several = np.flatnonzero(found.counts > 1)
    if not len(several):
        return
    counts = found.counts[several]
    rows = found.rows[np.repeat(found.counts > 1, found.counts)]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    x, y, place = snapshot.x[rows], snapshot.y[rows], snapshot.columns.place[rows]
    kinds = _by_category(snapshot, rows, counts)
    lon, lat = mercator.unproject(np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts)
    (west, east), (north, south) = _range(x, starts), _range(y, starts)
    left, bottom = mercator.unproject(west, south)
    right, top = mercator.unproject(east, north)
    latest = np.minimum.reduceat(rows, starts)
    wide = np.add.reduceat(snapshot.wide[rows].astype(np.int64), starts)
    first, last = _range(place, starts)
    for at, cell in enumerate(found.cells[several]):
        yield Cluster(
            id=f"{found.kind}{found.level}-{int(cell):x}",
            lon=float(lon[at]),
            lat=float(lat[at]),
            count=int(counts[at]),
            categories={CATEGORIES[code]: int(kinds[at, code]) for code in np.flatnonzero(kinds[at])},
            bbox=(float(left[at]), float(bottom[at]), float(right[at]), float(top[at])),
            latest=int(latest[at]),
            wide=int(wide[at]),
            place=int(first[at]) if first[at] == last[at] else None,
        )


def _range(values: npt.NDArray[np.generic], starts: Rows) -> tuple[Ints, Ints]:
    return np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)


def _by_category(snapshot: Snapshot, rows: Rows, counts: Rows) -> Ints:
    """(clusters, categories): how many of each."""
    width = len(CATEGORIES)
    cluster = np.repeat(np.arange(len(counts)), counts)
    cells = cluster * width + snapshot.columns.category[rows]
    return np.bincount(cells, minlength=len(counts) * width).reshape(-1, width)
