"""Tokens of a text: runs of letters, runs of digits, single other characters, each with its span."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, repeat
from typing import NamedTuple

from kubmap.atlas.words import fold

_TOKEN = re.compile(r"([^\W\d_]+|\d+|\S)")


class Token(NamedTuple):
    """`text` as written, `fold` as compared; `start` and `end` are offsets; `kind` is word, number or mark."""

    text: str
    fold: str
    start: int
    end: int
    kind: str

    @property
    def is_word(self) -> bool:
        return self.kind == "word"

    @property
    def is_title(self) -> bool:
        return self.text[:1].isupper()


class Layout(NamedTuple):
    """Folded tokens and their offsets as parallel lists: every reader goes through them, and objects cost more."""

    folds: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]


class _Kinds(dict[str, str]):
    """First character of a token -> its kind."""

    def __missing__(self, char: str) -> str:
        kind = "number" if char.isdecimal() else "word" if char.isalnum() else "mark"
        if len(self) < _CHARACTERS:
            self[char] = kind
        return kind


_CHARACTERS = 2_000
_KINDS = _Kinds()


def lay_out(folded: str) -> Layout:
    """The tokens of a folded text, one split for all."""
    parts = _TOKEN.split(folded)  # gap, token, gap, token, …, gap
    bounds = list(accumulate(map(len, parts)))
    return Layout(parts[1::2], bounds[:-1:2], bounds[1::2])


def tokens_of(text: str, layout: Layout) -> list[Token]:
    """The tokens of a text that is laid out already."""
    folds, starts, ends = layout
    written = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    kinds = [_KINDS[token[0]] for token in folds]
    rows = zip(written, folds, starts, ends, kinds, strict=True)
    return list(map(tuple.__new__, repeat(Token), rows))  # half the time of Token._make


def tokenize(text: str) -> list[Token]:
    """Tokens in order; white space is dropped (a gap between `end` and the next `start` shows it)."""
    return tokens_of(text, lay_out(fold(text)))
