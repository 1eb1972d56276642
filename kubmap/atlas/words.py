"""Folding of Russian text so that names and rules compare: one character in, one character out.

`fold` keeps the length, so an offset into the folded text is an offset into the text itself.
"""

from __future__ import annotations

import re

from kubmap.atlas.asked import Asked

_SAME: tuple[tuple[str, str], ...] = (
    ("ё", "е"),
    *((char, "-") for char in "‐‑‒−"),
    *((char, "—") for char in "–―"),
    *((char, "«") for char in "„“"),
    ("”", "»"),
    *((char, " ") for char in "\u00a0\u202f\u2009\t"),
)
"""Lower-case characters and what each is read as."""

_OTHERS = re.compile(f"[{''.join(char for char, plain in _SAME if plain != 'е')}]")
_SHORT = 40  # characters: in a longer text it takes less to replace them all than to look for them
_WORD = re.compile(r"[^\W\d_]+|\d+")


def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def fold(text: str) -> str:
    """Lower case, «ё» as «е», one kind of hyphen (-), of dash (—) and of space; of the same length as `text`."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(map(_lower, text))
    if low.isalpha() or (len(low) < _SHORT and _OTHERS.search(low) is None):  # a name: it may have «ё» only
        return low.replace("ё", "е")
    for char, plain in _SAME:  # ten times faster than str.translate where most of them are absent
        low = low.replace(char, plain)
    return low


class _Folded(Asked[str]):
    """Name -> how it is folded."""

    def tell(self, word: str) -> str:
        return fold(word)


FOLDED = _Folded()
"""What `fold` gives for a name, one look-up for a name that has been asked about before."""


def words(name: str) -> tuple[str, ...]:
    """The folded words of a name: runs of letters or of digits («Усть-Лабинск» -> ("усть", "лабинск"))."""
    return tuple(_WORD.findall(fold(name)))
