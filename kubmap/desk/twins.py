"""Likely duplicates: an index of the records of the days that the desk works on, kept up to date change by change.

Two tellings whose days lie further apart than similar.PAD_DAYS are not one event, so only the months around the drafts
at hand are read and kept: an archive of 100,000 records costs nothing until somebody opens one of its drafts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_

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

_SHOWN = (Status.DRAFT, Status.PUBLISHED)
_MOMENTS = (table.c.published_at, table.c.starts_at, table.c.ends_at)


class Twins:
    """Not safe to share between threads by itself: `Board` holds the lock."""

    def __init__(self) -> None:
        self._index = SimilarIndex()
        self._months: set[Month] = set()
        self._undated = False
        self._found: dict[str, tuple[Match, ...]] = {}

    def __len__(self) -> int:
        return len(self._index)

    def find(self, connection: Connection, incident: Incident) -> tuple[Match, ...]:
        """Likely duplicates of a record among drafts and what is published, the likeliest first."""
        known = self._found.get(incident.id)
        if known is None:
            self._read(connection, incident)
            known = self._found[incident.id] = _likely(self._index.find(incident, limit=MOST))
        return known

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
        return self._undated if days is None else bool(_months(*days) & self._months)

    def _read(self, connection: Connection, incident: Incident) -> None:
        """Index the months around an incident that are not there yet; all of them for one without a date."""
        days = days_of(incident)
        if days is None:
            self._take(connection, _UNDATED)
            return
        pad = timedelta(days=PAD_DAYS)
        missing = sorted(_months(days[0] - pad, days[1] + pad) - self._months)
        if not self._undated:
            self._take(connection, _UNDATED)
            self._undated = True
        for first, last in _runs(missing):
            self._take(connection, _between(_first_day(first), _first_day(last + 1) - timedelta(days=1)))
        self._months.update(missing)

    def _take(self, connection: Connection, days: ColumnElement[bool]) -> None:
        shown = table.c.status.in_([each.value for each in _SHOWN]) & table.c.duplicate_of.is_(None)
        for each in incidents.where(connection, shown & days):
            if each.id not in self._index:
                self._index.add(light(each))


_UNDATED = and_(*(moment.is_(None) for moment in _MOMENTS))


def is_shown(incident: Incident) -> bool:
    """Whether it can be a duplicate: rejected, retracted and merged records cannot."""
    return incident.status in _SHOWN and incident.duplicate_of is None


def light(incident: Incident) -> Incident:
    """Without what comparing does not need."""
    return replace(incident, alternatives=(), reasons=())


def days_of(incident: Incident) -> tuple[date, date] | None:
    """First and last day that it speaks of; None without any."""
    told = (incident.published_at, incident.starts_at, incident.ends_at)
    days = [day_of(each) for each in told if each is not None]
    return (min(days), max(days)) if days else None


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


def _runs(months: list[Month]) -> Iterable[tuple[Month, Month]]:
    """(first, last) of each run of months one after another."""
    for month in months:
        if month - 1 not in months:
            last = month
            while last + 1 in months:
                last += 1
            yield month, last
