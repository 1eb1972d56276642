"""When: starts, days that the texts name, days of publication."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kubmap.domain import Moment
from kubmap.geocode.alike.kind import incidents, moving, over, works
from kubmap.geocode.alike.said import Said
from kubmap.geocode.event import Event, day_of


def time(a: Event, b: Event) -> Said | None:
    """Starts of the two, to the minute or to the day."""
    one, two = a.starts_at, b.starts_at
    if one is None or two is None:
        return None
    apart = abs((day_of(one) - day_of(two)).days)
    if not (isinstance(one, datetime) and isinstance(two, datetime)):
        soft = _spans_touch(a, b) or (apart == 1 and (_at_night(one) or _at_night(two) or over(a, b)))
        return _by_day(apart, soft=soft, works=works(a, b))
    away = abs(one - two)
    if away <= timedelta(minutes=10):
        return Said(0.9, "тот же срок работ") if works(a, b) else Said(2.2, "то же время")
    if _spans_touch(a, b):
        return Said(0.3, "сроки пересекаются")
    return _by_clock(away)


def _by_clock(away: timedelta) -> Said:
    hours = away / timedelta(hours=1)
    for limit, weight, note in _CLOCK:
        if hours <= limit:
            return Said(weight, note)
    return Said(-3.0, "разное время")


_CLOCK = ((1.0, 1.2, "близкое время"), (3.0, -0.2, "время расходится"), (18.0, -1.2, "разное время"))


def _by_day(apart: int, *, soft: bool, works: bool) -> Said:
    if apart == 0:
        return Said(1.0, "тот же день")
    if works and not soft:
        return Said(-2.5, "работы в разные дни")
    if apart == 1 or soft:
        return Said(-0.2 if soft else -1.2, "соседние дни" if apart == 1 else "сроки пересекаются")
    return Said(-2.5, "разные дни")


def _at_night(moment: Moment) -> bool:
    """One newsroom's evening is another's night to the next day."""
    return isinstance(moment, datetime) and (moment.hour >= 21 or moment.hour < 6)


def _spans_touch(a: Event, b: Event) -> bool:
    """Whether each begins before the other ends."""
    if a.ends_at is None or b.ends_at is None or a.starts_at is None or b.starts_at is None:
        return False
    return _hour(a.starts_at) < _hour(b.ends_at) and _hour(b.starts_at) < _hour(a.ends_at)


def _hour(moment: Moment) -> str:
    return moment.isoformat()[:13]


def dates(a: Event, b: Event) -> Said | None:
    """Days that the texts name, where a time of the event is not known on both sides."""
    if a.starts_at is not None and b.starts_at is not None:
        return None
    one, two = _dates(a), _dates(b)
    if not one or not two:
        return None
    if one & two:
        return Said(0.8, "назван тот же день")
    if moving(a, b):
        return None
    apart = min(_apart(x, y) for x in one for y in two)
    return Said(-1.0 if apart <= 2 else -2.2, "названы разные дни")


def _apart(one: tuple[int, int], two: tuple[int, int]) -> int:
    """Days between two days of a year, about."""
    away = abs((one[1] - two[1]) * 30 + one[0] - two[0])
    return min(away, 360 - away)


def _dates(event: Event) -> frozenset[tuple[int, int]]:
    known = [moment for moment in (event.starts_at, _last(event.ends_at)) if moment is not None]
    return event.traces.days | {(moment.day, moment.month) for moment in known}


def _last(moment: Moment | None) -> Moment | None:
    """Midnight ends the day before."""
    return moment - timedelta(minutes=1) if isinstance(moment, datetime) else moment


def published(a: Event, b: Event) -> Said | None:
    """News of one event come within days; an announcement may come long before."""
    if a.published is None or b.published is None:
        return None
    one, two = day_of(a.published), day_of(b.published)
    apart = min(abs((one - two).days), _outside(one, b), _outside(two, a))
    for limit, weight in _LAGS:
        if apart <= limit:
            return Said(weight, "вышли рядом" if apart <= 1 else f"вышли через {apart} дн.")
    return Said(-8.0, f"вышли через {apart} дн.")


def _outside(day: date, event: Event) -> int:
    """Days from a day to what lasted from a start to an end; a great many where it did not."""
    if event.starts_at is None or event.ends_at is None:
        return _NEVER
    first, last = day_of(event.starts_at), day_of(event.ends_at)
    return max((first - day).days, (day - last).days, 0) if (last - first).days <= _LASTING else _NEVER


_NEVER = 10_000
_LASTING = 14  # days: what is shut for longer is a state, not news
_LAGS = ((1, 0.6), (3, 0.0), (7, -0.9), (14, -2.0), (30, -3.5))


def since(a: Event, b: Event) -> Said | None:
    """Where one text gives the start and the other only its day of publication: news come after the event, and soon."""
    for one, two in ((a, b), (b, a)):
        if one.published is not None and one.starts_at is None and two.starts_at is not None and incidents(a, b):
            days = (day_of(one.published) - day_of(two.starts_at)).days
            return _announced(one, days) if two.is_scheduled else _told(one, days)
    return None


def _told(one: Event, days: int) -> Said | None:
    if days < 0:
        return None if one.is_scheduled else Said(-2.5, "вышло раньше, чем случилось второе")
    return Said(0.2, "вышло следом за случившимся") if days <= 1 and not one.is_scheduled else None


def _announced(one: Event, days: int) -> Said | None:
    """Works that lie ahead are not what has already broken."""
    return Said(-1.0, "второе лишь предстоит") if days < 0 and not one.is_scheduled else None


def undated(a: Event, b: Event) -> Said | None:
    """Two tellings whose times cannot be held against one another need more in common."""
    if time(a, b) or dates(a, b) or published(a, b):
        return None
    return Said(-1.5, "время сопоставить нельзя")
