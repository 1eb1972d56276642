"""ZOrder: the placed rows by Z-order code (`kubmap.read.mercator`), so that every cell of a grid is one run of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.read import mercator
from kubmap.read.columns import Columns, Moved
from kubmap.read.mercator import BITS
from kubmap.read.places import BBox, Places
from kubmap.read.rowindex import arrived

Ints: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]

COVER = 32
"""Cells, at the most, that a frame is looked up by: each is one run of the order."""


@dataclass(frozen=True, slots=True)
class ZOrder:
    """One position a placed row: `rows` are the rows, `x`, `y` mercator units, `wide` what is no point."""

    rows: npt.NDArray[np.int32]
    codes: Ints
    x: npt.NDArray[np.int32]
    y: npt.NDArray[np.int32]
    category: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    wide: Mask

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, columns: Columns, places: Places, rows: npt.NDArray[np.int32]) -> ZOrder:
        """Those of the rows that are placed."""
        rows = rows[places.x[columns.place[rows]] >= 0]
        place = columns.place[rows]
        x, y = places.x[place], places.y[place]
        codes = mercator.code(x, y)
        order = np.argsort(codes, kind="stable")
        place = place[order]
        return cls(
            rows=rows[order],
            codes=codes[order],
            x=x[order].astype(np.int32),
            y=y[order].astype(np.int32),
            category=columns.category[rows[order]],
            place=place,
            wide=places.wide[place],
        )

    def followed(self, columns: Columns, places: Places, moved: Moved) -> ZOrder:
        """After a change of the rows; places keep their numbers."""
        rows = moved[self.rows]
        there = rows >= 0
        new = ZOrder.of(columns, places, arrived(len(columns), moved))
        at = np.searchsorted(self.codes[there], new.codes, side="right")

        def both(old: npt.NDArray[Any], more: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.insert(old[there], at, more)

        return ZOrder(
            rows=both(rows, new.rows),
            codes=both(self.codes, new.codes),
            x=both(self.x, new.x),
            y=both(self.y, new.y),
            category=both(self.category, new.category),
            place=both(self.place, new.place),
            wide=both(self.wide, new.wide),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Whole cells of a level; west, south, east, north in units. The east and the south edge are outside."""

    level: int
    west: int
    south: int
    east: int
    north: int

    @classmethod
    def snapped(cls, bbox: BBox, level: int) -> Frame:
        """The cells of the level that a frame (degrees) touches."""
        west, south, east, north = bbox
        (left, right), (bottom, top) = mercator.project([west, east], [south, north])
        size = BITS - level
        return cls(
            level,
            int(left) >> size << size,
            (int(bottom) >> size) + 1 << size,
            (int(right) >> size) + 1 << size,
            int(top) >> size << size,
        )

    def holds(self, x: Any, y: Any) -> Any:
        return (x >= self.west) & (x < self.east) & (y >= self.north) & (y < self.south)

    @property
    def degrees(self) -> BBox:
        lon, lat = mercator.unproject([self.west, self.east], [self.south, self.north])
        return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])

    def runs(self, codes: Ints, level: int = BITS) -> Rows:
        """Positions of sorted codes (or of cells, not coarser than the frame's) that may be inside: few are not."""
        shift, cells = self._cover()
        first, last = runs_of(codes, cells, shift - shift_of(level))
        return spread(first, last)

    def _cover(self) -> tuple[int, Ints]:
        """The finest cells, of at most COVER, that hold the frame, in order; and the bits below them."""
        size = BITS - self.level
        while True:
            columns = (self.east - 1 >> size) - (self.west >> size) + 1
            rows = (self.south - 1 >> size) - (self.north >> size) + 1
            if columns * rows <= COVER:
                break
            size += 1
        x = np.arange(columns, dtype=np.int64) + (self.west >> size)
        y = np.arange(rows, dtype=np.int64) + (self.north >> size)
        cells = mercator.code(*(each.ravel() for each in np.meshgrid(x, y)))
        return 2 * size, np.sort(cells)


def spread(first: Any, last: Any) -> Rows:
    """All numbers of the runs first[i]..last[i] - 1, one run after the other."""
    lengths = last - first
    ends = np.cumsum(lengths)
    found: Rows = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - (ends - lengths), lengths)
    return found


def shift_of(level: int) -> int:
    """Bits of a code below its cell at a level."""
    return 2 * (BITS - level)


def runs_of(codes: Ints, cells: Ints, shift: int) -> Iterator[Ints]:
    """First and last (exclusive) positions of the sorted codes that lie in each of the cells."""
    for each in (cells, cells + 1):
        yield np.searchsorted(codes, each << shift)
