"""Course: what an outage notice says of time, as spans of known phases; pure, without a clock.

Three ends are told apart: of the works, of the earliest and of the latest recovery. A day without hours is the whole
Moscow day. Open ends stay open: after a day without news they are stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from kubmap.domain import MOSCOW, Incident, Interval, Moment, OutageKind

STALE_AFTER = timedelta(hours=24)
"""An outage without an end and without news for so long is shown as stale."""
_DAY = timedelta(days=1)
_LONGEST = 62
"""Days over which hours of supply are repeated."""


class Phase(StrEnum):
    """Where an outage, or a utility at a place, stands at a moment."""

    NONE_KNOWN = "none_known"
    ANNOUNCED = "announced"
    OFF = "off"
    LIMITED = "limited"
    REDUCED = "reduced"
    RECOVERING = "recovering"
    OVER = "over"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


_PHASES = {
    OutageKind.OFF: Phase.OFF,
    OutageKind.LIMITED_SCHEDULE: Phase.LIMITED,
    OutageKind.REDUCED_PRESSURE: Phase.REDUCED,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one phase; `end` None: no end is told. `supplied` is of LIMITED: None where hours are not told."""

    phase: Phase
    start: datetime
    end: datetime | None
    supplied: bool | None = None

    def holds(self, now: datetime) -> bool:
        return self.start <= now and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class Course:
    """`end` is the end of the works or of the outage itself; from `over_from` to `over_by` it recovers.

    All three are None where no end is told; then `stale_at` says until when the last news holds. `start_exact` and
    `end_exact`: an hour is told, not only a day.
    """

    start: datetime
    end: datetime | None
    over_from: datetime | None
    over_by: datetime | None
    stale_at: datetime | None
    spans: tuple[Span, ...]
    start_exact: bool = True
    end_exact: bool = True
    withdrawn: bool = False

    def phase(self, now: datetime) -> Phase:
        """What holds at `now` (aware)."""
        if self.withdrawn:
            return Phase.WITHDRAWN
        if now < self.start:
            return Phase.ANNOUNCED
        if self.stale_at is not None:
            return self._open(now)
        current = self.current(now)
        return current.phase if current else Phase.OVER

    def _open(self, now: datetime) -> Phase:
        if self.stale_at is not None and now >= self.stale_at:
            return Phase.STALE
        current = self.current(now)
        return current.phase if current else Phase.OFF

    def current(self, now: datetime) -> Span | None:
        """The span that holds `now`."""
        return next((span for span in self.spans if span.holds(now)), None)

    def following(self, now: datetime) -> Span | None:
        """The first span that begins after `now`."""
        return next((span for span in self.spans if span.start > now), None)

    @property
    def last(self) -> datetime:
        """When nothing more is known to come."""
        return self.over_by or self.stale_at or self.start


def course(incident: Incident) -> Course | None:
    """The course of an outage; None for what is no outage and for a notice without any date."""
    if not incident.category.is_outage:
        return None
    begun = _began(incident)
    if begun is None:
        return None
    end, said = _ends(incident)
    exact = isinstance(begun, datetime)
    closing = _close(end) if end else _whole_day(incident, begun)
    start = _open(begun) if closing is None else min(_open(begun), closing)
    over_from, over_by = _recovered(incident, closing, _close(said) if said else None)
    return Course(
        start=start,
        end=closing,
        over_from=over_from,
        over_by=over_by,
        stale_at=None if closing else _last_news(incident, begun) + STALE_AFTER,
        spans=tuple(_spans(incident, start, closing, over_by)),
        start_exact=exact,
        end_exact=isinstance(end, datetime),
        withdrawn=incident.outage is not None and incident.outage.withdrawn,
    )


def _began(incident: Incident) -> Moment | None:
    """The earliest start that is told, else the publication."""
    works = incident.outage.works if incident.outage else None
    told = [each for each in (incident.starts_at, works.start if works else None) if each is not None]
    return min(told, key=_open) if told else incident.published_at


def _ends(incident: Incident) -> tuple[Moment | None, Moment | None]:
    """End of the works, and the end of the outage itself where the notice tells a later one."""
    works = incident.outage.works if incident.outage else None
    told, done = incident.ends_at, works.end if works else None
    if told is None or done is None:
        return done or told, None
    return (done, told) if _close(told) > _close(done) else (done, None)


