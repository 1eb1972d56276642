"""Traces: what a text gives to compare it with another by, without an atlas.

Words and names are kept as their first letters, numbers by what they count: two newsrooms write one event in different
words, but rarely with another age, street or make of car.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from kubmap.atlas.words import fold
from kubmap.geocode.figures import figures
from kubmap.text.data import load
from kubmap.text.days import days
from kubmap.text.frame import read_story

Set: TypeAlias = frozenset[str]

STEM = 5
"""Letters of a word that are compared."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?…:]\s|\n)[\s«\"(]*$")
_ROUTE = re.compile(r"[А-ЯЁ][а-яё-]{2,}»?(?:\s+-\s+|\s*[–—]\s*)(?:станица\s+|ст\.\s*)?«?[А-ЯЁ][а-яё]{2,}")
_TITLE = 2_000  # characters of a title that are read
_TABLES = ("makes", "kinds", "targets", "themes")


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
    head = (title or "")[:_TITLE]
    raw = f"{head}. {story.raw[start:end]}"
    low = f"{fold(head)}. {story.folded[start:end]}"
    listed = _WORD.findall(low)
    dated = days(low)
    found = figures(low, listed, dated)
    inside, capitals = _capitals(raw)
    routes = name_stems(*(m.group() for m in _ROUTE.finditer(raw)))
    return Traces(
        stage=_stage(low),
        over=_patterns("over")["over"].search(low) is not None,
        words=stems(word for word in listed if not _entries(word)),
        names=inside - routes,
        capitals=capitals - routes,
        routes=routes,
        streets=_streets(raw),
        **_listed(listed),
        ages=found.ages,
        numbers=found.numbers,
        kms=found.kms,
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


def _listed(words: Iterable[str]) -> dict[str, Set]:
    """Names of each table that the words stand for."""
    found: dict[str, set[str]] = {table: set() for table in _TABLES}
    for word in words:
        for table, name in _entries(word):
            found[table].add(name)
    return {table: frozenset(names) for table, names in found.items()}


@lru_cache(maxsize=1 << 14)
def _entries(word: str) -> tuple[tuple[str, str], ...]:
    """Table and name of a word: by the whole word (short ones are inflected there) or by its first letters."""
    keys = (word, word[:STEM], word[: STEM + 1])
    return tuple(
        (table, known[key]) for table in _TABLES for known in (_spellings(table),) for key in keys if key in known
    )


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
