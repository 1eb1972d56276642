"""Short words of the residents' pages: the line of a utility, the rows of a notice, the days of the calendar; pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kubmap.domain import MOSCOW, Interval, Utility
from kubmap.feeds import answer, clockwords, words
from kubmap.read.course import Phase
from kubmap.read.outages import VAGUE, Reach

if TYPE_CHECKING:
    from kubmap.read.course import Span
    from kubmap.read.residents import Concern, Day, Notice, UtilityState

Row = tuple[str, str]
_DAY = timedelta(days=1)
GRAVITY = {
    Phase.OFF: "bad", Phase.LIMITED: "bad", Phase.REDUCED: "warn", Phase.RECOVERING: "warn", Phase.ANNOUNCED: "soon",
    Phase.STALE: "old", Phase.OVER: "old", Phase.WITHDRAWN: "old", Phase.NONE_KNOWN: "none",
}  # fmt: skip
"""How a phase looks: bad (there is none now), warn, soon, old, none (nothing is known)."""


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("kubmap.web").joinpath("outagepage.toml").read_text(encoding="utf-8"))


def utility_name(utility: Utility) -> str:
    """«Вода», «Свет»."""
    return str(_data()["utility"][utility.value]["name"])


def shade_name(shade: str) -> str:
    """«нет», «есть», «выход на режим»."""
    return str(_data()["shade"][shade])


def gravity(state: UtilityState) -> str:
    """The class of a utility's state, one of GRAVITY's values."""
    return "none" if state.main is None else concern_gravity(state.main)


def concern_gravity(concern: Concern) -> str:
    """The class of one notice: with supply by hours it is bad only while there is none."""
    return "warn" if concern.phase is Phase.LIMITED and concern.supplied else GRAVITY[concern.phase]


def brief(state: UtilityState, now: datetime) -> str:
    """«отключена до 24:00», «сведений нет»: the line under the utility's name."""
    if state.main is None:
        return _tile("excepted" if state.excepted else "none_known")
    return concern_brief(state.main, now)


def part_note(state: UtilityState) -> str | None:
    """«часть улиц» where only a part of the place is concerned."""
    main = state.main
    if main is None:
        return None
    if main.reach in VAGUE:
        return _tile(main.reach.value)
    if not main.partial:
        return None
    return _tile("part_of" if main.reach is Reach.PART else "part")


def concern_brief(concern: Concern, now: datetime) -> str:
    """The same of one notice."""
    found, phase = concern.notice.course, concern.phase
    known = _data()["utility"][concern.notice.utility.value]
    end = clockwords.until(found.end, now) if found.end else ""
    if phase is Phase.ANNOUNCED:
        since = clockwords.since(found.start, now, exact=found.start_exact)
        return str(_data()["verb"][answer.kind_of(concern.notice)]).format(**known, since=since)
    if phase is Phase.LIMITED:
        return _by_hours(concern, now)
    if phase is Phase.RECOVERING:
        return _tile(phase.value, end=clockwords.until(found.last, now))
    if phase is Phase.OVER:
        day_only = not found.end_exact and found.over_by == found.end
        return _tile("over_day") if day_only else _tile("over", end=clockwords.until(found.last, now))
    if phase is Phase.OFF and found.end and not found.end_exact:
        return _off_days(found.end, now, str(known["off"]))
    opened = not end and phase in {Phase.OFF, Phase.REDUCED}
    return _tile(f"{phase.value}_open" if opened else phase.value, **known, end=end)


def _off_days(end: datetime, now: datetime, off: str) -> str:
    """Of a notice that tells days and no hours."""
    day = clockwords.ending(end)[0]
    if day == clockwords.today(now):
        return _tile("off_day", off=off, day=str(clockwords.near(day, now)))
    return _tile("off_days", off=off, day=clockwords.dated(day, now))


def _by_hours(concern: Concern, now: datetime) -> str:
    span, later = concern.current, concern.following
    if span is None or span.supplied is None:
        return _tile("flows_unknown")
    end = clockwords.until(span.end, now) if span.end else ""
    if span.supplied:
        return _tile("flows_now" if end else "flows_now_open", end=end)
    if later is not None and later.supplied:
        day = later.start.date()
        opens = clockwords.clock(later.start)
        near = "" if day == clockwords.today(now) else f"{clockwords.near(day, now) or clockwords.dated(day, now)} "
        return _tile("flows_later", opens=f"{near}в {opens}")
    return _tile("flows_last" if end else "flows_last_open", end=end)


def rows(notice: Notice, now: datetime) -> list[Row]:
    """(name, value) of a notice in the order of a resident's questions: when, where, why, who."""
    outage, names = notice.incident.outage, _data()["rows"]
    found = [(names["when"], answer.when_words(notice.course))]
    if outage is None:
        return found
    if outage.works and (told := words.interval_words(outage.works.start, outage.works.end)) and told != found[0][1]:
        found.append((names["works"], told))
    listed = [
        (names["supply"], _supply(notice)),
        (names["recovery"], _recovery(notice, now)),
        (names["where"], ", ".join(outage.places)),
        (names["except"], ", ".join(outage.exceptions)),
        (names["cause"], outage.cause or ""),
        (names["provider"], outage.provider or ""),
    ]
    return found + [(name, value) for name, value in listed if value]