def _whole_day(incident: Incident, begun: Moment) -> datetime | None:
    """The end of the one day that an announcement names without hours; what broke has no such end."""
    if isinstance(begun, datetime) or incident.is_scheduled is False or incident.starts_at is None:
        return None
    return _close(begun)


def _recovered(
    incident: Incident, end: datetime | None, said: datetime | None
) -> tuple[datetime | None, datetime | None]:
    if end is None or said is not None:
        return said, said
    hours = incident.outage.recovery_hours if incident.outage else None
    least, most = hours or (0.0, 0.0)
    return end + timedelta(hours=least), end + timedelta(hours=most)


def _last_news(incident: Incident, begun: Moment) -> datetime:
    """The latest of publication and start; a day counts to its end."""
    return max(_close(each) for each in (begun, incident.published_at) if each is not None)


def _spans(incident: Incident, start: datetime, end: datetime | None, over: datetime | None) -> Iterator[Span]:
    outage = incident.outage
    phase = _PHASES[outage.kind] if outage else Phase.OFF
    supply = outage.supply if outage else ()
    if supply and phase is not Phase.REDUCED:
        yield from _limited(start, end, _windows(supply, start, end))
    else:
        yield Span(phase, start, end)
    if end is not None and over is not None and over > end:
        yield Span(Phase.RECOVERING, end, over)


def _limited(start: datetime, end: datetime | None, windows: Sequence[tuple[datetime, datetime]]) -> Iterator[Span]:
    """Supply and none in turn."""
    at = start
    for opened, closed in windows:
        if opened > at:
            yield Span(Phase.LIMITED, at, opened, supplied=False)
        yield Span(Phase.LIMITED, max(at, opened), closed, supplied=True)
        at = closed
    if end is None or at < end:
        yield Span(Phase.LIMITED, at, end, supplied=False if windows else None)


def _windows(supply: Sequence[Interval], start: datetime, end: datetime | None) -> list[tuple[datetime, datetime]]:
    """Hours of supply inside the outage, in order, none overlapping; hours told for one day hold for each."""
    told = [(_open(each.start), _close(each.end)) for each in supply if each.start is not None and each.end is not None]
    if len({opened.date() for opened, _ in told}) == 1:
        told = _daily(told, start, end)
    clipped = ((max(opened, start), min(closed, end) if end else closed) for opened, closed in sorted(told))
    found: list[tuple[datetime, datetime]] = []
    for opened, closed in clipped:
        begin = max(opened, found[-1][1]) if found else opened
        if begin < closed:
            found.append((begin, closed))
    return found


def _daily(
    told: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime | None
) -> list[tuple[datetime, datetime]]:
    first = told[0][0].date()
    until = (end or start + 7 * _DAY).date()
    shifts = range((start.date() - first).days - 1, min((until - first).days, _LONGEST) + 1)
    return [(opened + n * _DAY, closed + n * _DAY) for n in shifts for opened, closed in told]


def _open(moment: Moment) -> datetime:
    """The moment, or the beginning of the day."""
    return moment.astimezone(MOSCOW) if isinstance(moment, datetime) else _midnight(moment)


def _close(moment: Moment) -> datetime:
    """The moment, or the end of the day."""
    return moment.astimezone(MOSCOW) if isinstance(moment, datetime) else _midnight(moment + _DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), MOSCOW)


def by_day(spans: Sequence[Span], first: date, count: int) -> tuple[tuple[Span, ...], ...]:
    """For each of `count` Moscow days from `first` the parts of the spans that fall on it; open ends reach on."""
    rows: list[list[Span]] = [[] for _ in range(count)]
    for span in spans:
        last = count - 1 if span.end is None else min(_days_since(first, span.end), count - 1)
        for at in range(max(_days_since(first, span.start), 0), last + 1):
            opened = _midnight(first + at * _DAY)
            rows[at] += _part(span, opened, opened + _DAY)
    return tuple(tuple(row) for row in rows)


def _days_since(first: date, moment: datetime) -> int:
    return (moment.astimezone(MOSCOW).date() - first).days


def _part(span: Span, opened: datetime, closed: datetime) -> Iterator[Span]:
    """The part of a span between two moments, if there is one."""
    end = closed if span.end is None else min(span.end, closed)
    start = max(span.start, opened)
    if start < end:
        yield Span(span.phase, start, end, span.supplied)
