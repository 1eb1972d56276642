"""Tallies: what is known of each cell of a grid; sums of them are what is known of a larger cell.

A map of the krai shows a few hundred cells however many incidents there are: those of fine cells are counted once for a
filter, and a view adds up the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kubmap.read.columns import CATEGORIES
from kubmap.read.zorder import Ints, Rows, ZOrder, shift_of

_WIDTH = len(CATEGORIES)
_KINDS = 4
"""Columns of `Tallies.sums` before those of the categories."""


@dataclass(frozen=True, slots=True)
class Tallies:
    """One entry a cell, sorted by cell.

    What is known of a cell is a row in three arrays, by how larger cells come by it: as a sum, the least or the most. A
    view takes and adds up entries a dozen times, and there each call of numpy costs more than what it does.
    """

    cells: Ints
    sums: Ints
    least: npt.NDArray[np.int32]
    most: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def counts(self) -> Ints:
        return self.sums[:, 0]

    @property
    def sum_x(self) -> Ints:
        """With `sum_y` it gives the middle of the members, mercator units."""
        return self.sums[:, 1]

    @property
    def sum_y(self) -> Ints:
        return self.sums[:, 2]

    @property
    def wide(self) -> Ints:
        """How many are no points."""
        return self.sums[:, 3]

    @property
    def categories(self) -> Ints:
        """How many of each category: (cells, categories)."""
        return self.sums[:, _KINDS:]

    @property
    def west(self) -> npt.NDArray[np.int32]:
        """With `north`, `east` and `south` the frame of the members, mercator units."""
        return self.least[:, 0]

    @property
    def north(self) -> npt.NDArray[np.int32]:
        return self.least[:, 1]

    @property
    def latest(self) -> npt.NDArray[np.int32]:
        """The newest row."""
        return self.least[:, 2]

    @property
    def first(self) -> npt.NDArray[np.int32]:
        """The least place; `last` is the greatest."""
        return self.least[:, 3]

    @property
    def east(self) -> npt.NDArray[np.int32]:
        return self.most[:, 0]

    @property
    def south(self) -> npt.NDArray[np.int32]:
        return self.most[:, 1]

    @property
    def last(self) -> npt.NDArray[np.int32]:
        return self.most[:, 2]

    def taken(self, at: Rows) -> Tallies:
        """The entries at the positions, in their order."""
        # faster by far than an index of positions
        sums, least, most = self.sums.take(at, axis=0), self.least.take(at, axis=0), self.most.take(at, axis=0)
        return Tallies(self.cells[at], sums, least, most)

    def joined(self, more: Tallies) -> Tallies:
        """With the entries of other cells, sorted."""
        if not len(more):
            return self
        both = Tallies(
            np.concatenate([self.cells, more.cells]),
            np.concatenate([self.sums, more.sums], axis=0),
            np.concatenate([self.least, more.least], axis=0),
            np.concatenate([self.most, more.most], axis=0),
        )
        return both.taken(np.argsort(both.cells, kind="stable"))

    def coarser(self, bits: int) -> Tallies:
        """Of the cells that lie so many bits above these."""
        cells = self.cells >> bits
        starts = starts_of(cells)
        if len(starts) == len(cells):
            return Tallies(cells, self.sums, self.least, self.most)
        return Tallies(
            cells[starts],
            np.add.reduceat(self.sums, starts, axis=0),
            np.minimum.reduceat(self.least, starts, axis=0),
            np.maximum.reduceat(self.most, starts, axis=0),
        )


def tallied(order: ZOrder, at: npt.NDArray[Any], level: int) -> Tallies:
    """Of the positions (ascending), by the cells of a level."""
    cells = order.codes[at] >> shift_of(level)
    starts = starts_of(cells)
    counts = np.diff(starts, append=len(at))
    x, y, place = order.x[at], order.y[at], order.place[at]
    sums = [counts, *(_reduced(np.add, each, starts, np.int64) for each in (x, y, order.wide[at]))]
    return Tallies(
        cells[starts],
        np.column_stack([*sums, _by_category(order.category[at], counts)]),
        np.column_stack([_reduced(np.minimum, each, starts) for each in (x, y, order.rows[at], place)]),
        np.column_stack([_reduced(np.maximum, each, starts) for each in (x, y, place)]),
    )


def starts_of(cells: Ints) -> Rows:
    """Where each run of equal cells begins."""
    other = np.empty(len(cells), dtype=bool)
    other[:1] = True
    np.not_equal(cells[1:], cells[:-1], out=other[1:])
    return np.flatnonzero(other)


def _by_category(category: npt.NDArray[np.int8], counts: Ints) -> Ints:
    """How many of each category in runs of so many: (runs, categories)."""
    numbers = np.repeat(np.arange(len(counts)) * _WIDTH, counts)
    return np.bincount(numbers + category, minlength=len(counts) * _WIDTH).reshape(-1, _WIDTH)


def _reduced(sum_: Any, values: npt.NDArray[Any], starts: Rows, dtype: Any = None) -> Any:
    if not len(starts):
        return np.array([], dtype=dtype or values.dtype)
    return sum_.reduceat(values, starts, dtype=dtype or values.dtype)
