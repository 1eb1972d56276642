"""Tallies: what is known of each cell of a grid; sums of them are what is known of a larger cell.

A map of the krai shows a few hundred cells however many incidents there are: those of fine cells are counted once for a
filter, and a view adds up the counts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from kubmap.read.columns import CATEGORIES
from kubmap.read.zorder import Ints, Rows, ZOrder, shift_of

_WIDTH = len(CATEGORIES)


@dataclass(frozen=True, slots=True)
class Tallies:
    """One entry a cell, sorted by cell.

    `west`..`south` are the frame of the members (mercator units), `sum_x`, `sum_y` give their middle; `latest` is the
    newest row, `wide` how many are no points, `first`, `last` the least and the greatest place.
    """

    cells: Ints
    counts: Ints
    sum_x: Ints
    sum_y: Ints
    west: npt.NDArray[np.int32]
    east: npt.NDArray[np.int32]
    north: npt.NDArray[np.int32]
    south: npt.NDArray[np.int32]
    latest: npt.NDArray[np.int32]
    wide: Ints
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    categories: Ints

    def __len__(self) -> int:
        return len(self.cells)

    def taken(self, at: Any) -> Tallies:
        """The entries of a mask or of positions, in their order."""
        return Tallies(*(getattr(self, each.name)[at] for each in fields(self)))

    def joined(self, more: Tallies) -> Tallies:
        """With the entries of other cells, sorted."""
        if not len(more):
            return self
        pairs = ((getattr(self, each.name), getattr(more, each.name)) for each in fields(self))
        both = Tallies(*map(np.concatenate, pairs))
        return both.taken(np.argsort(both.cells, kind="stable"))

    def coarser(self, bits: int) -> Tallies:
        """Of the cells that lie so many bits above these."""
        cells = self.cells >> bits
        starts = starts_of(cells)
        if len(starts) == len(cells):
            return Tallies(cells, *(getattr(self, each.name) for each in fields(self)[1:]))
        return Tallies(
            cells=cells[starts],
            counts=np.add.reduceat(self.counts, starts),
            sum_x=np.add.reduceat(self.sum_x, starts),
            sum_y=np.add.reduceat(self.sum_y, starts),
            west=np.minimum.reduceat(self.west, starts),
            east=np.maximum.reduceat(self.east, starts),
            north=np.minimum.reduceat(self.north, starts),
            south=np.maximum.reduceat(self.south, starts),
            latest=np.minimum.reduceat(self.latest, starts),
            wide=np.add.reduceat(self.wide, starts),
            first=np.minimum.reduceat(self.first, starts),
            last=np.maximum.reduceat(self.last, starts),
            categories=np.add.reduceat(self.categories, starts, axis=0),
        )


def tallied(order: ZOrder, at: npt.NDArray[Any], level: int) -> Tallies:
    """Of the positions (ascending), by the cells of a level."""
    cells = order.codes[at] >> shift_of(level)
    starts = starts_of(cells)
    x, y, place, wide = order.x[at], order.y[at], order.place[at], order.wide[at]
    numbers = np.repeat(np.arange(len(starts)) * _WIDTH, np.diff(starts, append=len(at)))
    kinds = np.bincount(numbers + order.category[at], minlength=len(starts) * _WIDTH)
    return Tallies(
        cells=cells[starts],
        counts=np.diff(starts, append=len(at)).astype(np.int64),
        sum_x=_reduced(np.add, x, starts, np.int64),
        sum_y=_reduced(np.add, y, starts, np.int64),
        west=_reduced(np.minimum, x, starts),
        east=_reduced(np.maximum, x, starts),
        north=_reduced(np.minimum, y, starts),
        south=_reduced(np.maximum, y, starts),
        latest=_reduced(np.minimum, order.rows[at], starts),
        wide=_reduced(np.add, wide, starts, np.int64),
        first=_reduced(np.minimum, place, starts),
        last=_reduced(np.maximum, place, starts),
        categories=kinds.reshape(-1, _WIDTH),
    )


def starts_of(cells: Ints) -> Rows:
    """Where each run of equal cells begins."""
    return np.flatnonzero(np.diff(cells, prepend=-1))


def _reduced(sum_: Any, values: npt.NDArray[Any], starts: Rows, dtype: Any = None) -> Any:
    if not len(starts):
        return np.array([], dtype=dtype or values.dtype)
    return sum_.reduceat(values, starts, dtype=dtype or values.dtype)
