"""Piles: the rows that pass a filter, as views take them: by the cells of the map, points and wide places apart.

A pile of many rows is counted once by fine cells (`kubmap.read.tally`); the views of all coarser zooms add up those
counts, so that they cost by what is on the screen and not by what is in the archive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kubmap.read import mercator
from kubmap.read.tally import Tallies, starts_of, tallied
from kubmap.read.zorder import Frame, Ints, Mask, ZOrder, runs_of, shift_of, spread

if TYPE_CHECKING:
    from kubmap.read.places import Places
    from kubmap.read.snapshot import Snapshot

FINE = 14
"""Level (cells of 1.7 km in the krai) of the counts that are kept of points and of wide places."""
TOGETHER = 10
"""The same of both together, which only views of the whole krai show: see `kubmap.read.cluster`."""
MANY = 12_000
"""Rows from which counting them again and again costs more than keeping counts."""


class Kind(StrEnum):
    """What the groups of a cell hold: all that is there, only points, only wide places."""

    ALL = "c"
    POINTS = "p"
    WIDE = "w"


@dataclass(frozen=True)
class Pile:
    """Passing rows of a kind as positions in the Z-order, ascending, with the codes of them."""

    order: ZOrder
    at: npt.NDArray[np.int32]
    fine: int

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def codes(self) -> Ints:
        return self.order.codes[self.at]

    @cached_property
    def counts(self) -> Tallies:
        """By the cells of the pile's fine level."""
        return tallied(self.order, self.at, self.fine)

    def inside(self, frame: Frame | None, level: int) -> Tallies:
        """By the cells of the level that lie in the frame."""
        if level <= self.fine and len(self) > MANY:
            found = self.counts
            if frame is not None:
                near = frame.runs(found.cells, self.fine)
                found = found.taken(near[frame.holds(found.west[near], found.north[near])])
            return found.coarser(2 * (self.fine - level))
        at = self.at
        if frame is not None:
            at = at[frame.runs(self.codes)]
            at = at[frame.holds(self.order.x[at], self.order.y[at])]
        return tallied(self.order, at, level)

    def of_cells(self, cells: Ints, level: int) -> Tallies:
        """By the cells of the level, only of these."""
        if level <= self.fine and len(self) > MANY:
            shift = shift_of(level) - shift_of(self.fine)
            found = self.counts.taken(spread(*runs_of(self.counts.cells, cells, shift)))
            return found.coarser(shift)
        return tallied(self.order, self.at[spread(*runs_of(self.codes, cells, shift_of(level)))], level)


@dataclass(frozen=True, slots=True)
class Reach:
    """The distinct wide places of a pile by code: where each is grouped (units), and what it covers (degrees).

    `extent` is (4, places): west, south, east, north, each in one piece.
    """

    x: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    codes: Ints
    extent: npt.NDArray[np.float64]

    @classmethod
    def of(cls, places: Places, pile: Pile) -> Reach:
        seen = np.zeros(len(places), dtype=bool)
        seen[pile.order.place[pile.at]] = True
        numbers = np.flatnonzero(seen)
        codes = mercator.code(places.x[numbers], places.y[numbers])
        order = np.argsort(codes, kind="stable")
        numbers = numbers[order]
        return cls(places.x[numbers], places.y[numbers], codes[order], np.ascontiguousarray(places.extent[numbers].T))

    def into(self, frame: Frame) -> Ints:
        """Cells of the frame's level, outside of it, from which a place reaches in."""
        west, south, east, north = frame.degrees
        left, bottom, right, top = self.extent
        touching = (left <= east) & (right >= west) & (bottom <= north) & (top >= south)
        at = np.flatnonzero(touching)
        at = at[~frame.holds(self.x[at], self.y[at])]
        cells = self.codes[at] >> shift_of(frame.level)
        found: Ints = cells[starts_of(cells)]
        return found


@dataclass(frozen=True)
class Piles:
    """What passes and is placed."""

    order: ZOrder
    places: Places = field(repr=False)
    at: npt.NDArray[np.int32]

    @classmethod
    def of(cls, snapshot: Snapshot, passing: Mask) -> Piles:
        """Of a mask of the rows."""
        order = snapshot.zorder
        return cls(order, snapshot.places, np.flatnonzero(passing[order.rows]).astype(np.int32))

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def together(self) -> Pile:
        return Pile(self.order, self.at, TOGETHER)

    @cached_property
    def points(self) -> Pile:
        return Pile(self.order, self.at[~self._wide], FINE)

    @cached_property
    def wide(self) -> Pile:
        return Pile(self.order, self.at[self._wide], FINE)

    @cached_property
    def reach(self) -> Reach:
        return Reach.of(self.places, self.wide)

    @property
    def _wide(self) -> Mask:
        return self.order.wide[self.at]

    def pile(self, kind: Kind) -> Pile:
        """The rows of a kind."""
        if kind is Kind.ALL:
            return self.together
        return self.points if kind is Kind.POINTS else self.wide
