"""What all words of a teaser together say of its category, where the rules alone do not decide.

The rules of category.toml know phrases. Editors find others every day, but words of their kind stand around them: each
known beginning of a word speaks for or against each category, by a weight of rules/votes.tsv.

Method: multinomial logistic regression over the presence of beginnings of words, weighted by how rare they are
(inverse document frequency) and normed to length one. The weights are learned by bench/learn.py; see there from what.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple, TypeAlias

from kubmap.atlas.asked import Asked
from kubmap.domain import Category

STEM = 5
"""Letters of the beginning of a word by which it is known."""

_FULL = 8
"""So many known words are needed for the words to have their full say."""
_BIAS = "*"  # the row of what a category has before any word

Votes: TypeAlias = Mapping[Category, float]
"""Category -> the natural logarithm of its probability by the words, all less by one and the same number."""

_FIELD = 4  # bytes of a number of a packed row
_UNIT, _ZERO = 1_000, 1 << 16  # a number is packed in thousandths and above zero: 65,000 rows may be added up


class _Table(NamedTuple):
    """`bias` has a number for each of `categories`; `packed` holds the row of each beginning: equal rows count once.

    A row is the square of the rarity of a beginning, then what it adds for each category: one integer of as many
    fields, so that rows are added by one addition, and all of them take 150 KB and not 900.
    """

    categories: tuple[Category, ...]
    bias: tuple[float, ...]
    packed: Mapping[str, int]


@lru_cache(maxsize=1)
def _table() -> _Table:
    lines = resources.files("kubmap.text").joinpath("rules/votes.tsv").read_text("utf-8").splitlines()
    head, *body = (line.split("\t") for line in lines if not line.startswith("#"))
    told = {word: [*map(float, numbers)] for word, *numbers in body}
    _, *bias = told.pop(_BIAS)
    rows = {
        word: _packed([rare * rare, *(rare * weight for weight in weights)]) for word, (rare, *weights) in told.items()
    }
    return _Table(tuple(map(Category, head[2:])), tuple(bias), rows)


def _packed(numbers: Iterable[float]) -> int:
    fields = ((round(number * _UNIT) + _ZERO).to_bytes(_FIELD, "little") for number in numbers)
    return int.from_bytes(b"".join(fields), "little")


def _fields(row: int, size: int) -> list[int]:
    """The numbers of a row or of a sum of rows as they are packed."""
    return memoryview(row.to_bytes(size * _FIELD, "little")).cast("I").tolist()


class _Row(Asked[int]):
    """Folded word -> the row of its beginning, 0 where the table has none."""

    def tell(self, word: str) -> int:
        return _table().packed.get(word[:STEM], 0)


_ROWS = _Row()


def votes(words: Iterable[str]) -> Votes:
    """What the folded words say; a word counts once. With few known words all categories come near each other."""
    categories, bias, _ = _table()
    known = set(map(_ROWS.__getitem__, words))
    known.discard(0)
    if not known:
        return dict.fromkeys(categories, 0.0)
    square, *sums = _fields(sum(known), len(categories) + 1)
    zero, share = len(known) * _ZERO, min(1.0, len(known) / _FULL)
    unit = share / math.sqrt((square - zero) / _UNIT) / _UNIT
    told = [share * base + unit * (field - zero) for base, field in zip(bias, sums, strict=True)]
    return dict(zip(categories, told, strict=True))


def strongest(words: Iterable[str], category: Category, count: int) -> list[str]:
    """The folded words that speak most for a category, the strongest first, each beginning once."""
    categories, _, _ = _table()
    place = categories.index(category) + 1
    first: dict[int, str] = {}
    for word in words:
        if row := _ROWS[word]:
            first.setdefault(row, word)
    speaks = {row: _fields(row, len(categories) + 1)[place] - _ZERO for row in first}
    ranked = sorted(first, key=speaks.__getitem__, reverse=True)
    return [first[row] for row in ranked[:count] if speaks[row] > 0]


def shares(said: Votes) -> dict[Category, float]:
    """Votes as probabilities."""
    top = max(said.values())
    each = {category: math.exp(vote - top) for category, vote in said.items()}
    total = math.fsum(each.values())
    return {category: value / total for category, value in each.items()}
