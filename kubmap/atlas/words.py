"""Folding of Russian text so that names and rules compare: one character in, one character out.

`fold` keeps the length, so an offset into the folded text is an offset into the text itself.
"""

from __future__ import annotations

import re

_TABLE = str.maketrans({
    "ё": "е", "Ё": "е",
    "‐": "-", "‑": "-", "‒": "-", "–": "—", "―": "—", "−": "-",
    "„": "«", "“": "«", "”": "»", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
})  # fmt: skip

_WORD = re.compile(r"[^\W\d_]+|\d+")


def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def fold(text: str) -> str:
    """Lower case, «ё» as «е», one kind of hyphen (-), of dash (—) and of space; of the same length as `text`."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(map(_lower, text))
    return low.translate(_TABLE)


def words(name: str) -> tuple[str, ...]:
    """The folded words of a name: runs of letters or of digits («Усть-Лабинск» -> ("усть", "лабинск"))."""
    return tuple(_WORD.findall(fold(name)))
