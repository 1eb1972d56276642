"""Counts of what is published: per zone, municipality, category and time; absolute and per 10,000 people; pure.

An incident that touches several zones (a road, several places) counts in each of them, and once in the total; one that
touches none (the whole krai, no place) is told in `no_zone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category
from kubmap.read.timeline import Timeline, timeline_of
from kubmap.read.view import by_category, by_municipality, by_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubmap.atlas.model import Municipality, Zone
    from kubmap.read.places import Mask
    from kubmap.read.snapshot import Filter, Snapshot

PER_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Tally:
    """A row of a table. `population` and `per_10000` are None where people are no measure (a category, a week)."""

    id: str
    name: str
    count: int
    population: int | None = None
    per_10000: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All the counts. `no_zone` and `no_municipality` are what two tables cannot hold; `krai` is among them.

    `several_zones` touch more than one zone and count in each.
    """

    total: int
    krai: int
    no_zone: int
    several_zones: int
    no_municipality: int
    zones: tuple[Tally, ...]
    municipalities: tuple[Tally, ...]
    categories: tuple[Tally, ...]
    timeline: Timeline


def rate(count: int, population: int | None) -> float | None:
    """Incidents per 10,000 people; None where nobody is known to live."""
    return count * PER_PEOPLE / population if population else None


def summarise(
    snapshot: Snapshot,
    wanted: Filter,
    *,
    zones: Iterable[Zone],
    municipalities: Iterable[Municipality],
    names: Mapping[Category, str],
) -> Summary:
    """The counts of what passes; `names` are the words of the categories."""
    passing = snapshot.mask(wanted)
    of_zones, of_municipalities = by_zone(snapshot, passing), by_municipality(snapshot, passing)
    touched = _touched(snapshot.places.zones, snapshot, passing)
    return Summary(
        total=int(np.count_nonzero(passing)),
        krai=int(np.count_nonzero(passing & snapshot.krai)),
        no_zone=int(np.count_nonzero(touched == 0)),
        several_zones=int(np.count_nonzero(touched > 1)),
        no_municipality=int(np.count_nonzero(_touched(snapshot.places.municipalities, snapshot, passing) == 0)),
        zones=tuple(_places(of_zones, zones)),
        municipalities=tuple(_places(of_municipalities, municipalities)),
        categories=tuple(
            Tally(category.value, names[category], count) for category, count in by_category(snapshot, passing).items()
        ),
        timeline=timeline_of(snapshot, np.flatnonzero(passing), since=wanted.since),
    )


def _touched(members: Mask, snapshot: Snapshot, passing: Mask) -> npt.NDArray[np.int64]:
    """For each passing row how many it touches."""
    touched: npt.NDArray[np.int64] = members.sum(axis=1)[snapshot.columns.place[passing]]
    return touched


def _places(counts: Mapping[str, int], places: Iterable[Zone | Municipality]) -> Iterator[Tally]:
    for place in places:
        count = counts.get(place.name, 0)
        yield Tally(place.id, place.name, count, place.population, rate(count, place.population))
