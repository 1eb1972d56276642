"""What a teaser is about, by weighted cues that can be shown, and whether an outage was planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from kubmap.domain import Category, Reason
from kubmap.text.cues import Cues, Hit, Rule, RuleSet, cues_of, rules_of
from kubmap.text.data import load
from kubmap.text.frame import Frame, read_story
from kubmap.text.tokens import Layout

_NEVER = float("inf")
_LATER = 2  # the first two sentences say the most


class Classification(NamedTuple):
    """`scores` says what every category got; `is_scheduled` is None when unknown or not an outage."""

    category: Category
    is_scheduled: bool | None
    reasons: tuple[Reason, ...]
    scores: Mapping[Category, float]


class _Side(NamedTuple):
    """The text or the title, ready for matching."""

    source: str
    raw: str
    cues: Cues
    layout: Layout
    frame: Frame


@lru_cache(maxsize=1)
def _rules() -> RuleSet:
    return rules_of(load("category")["rules"], Category)


@lru_cache(maxsize=1)
def _planned() -> RuleSet:
    return rules_of(load("category")["planned"])


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    return load("category")["weights"]  # type: ignore[no-any-return]


class _Beat(NamedTuple):
    """A category that makes a loser's score less; a loser with a score of `spares` or more stands."""

    winner: Category
    factor: float
    at_least: float
    spares: float


@lru_cache(maxsize=1)
def _beats() -> Mapping[Category, Sequence[_Beat]]:
    """Loser -> who beats it."""
    found: dict[Category, list[_Beat]] = {}
    for row in load("category")["beats"]:
        at_least = row.get("at_least", _weights()["threshold"])
        beat = _Beat(Category(row["winner"]), row["factor"], at_least, row.get("spares", _NEVER))
        found.setdefault(Category(row["loser"]), []).append(beat)
    return found


def _side(raw: str, source: str) -> _Side:
    story = read_story(raw)
    return _Side(source, story.raw, cues_of(story.layout, story.told), story.layout, story.frame)


def _sides(text: str, title: str | None) -> list[_Side]:
    return [_side(text, "text"), *([_side(title, "title")] if title else [])]


def _share(hit: Hit, side: _Side) -> float:
    """How much of its weight a rule keeps in a later sentence or where the text recalls an older day."""
    _, rule, sentence, (first, _) = hit
    if side.frame.in_recall(side.layout.starts[first]):
        return _weights()["recall"]
    if sentence < _LATER:
        return 1.0
    return _weights()["aside" if rule.group == Category.NONE else "later"]


def _reason(hit: Hit, side: _Side) -> Reason:
    _, rule, _, (first, last) = hit
    start, end = side.layout.starts[first], side.layout.ends[last]
    return Reason(rule.name, rule.note, start, end, side.source, side.raw[start:end])


_Hits: TypeAlias = list[tuple[_Side, list[Hit]]]


def _evidence(rules: RuleSet, sides: Sequence[_Side]) -> tuple[dict[str, float], _Hits]:
    """Scores by group, and what fired; a rule that fires on both sides counts once, a little more."""
    best: dict[Rule, float] = {}
    hits = [(side, rules.match(side.cues)) for side in sides]
    for side, found in hits:
        recalls = side.frame.recalls
        for hit in found:
            _, rule, sentence, _ = hit
            weight = rule.weight
            if recalls or sentence >= _LATER:
                weight *= _share(hit, side)
            if rule in best:
                weight = max(best[rule], weight) * _weights()["both"]
            best[rule] = weight
    scores: defaultdict[str, float] = defaultdict(float)
    for rule, weight in best.items():
        scores[rule.group] += weight
    return scores, hits


def _shown(hits: _Hits, group: str) -> list[Reason]:
    return [_reason(hit, side) for side, found in hits for hit in found if hit[1].group == group]


def _give_way(scores: Mapping[Category, float]) -> dict[Category, float]:
    """Scores after the pairs of [[beats]]: the storm that cut the power is told as a power cut."""
    left = dict(scores)
    if len(left) == 1:
        return left
    beats = _beats()
    for loser in filter(beats.__contains__, scores):
        for winner, factor, at_least, spares in beats[loser]:
            if winner in scores and scores[winner] >= at_least and scores[loser] < spares:
                left[loser] = min(left[loser], scores[loser] * factor)
    return left


def _choose(scores: Mapping[Category, float]) -> Category:
    incidents = dict(scores)
    against = incidents.pop(Category.NONE, 0.0)
    if not incidents:
        return Category.NONE
    best = max(incidents, key=incidents.__getitem__)
    score, weights = incidents[best], _weights()
    enough = score >= weights["threshold"] and min(score, weights["cap"]) > against
    return best if enough else Category.NONE


def on_road(found: Classification, road: Reason) -> Classification:
    """The classification once it is known that a road is named, which `road` says.

    «Авария» alone may be a pipe's; on a road that the text names it is a road accident.
    """
    weak = found.scores.get(Category.ROAD_ACCIDENT, 0.0)
    if found.category is not Category.NONE or not weak:
        return found
    scores = {**found.scores, Category.ROAD_ACCIDENT: weak + _weights()["road"]}
    category = _choose(scores)
    if category is not Category.ROAD_ACCIDENT:
        return found
    return Classification(category, None, (*found.reasons, road), scores)


def _scheduled(category: Category, sides: Sequence[_Side]) -> tuple[bool | None, list[Reason]]:
    if not category.is_outage:
        return None, []
    scores, hits = _evidence(_planned(), sides)
    yes, no = scores.get("true", 0), scores.get("false", 0)
    if max(yes, no) <= 0:
        return None, []
    planned = yes > no
    return planned, _shown(hits, "true" if planned else "false")


def classify(text: str, title: str | None = None) -> Classification:
    """The category of a teaser with the reasons; tails about other stories are not read."""
    sides = _sides(text, title)
    scores, hits = _evidence(_rules(), sides)
    after = _give_way(cast("Mapping[Category, float]", scores))  # the groups of these rules are categories
    category = _choose(after)
    planned, why = _scheduled(category, sides)
    return Classification(category, planned, (*_shown(hits, category), *why), after)
