"""Tokens of a text: runs of letters, runs of digits, single other characters, each with its span."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import reduce
from itertools import accumulate, compress, repeat
from operator import and_, lt, or_
from typing import NamedTuple

from kubmap.atlas.words import fold
from kubmap.text.marks import NAMED, NUMBER, SIGNS, UNLISTED, WORD

_TOKEN = re.compile(r"(?! )([а-яa-z]++(?![^\W\d_])|[.,«»:—\-]|\d+|[^\W\d_]+|\S)")
"""For speed what is met most comes first: spaces, nearly all words, marks."""


class Token(NamedTuple):
    """`text` as written, `fold` as compared; `start` and `end` are offsets; `kind` is word, number or mark."""

    text: str
    fold: str
    start: int
    end: int
    kind: str


class Layout(NamedTuple):
    """Folded tokens, their offsets and their marks as parallel lists (objects would cost more).

    `mask` is all marks, `marked` the numbers of the tokens that have one that is listed.
    """

    folds: list[str]
    starts: list[int]
    ends: list[int]
    signs: list[int]
    mask: int
    marked: list[int]

    def among(self, mark: int) -> list[int]:
        """Numbers of the tokens that have a mark that is listed."""
        if not self.mask & mark:
            return []
        return list(compress(self.marked, map(and_, repeat(mark), map(self.signs.__getitem__, self.marked))))

    def first(self, count: int) -> Layout:
        """The first tokens only."""
        if len(self.folds) <= count:
            return self
        marked = self.marked[: bisect_left(self.marked, count)]
        return Layout(self.folds[:count], self.starts[:count], self.ends[:count], self.signs[:count], self.mask, marked)


def lay_out(folded: str) -> Layout:
    """The tokens of a folded text, one split for all."""
    parts = _TOKEN.split(folded)  # gap, token, gap, token, …, gap
    bounds = list(accumulate(map(len, parts)))
    folds = parts[1::2]
    signs = list(map(SIGNS.__getitem__, folds))
    marked = list(compress(range(len(signs)), map(lt, repeat(UNLISTED), signs)))  # no loop in Python
    return Layout(folds, bounds[:-1:2], bounds[1::2], signs, reduce(or_, set(signs), 0), marked)


_KINDS = {WORD: "word", NUMBER: "number"}


def tokenize(text: str) -> list[Token]:
    """Tokens in order; white space is dropped (a gap between `end` and the next `start` shows it)."""
    folds, starts, ends, signs, *_ = lay_out(fold(text))
    return [
        Token(text[start:end], folded, start, end, _KINDS.get(sign & NAMED, "mark"))
        for folded, start, end, sign in zip(folds, starts, ends, signs, strict=True)
    ]
