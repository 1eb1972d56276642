"""Traces: what a text gives to compare it with another by, without an atlas.

Words and names are kept as their first letters, numbers by what they count: two newsrooms write one event in different
words, but rarely with another age, street or make of car.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from kubmap.atlas.words import fold
from kubmap.text.data import load
from kubmap.text.days import days
from kubmap.text.frame import read_story

Set: TypeAlias = frozenset[str]

STEM = 5
"""Letters of a word that are compared."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?…:]\s|\n)[\s«\"(]*$")
_ROUTE = re.compile(r"[А-ЯЁ][а-яё-]{2,}»?(?:\s+-\s+|\s*[–—]\s*)(?:станица\s+|ст\.\s*)?«?[А-ЯЁ][а-яё]{2,}")
_AGE = re.compile(r"(?<!\d)(\d{1,2})(?:-?летн|\s+(?:лет|года?)(?!\w))")
_KM = re.compile(
    r"(?<![\d,.])(\d{1,4})(?:[,.](\d))?-?(?:й|м|ом|ого|го|ый|ем)\s+(?:и\s+\d+-?м\s+)?(?:км|километр)"
    r"|(?<![\d,.])(\d{1,4})\s*(?:км|километр\w*)?\s*\+\s*\d{1,3}"
    r"|(?<![\d,.])(\d{1,4})\s*(?:км|километр\w*)\s+(?:федерал\w+\s+)?(?:автодорог|дорог|автотрасс|трасс|фад|м-4|а-\d)"
)
_CLOCK = re.compile(
    r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)|(?<!\d)\d{1,2}(?:-го)?\s+(?:час|утра|вечера|ночи|дня|мин)\w*"
    r"|(?<!\w)с\s+\d{1,2}\s+до\s+\d{1,2}(?!\d)"
)
_PLAIN = re.compile(r"(?<![\d:.,№\w+-])(\d{1,3}(?:[ \u00a0]\d{3})+|\d{1,7}(?:[.,]\d{1,2})?)(?![\d:])(?!-?летн)")
_MONEY = re.compile(r"\s*(млн|миллион|млрд|миллиард|тыс)")
_SCALE = {"млн": 1e6, "миллион": 1e6, "млрд": 1e9, "миллиард": 1e9, "тыс": 1e3}


@dataclass(frozen=True, slots=True)
class Traces:
    """`names` are capitalised words inside sentences, `capitals` those that begin one as well; `days` (day, month).

    `over` says that what was off is on again or what was shut is open: the works of it need not have been announced.
    `routes` are the ends of roads («Джубга — Сочи»), which are no names then.
    """

    stage: str
    over: bool = False
    words: Set = frozenset()
    names: Set = frozenset()
    capitals: Set = frozenset()
    routes: Set = frozenset()
    streets: Set = frozenset()
    makes: Set = frozenset()
    kinds: Set = frozenset()
    targets: Set = frozenset()
    themes: Set = frozenset()
    ages: frozenset[int] = frozenset()
    numbers: frozenset[float] = frozenset()
    kms: frozenset[int] = frozenset()
    days: frozenset[tuple[int, int]] = frozenset()


def traces(text: str, title: str | None = None) -> Traces:
    """The traces of a story: title and text without dateline and «Ранее…»."""
    story = read_story(text)
    start, end = story.frame.main
    raw = f"{title or ''}. {story.raw[start:end]}"
    low = f"{fold(title or '')}. {story.folded[start:end]}"
    listed = _WORD.findall(low)
    dated = days(low)
    makes = _listed("makes", listed)
    inside, capitals = _capitals(raw)
    routes = name_stems(*(m.group() for m in _ROUTE.finditer(raw)))
    return Traces(
        stage=_stage(low),
        over=_patterns("over")["over"].search(low) is not None,
        words=stems(word for word in listed if not _known(word)),
        names=inside - routes,
        capitals=capitals - routes,
        routes=routes,
        streets=_streets(raw),
        makes=makes,
        kinds=_listed("kinds", listed),
        targets=_listed("targets", listed),
        themes=_listed("themes", listed),
        ages=frozenset(int(age) for age in _AGE.findall(low)),
        numbers=_numbers(low, listed, [(day.start, day.end) for day in dated]),
        kms=frozenset(int(next(filter(None, (m[1], m[3], m[4])))) for m in _KM.finditer(low)),
        days=frozenset((day.day, day.month) for day in dated if day.day and day.month),
    )


