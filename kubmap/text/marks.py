"""What a token may begin, as bits: one look-up a token tells all readers of a text whether they have anything to read.

News repeats its words, so nearly every token of a new teaser has been asked about before; a text that has none of a
mark costs the reader of that mark nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from kubmap.atlas.asked import Asked
from kubmap.text.data import load
from kubmap.text.letters import LETTERS

WORD, NUMBER = 1, 2
"""Kinds of tokens; what is neither is a single other character."""
NAMED = WORD | NUMBER
AFTER_HOUR, AFTER_DAY = 4, 8
"""What may follow the number of an hour or of a day: «:», «часов», «мая»."""
ROAD, REF = 16, 32
"""A word that speaks of a road, a letter of a road's number."""
TELLING, CATCH = 64, 128
"""A word that may tell the role of a place after it, a word for an arrest."""
BETWEEN = 256
"""«между»."""
RUN, METRES = 512, 1024
"""A word for a train, a bus or a flight between two places, one with «км» or «метр» in it."""
UNLISTED = 2047
"""All kinds and marks above: it is asked whether a text has them, or one token; the tokens with others are listed."""
CLOCK, DAY = 2048, 4096
"""A word that begins a time of the day, a day of the calendar."""
FIGURE = 8192
"""A number."""
OPENING = 16384
"""«Ранее», «напомним», «читайте также»."""
DENIAL = 32768
"""«никто не пострадал»."""
HURT = 65536
"""A word for people dead or injured (anywhere, not at the beginning only)."""
RAIL = 131072
"""A word of the railway: a station, a stretch between two, a level crossing, a train."""
TAKEN = 262144
"""A verb for people who are brought somewhere: «вывели», «эвакуировали»."""
CAUGHT = frozenset({"задержан", "задержана", "задержаны", "пойман", "поймана", "пойманы", "арестован", "арестованы"})
CATCHING = ("задерж", "пойма", "арест")

DAY_ADJECTIVES = "минувш|прошл|прошедш|ближайш|следующ|наступающ|эт"
"""How «минувшую (субботу)» begins."""
_HURT = frozenset("DdrIiejmwbzLGZXVS")
"""Letters of casualties.toml without which a sentence counts nobody («не» counts before «стало» and «выжил»)."""


def _clock() -> str:
    data = load("when")
    hours, ordinals = "|".join(data["hours"]), "|".join(data["ordinals"])
    return rf"(?:{hours}|конца|исхода)$|пол(?:овин|н|уноч|день|удн|{ordinals})"


def _day() -> str:
    data = load("when")
    first = words_of([*data["ordinals"], "двадцать", "тридцать", *data["relative"], *data["weekdays"]])
    return rf"(?:{first}|(?:{DAY_ADJECTIVES})[а-я]{{1,3}})$"


def _opening() -> str:
    data = load("frame")
    phrases = "|".join(phrase for kind in ("tails", "recalls", "back") for phrase in data[kind])
    first = re.findall(r"(?:^|\|)(\w+)", phrases)
    return rf"(?:{'|'.join(first)})$"


def _denial() -> str:
    said = load("casualties")["nobody"]
    later = r"(?<=[^|])\((?:[^()]|\([^()]*\))*\)"  # a group that does not begin an alternative
    phrases = re.sub(later, "", f"{said['hurt']}|{said['dead']}")
    first = dict.fromkeys(re.findall(r"(?:^|[|(:])([а-я]+)", phrases))
    return rf"(?:{'|'.join(first)})$"


def _road() -> str:
    return rf".*(?:{load('where')['roads']['words']})"


def _after_day() -> str:
    months = "|".join(load("when")["months"].values())
    return rf"[-,—.]|(?:и|по|до|го|е|ое|ого|числа)$|{months}"


@lru_cache(maxsize=1)
def telling_words() -> frozenset[str]:
    """Words of which one stands before a place whose role a rule of `kubmap.text.rolerules` tells by such a word."""
    roles = load("where")["roles"]
    groups = (("treated", "towards"), ("treated", "places"), ("home", "words"), ("home", "plural"))
    lists = [roles[name][kind] for name, kind in (*groups, ("exception", "words"), ("source", "words"))]
    return frozenset(word for words in lists for word in words)


def _catch() -> str:
    words = [*load("where")["roles"]["arrest"]["words"], *CAUGHT]
    return rf"(?:{'|'.join(words)})$|{'|'.join(CATCHING)}"


_PATTERNS: Mapping[int, Callable[[], str]] = {
    CLOCK: _clock, DAY: _day, OPENING: _opening, DENIAL: _denial, ROAD: _road, REF: lambda: r"(?:[амрapmкk]|фад|03)$",
    TELLING: lambda: rf"(?:{'|'.join(telling_words())})$", CATCH: _catch, BETWEEN: lambda: "между$",
    RUN: lambda: rf"(?:{'|'.join(load('where')['roles']['route']['words'])})$", METRES: lambda: ".*(?:км|метр)",
    FIGURE: lambda: r"\d", AFTER_HOUR: lambda: r"[:.\-]|ч|(?:утра|вечера|дня|ночи|пополудни)$", AFTER_DAY: _after_day,
    RAIL: lambda: "|".join(load("where")["stations"]["words"]),
    TAKEN: lambda: "|".join(load("where")["roles"]["direction"]["verbs"]),
}  # fmt: skip


@lru_cache(maxsize=1)
def _patterns() -> Mapping[int, re.Pattern[str]]:
    return {mark: re.compile(pattern()) for mark, pattern in _PATTERNS.items()}


@lru_cache(maxsize=1)
def _any() -> re.Pattern[str]:
    """What all of them match: most words have no mark, and one search tells it."""
    return re.compile("|".join(f"(?:{pattern()})" for pattern in _PATTERNS.values()))


def words_of(phrases: Iterable[str], *, at: int = 0) -> str:
    """The first (or the last: -1) word of each phrase, as alternatives of a pattern."""
    return "|".join(dict.fromkeys(phrase.split()[at] for phrase in phrases))


class _Signs(Asked[int]):
    """Folded token -> its marks."""

    def tell(self, word: str) -> int:
        kind = NUMBER if word[0].isdecimal() else WORD if word[0].isalnum() else 0
        hurt = HURT if LETTERS[word] in _HURT else 0
        if _any().match(word) is None:
            return kind | hurt
        return kind | hurt | sum(mark for mark, pattern in _patterns().items() if pattern.match(word))


SIGNS = _Signs()
