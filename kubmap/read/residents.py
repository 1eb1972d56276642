"""OutageIndex: what is known of water, power, gas and heat at one place at one moment.

The index is made once for a revision; a question looks only at the notices that can concern the place. `now` is given,
never read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kubmap.domain import Category, Incident, Status, Utility
from kubmap.read.columns import CATEGORIES
from kubmap.read.course import Course, Phase, Span, by_day, course
from kubmap.read.outages import Reach
from kubmap.read.served import Served, served

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.snapshot import Snapshot

RECENT = timedelta(hours=24)
"""What is over is told for so long after its end."""
STALE_TOLD = timedelta(days=14)
"""What is stale is told for so long; later it is only in the list of past notices."""
KEPT = 20_000
"""Outages of an archive that are indexed, the newest: some 5 KB each."""
DAYS = 14
PAST = 20
UTILITIES = {
    Category.OUTAGE_WATER: Utility.WATER,
    Category.OUTAGE_POWER: Utility.POWER,
    Category.OUTAGE_GAS: Utility.GAS,
    Category.OUTAGE_HEAT: Utility.HEAT,
}

_ACTIVE = frozenset({Phase.OFF, Phase.LIMITED, Phase.REDUCED, Phase.RECOVERING})
_ORDER = (
    Phase.OFF, Phase.LIMITED, Phase.RECOVERING, Phase.REDUCED, Phase.STALE, Phase.ANNOUNCED, Phase.WITHDRAWN,
    Phase.OVER,
)  # fmt: skip
_ENDED = frozenset({Phase.WITHDRAWN, Phase.OVER})
_BREADTH = {Reach.MUNICIPALITY: 1, Reach.KRAI: 3, Reach.HOMONYM: 4}
_PARTIAL = 2
"""How well a notice fits the place: it as a whole (0), its district, a part of it, the krai, a place of its name."""
_CODES = tuple(at for at, category in enumerate(CATEGORIES) if category.is_outage)


@dataclass(frozen=True, slots=True)
class Notice:
    """A published outage (without the geometry of its location) with whom it concerns and its course."""

    incident: Incident
    served: Served
    course: Course

    @property
    def utility(self) -> Utility:
        return UTILITIES[self.incident.category]

    @property
    def cancelled(self) -> bool:
        """Called off by its own words, or taken back by an editor."""
        return self.course.withdrawn or self.incident.status is Status.RETRACTED

    @property
    def streets(self) -> tuple[str, ...]:
        return self.incident.outage.streets if self.incident.outage else ()

    @property
    def exceptions(self) -> tuple[str, ...]:
        return self.incident.outage.exceptions if self.incident.outage else ()


@dataclass(frozen=True, slots=True)
class Concern:
    """A notice as it stands for one place at one moment.

    `parts` are the parts of the place that it names, if it names only those; `exceptions` those that it excepts.
    """

    notice: Notice
    reach: Reach
    phase: Phase
    current: Span | None
    following: Span | None
    parts: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Only some streets or parts of the place."""
        return self.reach is Reach.PART or bool(self.notice.streets)

    @property
    def active(self) -> bool:
        return self.phase in _ACTIVE

    @property
    def supplied(self) -> bool | None:
        """Of LIMITED: whether there is supply now; None where hours are not told."""
        return self.current.supplied if self.current else None


@dataclass(frozen=True, slots=True)
class UtilityState:
    """One utility: `main` is the gravest notice (None: nothing known), `concerns` all that are told, it first.

    `excepted` are notices that concern the place's surroundings and call it an exception.
    """

    utility: Utility
    phase: Phase = Phase.NONE_KNOWN
    concerns: tuple[Concern, ...] = ()
    excepted: tuple[Concern, ...] = ()

    @property
    def main(self) -> Concern | None:
        return self.concerns[0] if self.concerns else None


