"""SearchIndex: which incidents hold the words of a query; ё-blind, by prefix, forgiving one slip.

An inverted index in segments: sorted words, and for each the slots (`Columns.slot`) that hold it, so a prefix is one
slice. A publish adds a small segment; small ones are merged. Every word of a query must occur, as a beginning or with
another ending («Динская» finds «в Динской»). One that does not is tried again with one letter left out, added, changed
or swapped with the next one, if it has five letters or more. Words of digits, and single letters, must be there as they
are.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.atlas.words import fold

Slots: TypeAlias = npt.NDArray[np.int32]
Mask: TypeAlias = npt.NDArray[np.bool_]

SLIP_FROM = 5
"""Letters of a word that may hold a slip."""
MAX_WORDS = 12
"""Of a query; the rest is passed over."""
MERGE_FROM = 8
"""Segments from which the small ones are made into one."""

_PART = 1 << 18
"""Pairs of word and slot that are sorted at once: sorting takes five times their room."""

STEM = 4
"""Letters that stay when an ending is taken off."""
ENDING = 3
"""Letters that an ending may have."""

_ENDING = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ами|ями|ией|ая|яя|ой|ей|ый|ий|ое|ее|ые|ие|ую|юю|ых|их|ым|им|ом|ем|ах|ях|ам|ям|ов|ев"
    r"|ия|ии|ию|ью|[аеийоуыьюя])$"
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_LAST = "\U0010ffff"


def needles(text: str) -> list[str]:
    """The words of a query, folded, each once."""
    return list(dict.fromkeys(_WORD.findall(fold(text))))[:MAX_WORDS]


@dataclass(frozen=True, slots=True)
class Segment:
    """Words in order; those of words[i] are slots[starts[i]:starts[i + 1]]."""

    words: Sequence[str]
    starts: npt.NDArray[np.int64]
    slots: Slots

    def beginning(self, prefix: str) -> Slots:
        """Slots of the words that begin so, some of them twice."""
        return self._slice(bisect_left(self.words, prefix), bisect_left(self.words, prefix + _LAST))

    def inflected(self, stem: str) -> Slots:
        """Slots of the words that are the stem and an ending."""
        first, last = bisect_left(self.words, stem), bisect_left(self.words, stem + _LAST)
        near = [at for at in range(first, last) if len(self.words[at]) <= len(stem) + ENDING]
        return np.concatenate([self._slice(at, at + 1) for at in near]) if near else self.slots[:0]

    def exactly(self, word: str) -> Slots:
        at = bisect_left(self.words, word)
        there = at < len(self.words) and self.words[at] == word
        return self._slice(at, at + there)

    def _slice(self, first: int, last: int) -> Slots:
        return self.slots[self.starts[first] : self.starts[last]]


class SearchIndex:
    """Grows with the snapshots that share it; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._segments: tuple[Segment, ...] = ()
        self._known = 0

    def learn(self, slots: Slots, texts: Callable[[Any], Iterable[tuple[int, str]]]) -> None:
        """Index the slots that are new; `texts` gives (slot, text) of row numbers."""
        if not len(slots) or int(slots.max()) < self._known:
            return
        with self._lock:
            new = np.flatnonzero(slots >= self._known)
            if len(new):
                self._segments = _tidied((*self._segments, _segment(texts(new))))
                self._known = int(slots.max()) + 1

    def holding(self, text: str, slots: Slots) -> Mask:
        """Whether each of the slots holds all words of the query."""
        passing = np.ones(len(slots), dtype=bool)
        segments, known = self._segments, max(self._known, int(slots.max(initial=-1)) + 1)
        for needle in needles(text):
            marked = np.zeros(known, dtype=bool)
            for found in _holding(segments, needle):
                marked[found[found < known]] = True
            passing &= marked[slots]
        return passing


def _holding(segments: Sequence[Segment], needle: str) -> Iterator[Slots]:
    """Slots that hold the word: as it is, as a beginning or with another ending, else with one slip."""
    whole, stem = needle.isdigit() or len(needle) == 1, stem_of(needle)
    found = [each.exactly(needle) if whole else each.beginning(needle) for each in segments]
    if stem != needle:
        found += [each.inflected(stem) for each in segments]
    if whole or len(needle) < SLIP_FROM or any(len(each) for each in found):
        yield from found
        return
    for slip in slips(needle):
        for each in segments:
            yield each.beginning(slip) if len(slip) >= SLIP_FROM else each.exactly(slip)


def stem_of(word: str) -> str:
    """The word without its ending; the word itself where too little would be left."""
    found = _ENDING.search(word, STEM)
    return word[: found.start()] if found else word


def slips(word: str) -> set[str]:
    """All that is one slip away: a letter less, more, another one, or two swapped."""
    letters = _LATIN if word.isascii() else _LETTERS
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    more = {head + letter + tail for head, tail in cuts for letter in letters}
    return (less | swapped | other | more) - {word}


def _segment(texts: Iterable[tuple[int, str]]) -> Segment:
    numbers: dict[str, int] = {}
    codes, slots = array("i"), array("i")
    for slot, text in texts:
        words = {numbers.setdefault(word, len(numbers)) for word in _WORD.findall(fold(text))}
        codes.extend(words)
        slots.extend([slot] * len(words))
    return _sorted(list(numbers), np.frombuffer(codes, dtype=np.int32), np.frombuffer(slots, dtype=np.int32))


def _sorted(words: list[str], codes: npt.NDArray[np.int32], slots: Slots) -> Segment:
    """Of words by code, and pairs (code, slot)."""
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    parts = [slice(first, first + _PART) for first in range(0, len(codes), _PART)]
    starts = np.zeros(len(words) + 1, dtype=np.int64)
    for part in parts:
        starts[1:] += np.bincount(rank[codes[part]], minlength=len(words))
    np.cumsum(starts, out=starts)
    found, free = np.empty_like(slots), starts[:-1].copy()
    for part in parts:
        _put(rank[codes[part]], slots[part], found, free)
    return Segment([words[at] for at in order], starts, found)


def _put(ranks: npt.NDArray[np.int32], slots: Slots, found: Slots, free: npt.NDArray[np.int64]) -> None:
    """Put the slots where those of each rank go on; `free` is where, and moves behind them."""
    order = np.argsort(ranks, kind="stable")
    ranks = ranks[order]
    runs = np.flatnonzero(np.diff(ranks, prepend=np.int32(-1)))
    lengths = np.diff(runs, append=len(ranks))
    here = ranks[runs]
    found[np.arange(len(ranks)) + np.repeat(free[here] - runs, lengths)] = slots[order]
    free[here] += lengths


def _tidied(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The largest one and, once there are many, one of all the others."""
    if len(segments) < MERGE_FROM:
        return segments
    largest = max(segments, key=lambda each: len(each.slots))
    return largest, _merged([each for each in segments if each is not largest])


def _merged(segments: Sequence[Segment]) -> Segment:
    numbers: dict[str, int] = {}
    for each in segments:
        for word in each.words:
            numbers.setdefault(word, len(numbers))
    codes = [
        np.repeat(np.array([numbers[word] for word in each.words], dtype=np.int32), np.diff(each.starts))
        for each in segments
    ]
    return _sorted(list(numbers), np.concatenate(codes), np.concatenate([each.slots for each in segments]))
