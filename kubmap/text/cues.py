"""Cues: named rules over classes of words, so that a category, a plan or a cause is shown by the words that said it.

A word belongs to classes of rules/lexicon.toml by its folded form: an exact form («дтп»), a beginning («столкн*») or a
noun's or adjective's stem with an ending («вод~»: «воды», «водой», but not «водитель»). A rule asks for classes that
stand near each other in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kubmap.text.data import load
from kubmap.text.frame import Span

_WORD = re.compile(r"[^\W\d_]+|\d+|%")
_WITHIN = 8  # words between the first and the last class of a rule that names no distance
_MAX_WORDS = 300  # words of one sentence that are read: a teaser has about 60 in all

_NUMBER = frozenset({"number"})


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that found its words at [start, end) of the sentence number `sentence` (0 is the first)."""

    rule: Rule
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence as classes: where each class stands (word numbers) and where each word stands (characters)."""

    at: Mapping[str, Sequence[int]]
    spans: Sequence[Span]


class Lexicon:
    """Word -> classes."""

    def __init__(self, concepts: Mapping[str, str], endings: str) -> None:
        self._exact: dict[str, set[str]] = {}
        self._prefix: dict[str, set[str]] = {}
        self._stem: dict[str, set[str]] = {}
        self._endings = frozenset(endings.split()) | {""}
        for concept, atoms in concepts.items():
            for atom in atoms.split():
                self._add(atom, concept)
        self._longest = max(map(len, [*self._prefix, *self._stem]), default=0)

    def _add(self, atom: str, concept: str) -> None:
        table = {"*": self._prefix, "~": self._stem}.get(atom[-1], self._exact)
        table.setdefault(atom.rstrip("*~"), set()).add(concept)

    def concepts(self, word: str) -> frozenset[str]:
        """The classes of a folded word."""
        found = set(self._exact.get(word, ()))
        for size in range(1, min(len(word), self._longest) + 1):
            head = word[:size]
            found.update(self._prefix.get(head, ()))
            if head in self._stem and word[size:] in self._endings:
                found.update(self._stem[head])
        return frozenset(found)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    data = load("lexicon")
    return Lexicon(data["concepts"], data["endings"])


@lru_cache(maxsize=1 << 16)
def concepts_of(word: str) -> frozenset[str]:
    """The classes of a folded word in the shipped lexicon; digits are «number» (and more where listed)."""
    found = lexicon().concepts(word)
    return found | _NUMBER if word[0].isdigit() else found


def clause(folded: str, start: int, end: int) -> Clause:
    """The classes of the words of folded[start:end]."""
    at: dict[str, list[int]] = {}
    spans: list[Span] = []
    for found in _WORD.finditer(folded, start, end):
        for concept in concepts_of(found.group()):
            at.setdefault(concept, []).append(len(spans))
        spans.append(found.span())
        if len(spans) >= _MAX_WORDS:
            break
    return Clause(at, spans)


def _after(places: Sequence[int], since: int, limit: int) -> int | None:
    return next((place for place in places if since < place <= limit), None)


def _chain(at: Mapping[str, Sequence[int]], rule: Rule) -> Span | None:
    """First words and last word of the classes in order, as word numbers."""
    for first in at[rule.has[0]]:
        last: int | None = first
        for concept in rule.has[1:]:
            last = _after(at[concept], last, first + rule.within)  # type: ignore[arg-type]
            if last is None:
                break
        if last is not None:
            return first, last
    return None


def _cluster(at: Mapping[str, Sequence[int]], rule: Rule) -> Span | None:
    """Nearest words of the other classes to a word of the first class, all different words, within the distance."""
    for first in at[rule.has[0]]:
        taken = {first}
        for concept in rule.has[1:]:
            near = min((p for p in at[concept] if p not in taken), key=lambda p: abs(p - first), default=None)
            if near is None:
                break
            taken.add(near)
        if len(taken) == len(rule.has) and max(taken) - min(taken) <= rule.within:
            return min(taken), max(taken)
    return None


def _find(clause: Clause, rule: Rule) -> Span | None:
    at = clause.at
    for concept in rule.has:
        if concept not in at:
            return None
    for concept in rule.unless:
        if concept in at:
            return None
    span = (_chain if rule.ordered else _cluster)(at, rule)
    return None if span is None else (clause.spans[span[0]][0], clause.spans[span[1]][1])


class RuleSet:
    """Rules by their first class, so that a sentence is asked only about classes that it has."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_first: dict[str, list[tuple[int, Rule]]] = {}
        for number, rule in enumerate(self.rules):
            self._by_first.setdefault(rule.has[0], []).append((number, rule))

    def match(self, clauses: Sequence[Clause]) -> list[Hit]:
        """Every rule at the first sentence that satisfies it, in the order of the rules."""
        hits: dict[int, Hit] = {}
        for sentence, part in enumerate(clauses):
            for concept in part.at:
                for number, rule in self._by_first.get(concept, ()):
                    span = None if number in hits else _find(part, rule)
                    if span is not None:
                        hits[number] = Hit(rule, *span, sentence)
        return [hits[number] for number in sorted(hits)]


def _rule(group: str, row: Mapping[str, Any]) -> Rule:
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Rule(group=group, **rest)


def rules_of(tables: Mapping[str, Any]) -> RuleSet:
    """Rules of a TOML table of lists; each list is a group (a category, «true», «false»)."""
    return RuleSet(_rule(group, row) for group, rows in tables.items() for row in rows)
