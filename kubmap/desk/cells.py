"""Cells of a table as values: days, clock times and spans as utilities write them, numbers, coordinates, one of few.

Errors are InputErrors in Russian that quote the cell and say how to write it. Times are Moscow time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kubmap.atlas.words import fold
from kubmap.domain import MOSCOW, Interval, Moment
from kubmap.errors import InputError

YEARS = range(1990, 2101)
LONG = timedelta(days=62)
"""An outage that is told to last longer is a slip in a date."""

_DAY_MINUTES = 24 * 60
_MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
_NAMES = {name[:3]: number for number, name in enumerate(_MONTHS.split("|"), start=1)}
_DAYS = (
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)t?"),
    re.compile(r"(?<![\d.])(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4}|\d{2})(?!\d)(?:\s*г(?:ода|\.)?(?!\w))?"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:-?го)?\s+(?P<n>{_MONTHS})(?:\s+(?P<y>\d{{4}})(?:\s*г(?:ода|\.)?(?!\w))?)?"),
)
_SHORT_DAY = re.compile(r"\s*(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.?\s*")
_MIDNIGHT = re.compile(r"[ tT]00:00(?::00(?:\.0+)?)?\s*$")
_TIMES = (
    re.compile(
        r"(?<!\d)(?P<h>\d{1,2})\s?[:.]\s?(?P<min>[0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(?!\d)(?:\s*ч(?:ас[а-я]*|\.)?(?!\w))?"
    ),
    re.compile(r"(?<!\d)(?P<h>\d{1,2})\s*ч(?:ас[а-я]*|\.)?(?:\s*(?P<min>[0-5]?\d)\s*м(?:ин[а-я]*|\.)?)?(?!\w)"),
    re.compile(r"(?<![\d-])(?P<h>\d{1,2})-(?P<min>00|30|15|45)(?=\s*(?:-|—|до|по|ч|$|[,;\x01]))(?!\d)"),
    re.compile(r"(?<=с )\s*(?P<h>\d{1,2})(?P<min>)(?![\d.:/])|(?<=до )\s*(?P<h2>\d{1,2})(?![\d.:/])"),
    re.compile(r"(?<!\d)(?P<h>\d{1,2})(?P<min>)(?=\s*[-—]\s*\d)|(?<=[-—])\s*(?P<h2>\d{1,2})(?!\d)"),
)
_OFFSET = re.compile(r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)")
_ZONE = re.compile(r"(?:\+03:?00|мск)\b")
_END_FIRST = re.compile(r"^\W*(?:до|по)(?!\w)")


@dataclass(frozen=True, slots=True)
class _Token:
    """A day or a minute of a day, and where it stands."""

    at: int
    day: date | None = None
    minute: int | None = None


def interval(cell: str, *, today: date) -> Interval:
    """When: «27.11.2021 6:00–24:00», «27 ноября с 9 до 17», «с 22:00 6 мая до 14:00 7 мая», «2021-11-27».

    A day without a year is the one nearest to `today`. 24:00 is 00:00 of the next day; an end that is not after its
    start on the same day is of the next one. Raises InputError.
    """
    if _OFFSET.fullmatch(cell.strip()):
        return Interval(_with_offset(cell), None)
    tokens, rest = _tokens(cell, today)
    days = [each for each in tokens if each.day is not None]
    times = [each for each in tokens if each.minute is not None]
    if not tokens:
        raise _unread(cell)
    if re.search(r"\d", rest) or len(days) > 2 or len(times) > 2:
        raise _unread(cell)
    if not days:
        raise InputError(f"в «{_short(cell)}» нет дня: укажите дату, например 27.11.2021")
    found = _two_days(days, times) if len(days) == 2 else _one_day(days[0], times, ends=bool(_END_FIRST.match(cell)))
    return _sensible(found, cell)


def moment(cell: str, *, today: date) -> Moment:
    """A day or a minute. Raises InputError, for a span too."""
    found = interval(cell, today=today)
    if found.start is None or found.end is not None:
        raise InputError(f"«{_short(cell)}»: нужен один день или одно время, например 27.11.2021 6:00")
    return found.start


def clock(cell: str) -> str:
    """A cell of a column of times, as `interval` reads it: «9» is 9:00, «9-17» is 9:00-17:00."""
    plain = _folded(cell).strip()
    if re.fullmatch(r"\d{1,2}", plain):
        return f"{plain}:00"
    if found := re.fullmatch(r"(\d{1,2})\s*(?:-|—|до)\s*(\d{1,2})", plain):
        return f"{found[1]}:00-{found[2]}:00"
    return cell


def day_cell(cell: str, *, timed: bool = False) -> str:
    """A cell of a column of days: «27.11» without a year is read too.

    `timed`: another column tells the time, so the midnight that programs write behind a day («2021-11-27 00:00:00»)
    tells none.
    """
    if timed:
        cell = _MIDNIGHT.sub("", cell)
    found = _SHORT_DAY.fullmatch(_folded(cell))
    if found and 1 <= int(found["m"]) <= 12:
        month = _MONTHS.split("|")[int(found["m"]) - 1]
        return f"{found['d']} {month}"
    return cell


def number(cell: str, *, low: float, high: float, whole: bool = False) -> float:
    """A number with a point or a comma, between two bounds. Raises InputError."""
    plain = cell.replace("\u00a0", "").replace(" ", "").replace(",", ".").replace("−", "-")
    try:
        found = float(plain)
    except ValueError:
        raise InputError(f"«{_short(cell)}» — не число") from None
    if not low <= found <= high:
        raise InputError(f"{plain[:20]} вне пределов {low:g}–{high:g}")
    if whole and not found.is_integer():
        raise InputError(f"{plain[:20]}: нужно целое число")
    return found


def point(cell: str) -> tuple[float, float]:
    """«45.035, 38.975», «45,035; 38,975»: degrees, as they stand. Raises InputError."""
    parts = re.split(r"\s*;\s*|\s*,\s+|\s+", cell.strip())
    if len(parts) != 2:
        parts = cell.split(",") if cell.count(",") == 1 else parts
    if len(parts) != 2:
        raise InputError(f"«{_short(cell)}» — не координаты; пишите «45.0355, 38.9753»")
    return number(parts[0], low=-180, high=180), number(parts[1], low=-180, high=180)


def answer(cell: str, patterns: Mapping[str, re.Pattern[str]]) -> str | None:
    """Which of a few answers a cell gives; None where none fits."""
    folded = fold(cell).strip()
    return next((name for name, pattern in patterns.items() if pattern.search(folded)), None)


def _tokens(cell: str, today: date) -> tuple[list[_Token], str]:
    """Days and times in their order, and what is left of the cell."""
    rest = _ZONE.sub(lambda found: " " * len(found[0]), _folded(cell))
    found: list[_Token] = []
    for pattern in _DAYS:
        for match in pattern.finditer(rest):
            found.append(_Token(match.start(), day=_day(match, cell, today)))
            rest = _blanked(rest, match)
    for pattern in _TIMES:
        for match in pattern.finditer(rest):
            found.append(_Token(match.start(), minute=_minute(match, cell)))
            rest = _blanked(rest, match)
    return sorted(found, key=lambda each: each.at), rest


def _with_offset(cell: str) -> datetime:
    try:
        return datetime.fromisoformat(cell.strip()).astimezone(MOSCOW)
    except (ValueError, OverflowError):
        raise _unread(cell) from None


def _folded(cell: str) -> str:
    return re.sub(r"[‑–−]", "-", fold(cell))


def _blanked(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + "\x01" * (match.end() - match.start()) + text[match.end() :]


def _day(match: re.Match[str], cell: str, today: date) -> date:
    groups = match.groupdict()
    month = int(groups["m"]) if groups.get("m") else _NAMES[groups["n"][:3]]
    try:
        if groups["y"] is None:
            return _nearest(int(groups["d"]), month, today)
        year = int(groups["y"]) + (2000 if len(groups["y"]) == 2 else 0)
        found = date(year, month, int(groups["d"]))
    except ValueError:
        raise InputError(f"«{_short(cell)}»: такого дня нет") from None
    if found.year not in YEARS:
        raise InputError(f"«{_short(cell)}»: проверьте год")
    return found


def _nearest(day: int, month: int, today: date) -> date:
    """Raises ValueError for a day that no year near has (29 February)."""
    years = (today.year, today.year + 1, today.year - 1)
    return min((date(y, month, day) for y in years if _has(y, month, day)), key=lambda each: abs(each - today))


def _has(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _minute(match: re.Match[str], cell: str) -> int:
    groups = match.groupdict()
    hours = int(groups["h"] or groups.get("h2") or 0)
    minute = hours * 60 + int(groups["min"] or 0)
    if minute > _DAY_MINUTES:
        raise InputError(f"«{_short(cell)}»: времени {hours}:{minute % 60:02d} нет")
    return minute


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), MOSCOW) + timedelta(minutes=minute)


def _one_day(day: _Token, times: Sequence[_Token], *, ends: bool) -> Interval:
    assert day.day is not None, "a day's token"
    minutes = [each.minute or 0 for each in times]
    if not minutes:
        return Interval(None, day.day) if ends else Interval(day.day, None)
    if len(minutes) == 1:
        only = _at(day.day, minutes[0])
        return Interval(day.day, only) if ends else Interval(only, None)
    start, end = _at(day.day, minutes[0]), _at(day.day, minutes[1])
    return Interval(start, end if end > start else end + timedelta(days=1))


def _two_days(days: Sequence[_Token], times: Sequence[_Token]) -> Interval:
    first, last = days[0].day, days[1].day
    assert first is not None, "a day's token"
    assert last is not None, "a day's token"
    minutes = [each.minute or 0 for each in times]
    if not minutes:
        return Interval(first, last)
    if len(minutes) == 2:
        return Interval(_at(first, minutes[0]), _at(last, minutes[1]))
    early = times[0].at < days[1].at
    return Interval(_at(first, minutes[0]), last) if early else Interval(first, _at(last, minutes[0]))


def _sensible(found: Interval, cell: str) -> Interval:
    start, end = found.start, found.end
    if start is None or end is None:
        return found
    first, last = _day_of(start), _day_of(end)
    backwards = isinstance(start, datetime) and isinstance(end, datetime) and end <= start
    if last < first or backwards:
        raise InputError(f"«{_short(cell)}»: конец раньше начала")
    if last - first > LONG:
        raise InputError(f"«{_short(cell)}»: срок больше двух месяцев, проверьте даты")
    return found


def _day_of(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _unread(cell: str) -> InputError:
    if re.fullmatch(r"\s*\d{5}(?:\.\d+)?\s*", cell):
        return InputError(f"число {cell.strip()} вместо даты: отформатируйте столбец в Excel как дату")
    return InputError(f"время не читается: «{_short(cell)}»; пишите «27.11.2021 6:00–24:00»")


def _short(cell: str) -> str:
    words = " ".join(cell.split())
    return words if len(words) <= 60 else f"{words[:57]}…"