@dataclass(frozen=True)
class OutageState:
    """All utilities of a place at `now`; `past` are the last notices that are not told any more, newest first."""

    place: Settlement
    now: datetime
    utilities: Mapping[Utility, UtilityState]
    past: tuple[Notice, ...] = ()

    @cached_property
    def concerns(self) -> tuple[Concern, ...]:
        """All that is told, the gravest first."""
        found = [concern for state in self.utilities.values() for concern in state.concerns]
        return tuple(sorted(found, key=_gravity))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: the parts of spans that fall on it, with the notices that tell them."""

    day: date
    spans: tuple[tuple[Notice, Span], ...] = ()


@dataclass(frozen=True)
class OutageIndex:
    """Notices by the places that they concern, of one revision."""

    atlas: Atlas
    revision: str
    notices: Mapping[str, Notice]
    taken_back: Mapping[str, Notice]
    """Those that were published once and retracted; they only cancel what calendars and alerts have told."""
    _by_key: Mapping[str, Sequence[str]] = field(repr=False)
    _parts: Mapping[str, Sequence[Settlement]] = field(repr=False)
    _asked: dict[str, Sequence[tuple[Notice, Reach]]] = field(default_factory=dict, repr=False)

    def of(self, place: Settlement) -> list[tuple[Notice, Reach]]:
        """What concerns the place, exceptions too, the last to begin first."""
        return [each for each in self._all(place) if each[0].incident.id in self.notices]

    def subscribed(self, place: Settlement) -> list[Notice]:
        """What a subscription of the place tells: all that concerns it, and what was taken back, newest first."""
        return [notice for notice, reach in self._all(place) if reach is not Reach.EXCEPTION]

    def _all(self, place: Settlement) -> Sequence[tuple[Notice, Reach]]:
        """Found once for a place that is asked for."""
        found = self._asked.get(place.id)
        if found is None:
            found = self._asked[place.id] = self._found(place)
        return found

    def _found(self, place: Settlement) -> Sequence[tuple[Notice, Reach]]:
        parts = [each.id for each in self._parts.get(place.id, ())]
        keys = [place.id, place.parent or place.id, *parts, place.municipality or place.id, ""]
        ids = dict.fromkeys(each for key in keys for each in self._by_key.get(key, ()))
        notices = (self.notices.get(each) or self.taken_back[each] for each in ids)
        found = ((notice, notice.served.reach(place, parts)) for notice in notices)
        known = [(notice, reach) for notice, reach in found if reach is not None]
        return sorted(known, key=lambda each: (each[0].course.start, each[0].incident.id), reverse=True)

    def state(self, place: Settlement, now: datetime) -> OutageState:
        """What holds at the place at `now` (aware)."""
        told, past = [], []
        for notice, reach in self.of(place):
            if _matters(notice.course, now):
                told.append(self._concern(notice, reach, place, now))
            elif reach is not Reach.EXCEPTION:
                past.append(notice)
        states = {utility: _state(utility, told) for utility in Utility}
        return OutageState(place, now, states, tuple(past[:PAST]))

    def calendar(self, place: Settlement, first: date, *, days: int = DAYS) -> tuple[Day, ...]:
        """What is told of each of the days, in the order of time."""
        rows: list[list[tuple[Notice, Span]]] = [[] for _ in range(days)]
        last = first + timedelta(days=days - 1)
        for notice, reach in self.of(place):
            found = notice.course
            if (
                reach is Reach.EXCEPTION
                or found.withdrawn
                or not first <= found.last.date()
                or found.start.date() > last
            ):
                continue
            for row, spans in zip(rows, by_day(_bounded(found), first, days), strict=True):
                row += [(notice, span) for span in spans]
        return tuple(
            Day(first + timedelta(days=at), tuple(sorted(row, key=lambda each: each[1].start)))
            for at, row in enumerate(rows)
        )

    def _concern(self, notice: Notice, reach: Reach, place: Settlement, now: datetime) -> Concern:
        inside = self._parts.get(place.id, ())
        whole = reach is not Reach.PART
        return Concern(
            notice, reach, notice.course.phase(now), notice.course.current(now), notice.course.following(now),
            parts=() if whole else tuple(_part(each) for each in inside if each.id in notice.served.places),
            exceptions=tuple(_part(each) for each in inside if whole and each.id in notice.served.exceptions),
        )  # fmt: skip


def _part(place: Settlement) -> str:
    """«мкр «Надежда»»."""
    return f"мкр «{place.name}»" if place.type == "микрорайон" else place.name


def _bounded(found: Course) -> tuple[Span, ...]:
    """The spans; an open end reaches to where the news goes stale."""
    return tuple(
        Span(each.phase, each.start, found.stale_at, each.supplied) if each.end is None else each
        for each in found.spans
    )


def _matters(found: Course, now: datetime) -> bool:
    """Whether a notice is told: what is over, or stale, long since is past."""
    told = RECENT if found.stale_at is None or found.withdrawn else STALE_TOLD
    return now < found.last + told


def _state(utility: Utility, told: Iterable[Concern]) -> UtilityState:
    own = [each for each in told if each.notice.utility is utility]
    concerns = tuple(sorted((each for each in own if each.reach is not Reach.EXCEPTION), key=_gravity))
    excepted = tuple(sorted((each for each in own if each.reach is Reach.EXCEPTION), key=_gravity))
    return UtilityState(utility, concerns[0].phase if concerns else Phase.NONE_KNOWN, concerns, excepted)


def _gravity(concern: Concern) -> tuple[bool, bool, int, int, bool, float]:
    """What holds now before what does not, what ended last; what fits the place best; by phase; what begins first."""
    breadth = max(_BREADTH.get(concern.reach, 0), _PARTIAL if concern.partial else 0)
    flowing = concern.supplied is True
    begins = concern.notice.course.start.timestamp()
    later = -begins if concern.phase in {Phase.OVER, Phase.STALE, Phase.WITHDRAWN} else begins
    return (not concern.active, concern.phase in _ENDED, breadth, _ORDER.index(concern.phase), flowing, later)


def notice_of(incident: Incident, atlas: Atlas) -> Notice | None:
    """The notice of an outage; None where it has no date."""
    found = course(incident)
    return None if found is None else Notice(_light(incident), served(incident, atlas), found)


def _light(incident: Incident) -> Incident:
    """Without the geometry, which `served` tells as ids."""
    location = incident.location
    if location is None or location.geometry is None:
        return incident
    return replace(incident, location=replace(location, geometry=None))


def index_of(
    incidents: Iterable[Incident], atlas: Atlas, *, revision: str = "", taken_back: Iterable[Incident] = ()
) -> OutageIndex:
    """The index of outages that are at hand."""
    return _index(_noticed(incidents, atlas), _noticed(taken_back, atlas), atlas, revision)


def grown(
    snapshot: Snapshot, atlas: Atlas, before: OutageIndex | None = None, *, taken_back: Iterable[Incident] = ()
) -> OutageIndex:
    """The index of a snapshot; of what the one before knew in the same version nothing is read again."""
    columns = snapshot.columns
    rows = np.flatnonzero(np.isin(columns.category, _CODES))[:KEPT]
    known = before.notices if before and before.atlas is atlas else {}
    versions = {str(columns.id[row]): int(columns.version[row]) for row in rows}
    kept = {key: known[key] for key, version in versions.items() if _same(known.get(key), version)}
    fresh = snapshot.take((int(row) for row in rows if str(columns.id[row]) not in kept), reasons=False)
    return _index(kept | _noticed(fresh, atlas), _noticed(taken_back, atlas), atlas, snapshot.etag)


def _noticed(incidents: Iterable[Incident], atlas: Atlas) -> dict[str, Notice]:
    made = (notice_of(each, atlas) for each in incidents)
    return {notice.incident.id: notice for notice in made if notice is not None}


def _same(notice: Notice | None, version: int) -> bool:
    return notice is not None and notice.incident.version == version


def _index(notices: Mapping[str, Notice], taken_back: Mapping[str, Notice], atlas: Atlas, revision: str) -> OutageIndex:
    by_key: dict[str, list[str]] = defaultdict(list)
    for incident_id, notice in {**taken_back, **notices}.items():
        for key in notice.served.keys:
            by_key[key].append(incident_id)
    parts: dict[str, list[Settlement]] = defaultdict(list)
    for place in atlas.settlements.values():
        if place.parent:
            parts[place.parent].append(place)
    return OutageIndex(atlas, revision, notices, taken_back, dict(by_key), dict(parts))
