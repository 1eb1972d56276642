"""Days of a text («22 ноября», «вчера», «в минувшую субботу») and which day of the calendar each is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from kubmap.atlas.asked import Asked, Begins
from kubmap.text.anchors import Times, find_from, read_times
from kubmap.text.clocks import Role, role_of
from kubmap.text.data import load
from kubmap.text.marks import DAY_ADJECTIVES, words_of
from kubmap.text.tokens import lay_out

_BEFORE = 40  # characters before a day that are looked at
_HALF = timedelta(days=182)  # a date of this year that is no further is the nearest one
_NEAR = 24  # characters between a weekday and its date («в пятницу, 12 октября», «в среду вечером, 7 августа»)


class Day(NamedTuple):
    """A day as said. `day`, `month`, `year` of a date; `offset` days of «вчера»; `weekday` 0..6, alone or with a date.

    `last` is (day, month) of the end of a range («18 и 19 ноября»), `night` says «в ночь на …», `ahead` says
    «следующую» (1) or «минувшую» (-1).
    """

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    last: int | None = None
    offset: int | None = None
    weekday: int | None = None
    ahead: int = 0
    night: bool = False
    role: Role | None = None


class Calendar(NamedTuple):
    """What is known of now: `today` is the day of publication; `future` says that the event may lie ahead.

    `over`: the text tells of what has happened, so a bare weekday lies behind («в воскресенье остались без света»).
    """

    today: date | None
    future: bool = False
    over: bool = False


@lru_cache(maxsize=1)
def _core() -> re.Pattern[str]:
    data = load("when")
    months = "|".join(data["months"].values())
    ordinals = "|".join(data["ordinals"])
    weekdays = "|".join(data["weekdays"])
    relative = "|".join(sorted(data["relative"], key=len, reverse=True))
    suffix = r"(?:-?(?:го|е|ое|ого))?"
    return re.compile(
        rf"(?<![\w:.,/№+])(?:(?P<d>\d{{1,2}}){suffix}(?:(?:,\s*\d{{1,2}}{suffix}){{0,5}}\s*(?:и|по|до|-|—)\s*(?P<l>\d{{1,2}}){suffix})?"
        rf"|(?P<tens>двадцать\s+|тридцать\s+)?(?P<o>{ordinals}))\s+(?P<m>{months})(?!\w)\.?"
        r"(?:\s*(?P<y>(?:19|20)\d\d)(?!\d)(?:-?го)?(?:\s*(?:г\.|года|году|г(?!\w)))?)?"
        r"|(?<![\w.:/])(?P<nd>\d{1,2})\.(?P<nm>\d{1,2})\.(?P<ny>(?:19|20)\d\d|\d\d)(?![\d.])"
        rf"|(?<!\w)(?P<rel>{relative})(?!\w)"
        rf"|(?<!\w)(?:(?P<adj>{DAY_ADJECTIVES})[а-я]{{1,3}}\s+)?(?P<wd>{weekdays})(?!\w)"
        r"|(?<![\w:.,/№])(?P<gd>\d{1,2})(?:-го|-е|\s+числа)(?!\w)"
    )


@lru_cache(maxsize=1)
def _street() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{load('when')['guards']['street']})\.?\s*«?$")


_NIGHT = re.compile(r"ноч(?:ь|и|ью)\s+(?:с\s+[\w\s-]{1,24}\s+)?на\s+$")
_PLAIN = re.compile(r"(?<!\w)(?:окружающ[а-я]+|и)\s+$")


class _Months(Asked[int]):
    """Name of a month in a case -> its number."""

    def tell(self, word: str) -> int:
        return next(int(number) for number, forms in load("when")["months"].items() if re.fullmatch(forms, word))


_MONTHS = _Months()


def _number(found: re.Match[str]) -> int:
    if found["d"]:
        return int(found["d"])
    tens = {"": 0, "двадцать": 20, "тридцать": 30}[(found["tens"] or "").strip()]
    return tens + int(load("when")["ordinals"][found["o"]])


def _named(found: re.Match[str], *, night: bool, role: Role | None) -> Day | None:
    """«вчера», «в минувшую субботу»: a weekday needs a preposition, an adjective or «ночь на»."""
    span = found.span()
    if found["rel"]:
        return Day(*span, offset=load("when")["relative"][found["rel"]], night=night)
    ahead = {"сл": 1, "бл": 1, "на": 1, "ми": -1, "пр": -1}.get((found["adj"] or "")[:2], 0)
    return Day(*span, weekday=load("when")["weekdays"][found["wd"]], ahead=ahead, night=night, role=role)


def _dated(found: re.Match[str], *, night: bool, role: Role | None) -> Day | None:
    month = year = last = None
    if found["nd"]:
        number, month, year = int(found["nd"]), int(found["nm"]), int(found["ny"])
        year += 2000 if year < 100 else 0
    elif found["gd"]:
        number = int(found["gd"])
    else:
        number, month = _number(found), _MONTHS[found["m"]]
        year = int(found["y"]) if found["y"] else None
        last = int(found["l"]) if found["l"] else None
    if not (1 <= number <= 31 and 1 <= (month or 1) <= 12):
        return None
    return Day(*found.span(), number, month, year, last, night=night, role=role)


@lru_cache(maxsize=1)
def _telling() -> tuple[Begins, Begins]:
    """The tokens that may end what stands before a day: of what is no day, and of its role."""
    data = load("when")
    roles = words_of((phrase for name in data["roles"].values() for phrase in name.split("|")), at=-1)
    return Begins(rf"(?:{data['guards']['street']}|и|окружающ[а-я]+)$|[.«]"), Begins(rf"(?:{roles}|на)$")


def days(folded: str, times: Times | None = None) -> list[Day]:
    """Days of a folded text in order; a weekday beside a date is part of it; streets («ул. 1 Мая») are not days."""
    result: list[Day] = []
    layout, _, begin = times or read_times(lay_out(folded))
    denying, telling = _telling()
    for number, found in find_from(_core(), folded, layout, begin):
        night, role, token = False, None, layout.folds[number - 1] if number else ""
        before = folded[max(0, found.start() - _BEFORE) : found.start()]
        if denying[token] and (_street().search(before) or (found["wd"] and _PLAIN.search(before))):
            continue
        if telling[token]:
            night, role = _NIGHT.search(before) is not None, role_of(layout, number, before)
        make = _named if found["rel"] or found["wd"] else _dated
        day = make(found, night=night, role=role)
        if day is not None:
            result.append(day)
    return _joined(_inherited(result), folded) if result else result


def _inherited(found: Iterable[Day]) -> list[Day]:
    """«12 октября … 13-го»: a day without a month takes that of the date before it."""
    result: list[Day] = []
    known: Day | None = None
    for day in found:
        if day.day and not day.month:
            if known is None or known.day is None or known.month is None:
                continue
            month = known.month if day.day >= known.day else known.month % 12 + 1
            day = day._replace(month=month, year=known.year if month >= known.month else None)  # noqa: PLW2901
        result.append(day)
        known = day if day.month else known
    return result


def _joined(found: list[Day], folded: str) -> list[Day]:
    """Weekdays and «вчера» beside a date merge into the date."""
    result = found[:1]
    for day in found[1:]:
        last = result[-1]
        if not _beside(folded[last.end : day.start]) or bool(last.day) == bool(day.day):
            result.append(day)
            continue
        date_part, word = (last, day) if last.day else (day, last)
        result[-1] = date_part._replace(
            start=last.start, end=day.end, weekday=word.weekday, night=last.night or day.night,
            role=last.role if date_part is last or last.role in {"start", "end"} else day.role,
        )  # fmt: skip
    return result


def _beside(gap: str) -> bool:
    return len(gap) <= _NEAR and not re.search(r"[.;!?\d]|(?<!\w)(?:и|до|по|на)(?!\w)", gap)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(day: Day, calendar: Calendar) -> date | None:
    """The nearest year: of the past for what has happened, of either side for what is announced."""
    if calendar.today is None or day.day is None or day.month is None:
        return None
    today = calendar.today
    near = _valid(today.year, day.month, day.day)
    if near is not None and abs(near - today) <= _HALF and (calendar.future or near <= today + timedelta(days=1)):
        return near
    around = [_valid(year, day.month, day.day) for year in (today.year - 1, today.year, today.year + 1)]
    dates = [found for found in around if found is not None]
    if not calendar.future:
        dates = [found for found in dates if found <= today + timedelta(days=1)]
    return min(dates, key=lambda found: abs(found - today), default=None)


def _settled(found: date | None, day: Day, calendar: Calendar) -> date | None:
    """A date beside a weekday that it contradicts by one day: the weekday is right (a date is a slip more often)."""
    if found is None or day.weekday is None or found.weekday() == day.weekday or day.year:
        return found
    for shift in (1, -1):
        other = found + timedelta(days=shift)
        if other.weekday() == day.weekday and calendar.today and (calendar.future or other <= calendar.today):
            return other
    return found


def _weekday(day: Day, calendar: Calendar) -> date | None:
    if calendar.today is None or day.weekday is None:
        return None
    back = (calendar.today.weekday() - day.weekday) % 7
    forward = -back % 7
    if day.ahead > 0 or (calendar.future and not calendar.over and day.ahead == 0):
        return calendar.today + timedelta(days=forward or (7 if day.ahead > 0 else 0))
    return calendar.today - timedelta(days=back or (7 if day.ahead < 0 else 0))


def resolve(day: Day, calendar: Calendar) -> date | None:
    """The calendar day; None where the year cannot be known."""
    if day.day is not None and day.month is not None:
        exact = _valid(day.year, day.month, day.day) if day.year else _year(day, calendar)
        return _settled(exact, day, calendar)
    if day.offset is not None:
        return calendar.today + timedelta(days=day.offset) if calendar.today else None
    return _weekday(day, calendar)


def resolve_last(day: Day, calendar: Calendar) -> date | None:
    """The last day of a range, or the day itself."""
    first = resolve(day, calendar)
    if first is None or day.last is None or day.month is None:
        return first
    return _valid(first.year, day.month, day.last) or first
