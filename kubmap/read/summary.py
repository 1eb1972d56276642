"""Counts of what is published: per zone, municipality, category and ISO week; absolute and per 10,000 people; pure.

An incident of no single zone (a road through several, the whole krai) is counted in the total and in `no_zone`, never
split or doubled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kubmap.domain import Category, Precision
from kubmap.read.snapshot import days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubmap.atlas.model import Municipality, Zone
    from kubmap.domain import Incident

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
class WeekTally:
    """A week from its Monday, one count a category that occurs in it."""

    monday: date
    counts: Mapping[Category, int]

    @property
    def count(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """All the counts. `no_zone` and `no_municipality` are what two tables cannot hold; `krai` is among them."""

    total: int
    krai: int
    no_zone: int
    no_municipality: int
    no_day: int
    zones: tuple[Tally, ...]
    municipalities: tuple[Tally, ...]
    categories: tuple[Tally, ...]
    weeks: tuple[WeekTally, ...]


def rate(count: int, population: int | None) -> float | None:
    """Incidents per 10,000 people; None where nobody is known to live."""
    return count * PER_PEOPLE / population if population else None


def _places(counts: Counter[str], places: Iterable[Zone | Municipality]) -> Iterator[Tally]:
    for place in places:
        count = counts[place.name]
        yield Tally(place.id, place.name, count, place.population, rate(count, place.population))


def monday(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def _weeks(incidents: Iterable[Incident]) -> tuple[WeekTally, ...]:
    """Weeks from the first to the last, empty ones too; an incident counts in the week of its first day."""
    found: dict[date, Counter[Category]] = {}
    for incident in incidents:
        span = days(incident)
        if span:
            found.setdefault(monday(span[0]), Counter())[incident.category] += 1
    if not found:
        return ()
    first, last = min(found), max(found)
    mondays = (first + timedelta(weeks=step) for step in range((last - first).days // 7 + 1))
    return tuple(WeekTally(each, dict(found.get(each, {}))) for each in mondays)


def summarise(
    incidents: Sequence[Incident],
    *,
    zones: Iterable[Zone],
    municipalities: Iterable[Municipality],
    names: Mapping[Category, str],
) -> Summary:
    """The counts of the given records; `names` are the words of the categories."""
    locations = [incident.location for incident in incidents if incident.location]
    by_zone = Counter(location.zone for location in locations if location.zone)
    by_municipality = Counter(location.municipality for location in locations if location.municipality)
    by_category = Counter(incident.category for incident in incidents)
    zone_rows = tuple(_places(by_zone, zones))
    municipality_rows = tuple(_places(by_municipality, municipalities))
    return Summary(
        total=len(incidents),
        krai=sum(location.precision is Precision.KRAI for location in locations),
        no_zone=len(incidents) - sum(row.count for row in zone_rows),
        no_municipality=len(incidents) - sum(row.count for row in municipality_rows),
        no_day=sum(days(incident) is None for incident in incidents),
        zones=zone_rows,
        municipalities=municipality_rows,
        categories=tuple(
            Tally(category.value, names[category], count) for category, count in by_category.most_common()
        ),
        weeks=_weeks(incidents),
    )
