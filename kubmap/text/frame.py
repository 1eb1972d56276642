"""The frame of a teaser: where its dateline ends, where the tail about other stories begins, its sentences.

A dateline («КРАСНОДАР, 5 мая — ТАСС.») names the newsroom's town, a tail («Ранее…», «Читайте также…») another story:
neither is evidence about this one. All spans are (start, end) character offsets into the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from kubmap.atlas.asked import Asked, Begins
from kubmap.atlas.words import fold
from kubmap.text.data import load
from kubmap.text.marks import OPENING
from kubmap.text.tokens import Layout, lay_out

Span: TypeAlias = tuple[int, int]

_LIMIT = 20_000  # characters of a text that are read: a teaser has about 400
_HEAD = 220  # characters: a dateline never reaches further
_CLOSING = frozenset('.!?…»")]')  # what may end a sentence
_NAMING = 5  # words of which a town or an agency before a date has fewer
_LEAD = 20  # characters: a tail marker that stands so early opens the story itself
_SENTENCES = 60  # sentences of one text that are read


class Frame(NamedTuple):
    """`main` is the story, `dateline` what precedes it, `tails` other stories, `recalls` «Напомним…» about this one."""

    main: Span
    dateline: Span | None
    tails: tuple[Span, ...]
    recalls: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def in_tail(self, at: int) -> bool:
        return bool(self.tails) and any(start <= at < end for start, end in self.tails)

    def in_recall(self, at: int) -> bool:
        return bool(self.recalls) and any(start <= at < end for start, end in self.recalls)


def _alternatives(texts: list[str]) -> str:
    return "|".join(texts)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    data = load("frame")
    agency = _alternatives(data["agencies"])
    months = _alternatives(data["months"])
    name = r"[а-яa-z][\w.\-]{1,25}(?:[ \-][\w.\-]{1,20}){0,3}?"
    dash = r"\s*(?:[./—\-]|,\s*(?=[/(«]))+\s*"
    day = rf"\d{{1,2}}\s+(?:{months})[а-я]*\.?(?:\s+\d{{4}})?(?:\s+г(?:ода?|\.)?)?"
    agency_part = rf"[/(«]?\s*(?:корр\.?\s*)?(?:{agency})(?:-[а-яa-z]+)?[\w.\- ]{{0,20}}?[/)»]?\s*(?:[.,:—\-]+\s*|$)"
    return {
        "dateline": re.compile(rf"\s*(?P<name>{name})[.,]\s*{day}{dash}(?:{agency_part})?"),
        "agency": re.compile(rf"\s*(?:[а-я][а-я\-]{{2,25}}\s*[.,(—\-]+\s*)?{agency_part}(?:{day}{dash})?"),
        "stop": re.compile(
            r"[.!?…\n](?:"  # begins with a set of characters, which the engine looks for without trying the rest
            r"(?<=[^\n])(?<![.!?…]{2})[.!?…]*[»\")\]]*(?=\s+[«\"(]*[А-ЯЁA-Z\d—–-])|(?<=[а-яё»\")]\.)(?=[А-ЯЁ])|(?<=\n)\n*)"
        ),
        "abbreviation": re.compile(rf"(?:^|[^\w])(?:{_alternatives(data['abbreviations'])}|[а-яa-z])$"),
    }


@lru_cache(maxsize=1)
def _agency() -> Begins:
    """Folded word -> whether the name of an agency may begin with it."""
    return Begins(_alternatives(["корр", *(re.split(r"\W", name)[0] for name in load("frame")["agencies"])]))


def _goes_on(text: str, layout: Layout) -> bool:
    """Whether a word in small letters follows the first ones, as in nearly all texts: they are no town with a date."""
    for start in layout.starts[1:_NAMING]:
        if not text[start].isupper():
            return text[start].islower()
    return False


def _dateline(text: str, folded: str, layout: Layout) -> Span | None:
    """The leading place and date (or agency) if there is one; it starts with a capital letter."""
    first = text[:1]
    if not first.strip() or not (first.isupper() or first in "«/("):
        return None
    if first.isupper() and _goes_on(text, layout) and not _agency()[layout.folds[0]]:
        return None
    head = folded[:_HEAD]
    found = _patterns()["dateline"].match(head)
    if found is None or not _is_name(text[slice(*found.span("name"))]):
        found = _patterns()["agency"].match(head)
    return (0, found.end()) if found and found.end() < len(text) else None


def _is_name(phrase: str) -> bool:
    """Every word of a town's or an agency's name has a capital («Славянск-на-Кубани», «ИА SM.News»)."""
    return all(word[0].isupper() for word in phrase.split())


@lru_cache(maxsize=3)
def _openers(kind: str) -> re.Pattern[str]:
    """Phrases that open a sentence («ранее», «читайте также»)."""
    return re.compile(rf"(?:{_alternatives(load('frame')[kind])})(?!\w)")


def _line(folded: str, layout: Layout, number: int) -> int:
    """Where the line of a token begins if it is the first of that line, else -1."""
    gap = layout.ends[number - 1] if number else 0
    line = folded.find("\n", gap, layout.starts[number])
    return line if line < 0 else line + 1


def _openings(folded: str, layout: Layout) -> list[Span]:
    """Where an opening phrase may stand: from the gap before a sentence's or a line's first word to that word."""
    found = []
    folds, lines = layout.folds, "\n" in folded
    for number in layout.among(OPENING):
        if number and folds[number - 1] in _CLOSING:
            found.append((layout.ends[number - 1], layout.starts[number]))
        elif lines and (line := _line(folded, layout, number)) >= 0:
            found.append((line, layout.starts[number]))
    return found


def _marks(folded: str, kind: str, begin: list[Span]) -> Iterator[Span]:
    """From the gap before a phrase that opens a sentence to its end."""
    pattern = _openers(kind)
    for opening, start in begin:
        found = pattern.match(folded, start)
        if found is not None:
            yield opening, found.end()


def _tails(folded: str, kind: str, begin: list[Span]) -> list[Span]:
    """Spans from each marker to the end of the text, or to a sentence that comes back to the story."""
    spans: list[Span] = []
    backs: list[int] | None = None
    for start, end in _marks(folded, kind, begin):
        if end <= _LEAD or (spans and start < spans[-1][1]):
            continue
        if backs is None:
            backs = [*(at for at, _ in _marks(folded, "back", begin)), len(folded)]
        spans.append((start, backs[bisect_left(backs, end, hi=len(backs) - 1)]))
    return spans


class _Cut(Asked[bool]):
    """Folded token -> whether it may be cut short by a full stop: a number, the last letters of an abbreviation."""

    def __init__(self) -> None:
        super().__init__()
        ends = [re.sub(r".*(?:-| \?)", "", each) for each in load("frame")["abbreviations"]]
        self._end = re.compile(_alternatives([*ends, "[а-яa-z]"]))

    def tell(self, word: str) -> bool:
        return word[-1].isdigit() or self._end.fullmatch(word) is not None


@lru_cache(maxsize=1)
def _cut() -> _Cut:
    return _Cut()


def _is_abbreviation(folded: str, stop: int, end: int) -> bool:
    """Whether the full stop at `stop` ends a word and not a sentence («ст. Северской», «19. 00», «А. Петров»)."""
    before = folded[max(0, stop - 12) : stop]
    if before[-1:].isdigit() and folded[end : end + 4].lstrip()[:1].isdigit():
        return True
    return _patterns()["abbreviation"].search(before) is not None


def _sentences(text: str, folded: str, layout: Layout, begin: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    start = begin
    for found in _patterns()["stop"].finditer(text, begin):
        stop, end = found.span()
        if text[stop] == ".":
            word = layout.folds[bisect_left(layout.starts, stop) - 1]
            if _cut()[word] and _is_abbreviation(folded, stop, end):
                continue
        spans.append((start, end))
        start = end
    if start < len(text):
        spans.append((start, len(text)))
    return tuple(spans)


def read_frame(text: str) -> Frame:
    """The frame of `text`."""
    folded = fold(text)
    return _frame(text, folded, lay_out(folded))


def _frame(text: str, folded: str, layout: Layout) -> Frame:
    dateline = _dateline(text, folded, layout)
    begin = dateline[1] if dateline else 0
    begun = _openings(folded, layout)
    tails = _tails(folded, "tails", begun) if begun else []
    recalls = _tails(folded, "recalls", begun) if begun else []
    end = tails[0][0] if tails and tails[0][1] == len(text) else len(text)
    return Frame((begin, end), dateline, tuple(tails), tuple(recalls), _sentences(text, folded, layout, begin))


class Story(NamedTuple):
    """A text ready for the rules: as written, folded (same offsets), framed. Only its first 20,000 characters.

    `told` are the sentences of the story, without those of tails, as numbers [first, end) of tokens of `layout`.
    """

    raw: str
    folded: str
    frame: Frame
    layout: Layout
    told: Sequence[Span]


@lru_cache(maxsize=8)
def read_story(text: str) -> Story:
    """The story of a text; kept for the few readers that ask for it one after another."""
    raw = text[:_LIMIT]
    folded = fold(raw)
    layout = lay_out(folded)
    frame = _frame(raw, folded, layout)
    return Story(raw, folded, frame, layout, _told(frame, layout.starts))


def _told(frame: Frame, starts: Sequence[int]) -> list[Span]:
    sentences = frame.sentences[:_SENTENCES]
    ends = [bisect_left(starts, end) for _, end in sentences]
    told = pairwise([bisect_left(starts, frame.main[0]), *ends])  # a sentence begins where the one before ends
    if not frame.tails:
        return list(told)
    return [span for span, (start, _) in zip(told, sentences, strict=True) if not frame.in_tail(start + 1)]


def main_part(text: str) -> Span:
    """The story itself: without the dateline before it and the tails after it."""
    return read_frame(text).main
