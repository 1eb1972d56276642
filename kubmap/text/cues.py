"""Cues: named rules over classes of words, so that a category, a plan or a cause is shown by the words that said it.

A word belongs to classes of rules/lexicon.toml by its folded form: an exact form («дтп»), a beginning («столкн*») or a
noun's or adjective's stem with an ending («вод~»: «воды», «водой», but not «водитель»). A rule asks for classes that
stand near each other in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import compress
from operator import or_
from typing import Any, NamedTuple, TypeAlias

from kubmap.atlas.asked import Asked
from kubmap.text.data import load
from kubmap.text.frame import Span
from kubmap.text.lexicon import Lexicon
from kubmap.text.tokens import Layout

_WITHIN = 8  # words between the first and the last class of a rule that names no distance
_MAX_WORDS = 300  # words of one sentence that are read: a teaser has about 60 in all

_NUMBER = frozenset({"number"})


@dataclass(frozen=True, slots=True, eq=False)  # a rule is itself: it is the key of its weight
class Rule:
    """`has`: classes that stand within `within` words, in that order if `ordered`; `unless`: classes that forbid it."""

    name: str
    group: str
    weight: float
    has: tuple[str, ...]
    note: str = ""
    within: int = _WITHIN
    ordered: bool = False
    unless: tuple[str, ...] = ()


class Clause:
    """A sentence as classes: `words` has the bits of the classes of each word, `mask` all of them together.

    Most rules are told by `mask` to have nothing to look for; where a class stands is only asked for the others.
    """

    __slots__ = ("_at", "_classes", "_first", "_layout", "_numbers", "_places", "_told", "kinds", "mask", "words")

    def __init__(self, layout: Layout, first: int, classes: Sequence[int]) -> None:
        """`classes` are those of the tokens from the number `first` on (see `classes_of`)."""
        self._layout, self._first, self._classes = layout, first, classes
        self.words = list(filter(None, classes))[:_MAX_WORDS]
        self.kinds = set(self.words)
        self.mask = reduce(or_, self.kinds, 0)
        self._at: dict[int, list[int]] = {}
        self._numbers: list[int] = []
        self._places: list[int] = []
        self._told: list[int] = []

    def at(self, bit: int) -> list[int]:
        """Numbers of the words of a class."""
        found = self._at.get(bit)
        if found is None:
            if not self._told:  # most words have no class but that of all words
                self._places = list(compress(range(len(self.words)), map(_WORD.__lt__, self.words)))
                self._told = list(map(self.words.__getitem__, self._places))
            found = self._at[bit] = list(compress(self._places, map(bit.__and__, self._told)))
        return found

    def offsets(self, first: int, last: int) -> Span:
        """Characters from word `first` to the end of word `last`."""
        starts, ends = self._layout.starts, self._layout.ends
        if not self._numbers:
            self._numbers = list(compress(range(self._first, self._first + len(self._classes)), self._classes))
        return starts[self._numbers[first]], ends[self._numbers[last]]


def classes_of(layout: Layout) -> list[int]:
    """The bits of the classes of each token, 0 for a mark."""
    return list(map(_BITS.__getitem__, layout.folds))


class Hit(NamedTuple):
    """A rule that found its words, `first` to `last` of `clause`, the sentence number `sentence` (0 is the first)."""

    rule: Rule
    clause: Clause
    first: int
    last: int
    sentence: int

    @property
    def span(self) -> Span:
        """Characters that the rule read (looked up when asked: most hits are only counted)."""
        return self.clause.offsets(self.first, self.last)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    data = load("lexicon")
    return Lexicon(data["concepts"], data["endings"])


def concepts_of(word: str) -> frozenset[str]:
    """The classes of a folded word in the shipped lexicon; digits are «number» (and more where listed)."""
    found = lexicon().concepts(word)
    return found | _NUMBER if word[0].isdigit() else found


class _Bits(Asked[int]):
    """Folded token -> the bit of all words and one for each class of the shipped lexicon that it has; 0 for a mark."""

    def tell(self, word: str) -> int:
        is_word = word == "%" or word[0].isalnum()
        return _WORD | sum(map(bit_of, concepts_of(word))) if is_word else 0


_WORD = 1
_BITS = _Bits()
_NUMBERS: dict[str, int] = {}


@cache
def bit_of(concept: str) -> int:
    """The bit of a class of the shipped lexicon; a class of a rule that no word has gets one as well."""
    return 2 << _NUMBERS.setdefault(concept, len(_NUMBERS))


def _after(places: Sequence[int], since: int, limit: int) -> int | None:
    return next((place for place in places if since < place <= limit), None)


def _chain(places: Sequence[Sequence[int]], within: int) -> Span | None:
    """First words and last word of the classes in order, as word numbers."""
    for first in places[0]:
        last: int | None = first
        for others in places[1:]:
            last = _after(others, last, first + within)  # type: ignore[arg-type]
            if last is None:
                break
        if last is not None:
            return first, last
    return None


def _cluster(places: Sequence[Sequence[int]], within: int) -> Span | None:
    """Nearest words of the other classes to a word of the first class, all different words, within the distance."""
    for first in places[0]:
        taken = {first}
        for others in places[1:]:
            near = min((p for p in others if p not in taken), key=lambda p: abs(p - first), default=None)
            if near is None:
                break
            taken.add(near)
        if len(taken) == len(places) and max(taken) - min(taken) <= within:
            return min(taken), max(taken)
    return None


class _Ready:
    """A rule with its classes as bits."""

    __slots__ = ("bits", "forbidden", "key", "needed", "number", "rule")

    def __init__(self, number: int, rule: Rule) -> None:
        self.number, self.rule = number, rule
        self.bits = tuple(map(bit_of, rule.has))
        self.needed = reduce(or_, self.bits)
        self.forbidden = reduce(or_, map(bit_of, rule.unless), 0)

    def find(self, clause: Clause) -> Span | None:
        """First and last word that the rule reads in a clause that has all its classes."""
        if len(self.bits) == 1:
            first = clause.at(self.bits[0])[0]
            return first, first
        places = list(map(clause.at, self.bits))
        return (_chain if self.rule.ordered else _cluster)(places, self.rule.within)


_Asked: TypeAlias = tuple[int, int, _Ready]


class _ByWord(dict[int, tuple[_Asked, ...]]):
    """Bits of a word -> the rules whose rarest class it has, each with its needed and forbidden bits."""

    def __init__(self, by_key: Mapping[int, Sequence[_Ready]]) -> None:
        super().__init__()
        self._by_key = by_key

    def __missing__(self, word: int) -> tuple[_Asked, ...]:
        rules = (rule for bit, rules in self._by_key.items() if bit & word for rule in rules)
        found = self[word] = tuple((rule.needed, rule.forbidden, rule) for rule in rules)
        return found


class RuleSet:
    """Rules by their rarest class, so that a sentence is asked only about classes that it has."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        ready = [_Ready(number, rule) for number, rule in enumerate(self.rules)]
        uses = Counter(bit for rule in ready for bit in rule.bits)
        by_key: dict[int, list[_Ready]] = {}
        for rule in ready:
            by_key.setdefault(min(rule.bits, key=uses.__getitem__), []).append(rule)
        self._by_word = _ByWord(by_key)

    def match(self, clauses: Sequence[Clause]) -> list[Hit]:
        """Every rule at the first sentence that satisfies it, in the order of the rules."""
        hits: dict[int, Hit] = {}
        by_word = self._by_word
        for sentence, part in enumerate(clauses):
            mask = part.mask
            lacks = ~mask
            for asked in filter(None, map(by_word.__getitem__, part.kinds)):
                for needed, forbidden, ready in asked:
                    if lacks & needed or mask & forbidden or ready.number in hits:
                        continue
                    span = ready.find(part)
                    if span is not None:
                        hits[ready.number] = Hit(ready.rule, part, *span, sentence)
        return [hits[number] for number in sorted(hits)]


def _rule(group: str, row: Mapping[str, Any]) -> Rule:
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Rule(group=group, **{**rest, "weight": float(row["weight"])})


def rules_of(tables: Mapping[str, Any], group_of: Callable[[str], str] = str) -> RuleSet:
    """Rules of a TOML table of lists; each list is a group (a category, «true», «false»)."""
    return RuleSet(_rule(group_of(group), row) for group, rows in tables.items() for row in rows)
