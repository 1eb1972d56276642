"""The Russian words of a record: category, moment, precision, casualties; pure, shared by the map, pages and feeds."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from kubmap.domain import MOSCOW, Precision
from kubmap.read.brief import Brief
from kubmap.read.brief import headline as first_words

if TYPE_CHECKING:
    from kubmap.domain import Casualties, Category, Incident, Location, Moment, Reason

_LONELY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "%:/?@!$&'()*+,;=~"


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads(files("kubmap.feeds").joinpath("words.toml").read_text(encoding="utf-8"))


def category_name(category: Category) -> str:
    """«ДТП», «Отключение воды»."""
    return str(_words()["category"][category.value])


def category_short(category: Category) -> str:
    """«ДТП», «Вода»: for a button beside its icon; `none` has none."""
    return str(_words()["category_short"][category.value])


def iso(moment: Moment | None) -> str | None:
    """ISO 8601 to the minute with +03:00, a plain date for a day, None for None."""
    if isinstance(moment, datetime):
        return moment.astimezone(MOSCOW).isoformat(timespec="minutes")
    return moment.isoformat() if moment else None


def day_of(moment: Moment) -> date:
    """The Moscow day of a moment."""
    return moment.astimezone(MOSCOW).date() if isinstance(moment, datetime) else moment


def day_words(day: date, *, year: bool = True) -> str:
    """«22 ноября 2021», without the year «22 ноября»."""
    words = f"{day.day} {_words()['months']['genitive'][day.month - 1]}"
    return f"{words} {day.year}" if year else words


def month_words(day: date) -> str:
    """«ноябрь 2021»."""
    return f"{_words()['months']['nominative'][day.month - 1]} {day.year}"


def _clock(moment: datetime) -> str:
    local = moment.astimezone(MOSCOW)
    return f"{local.hour}:{local.minute:02d}"


def _moment_words(moment: Moment, *, year: bool = True) -> str:
    words = day_words(day_of(moment), year=year)
    return f"{words}, {_clock(moment)}" if isinstance(moment, datetime) else words


def _midnight_before(end: datetime) -> tuple[date, str]:
    """The day and the clock of an end: 00:00 is 24:00 of the day before."""
    clock = _clock(end)
    return (day_of(end) - timedelta(days=1), "24:00") if clock == "0:00" else (day_of(end), clock)


def _hours(start: datetime, end: datetime) -> str:
    end_day, end_clock = _midnight_before(end)
    if end_day == day_of(start):
        return f"{day_words(end_day)}, с {_clock(start)} до {end_clock}"
    same_year = end_day.year == day_of(start).year
    return f"с {_clock(start)} {day_words(day_of(start), year=not same_year)} до {end_clock} {day_words(end_day)}"


def _plain_days(start: date, end: date) -> str:
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day_words(end)}"
    return f"с {day_words(start, year=start.year != end.year)} по {day_words(end)}"


def _days(start: Moment, end: Moment) -> str:
    if not isinstance(start, datetime) and not isinstance(end, datetime):
        return _plain_days(start, end)
    if day_of(start) == day_of(end):
        finer = next((moment for moment in (start, end) if isinstance(moment, datetime)), start)
        prefix = "до " if finer is end and isinstance(end, datetime) else ""
        return (
            f"{day_words(day_of(start))}, {prefix}{_clock(finer)}" if isinstance(finer, datetime) else day_words(finer)
        )
    same_year = day_of(start).year == day_of(end).year
    return f"с {_moment_words(start, year=not same_year)} до {_moment_words(end)}"


def interval_words(start: Moment | None, end: Moment | None) -> str | None:
    """«27 ноября 2021, с 6:00 до 24:00»; None when neither end is known."""
    if isinstance(start, datetime) and isinstance(end, datetime) and start != end:
        return _hours(start, end)
    if start and end and start != end:
        return _days(start, end)
    if start:
        return _moment_words(start)
    return f"до {_moment_words(end)}" if end else None


def when(incident: Incident | Brief) -> str:
    """When it happened, in words; never a time that the record does not hold."""
    known = interval_words(incident.starts_at, incident.ends_at)
    if known:
        return known
    if incident.published_at:
        return f"время не указано, сообщение от {day_words(day_of(incident.published_at))}"
    return "время не указано"


def length(metres: float) -> str:
    """«800 м», «1,5 км», «12 км»."""
    if metres < 950:  # below a kilometre metres read better
        return f"{round(metres, -1):.0f} м"
    kilometres = metres / 1000
    return (
        f"{kilometres:.0f} км"
        if kilometres >= 10
        else f"{kilometres:.1f}".rstrip("0").rstrip(".").replace(".", ",") + " км"
    )


def precision(location: Location) -> str:
    """How finely the place is known: «километр трассы, ± 1,5 км», «трасса без километра»."""
    if location.precision is Precision.AREA and location.road and location.km is None:
        return "трасса без километра"
    words = str(_words()["precision"][location.precision.value])
    pinned = location.precision in (Precision.ADDRESS, Precision.ROAD_KM, Precision.SETTLEMENT)
    return f"{words}, ± {length(location.radius_m)}" if pinned and location.radius_m else words


def casualties(found: Casualties) -> str | None:
    """«погибли 2, пострадали 5», «никто не пострадал»; None when the text is silent."""
    if found.dead is None and found.injured is None:
        return None
    if not found.dead and not found.injured:
        return "никто не пострадал" if found.injured == 0 else "погибших нет"
    parts = [f"{word}: {count}" for word, count in (("погибли", found.dead), ("пострадали", found.injured)) if count]
    if found.children:
        parts.append(f"среди них детей: {found.children}")
    return ", ".join(parts)


def reason(found: Reason) -> str:
    """«около 5:00»: время — what was read and what it told."""
    read = " ".join(found.read.split())
    return f"«{read}»: {found.note}" if read else found.note


def headline(incident: Incident | Brief) -> str:
    """The title, or the first words of the text cut at a word."""
    return incident.headline if isinstance(incident, Brief) else first_words(incident.title, incident.text)


def uri(link: str) -> str:
    """A link as RFC 3986 writes it: what people typed (letters, spaces, a lonely %) is escaped, escapes stay."""
    parts = urlsplit(_LONELY.sub("%25", link))
    host = quote(parts.netloc, safe=f"{_SAFE}[]")
    return urlunsplit((parts.scheme, host, *(quote(each, safe=_SAFE) for each in parts[2:])))


def safe_link(url: str | None) -> str | None:
    """The link when it is http or https with a host; None for anything else (javascript:, data:, broken)."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None
