"""Cues: named rules over classes of words, so that a category, a plan or a cause is shown by the words that said it.

A word belongs to classes of rules/lexicon.toml by its folded form: an exact form («дтп»), a beginning («столкн*») or a
noun's or adjective's stem with an ending («вод~»: «воды», «водой», but not «водитель»). A rule asks for classes that
stand near each other in one sentence.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress, count, repeat
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
    """`has`: classes that stand within `within` words, in that order if `ordered`; `unless`: classes that forbid it.

    `name` begins with that of the group, as reasons show it.
    """

    name: str
    group: str
    weight: float
    has: tuple[str, ...]
    note: str = ""
    within: int = _WITHIN
    ordered: bool = False
    unless: tuple[str, ...] = ()


Places: TypeAlias = Mapping[str, Sequence[int]]
"""Class -> numbers of the words of a sentence that have it."""


class Cues(NamedTuple):
    """A text as classes of words: its sentences, and the number of the token of each word."""

    sentences: Sequence[Places]
    tokens: Sequence[int]


def cues_of(layout: Layout, sentences: Iterable[Span]) -> Cues:
    """What the rules ask of a text; `sentences` are [first, end) of tokens."""
    kinds = list(map(_KINDS.__getitem__, layout.folds))
    tokens = list(compress(range(len(kinds)), kinds))
    return Cues([_places(kinds[first:end], bisect_left(tokens, first)) for first, end in sentences], tokens)


def _places(kinds: Iterable[int], first: int) -> Places:
    """Where the classes of a sentence are, from the word number `first` on."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    words = list(map(_CLASSES.__getitem__, filter(None, kinds)))[:_MAX_WORDS]
    for place, classes in compress(enumerate(words, first), words):  # most words have no class
        for concept in classes:
            found[concept].append(place)
    return found


Hit: TypeAlias = tuple[int, Rule, int, Span]
"""A rule that found its words: its number, itself, the number of the sentence (0 is the first), its first and last
token."""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    data = load("lexicon")
    return Lexicon(data["concepts"], data["endings"])


def concepts_of(word: str) -> frozenset[str]:
    """The classes of a folded word in the shipped lexicon; digits are «number» (and more where listed)."""
    found = lexicon().concepts(word)
    return found | _NUMBER if word[0].isdigit() else found


class _Kinds(Asked[int]):
    """Folded token -> its kind, of which there are as many as the shipped lexicon has sets of classes for a word."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[frozenset[str], int] = {}
        self._new = count(1)

    def tell(self, word: str) -> int:
        if not (word == "%" or word[0].isalnum()):
            return 0
        classes = concepts_of(word)
        kind = self._known.get(classes)
        if kind is None:  # two threads may give two numbers to the same classes, never one number to others
            kind = next(self._new)
            _CLASSES[kind] = classes
            self._known[classes] = kind
        return kind


_CLASSES: dict[int, frozenset[str]] = {}
"""Classes of the words of a kind."""
_KINDS = _Kinds()


def _chain(places: Sequence[Sequence[int]], within: int) -> Span | None:
    """First words and last word of the classes in order, as word numbers."""
    for first in places[0]:
        last = first
        for others in places[1:]:
            after = bisect_right(others, last)
            if after == len(others):
                break
            last = others[after]
        else:
            if last - first <= within:
                return first, last
    return None


def _pair(places: Sequence[Sequence[int]], within: int) -> Span | None:
    """The nearest word of the second class to a word of the first, of two as near the earlier, within the distance."""
    firsts, others = places
    for first in firsts:
        near, least = first, within + 1
        for other in others:
            away = abs(other - first)
            if 0 < away < least:
                near, least = other, away
        if near != first:
            return (first, near) if first < near else (near, first)
    return None


def _cluster(places: Sequence[Sequence[int]], within: int) -> Span | None:
    """Nearest words of the other classes to a word of the first class, all different words, within the distance."""
    for first in places[0]:
        taken = [first]
        for others in places[1:]:
            free = [place for place in others if place not in taken]
            if not free:
                break
            taken.append(min(free, key=lambda place: abs(place - first)))
        else:
            span = min(taken), max(taken)
            if span[1] - span[0] <= within:
                return span
    return None


def _word(places: Sequence[Sequence[int]], _within: int) -> Span:
    first = places[0][0]
    return first, first


class _Ready:
    """A rule ready to be tried."""

    __slots__ = ("find", "forbidden", "has", "number", "rule", "within")

    def __init__(self, number: int, rule: Rule) -> None:
        self.number, self.rule, self.has, self.within = number, rule, rule.has, rule.within
        self.forbidden = frozenset(rule.unless)
        self.find = _chain if rule.ordered else {1: _word, 2: _pair}.get(len(rule.has), _cluster)


_Needed: TypeAlias = frozenset[str]


class RuleSet:
    """Rules by their rarest class, so that a sentence is asked only about classes that it has."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        uses = Counter(concept for rule in self.rules for concept in rule.has)
        self._needs: dict[str, list[_Needed]] = {concept: [] for concept in uses}
        self._ready: dict[_Needed, list[_Ready]] = {}
        for number, rule in enumerate(self.rules):
            needed = frozenset(rule.has)
            if needed not in self._ready:
                self._needs[min(rule.has, key=uses.__getitem__)].append(needed)
            self._ready.setdefault(needed, []).append(_Ready(number, rule))

    def match(self, text: Cues) -> list[Hit]:
        """Every rule at the first sentence that satisfies it, in the order of the rules."""
        hits: dict[int, Hit] = {}
        for sentence, places in enumerate(text.sentences):
            classes = set(places)
            asked = chain.from_iterable(map(self._needs.get, places, repeat(())))
            for needed in filter(classes.issuperset, asked):  # few: nearly all have a class that the sentence lacks
                for ready in self._ready[needed]:
                    if ready.number in hits or not classes.isdisjoint(ready.forbidden):
                        continue
                    words = ready.find(list(map(places.__getitem__, ready.has)), ready.within)
                    if words is not None:
                        span = text.tokens[words[0]], text.tokens[words[1]]
                        hits[ready.number] = ready.number, ready.rule, sentence, span
        return sorted(hits.values())


def _rule(group: str, row: Mapping[str, Any]) -> Rule:
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Rule(group=group, **{**rest, "name": f"{group}:{row['name']}", "weight": float(row["weight"])})


def rules_of(tables: Mapping[str, Any], group_of: Callable[[str], str] = str) -> RuleSet:
    """Rules of a TOML table of lists; each list is a group (a category, «true», «false»)."""
    return RuleSet(_rule(group_of(group), row) for group, rows in tables.items() for row in rows)
