"""Likely duplicates: an index of the records of the days that the desk works on, kept up to date change by change.

Two tellings whose days lie further apart than similar.PAD_DAYS are not one event, so only the months around the drafts
at hand are read and kept: an archive of 100,000 records costs nothing until somebody opens one of its drafts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from kubmap.domain import Incident, Status
from kubmap.geocode.event import day_of
from kubmap.read.similar import PAD_DAYS, Match, SimilarIndex
from kubmap.store import incidents
from kubmap.store.schema import incidents as table

LIKELY: Final = 0.35
"""Score from which a record is shown as a likely duplicate; from 0.5 it counts as the same event."""
MOST: Final = 10
"""Likely duplicates of a record that are shown."""
MANY_CHANGES = 200
"""More changes at once forget what was found instead of mending it one by one."""

Month = int
"""Months since the year 0."""

UNDATED: Final[Month] = -1
"""Stands for the records without any date."""

_CHUNK = 200
_LIVE = (Status.DRAFT, Status.PUBLISHED)
_SHOWN = table.c.status.in_([each.value for each in _LIVE]) & table.c.duplicate_of.is_(None)
_MOMENTS = (table.c.published_at, table.c.starts_at, table.c.ends_at)


class Twins:
    """Not safe to share between threads by itself: `Board` holds the lock."""

    def __init__(self) -> None:
        self._index = SimilarIndex()
        self._begun: set[Month] = set()
        self._months: set[Month] = set()
        self._found: dict[str, tuple[Match, ...]] = {}

    def __len__(self) -> int:
        return len(self._index)

    def find(self, connection: Connection, incident: Incident) -> tuple[Match, ...]:
        """Likely duplicates of a record among drafts and what is published, the likeliest first."""
        known = self._found.get(incident.id)
        if known is None:
            self.cover(connection, self.missing([incident]))
            known = self._found[incident.id] = _likely(self._index.find(incident, limit=MOST))
        return known

    def missing(self, incidents: Iterable[Incident]) -> set[Month]:
        """The months that must be read before all of these can be compared."""
        pad = timedelta(days=PAD_DAYS)
        days = [told for each in incidents if (told := days_of(each))]
        wanted = (_months(first - pad, last + pad) for first, last in days)
        return {UNDATED, *(month for months in wanted for month in months)} - self._months

    def cover(self, connection: Connection, months: set[Month]) -> None:
        """Read whole months now."""
        for month in months:
            self.take(connection, self.ids(connection, month))
            self.end(month)

    def count(self, connection: Connection, months: set[Month]) -> int:
        """How many records these months hold, and those between them."""
        dated = months - {UNDATED}
        if not dated:
            return connection.scalar(select(func.count()).where(_SHOWN & _of(UNDATED))) or 0
        days = _between(_first_day(min(dated)), _first_day(max(dated) + 1) - timedelta(days=1))
        return connection.scalar(select(func.count()).where(_SHOWN & (days | _of(UNDATED)))) or 0

    def ids(self, connection: Connection, month: Month) -> list[str]:
        """Begin to read a month: what changes in it from now on is taken, and these ids are to be taken."""
        self._begun.add(month)
        return list(connection.scalars(select(table.c.id).where(_SHOWN & _of(month))))

    def take(self, connection: Connection, ids: Sequence[str]) -> None:
        """Index records as they are now."""
        for start in range(0, len(ids), _CHUNK):
            part = [each for each in ids[start : start + _CHUNK] if each not in self._index]
            for each in incidents.where(connection, _SHOWN & table.c.id.in_(part)):
                self._index.add(light(each))

    def end(self, month: Month) -> None:
        """All ids of a month were taken."""
        self._months.add(month)

    def changed(self, fresh: Sequence[Incident]) -> None:
        """Take new versions; what cannot be a duplicate any more is forgotten."""
        for incident in fresh:
            self._drop(incident.id)
            if is_shown(incident) and self._covers(incident):
                self._index.add(light(incident))
        if len(fresh) > MANY_CHANGES:
            self._found.clear()
        elif self._found:
            self._mend(fresh)

    def _mend(self, fresh: Sequence[Incident]) -> None:
        """A new record may be like one that was asked about: likeness goes both ways."""
        for incident in fresh:
            if incident.id not in self._index:
                continue
            for match in _likely(self._index.find(incident, limit=MOST)):
                self._found.pop(match.id, None)

    def _drop(self, incident_id: str) -> None:
        self._index.discard(incident_id)
        self._found.pop(incident_id, None)
        for other in [key for key, found in self._found.items() if any(match.id == incident_id for match in found)]:
            del self._found[other]

    def _covers(self, incident: Incident) -> bool:
        days = days_of(incident)
        return bool(({UNDATED} if days is None else _months(*days)) & self._begun)


def is_shown(incident: Incident) -> bool:
    """Whether it can be a duplicate: rejected, retracted and merged records cannot."""
    return incident.status in _LIVE and incident.duplicate_of is None


def light(incident: Incident) -> Incident:
    """Without what comparing does not need."""
    return replace(incident, alternatives=(), reasons=())


def days_of(incident: Incident) -> tuple[date, date] | None:
    """First and last day that it speaks of; None without any."""
    told = (incident.published_at, incident.starts_at, incident.ends_at)
    days = [day_of(each) for each in told if each is not None]
    return (min(days), max(days)) if days else None


def _of(month: Month) -> ColumnElement[bool]:
    """Records of a month; `UNDATED`: those without any date."""
    if month == UNDATED:
        return and_(*(moment.is_(None) for moment in _MOMENTS))
    return _between(_first_day(month), _first_day(month + 1) - timedelta(days=1))


def _between(first: date, last: date) -> ColumnElement[bool]:
    """Records some day of which lies between the two, both included."""
    begins = or_(*(moment < (last + timedelta(days=1)).isoformat() for moment in _MOMENTS))
    ends = or_(*(moment >= first.isoformat() for moment in _MOMENTS))
    return begins & ends


def _likely(found: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(match for match in found if match.score >= LIKELY)


def _months(first: date, last: date) -> set[Month]:
    """At most a dozen years: a wrong date must not read the whole archive."""
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return set(range(begin, min(end, begin + 144) + 1))


def _first_day(month: Month) -> date:
    return date(month // 12, month % 12 + 1, 1)
