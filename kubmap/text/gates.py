"""Which place rules may read something at a word: asked once for each word, so that most words cost one look-up.

A gate tells what a rule's first word must be like, and what of the token after it; it may let too much through, never
too little (tested: the rules read the same with gates and without). A rule without a gate is tried at every word where
any rule may begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from kubmap.atlas.asked import Asked
from kubmap.atlas.roadwords import stem
from kubmap.text import districts, landmarks, plain, region, settle, streets
from kubmap.text.data import load
from kubmap.text.placewords import PlaceWords, place_words
from kubmap.text.quotes import CLUBS
from kubmap.text.scan import OPEN
from kubmap.text.slips import is_long

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

T = TypeVar("T")

NEVER, ALWAYS = 0, 1
"""What a gate says of the token after a word: nothing there will do, or anything."""
_DISTRICT, _REGION, _STREET, _ZONE, _CAPITAL, _KRAI = 2, 4, 8, 16, 32, 64
"""The next token may go on with a noun of a district, of a region, of a street, …"""
TITLE, _DOT, _GOES_ON = 128, 256, 512
"""It begins with a capital (or begins a name without one), ends an abbreviation, may be the second word of a name."""


class Word(NamedTuple):
    """A word as a gate sees it: folded, its first token and what is hyphenated to it, `title` when with a capital."""

    fold: str
    whole: str
    title: bool
    atlas: Atlas
    w: PlaceWords


@lru_cache(maxsize=1)
def _krai() -> frozenset[str]:
    return frozenset().union(*(place_words().words("krai", kind) for kind in ("words", "people", "noun")))


@lru_cache(maxsize=2)
def _capital(at: int) -> frozenset[str]:
    return frozenset(phrase[at] for phrase in region.capital_phrases())


@lru_cache(maxsize=1)
def _outside() -> Mapping[str, int]:
    """First word of a place outside -> what must follow it."""
    found: dict[str, int] = {}
    for phrase in place_words().outside:
        found[phrase[0]] = found.get(phrase[0], NEVER) | (ALWAYS if len(phrase) == 1 else _GOES_ON)
    return found


def _named(word: Word, *kinds: str) -> int:
    """What must follow a word for a name of these kinds to begin with it."""
    names = word.atlas.names
    if any(match.kind in kinds for match in names.match([word.fold], 0)):
        return ALWAYS
    return _goes_on(word) if names.is_begun(word.fold) else NEVER


def _goes_on(word: Word) -> int:
    """A word of a longer name: its second word follows, or is hyphenated to it."""
    return _GOES_ON if word.fold == word.whole else ALWAYS


def _street(word: Word) -> int:
    if word.whole in word.w.words("street", "before"):
        return _DOT | TITLE
    if not word.title or not word.fold.endswith(streets.ENDINGS):
        return NEVER
    return ALWAYS if streets.is_bare(word.atlas, word.fold, word.whole) else _STREET


def _krai_word(word: Word) -> int:
    if word.fold in _krai():
        return ALWAYS
    return _KRAI if word.fold in word.w.words("krai", "own") else NEVER


def _other_region(word: Word) -> int:
    if not word.title:
        return NEVER
    if word.whole in load("outside")["region"]["republic"]:
        return ALWAYS
    return _REGION if word.whole.endswith(region.REGION_ENDINGS) else NEVER


def _district(word: Word) -> int:
    if word.whole in word.w.district_one:
        return TITLE
    named = districts.stem(word.whole) is not None or word.whole.endswith(districts.NEUTER)
    return _DISTRICT if word.title and named else NEVER


def _typed(word: Word) -> int:
    if word.whole not in word.w.types:
        return NEVER
    dotted = word.whole in word.w.dotted and word.whole not in word.w.words("dotted", "free")
    return (_DOT if len(word.whole) < settle.LONG else NEVER) | (NEVER if dotted else TITLE)


def _enterprise(word: Word) -> int:
    if word.fold in OPEN:
        return ALWAYS
    return TITLE if word.fold in CLUBS else NEVER


def _plain(word: Word) -> int:
    if not word.title:
        return NEVER
    return ALWAYS if plain.begins(word.fold) else _named(word, "nom", "obl")


def _outside_word(word: Word) -> int:
    if word.fold in word.w.people_outside:
        return ALWAYS
    follows = _outside().get(word.fold, NEVER) if word.title else NEVER
    return ALWAYS if follows and word.fold != word.whole else follows


_GATES: Mapping[str, Callable[[Word], int]] = {
    "street": _street,
    "airport": lambda word: word.fold.startswith(region.AIRPORT),
    "landmark": lambda word: _goes_on(word) if stem(word.fold) in landmarks.heads(word.atlas) else NEVER,
    "capital": lambda word: _CAPITAL if word.fold in _capital(0) else NEVER,
    "krai": _krai_word,
    "zone": lambda word: _ZONE if word.title and word.fold[:-2] in region.zones_of(word.atlas) else NEVER,
    "other_region": _other_region,
    "district": _district,
    "typed": _typed,
    "enterprise": _enterprise,
    "plain": _plain,
    "slip": lambda word: word.title and is_long(word.whole),
    "people": lambda word: _named(word, "demonym") if word.fold.endswith(region.PEOPLE) else NEVER,
    "adjective": lambda word: _named(word, "adj") if word.fold.endswith(region.ADJECTIVE) else NEVER,
    "outside": _outside_word,
    "tram": lambda word: word.fold in word.w.words("krai", "tram"),
    "bare_region": lambda word: word.fold in load("outside")["region"]["bare"],
}


@lru_cache(maxsize=1)
def _districts() -> frozenset[str]:
    """First tokens of what may follow an adjective that names a district."""
    w = place_words()
    nouns = {*w.between_adjectives, *w.district_one, *w.district_many, *w.okrug, *w.types}
    nouns |= w.words("district", "energy") | w.words("district", "settlement")
    return _first(nouns) | {",", "и", ".", "…"}


def _first(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(phrase.split("-")[0] for phrase in phrases)


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    nouns = load("outside")["region"]
    return frozenset().union(nouns["oblast"], nouns["republic"], nouns["krai"])


@lru_cache(maxsize=1)
def _begin_names() -> frozenset[str]:
    """Tokens in lower case at which a name may begin after a type word."""
    w = place_words()
    return OPEN | _first(w.types) | w.words("street", "lead")


class After(Asked[int]):
    """Folded token -> what it may be after a word at which a rule begins, as bits; ALWAYS among them."""

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        second = {phrase[1] for phrase in place_words().outside if len(phrase) > 1}
        self._second = atlas.names.second_words | second | OPEN | {"-"}

    def tell(self, word: str) -> int:
        words = place_words().words
        seen = {
            _DISTRICT: word in _districts(),
            _REGION: word in _regions(),
            _STREET: word in words("street", "after"),
            _ZONE: word.startswith(("агломераци", "экономическ")),
            _CAPITAL: word in _capital(1),
            _KRAI: word in words("krai", "noun"),
            TITLE: word[:1].isdecimal() or word in _begin_names(),
            _DOT: word in {".", ":"},
            _GOES_ON: word in self._second,
        }
        return ALWAYS + sum(bit for bit, holds in seen.items() if holds)


class Choice(dict[int, tuple[T, ...]]):
    """What may follow a word, as bits -> the rules to try at it, in their order."""

    def __init__(self, rules: Sequence[tuple[T, int]]) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, after: int) -> tuple[T, ...]:
        found = self[after] = tuple(rule for rule, needed in self._rules if needed & after)
        return found


class Gates(Asked["tuple[Choice[T] | None, ...]"], Generic[T]):
    """Folded word, with what is hyphenated to it -> the rules to try there, written small and with a capital.

    An empty tuple for most words: no rule begins there, however they are written.
    """

    def __init__(self, atlas: Atlas, rules: Sequence[tuple[str, T]], begins: Callable[[str], bool]) -> None:
        super().__init__()
        self._atlas, self._rules, self._begins = atlas, rules, begins
        self.after = After(atlas)

    def tell(self, word: str) -> tuple[Choice[T] | None, ...]:
        first = word.partition("-")[0]
        if not first:
            return ()
        large = self._of(first, word, title=True)
        if large is None:  # a gate that is shut to a capital is shut to small letters too
            return ()
        small = self._of(first, word, title=False) if self._begins(first) or not first[0].islower() else None
        return (small, large)

    def _of(self, first: str, whole: str, *, title: bool) -> Choice[T] | None:
        """The rules to try at a folded word (and its first token), written with a capital or not."""
        seen = Word(first, whole, title, self._atlas, place_words())
        asked = [(rule, _GATES[name](seen) if name in _GATES else ALWAYS) for name, rule in self._rules]
        kept = [(rule, needed) for rule, needed in asked if needed]
        return Choice(kept) if kept else None
