"""Figures of a text in one pass: ages, posts of roads, counts and sums; clocks, dates and years are none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kubmap.text.data import load
from kubmap.text.days import Day

_NUMBER = r"\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)|\d{1,7}(?:[.,]\d{1,2})?(?!\d)"
_POST = r"(?:\d[ \u00a0]\d{3}|\d{1,4})"
_KM = r"(?:км|километр\w*)"
_FIGURE = re.compile(
    rf"(?P<km>{_POST})(?:(?:[,.]\d)?-?(?:й|м|ом|ого|го|ый|ем)\s+(?:и\s+\d+-?м\s+)?{_KM}"
    rf"|\s*{_KM}?\s*\+\s*\d{{1,3}}"
    rf"|\s*{_KM}\s+(?:федерал\w+\s+)?(?:автодорог|дорог|автотрасс|трасс|фад|м-4|а-\d))"
    r"|(?P<clock>\d{1,2}(?:[:.]\d\d(?!\d)|(?:-го)?\s+(?:час|утра|вечера|ночи|дня|мин)\w*|\s+до\s+\d{1,2}(?!\d)))"
    r"|(?P<age>\d{1,2})(?:-?летн|\s+(?:лет|года?)(?!\w))"
    rf"|(?P<number>{_NUMBER})(?![\d:])(?:\s*(?P<scale>млн|миллион|млрд|миллиард|тыс))?"
    r"|\d+"
)
_SCALE = {"млн": 1e6, "миллион": 1e6, "млрд": 1e9, "миллиард": 1e9, "тыс": 1e3}
_GLUED = frozenset(":.,№+-_/")
"""What stands before a digit that is a part of something else («М-4», «12:30», «№ 5» without a space)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`numbers` are counts and sums of three and more; `kms` whole kilometres."""

    ages: frozenset[int]
    kms: frozenset[int]
    numbers: frozenset[float]


def figures(low: str, words: Sequence[str], dated: Sequence[Day]) -> Figures:
    """The figures of a folded text; `words` are its words, `dated` its days."""
    ages: set[int] = set()
    kms: set[int] = set()
    numbers = set(_numerals(words))
    for found in _free(low, dated):
        if found["km"]:
            kms.add(int(_plain(found["km"])))
        elif found["age"]:
            ages.add(int(found["age"]))
        elif found["number"]:
            numbers.update(_value(found))
    return Figures(frozenset(ages), frozenset(kms), frozenset(n for n in numbers if n >= 3))


def _free(low: str, dated: Sequence[Day]) -> Iterator[re.Match[str]]:
    """Figures that are no part of a word, of a longer figure or of a date."""
    for found in _FIGURE.finditer(low):
        at = found.start()
        before = low[at - 1] if at else " "
        if before in _GLUED or before.isalnum() or any(day.start <= at < day.end for day in dated):
            continue
        yield found


def _numerals(words: Sequence[str]) -> Iterator[float]:
    known = load("casualties")["numbers"]
    return (float(known[word]) for word in words if word in known)


def _value(found: re.Match[str]) -> Iterator[float]:
    value = float(_plain(found["number"]).replace(",", "."))
    if found["scale"]:
        yield value * _SCALE[found["scale"]]
    elif not (1990 <= value <= 2100 and value.is_integer()):
        yield value


def _plain(number: str) -> str:
    return number.replace(" ", "").replace("\u00a0", "")
