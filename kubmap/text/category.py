"""What a teaser is about, by weighted cues that can be shown, and whether an outage was planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias, cast

from kubmap.domain import Category, Reason
from kubmap.text.cues import Cues, Hit, Rule, RuleSet, cues_of, rules_of
from kubmap.text.data import load
from kubmap.text.frame import Frame, Span, read_story
from kubmap.text.tokens import Layout
from kubmap.text.votes import Votes, strongest, votes

_NEVER = float("inf")
_LATER = 2  # the first two sentences say the most
_SHOWN = 2  # words of the text and of the title that are shown when they swayed the choice
_WORDS_NOTE = "слово, обычное для таких новостей"


class Classification(NamedTuple):
    """`scores` says what every category got by the rules, `said` what the words add where the rules do not decide.

    `is_scheduled` is None when unknown or not an outage.
    """

    category: Category
    is_scheduled: bool | None
    reasons: tuple[Reason, ...]
    scores: Mapping[Category, float]
    said: Votes | None


class _Side(NamedTuple):
    """The text or the title, ready for matching."""

    source: str
    raw: str
    cues: Cues
    layout: Layout
    frame: Frame
    told: Sequence[Span]


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
    return _Side(source, story.raw, cues_of(story.layout, story.told), story.layout, story.frame, story.told)


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


def _claims(scores: Mapping[Category, float]) -> dict[Category, float]:
    """What each category claims by the rules: an incident must reach the threshold, and be told louder than none is."""
    weights = _weights()
    claims, most = dict(scores), weights["most"]
    against = claims.pop(Category.NONE, 0.0)
    best = max(claims.values(), default=0.0)
    if best > most:
        claims = {category: min(score, most) for category, score in claims.items()}
        best = most
    if best < weights["threshold"]:
        claims[Category.NONE] = against + weights["threshold"]
    else:
        claims[Category.NONE] = against + max(0.0, best - weights["cap"])
    return claims


def _settled(scores: Mapping[Category, float]) -> Category | None:
    """The category that claims so much more than the next one that the words need not be asked."""
    weights = _weights()
    sure = weights["sure"]
    if len(scores) == 1:  # in most texts: it claims what it has, up to the cap, and none has the threshold besides
        ((category, score),) = scores.items()
        return category if score + (weights["threshold"] if category is Category.NONE else 0.0) >= sure else None
    claims = _claims(scores)
    first = max(claims, key=claims.__getitem__)
    *_, second, most = (0.0, *sorted(claims.values()))
    return first if most - second >= sure else None


def _folds(*sides: _Side) -> Iterator[str]:
    """The folded words of the story."""
    return chain.from_iterable([side.layout.folds[first:end] for side in sides for first, end in side.told])


def _decide(claims: Mapping[Category, float], said: Votes | None) -> Category:
    """The category that claims most, what the words say added."""
    if said is None:
        return max(claims, key=claims.__getitem__)
    total, weight = dict(said), _weights()["rule"]
    for category, claim in claims.items():
        total[category] += weight * claim
    return max(total, key=total.__getitem__)


def _swayed(category: Category, sides: Sequence[_Side]) -> Iterator[Reason]:
    """The words that made the choice another one than that of the rules."""
    for side in sides:
        for word in strongest(_folds(side), category, _SHOWN):
            place = side.layout.folds.index(word)
            start, end = side.layout.starts[place], side.layout.ends[place]
            yield Reason(f"{category}:words", _WORDS_NOTE, start, end, side.source, side.raw[start:end])


def _weak(found: Classification) -> float:
    """What speaks of a road accident where nothing speaks of more: the dead alone are no other emergency's."""
    weak = found.scores.get(Category.ROAD_ACCIDENT, 0.0)
    if found.category is Category.NONE:
        return weak
    dead = found.scores.get(Category.OTHER_EMERGENCY, 0.0)
    alone = found.category is Category.OTHER_EMERGENCY and 0.0 < dead <= _weights()["threshold"]
    return max(weak, dead) if alone else 0.0


def on_road(found: Classification, road: Reason) -> Classification:
    """The classification once it is known that a road is named, which `road` says.

    «Авария» alone may be a pipe's; on a road that the text names it is a road accident. So are people who died there.
    """
    weak = _weak(found)
    if not weak:
        return found
    scores = {**found.scores, Category.ROAD_ACCIDENT: weak + _weights()["road"]}
    category = _decide(_claims(scores), found.said)
    if category is not Category.ROAD_ACCIDENT:
        return found
    return Classification(category, None, (*found.reasons, road), scores, found.said)


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
    category = _settled(after)
    if category is not None:
        return _told(category, None, _shown(hits, category), sides, after)
    claims, said = _claims(after), votes(_folds(*sides))
    category = _decide(claims, said)
    swayed = _swayed(category, sides) if category is not _decide(claims, None) else ()
    return _told(category, said, [*_shown(hits, category), *swayed], sides, after)


def _told(
    category: Category, said: Votes | None, why: list[Reason], sides: Sequence[_Side], scores: Mapping[Category, float]
) -> Classification:
    planned, because = _scheduled(category, sides)
    return Classification(category, planned, (*why, *because), scores, said)
