"""Clusters: what is too near to be told apart at a zoom, as one; a grid that follows the zoom and never the frame.

Incidents are grouped by the cell of the place's pin, or of the middle of a wide place. A frame shows whole cells, so
that a cluster and its members are the same however the map is moved; a wide place (a road, an area, a district) that
reaches into the frame from a cell outside is shown too. Every incident is in exactly one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kubmap.domain import Category
from kubmap.read import mercator
from kubmap.read.columns import CATEGORIES
from kubmap.read.membership import DIGITS
from kubmap.read.piles import TOGETHER, Kind, Piles
from kubmap.read.tally import Tallies
from kubmap.read.zorder import Frame, Ints, Mask, Rows, ZOrder, shift_of

if TYPE_CHECKING:
    from kubmap.read.places import BBox
    from kubmap.read.snapshot import Snapshot

__all__ = ["FEW", "KRAI", "LIMITS", "TOGETHER", "UNPLACED", "Cluster", "Groups", "Kind", "grouped", "members"]

CELL_LEVELS = 2
"""A cell is 256 / 2**2 = 64 pixels wide."""
FEW = 40
"""So many incidents or fewer, anywhere, are never grouped, unless they are at one place."""
ONE_PLACE = 22
"""Level whose cells (10 m) hold what is at one place."""

# Up to level TOGETHER (the krai fits a screen) points and wide places share cells; from there on each kind has its own:
# near by, the roads and areas that pass are anchored far away, and their cells may have to be larger than those of
# points.

KRAI, UNPLACED = "krai", "unplaced"
"""Ids of what has no place on the map."""

_SEVERAL = -1
_ID = re.compile(r"([cpw])([0-9]{1,2})-([0-9a-f]{1,15})")


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
class Limit:
    """Of a view: groups altogether, and of those single incidents; beyond, the cells grow."""

    groups: int
    singles: int


LIMITS = {Kind.ALL: Limit(420, 160), Kind.POINTS: Limit(400, 130), Kind.WIDE: Limit(60, 30)}


@dataclass(frozen=True, slots=True)
class _Part:
    """The cells of one kind at the level that a view settled on."""

    kind: Kind
    level: int
    tallies: Tallies


def grouped(piles: Piles, *, bbox: BBox | None, zoom: int) -> Groups:
    """The groups of the frame (west, south, east, north; degrees) at a web map's zoom."""
    level = ONE_PLACE if len(piles) <= FEW else min(zoom + CELL_LEVELS, ONE_PLACE)
    if level > TOGETHER:
        return _groups([_limited(piles, kind, bbox, level) for kind in (Kind.POINTS, Kind.WIDE)])
    inside = _limited(piles, Kind.ALL, bbox, level)
    return _groups([inside, *_outside(piles, bbox, inside.level)])


def members(snapshot: Snapshot, passing: Mask, group_id: str) -> Rows | None:
    """The passing rows of a cluster, of KRAI or of UNPLACED, newest first; None for what is no such id."""
    if group_id in {KRAI, UNPLACED}:
        return np.flatnonzero(passing & (snapshot.krai if group_id == KRAI else snapshot.unplaced))
    found = _ID.fullmatch(group_id)
    if found is None or int(found[2]) > ONE_PLACE:
        return None
    order, cell, shift = snapshot.zorder, int(found[3], 16), shift_of(int(found[2]))
    if cell >= 1 << 2 * int(found[2]):
        return None
    first, last = np.searchsorted(order.codes, [cell << shift, (cell + 1) << shift])
    rows = order.rows[first:last]
    rows = rows[passing[rows] & _of_kind(order, Kind(found[1]), slice(first, last))]
    return np.sort(rows).astype(np.intp)


def _of_kind(order: ZOrder, kind: Kind, part: slice) -> Mask | np.bool_:
    if kind is Kind.ALL:
        return np.True_
    return order.wide[part] if kind is Kind.WIDE else ~order.wide[part]


