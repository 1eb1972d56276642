"""A text with its days and clocks, and the verbs beside them that tell what each is of."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache, lru_cache
from itertools import compress
from typing import NamedTuple, TypeVar

from kubmap.atlas.asked import Asked
from kubmap.text.anchors import read_times
from kubmap.text.clocks import Clock, clocks
from kubmap.text.data import load
from kubmap.text.days import Day, days
from kubmap.text.frame import Frame, Span, read_story
from kubmap.text.tokens import Layout

REACH = 60
"""Characters from a time within which a verb speaks of it."""
BREAK = re.compile(r"[,;:—«]")
"""Marks that part a verb from a time."""
_COMMA = 10  # characters that a comma counts for
_ENDS = ("end", "finish")
_ASIDE = ("report", "other")  # a verb of these speaks of a time only if no comma stands between («…, сообщили в МЧС»)

_Time = TypeVar("_Time", Clock, Day)


class Side(NamedTuple):
    """A text or a title (`source` says which) with the days and clocks of its story."""

    source: str
    raw: str
    folded: str
    layout: Layout
    frame: Frame
    sentences: tuple[Span, ...]
    days: list[Day]
    clocks: list[Clock]


def read_side(raw: str, source: str) -> Side:
    """The side of a text; `source` is "text" or "title"."""
    story = read_story(raw)
    raw, folded, frame = story.raw, story.folded, story.frame
    times = read_times(story.layout)
    said_days = _of_story(days(folded, times), frame) if times.days else []
    said_clocks = _of_story(clocks(folded, times), frame) if times.clocks else []
    return Side(source, raw, folded, story.layout, frame, frame.sentences, said_days, said_clocks)


def _of_story(found: list[_Time], frame: Frame) -> list[_Time]:
    """Those after the dateline and outside of tails."""
    begin = frame.main[0]
    if not begin and not frame.tails:
        return found
    return [time for time in found if time.start >= begin and not frame.in_tail(time.start)]


def sentence_at(side: Side, at: int) -> Span:
    """The sentence at a character offset of the story: its sentences follow each other without gaps."""
    return side.sentences[bisect_right(side.sentences, (at, len(side.folded) + 1)) - 1]


@lru_cache(maxsize=1)
def verbs() -> dict[str, re.Pattern[str]]:
    """The verbs of each kind of when.toml."""
    return {name: re.compile(rf"(?<!\w)(?:{words})") for name, words in load("when")["verbs"].items()}


_NEAR = ("event", "end", "finish", "report", "other")
"""Kinds of verbs that speak of a time beside them; of two at one distance the first kind wins."""


@lru_cache(maxsize=1)
def _near_verbs() -> tuple[re.Pattern[str], ...]:
    return tuple(map(verbs().__getitem__, _NEAR))


class _VerbHeads(Asked[tuple[int, ...]]):
    """Folded token -> the numbers of the kinds of `_NEAR` whose verbs may begin there; most words begin none."""

    def tell(self, word: str) -> tuple[int, ...]:
        return tuple(number for number, kind in enumerate(_NEAR) if word.startswith(_heads(kind)))


_VERB_HEADS = _VerbHeads()


@cache
def _heads(kind: str) -> tuple[str, ...]:
    """The letters that each verb of a kind begins with («горяч» of «горяч[а-я]* лини»)."""
    return tuple(re.findall(r"(?:^|\|)(?:\(\?<![^)]*\))?([а-я]+)", load("when")["verbs"][kind]))


def _verbs_between(side: Side, start: int, end: int) -> list[tuple[int, int, int]]:
    """Verbs in folded[start:end] as (number of the kind, start, end), kind by kind."""
    starts, folds = side.layout.starts, side.layout.folds
    found = []
    first, patterns = bisect_left(starts, start), _near_verbs()
    heads = list(map(_VERB_HEADS.__getitem__, folds[first : bisect_left(starts, end, first)]))
    for number, kinds in compress(enumerate(heads, first), heads):
        for kind in kinds:
            verb = patterns[kind].match(side.folded, starts[number], end)
            if verb is not None:
                found.append((kind, *verb.span()))
    return sorted(found)


def verb_near(side: Side, span: Span) -> tuple[str, float]:
    """The kind of the nearest verb of the same sentence and how near it is (0..1); "" where there is none."""
    low, high = span
    start, end = sentence_at(side, low)
    best, near = "", REACH + 1
    for number, first, last in _verbs_between(side, max(start, low - REACH), min(end, high + REACH)):
        kind, after = _NEAR[number], first >= high
        gap = first - high if after else low - last
        if kind != "event":
            broken = BREAK.search(side.folded, *((high, first) if after else (last, low))) is not None
            if broken and kind in _ASIDE:
                continue
            if broken and kind in _ENDS:
                gap += _COMMA
            elif kind == "finish" and not after:
                gap //= 2  # «завершить ремонт планируют в 23:00»: the verb governs the event's noun
        if gap < near:
            best, near = kind, gap
    return "end" if best == "finish" else best, max(0.0, 1 - near / REACH)
