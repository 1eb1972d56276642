"""What stands on a news page around its news: menus, buttons, counters, dates in front. Pure; words are data."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from kubmap.atlas.words import fold
from kubmap.domain import MOSCOW, Moment

LONGEST = 600
"""A longer line is no furniture, whatever it begins with."""
MENU_WORDS, MENU_CHARS, MENU_ITEMS = 3, 32, 3
"""A menu has so many items or more, each of so many words or characters or fewer."""

_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_CLOCK = re.compile(
    r"(?:в\s)?([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?(?!\d|[.:]\d)(?:\s?(?:мск|msk)\b)?", re.IGNORECASE
)
_NUMERIC = re.compile(r"([0-3]?\d)[./]([01]?\d)[./]((?:19|20)\d\d)(?!\d)(?:\s?г\.?(?=\W|$))?")
_ISO = re.compile(r"((?:19|20)\d\d)-([01]\d)-([0-3]\d)(?!\d)")
_WORDED = re.compile(
    rf"([0-3]?\d)\s({'|'.join(_MONTHS)})(?:\s((?:19|20)\d\d)(?!\d)(?:\s?(?:года|год|г\.?)(?=\W|$))?)?(?!\w)",
    re.IGNORECASE,
)
_DAY_WORD = re.compile(r"(?:сегодня|вчера|только что)(?!\w)", re.IGNORECASE)
_GAP = re.compile(r"[\s,|/•·—–-]{0,4}")
_OPEN = re.compile(r"[\s\[(|]{0,3}")
_CLOSE = re.compile(r"[\s\])|,:•·—–-]{0,5}")
_BEGIN = re.compile(r"[«\"„“(]?[A-ZА-ЯЁ0-9]")
_SEPARATOR = re.compile(r"\s*[|•·»›>→/]\s*|\s{3,}|\t+")


class Stamp(NamedTuple):
    """A date or time in front of a teaser: where the line goes on after it, and the moment where the year is told."""

    end: int
    moment: Moment | None
    clock: bool


def why_left_out(line: str) -> str | None:
    """Why a whole line is furniture (in Russian); None for one that is not."""
    if len(line) > LONGEST:
        return None
    plain = " ".join(fold(line).split())
    for why, pattern in _lines():
        if pattern.fullmatch(plain):
            return why
    return str(_data()["menu"]["why"]) if _is_menu_line(line) else None


def words_of(part: str) -> str:
    """Why something was left out, by the name of a table of furniture.toml."""
    return str(_data()[part]["why"])


def is_menu_item(line: str) -> bool:
    """A few words that end no sentence: several such lines in a row are a menu."""
    return len(line) <= MENU_CHARS and 1 <= len(line.split()) <= MENU_WORDS and line[-1:] not in ".!?…;,:"


def tail(line: str) -> int:
    """Where a button at the end of a line begins («… Читать далее →»); its length where there is none."""
    start = max(0, len(line) - 40)
    found = _tail().search(fold(line[start:]))
    return len(line[: start + found.start()].rstrip()) if found else len(line)


def stamp(line: str) -> Stamp | None:
    """The date or time that a line begins with, where it is no part of the sentence.

    «22.11.2021 10:35 Авария…», «[10:35] …», a line of its own; not «22 ноября в Анапе…» nor «22 ноября около 5:00».
    """
    at = _OPEN.match(line).end()  # type: ignore[union-attr]  # it matches nothing at least
    day, after_day = _day(line, at)
    clock, after = _clock(line, after_day)
    if day is None and clock is not None:
        day, later = _day(line, _GAP.match(line, after).end())  # type: ignore[union-attr]
        after = later if day is not None else after
    if day is None and clock is None:
        return None
    end = _CLOSE.match(line, after).end()  # type: ignore[union-attr]
    if end < len(line) and not _stands_apart(line, end, day=day, clock=clock):
        return None
    return Stamp(end, _moment(day, clock), clock is not None)


def _stands_apart(line: str, end: int, *, day: Day | None, clock: time | None) -> bool:
    """A new sentence follows, and the stamp is no beginning of it: «22 ноября Кубань…» may be one."""
    numeric = day is not None and day.numeric
    return bool(_BEGIN.match(line, end)) and (numeric or clock is not None)


class Day(NamedTuple):
    """`on` is None where no year is told; `numeric`: «22.11.2021»."""

    on: date | None
    numeric: bool


def _day(line: str, at: int) -> tuple[Day | None, int]:
    """The day at a position, and where it ends (the position where there is none)."""
    if found := _NUMERIC.match(line, at):
        on = _date(found[3], found[2], found[1])
        return (Day(on, numeric=True), found.end()) if on else (None, at)
    if found := _ISO.match(line, at):
        on = _date(found[1], found[2], found[3])
        return (Day(on, numeric=True), found.end()) if on else (None, at)
    if found := _WORDED.match(line, at):
        on = _date(found[3], str(_MONTHS.index(found[2].lower()) + 1), found[1]) if found[3] else None
        return Day(on, numeric=False), found.end()
    if found := _DAY_WORD.match(line, at):
        return Day(None, numeric=False), found.end()
    return None, at


def _clock(line: str, at: int) -> tuple[time | None, int]:
    start = _GAP.match(line, at).end()  # type: ignore[union-attr]
    found = _CLOCK.match(line, start)
    return (time(int(found[1]), int(found[2])), found.end()) if found else (None, at)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _moment(day: Day | None, clock: time | None) -> Moment | None:
    if day is None or day.on is None:
        return None
    return day.on if clock is None else datetime.combine(day.on, clock, MOSCOW)


def _is_menu_line(line: str) -> bool:
    """«Главная | Новости | Афиша»."""
    if len(line) > LONGEST:
        return False
    items = [each for each in _SEPARATOR.split(line) if each]
    return len(items) >= MENU_ITEMS and all(is_menu_item(each) for each in items)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("kubmap.desk").joinpath("furniture.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _lines() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (row["why"], re.compile("|".join(f"(?:{each})" for each in row["patterns"]))) for row in _data()["lines"]
    )


@lru_cache(maxsize=1)
def _tail() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in _data()["tail"]["patterns"]))
