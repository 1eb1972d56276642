"""Learn what words say of a category: `python -m bench.learn [MORE.jsonl …]` writes kubmap/text/rules/votes.tsv.

Learned from: tests/golden/category.txt (our own wording), tests/gold/dev.jsonl, and labelled teasers of Kuban outlets
given as MORE.jsonl (fields as in tests/gold/README.md). Those behind the table that is kept here, some 1,270 of the
years 2008-2026, are not passed on: they are other people's texts. Of them only this is kept: beginnings of words that
at least four teasers share, names of places left out.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from kubmap.atlas.words import fold
from kubmap.domain import Category
from kubmap.text.frame import read_story
from kubmap.text.votes import STEM

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "kubmap/text/rules/votes.tsv"
GOLDEN = ROOT / "tests/golden/category.txt"
DEV = ROOT / "tests/gold/dev.jsonl"
FORMS = ROOT / "data/geo/forms.tsv"
SHARED = 4  # teasers that must have a beginning
NAMES = 0.5  # a beginning that is a place's name in more of its teasers is left out
LOOSE = 30.0  # inverse of the strength of the regularization
HEAD = "# Beginnings of words, their rarity, and what each speaks for: bench/learn.py made this table and says how."


class Item(NamedTuple):
    """A teaser's category and the beginnings of its words; `named` are those that are a place's name in it."""

    category: str
    begun: frozenset[str]
    named: frozenset[str]


def items(paths: Sequence[Path]) -> list[Item]:
    """All labelled teasers: ours and those of `paths`."""
    names = frozenset(re.findall(r"\w+", fold(FORMS.read_text("utf-8"))))
    found = [_item(label, texts, names) for label, texts in _golden()]
    for path in (DEV, *paths):
        rows = map(json.loads, path.read_text("utf-8").splitlines())
        found += [_item(row["label"]["category"], [row["teaser"], row["title"]], names) for row in rows]
    return found


def _golden() -> Iterator[tuple[str, list[str]]]:
    for line in GOLDEN.read_text("utf-8").splitlines():
        label, *rest = (part.strip() for part in line.split(" | "))
        if label in set(Category) and len(rest) > 1:
            yield label, rest[1:]


def _item(category: str, texts: Iterable[str | None], names: frozenset[str]) -> Item:
    begun: set[str] = set()
    named: set[str] = set()
    for text in filter(None, texts):
        story = read_story(text)
        for first, end in story.told:
            for number in range(first, end):
                word = story.layout.folds[number]
                begun.add(word[:STEM])
                if word in names and text[story.layout.starts[number]].isupper():
                    named.add(word[:STEM])
    return Item(category, frozenset(begun), frozenset(named))


def vocabulary(found: Sequence[Item]) -> dict[str, float]:
    """Beginning -> its rarity."""
    having = Counter(each for item in found for each in item.begun if each[:1].isalpha() and len(each) > 1)
    naming = Counter(each for item in found for each in item.named)
    kept = sorted(each for each, n in having.items() if n >= SHARED and naming[each] <= NAMES * n)
    return {each: round(math.log((1 + len(found)) / (1 + having[each])) + 1, 3) for each in kept}


def matrix(found: Sequence[Item], rarity: dict[str, float]) -> csr_matrix:
    """A row of length one for each teaser."""
    place = {each: number for number, each in enumerate(rarity)}
    rows, columns, values = [], [], []
    for number, item in enumerate(found):
        known = [each for each in item.begun if each in place]
        length = math.sqrt(sum(rarity[each] ** 2 for each in known)) or 1.0
        rows += [number] * len(known)
        columns += [place[each] for each in known]
        values += [rarity[each] / length for each in known]
    return csr_matrix((values, (rows, columns)), shape=(len(found), len(rarity)))


def learn(found: Sequence[Item]) -> Iterator[str]:
    """The lines of the table."""
    rarity = vocabulary(found)
    model = LogisticRegression(C=LOOSE, max_iter=5000, class_weight="balanced")
    model.fit(matrix(found, rarity), [item.category for item in found])
    yield HEAD
    yield "\t".join(["begin", "rarity", *model.classes_])
    yield _line("*", 1.0, model.intercept_)
    for (begin, rare), weights in zip(rarity.items(), model.coef_.T, strict=True):
        yield _line(begin, rare, weights)


def _line(begin: str, rarity: float, weights: np.ndarray) -> str:
    return "\t".join([begin, f"{rarity:g}", *(f"{weight:.2f}" for weight in weights)])


if __name__ == "__main__":
    TABLE.write_text("\n".join(learn(items([Path(each) for each in sys.argv[1:]]))) + "\n", "utf-8")