def stem(word: str) -> str:
    """The first letters of a folded word, without the ending that a short one has there («дону», «анапой»)."""
    return word[:STEM].rstrip("аеиоуыэюяьй")


def stems(listed: Iterable[str]) -> Set:
    """What is left of folded words to compare: their first letters, without common news words."""
    return frozenset({stem(word) for word in listed if len(word) > 3}) - _common("words")


def _name_stem(word: str) -> str:
    """The stem of a name; a short first part («Усть-Лабинск») is kept, for Лабинск is another town."""
    first, _, rest = word.partition("-")
    return f"{first}-{stem(rest)}" if rest and len(first) < STEM else stem(first)


@lru_cache(maxsize=1 << 12)
def name_stems(*names: str) -> Set:
    """The first letters of the words of place names."""
    return frozenset(_name_stem(word) for name in names for word in folded_words(name))


def folded_words(text: str) -> list[str]:
    """The folded words of a text."""
    return _WORD.findall(fold(text))


@lru_cache(maxsize=4)
def _common(table: str) -> Set:
    listed = load("compare")[table]["common"]
    return frozenset(map(stem, listed.split() if isinstance(listed, str) else listed))


@lru_cache(maxsize=2)
def _patterns(table: str) -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in load("compare")[table].items()}


def _stage(low: str) -> str:
    return next((name for name, pattern in _patterns("stage").items() if pattern.search(low)), "event")


@lru_cache(maxsize=4)
def _spellings(table: str) -> Mapping[str, str]:
    return {word: name for name, listed in load("compare")[table].items() for word in listed}


def _listed(table: str, listed: Iterable[str]) -> Set:
    """Names of a table: by the whole word (short ones are inflected there) or by its first letters."""
    known = _spellings(table)
    return frozenset([known[key] for word in listed for key in (word, word[:STEM], word[: STEM + 1]) if key in known])


@lru_cache(maxsize=1 << 14)
def _known(word: str) -> bool:
    """Whether a word is compared by one of the tables already."""
    return any(_listed(table, [word]) for table in ("makes", "kinds", "targets", "themes"))


def _capitals(raw: str) -> tuple[Set, Set]:
    inside: set[str] = set()
    every: set[str] = set()
    makes = _spellings("makes")
    for found in _WORD.finditer(raw):
        word = found.group()
        if not word[0].isupper() or len(word) < 3:
            continue
        low = fold(word)
        if low in makes or low[:STEM] in makes:
            continue
        found_stems = {_name_stem(low)} - _common("names")
        every.update(found_stems)
        if not _SENTENCE.search(raw, max(0, found.start() - 6), found.start()):
            inside.update(found_stems)
    return frozenset(inside), frozenset(every)


@lru_cache(maxsize=1)
def _street_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in load("compare")["street"].values())


def _streets(raw: str) -> Set:
    found = (m[name] for p in _street_patterns() for m in p.finditer(raw) for name in p.groupindex if m[name])
    return frozenset(stem(fold(street)) for street in found)


def _numbers(low: str, listed: Iterable[str], dated: list[tuple[int, int]]) -> frozenset[float]:
    """Counts, sums and house numbers; not clocks, dates, ages, km or years."""
    taken = [*dated, *(m.span() for p in (_CLOCK, _AGE, _KM) for m in p.finditer(low))]
    numerals = load("casualties")["numbers"]
    said = [float(numerals[word]) for word in listed if word in numerals]
    return frozenset(n for n in (*said, *_figures(low, taken)) if n >= 3)


def _figures(low: str, taken: list[tuple[int, int]]) -> Iterator[float]:
    for found in _PLAIN.finditer(low):
        if any(start <= found.start() < end for start, end in taken):
            continue
        value = float(re.sub(r"[ \u00a0]", "", found[1]).replace(",", "."))
        scale = _MONEY.match(low, found.end())
        if scale:
            value *= _SCALE[scale[1]]
        elif 1990 <= value <= 2100 and value.is_integer():
            continue
        yield value
