"""Tokens of a text: runs of letters, runs of digits, single other characters, each with its span."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kubmap.atlas.words import fold

_TOKEN = re.compile(r"(?P<word>[^\W\d_]+)|(?P<number>\d+)|(?P<mark>\S)")


@dataclass(frozen=True, slots=True)
class Token:
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


def tokenize(text: str) -> list[Token]:
    """Tokens in order; white space is dropped (a gap between `end` and the next `start` shows it)."""
    folded = fold(text)
    return [
        Token(text[m.start() : m.end()], folded[m.start() : m.end()], m.start(), m.end(), m.lastgroup or "mark")
        for m in _TOKEN.finditer(text)
    ]
