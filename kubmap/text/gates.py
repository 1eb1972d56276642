"""Which place rules may read something at a word: asked once for each word, so that most words cost one look-up.

A gate tells what a rule's first word must be like; it may let too much through, never too little (tested: the rules
read the same with gates and without). A rule without a gate is tried at every word where any rule may begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kubmap.atlas.asked import Asked
from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import fold
from kubmap.text import districts, landmarks, plain, region, streets
from kubmap.text.data import load
from kubmap.text.placewords import PlaceWords, place_words
from kubmap.text.quotes import CLUBS
from kubmap.text.scan import OPEN

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Word:
    """A token as a gate sees it: folded, `title` when it begins with a capital, `name` when a gazetteer name may."""

    fold: str
    title: bool
    name: bool
    atlas: Atlas
    w: PlaceWords


@lru_cache(maxsize=1)
def _krai() -> frozenset[str]:
    return frozenset().union(*(place_words().words("krai", kind) for kind in ("words", "people", "own", "noun")))


@lru_cache(maxsize=1)
def _capital() -> frozenset[str]:
    return frozenset(phrase[0] for phrase in region.capital_phrases())


@lru_cache(maxsize=1)
def _outside() -> frozenset[str]:
    return frozenset(phrase[0] for phrase in place_words().outside)


def _street(word: Word) -> bool:
    return word.fold in word.w.words("street", "before") or (word.title and word.fold.endswith(streets.ENDINGS))


def _other_region(word: Word) -> bool:
    known = word.fold in load("outside")["region"]["republic"]
    return word.title and (known or word.fold.endswith(region.REGION_ENDINGS))


def _district(word: Word) -> bool:
    return word.fold in word.w.district_one or (word.title and districts.stem(word.fold) is not None)


_GATES: Mapping[str, Callable[[Word], bool]] = {
    "street": _street,
    "airport": lambda word: word.fold.startswith(region.AIRPORT),
    "landmark": lambda word: stem(word.fold) in landmarks.heads(word.atlas),
    "capital": lambda word: word.fold in _capital(),
    "krai": lambda word: word.fold in _krai(),
    "zone": lambda word: word.title and word.fold[:-2] in region.zones_of(word.atlas),
    "other_region": _other_region,
    "district": _district,
    "typed": lambda word: word.fold in word.w.types,
    "enterprise": lambda word: word.fold in OPEN or word.fold in CLUBS,
    "plain": lambda word: word.title and (word.name or plain.begins(word.fold)),
    "slip": lambda word: word.title,
    "people": lambda word: word.name and word.fold.endswith(region.PEOPLE),
    "adjective": lambda word: word.name and word.fold.endswith(region.ADJECTIVE),
    "outside": lambda word: word.fold in word.w.people_outside or (word.title and word.fold in _outside()),
    "tram": lambda word: word.fold in word.w.words("krai", "tram"),
    "bare_region": lambda word: word.fold in load("outside")["region"]["bare"],
}


class Gates(Asked[tuple[T, ...]], Generic[T]):
    """Token as written -> the rules to try there, in their order."""

    def __init__(self, atlas: Atlas, rules: Sequence[tuple[str, T]], begins: Callable[[str], bool]) -> None:
        super().__init__()
        self._atlas, self._rules, self._begins = atlas, rules, begins

        self.open = _Open(self)

    def tell(self, word: str) -> tuple[T, ...]:
        folded, first = fold(word), word[0]
        if first.islower() and not self._begins(folded):
            return ()
        return self.of(folded, title=first.isupper())

    def of(self, folded: str, *, title: bool) -> tuple[T, ...]:
        """The rules to try at a folded word, written with a capital or not."""
        seen = Word(folded, title, self._atlas.names.begins(folded), self._atlas, place_words())
        return tuple(rule for name, rule in self._rules if name not in _GATES or _GATES[name](seen))


class _Open(Asked[bool]):
    """Folded token -> whether any spelling of it has rules to try: most have none, and need not be looked at."""

    def __init__(self, gates: Gates[Any]) -> None:
        super().__init__()
        self._gates = gates

    def tell(self, word: str) -> bool:
        return any(self._gates.of(word, title=title) for title in (True, False))
