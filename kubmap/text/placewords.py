"""The word tables of the place rules, compiled once from rules/where.toml and rules/outside.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kubmap.text.data import load


class Phrases:
    """Phrases of folded words; `tails` are the slices of a text's words that may be those that end with a word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._all = frozenset(map(split, phrases))
        sizes = {(phrase[-1], len(phrase)) for phrase in self._all}
        self.tails = {word: [slice(-size, None) for last, size in sizes if last == word] for word, _ in sizes}
        self.last_but_one = frozenset(phrase[-2] for phrase in self._all if len(phrase) > 1)

    def end(self, words: Sequence[str]) -> bool:
        """Whether the last of these words make a phrase."""
        if not words or words[-1] not in self.tails:
            return False
        return not self._all.isdisjoint(map(tuple, map(words.__getitem__, self.tails[words[-1]])))


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """Folded words by what they tell; phrases are tuples of words with hyphens split."""

    types: Mapping[str, str]
    dotted: frozenset[str]
    plural: frozenset[str]
    compatible: Mapping[str, frozenset[str]]
    district_one: frozenset[str]
    district_many: frozenset[str]
    okrug: frozenset[str]
    between_adjectives: frozenset[str]
    sections: Mapping[str, Any]
    near: Phrases
    direction: Phrases
    nicknames: Mapping[tuple[str, ...], str]
    ordinary: frozenset[str]
    outside: Mapping[tuple[str, ...], str]
    people_outside: frozenset[str]
    outside_districts: frozenset[str]

    def words(self, *path: str) -> frozenset[str]:
        """The set at a path of the TOML («roles», «home», «words»)."""
        return _SETS.get(path) or _set(self, path)


_SETS: dict[tuple[str, ...], frozenset[str]] = {}


def _set(table: PlaceWords, path: tuple[str, ...]) -> frozenset[str]:
    found = _SETS.get(path)
    if found is None:
        node: Any = table.sections
        for step in path:
            node = node[step]
        found = _SETS[path] = frozenset(node)
    return found


def split(phrase: str) -> tuple[str, ...]:
    """«ростове-на-дону» -> ("ростове", "на", "дону")."""
    return tuple(phrase.replace("-", " ").split())


def _forms(stems: Iterable[str], endings: Iterable[str]) -> Iterable[tuple[tuple[str, ...], str]]:
    ends = list(endings)
    for stem in stems:
        for end in ends:
            yield split(stem + end), stem


def _outside(data: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for kind in ("masc", "soft", "fem", "femsoft", "neuter", "neutersoft", "same"):
        found.update(_forms(data["names"][kind], data["endings"][kind]))
    return found


def _people(data: Mapping[str, Any]) -> frozenset[str]:
    found = set(data["names"]["words"])
    for kind in ("people", "people_chane", "people_chi"):
        found.update(" ".join(words) for words, _ in _forms(data["names"][kind], data["endings"][kind]))
    return frozenset(found)


@lru_cache(maxsize=1)
def place_words() -> PlaceWords:
    """The shipped tables."""
    data, outside = load("where"), load("outside")
    district = data["district"]
    return PlaceWords(
        types={form: kind for kind, forms in data["types"].items() for form in forms},
        dotted=frozenset(data["dotted"]["forms"]),
        plural=frozenset(data["plural"]["forms"]),
        compatible={kind: frozenset(types) for kind, types in data["compatible"].items()},
        district_one=frozenset(district["one"]),
        district_many=frozenset(district["many"]),
        okrug=frozenset(district["okrug"]),
        between_adjectives=frozenset(district["between"]),
        sections=data,
        near=Phrases(data["relations"]["near"]),
        direction=Phrases(data["roles"]["direction"]["phrases"]),
        nicknames={split(phrase): name for phrase, name in data["nicknames"].items()},
        ordinary=frozenset(data["ordinary"]["names"]),
        outside=_outside(outside),
        people_outside=_people(outside),
        outside_districts=frozenset(outside["districts"]["stems"]),
    )