def _supply(notice: Notice) -> str:
    """«с 6:00 до 9:00 и с 18:00 до 21:00»; «каждый день …» where hours told once hold for several days."""
    supply = notice.incident.outage.supply if notice.incident.outage else ()
    days = {words.day_of(each.start) for each in supply if each.start is not None}
    hours = [told for each in supply if (told := _window(each))]
    if len(days) != 1 or len(hours) < len(supply):
        return "; ".join(told for each in supply if (told := words.interval_words(each.start, each.end)))
    found = notice.course
    last = clockwords.ending(found.end)[0] if found.end else None
    daily = "" if last == found.start.date() else str(_data()["rows"]["daily"])
    return f"{daily} {_and(hours)}".strip()


def _window(told: Interval) -> str | None:
    """The hours alone, of a window within one day."""
    if not isinstance(told.start, datetime) or not isinstance(told.end, datetime):
        return None
    day, closed = clockwords.ending(told.end)
    return f"с {clockwords.clock(told.start)} до {closed}" if day == words.day_of(told.start) else None


def _recovery(notice: Notice, now: datetime) -> str:
    """«выход на режим ещё 4–6 ч: всё включат между 4:00 и 6:00 28 ноября»."""
    hours = notice.incident.outage.recovery_hours if notice.incident.outage else None
    if hours is None:
        return ""
    names, found = _data()["rows"], notice.course
    text = str(names["recovery_text"]).format(hours=answer.hours_words(hours))
    if found.over_from is None or found.over_by is None or not found.end_exact:
        return text
    most = clockwords.moment_words(found.over_by, now, end=True)
    if found.over_from == found.over_by:
        return str(names["recovery_by"]).format(text=text, most=most)
    same = found.over_from.date() == found.over_by.date()
    least = clockwords.clock(found.over_from) if same else clockwords.moment_words(found.over_from, now, end=True)
    return str(names["recovery_between"]).format(text=text, least=least, most=most)


def sure_row(concern: Concern) -> Row:
    """How surely the notice concerns the place."""
    return str(_data()["rows"]["sure"]), answer.sureness(concern)


def weekday(day: Any, *, short: bool = False) -> str:
    """«суббота», short «сб»."""
    return str(_data()["strip"]["short" if short else "weekdays"][day.weekday()])


def day_lines(day: Day) -> list[tuple[Utility, str]]:
    """«отключение с 6:00 до 24:00 (часть улиц)» of each notice that tells something of the day."""
    by_notice = groupby(sorted(day.spans, key=lambda each: each[0].incident.id), key=lambda each: each[0].incident.id)
    groups = [list(found) for _, found in by_notice]
    groups.sort(key=lambda found: found[0][1].start)
    return [(found[0][0].utility, _line(found[0][0], [span for _, span in found])) for found in groups]


def more_lines(count: int) -> Row:
    """What stands for the lines that are left out."""
    return str(_data()["strip"]["more"]), str(count)


def _line(notice: Notice, spans: Sequence[Span]) -> str:
    """Of one notice on one day, phase by phase."""
    parts = [_told(phase, list(found)) for phase, found in groupby(spans, key=lambda span: span.phase)]
    streets = f" ({_data()['strip']['streets']})" if notice.streets else ""
    return ", ".join(parts) + streets


def _told(phase: Phase, spans: Sequence[Span]) -> str:
    strip = _data()["strip"]
    name = str(strip[phase.value])
    windows = [_hours(each) for each in spans if each.supplied]
    if windows:
        return f"{name}: {str(strip['supplied']).format(windows=_and(windows))}"
    return f"{name} {_hours(spans[0], spans[-1])}"


def _hours(first: Span, last: Span | None = None) -> str:
    """«с 6:00 до 24:00», «весь день»."""
    end = (last or first).end
    opened, closed = clockwords.clock(first.start), clockwords.ending(end)[1] if end else "24:00"
    whole = opened == "0:00" and closed == "24:00"
    return str(_data()["strip"]["all_day"]) if whole else f"с {opened} до {closed}"


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} и {parts[-1]}"


def share(moment: datetime, day: Any) -> float:
    """Where a moment lies in a Moscow day, 0 to 24 hours."""
    opened = datetime.combine(day, time(), MOSCOW)
    return min(max((moment - opened) / _DAY, 0.0), 1.0) * 24


def told_at(notices: Iterable[Notice]) -> datetime | None:
    """When the newest of these notices was written or published."""
    known = [each.incident.updated_at or each.incident.published_at for each in notices]
    moments = [each for each in known if each is not None]
    if not moments:
        return None
    return max(each if isinstance(each, datetime) else datetime.combine(each, time(), MOSCOW) for each in moments)


def _tile(key: str, /, **known: str) -> str:
    return str(_data()["tile"][key]).format(**known)
