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

_Row: TypeAlias = tuple[float, ...]
"""The square of the rarity of a beginning of words, then what it adds for each category."""


class _Table(NamedTuple):
    """`bias` has a number for each of `categories`; `rows` are beginnings."""

    categories: tuple[Category, ...]
    bias: tuple[float, ...]
    rows: Mapping[str, _Row]


@lru_cache(maxsize=1)
def _table() -> _Table:
    lines = resources.files("kubmap.text").joinpath("rules/votes.tsv").read_text("utf-8").splitlines()
    head, *body = (line.split("\t") for line in lines if not line.startswith("#"))
    rows: dict[str, _Row] = {}
    for word, *numbers in body:
        rare, *weights = map(float, numbers)
        rows[word] = (rare * rare, *(weight * rare for weight in weights))
    return _Table(tuple(map(Category, head[2:])), rows.pop(_BIAS)[1:], rows)


class _Beginning(Asked[str]):
    """Folded word -> its beginning if the table has it, else an empty string."""

    def tell(self, word: str) -> str:
        begin = word[:STEM]
        return begin if begin in _table().rows else ""


_BEGINNINGS = _Beginning()


def votes(words: Iterable[str]) -> Votes:
    """What the folded words say; a word counts once. With few known words all categories come near each other."""
    categories, bias, table = _table()
    known = dict.fromkeys(map(_BEGINNINGS.__getitem__, words))
    known.pop("", None)
    if not known:
        return dict.fromkeys(categories, 0.0)
    square, *sums = map(sum, zip(*map(table.__getitem__, known), strict=True))
    share = min(1.0, len(known) / _FULL)
    each = share / math.sqrt(square)
    return {category: share * base + each * added for category, base, added in zip(categories, bias, sums, strict=True)}


def strongest(words: Iterable[str], category: Category, count: int) -> list[str]:
    """The folded words that speak most for a category, the strongest first, each beginning once."""
    categories, _, table = _table()
    place = categories.index(category) + 1
    first: dict[str, str] = {}
    for word in words:
        if begin := _BEGINNINGS[word]:
            first.setdefault(begin, word)
    ranked = sorted(first, key=lambda begin: table[begin][place], reverse=True)
    return [first[begin] for begin in ranked[:count] if table[begin][place] > 0]


def shares(said: Votes) -> dict[Category, float]:
    """Votes as probabilities."""
    top = max(said.values())
    each = {category: math.exp(vote - top) for category, vote in said.items()}
    total = math.fsum(each.values())
    return {category: value / total for category, value in each.items()}
