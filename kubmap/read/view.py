"""What a viewport shows out of a snapshot: groups in the frame, the krai-wide, counts, what lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category
from kubmap.read import mercator
from kubmap.read.cluster import Groups, grouped
from kubmap.read.columns import CATEGORIES
from kubmap.read.piles import Piles

if TYPE_CHECKING:
    from kubmap.read.places import BBox, Mask
    from kubmap.read.snapshot import Filter, Rows, Snapshot


KEPT = 24
"""Filters whose matches are kept with a snapshot: a byte an incident each."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the matches are when the frame holds none: how many, and the frame (degrees) of their points."""

    count: int
    bbox: BBox


@dataclass(frozen=True, slots=True)
class Matches:
    """What passes a filter, wherever it is. `krai` and `unplaced` are rows, newest first; `piles` the placed ones.

    `categories` is of all that match but for the categories asked; `zones` counts by name, a match in each zone that it
    touches.
    """

    passing: Mask
    piles: Piles
    krai: Rows
    unplaced: Rows
    total: int
    categories: dict[Category, int]
    zones: dict[str, int]


@dataclass(frozen=True, slots=True)
class View:
    """The groups in a frame out of the matches; `elsewhere` is None unless the frame holds none."""

    groups: Groups
    matches: Matches
    elsewhere: Elsewhere | None


def look(snapshot: Snapshot, wanted: Filter, *, bbox: BBox | None = None, zoom: int = 7) -> View:
    """What passes `wanted` (its own frame does not count) in the frame (degrees) at a zoom."""
    found = matches(snapshot, wanted)
    groups = grouped(found.piles, bbox=bbox, zoom=zoom)
    return View(groups, found, None if groups.count else _elsewhere(found.piles))


def matches(snapshot: Snapshot, wanted: Filter) -> Matches:
    """What passes `wanted` but for its frame; the last ones are kept with the snapshot."""
    wanted = replace(wanted, bbox=None)
    kept: Matches | None = snapshot.matches.get(wanted)
    if kept is None:
        if len(snapshot.matches) >= KEPT:
            snapshot.matches.clear()
        kept = snapshot.matches[wanted] = _matches(snapshot, wanted)
    return kept


def _matches(snapshot: Snapshot, wanted: Filter) -> Matches:
    of_any_kind = snapshot.mask(replace(wanted, categories=None))
    passing = of_any_kind
    if wanted.categories:
        kinds = np.array([each in wanted.categories for each in CATEGORIES])
        passing = of_any_kind & kinds[snapshot.columns.category]
    return Matches(
        passing=passing,
        piles=Piles.of(snapshot, passing),
        krai=np.flatnonzero(passing & snapshot.krai),
        unplaced=np.flatnonzero(passing & snapshot.unplaced),
        total=int(np.count_nonzero(passing)),
        categories=by_category(snapshot, of_any_kind),
        zones=by_zone(snapshot, passing),
    )


def by_category(snapshot: Snapshot, passing: Mask) -> dict[Category, int]:
    """How many of each category that occurs, the most first."""
    counts = np.bincount(snapshot.columns.category[passing], minlength=len(CATEGORIES))
    order = np.argsort(-counts, kind="stable")
    return {CATEGORIES[code]: int(counts[code]) for code in order if counts[code]}


def by_zone(snapshot: Snapshot, passing: Mask) -> dict[str, int]:
    """How many touch each zone, by name; zones of no match too."""
    places = snapshot.places
    counts = _by_place(snapshot, passing) @ places.zones
    return dict(zip(places.zone_names, counts.tolist(), strict=True))


def by_municipality(snapshot: Snapshot, passing: Mask) -> dict[str, int]:
    """How many touch each municipality, by name; those of no match too."""
    places = snapshot.places
    counts = _by_place(snapshot, passing) @ places.municipalities
    return dict(zip(places.municipality_names, counts.tolist(), strict=True))


def _by_place(snapshot: Snapshot, passing: Mask) -> npt.NDArray[np.int64]:
    return np.bincount(snapshot.columns.place[passing], minlength=len(snapshot.places))


def _elsewhere(piles: Piles) -> Elsewhere | None:
    if not len(piles):
        return None
    order = piles.order
    x, y = order.x[piles.at], order.y[piles.at]
    lon, lat = mercator.unproject([x.min(), x.max()], [y.max(), y.min()])
    return Elsewhere(len(piles), (float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])))