def _limited(piles: Piles, kind: Kind, bbox: BBox | None, level: int) -> _Part:
    """The cells at the level, or at the finest coarser one that keeps the limit."""
    while True:
        found = _framed(piles, kind, bbox, level)
        fitting = _fitting(kind, level, found)
        if fitting == level:
            return _Part(kind, level, found)
        level = fitting


def _framed(piles: Piles, kind: Kind, bbox: BBox | None, level: int) -> Tallies:
    """The cells in the frame and, of wide places, those outside from which one reaches in.

    A cell outside counts with all its wide places or not at all: members do not hang on the frame.
    """
    pile = piles.pile(kind)
    if bbox is None:
        return pile.inside(None, level)
    frame = Frame.snapped(bbox, level)
    inside = pile.inside(frame, level)
    if kind is not Kind.WIDE:
        return inside
    return inside.joined(pile.of_cells(piles.reach.into(frame), level))


def _outside(piles: Piles, bbox: BBox | None, level: int) -> Iterator[_Part]:
    """Cells outside the frame with wide places that reach in; few where the level is coarse."""
    if bbox is not None:
        cells = piles.reach.into(Frame.snapped(bbox, level))
        yield _Part(Kind.WIDE, level, piles.wide.of_cells(cells, level))


def _fitting(kind: Kind, level: int, found: Tallies) -> int:
    """The finest level, not finer than this one, at which these cells keep the limit."""
    limit = LIMITS[kind]
    if len(found) <= min(limit.groups, limit.singles):
        return level
    splits = _splits(level, found.cells)
    apart = np.maximum(np.append(splits, 0), np.append(0, splits))  # the level from which a cell is apart from both
    cells = 1 + np.bincount(splits, minlength=level + 1).cumsum()
    singles = np.bincount(apart[found.counts == 1], minlength=level + 1).cumsum()
    keeping = (cells <= limit.groups) & (singles <= limit.singles)
    return int(np.flatnonzero(keeping).max(initial=0))


def _splits(level: int, cells: Ints) -> Ints:
    """For each pair of neighbouring cells the coarsest level at which they are two."""
    differ = cells[1:] ^ cells[:-1]
    length = np.frexp(differ.astype(np.float64))[1]  # of the bits; exact, cells have no more than 44
    return level - (length.astype(np.int64) - 1) // 2


def _groups(parts: list[_Part]) -> Groups:
    singles = np.concatenate([each.tallies.latest[each.tallies.counts == 1] for each in parts])
    clusters = [cluster for each in parts for cluster in _clusters(each)]
    return Groups(tuple(np.sort(singles).tolist()), tuple(clusters))


def _clusters(part: _Part) -> Iterator[Cluster]:
    """The cells with two rows or more, in the order of the grid."""
    found = part.tallies.taken(np.flatnonzero(part.tallies.counts > 1))
    (lon, west, east), (lat, south, north) = _degrees(
        [found.sum_x / found.counts, found.west, found.east],
        [found.sum_y / found.counts, found.south, found.north],
    )
    place = np.where(found.first == found.last, found.first, _SEVERAL)
    columns = (found.cells, found.counts, found.categories, found.latest, found.wide, place)
    frames = zip(west, south, east, north, strict=True)
    points = zip(lon, lat, frames, *(each.tolist() for each in columns), strict=True)
    for lon_, lat_, frame, cell, count, kinds, latest, wide, place_ in points:
        yield Cluster(
            id=f"{part.kind}{part.level}-{cell:x}",
            lon=lon_,
            lat=lat_,
            count=count,
            categories={kind: each for kind, each in zip(CATEGORIES, kinds, strict=True) if each},
            bbox=frame,
            latest=latest,
            wide=wide,
            place=None if place_ == _SEVERAL else place_,
        )


def _degrees(x: object, y: object) -> Iterator[list[list[float]]]:
    for each in mercator.unproject(x, y):
        yield np.round(each, DIGITS).tolist()
