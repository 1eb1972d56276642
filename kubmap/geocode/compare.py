"""Same event or not, for two teasers: the rules of kubmap.geocode.alike weighed together, each with what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

from kubmap.domain import Reason
from kubmap.errors import InputError
from kubmap.geocode.alike import RULES
from kubmap.geocode.event import Event, of_reading
from kubmap.geocode.reading import Reading, read_teaser, teaser_from_json

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

BIAS = -1.0
"""Log-odds of two teasers about which nothing is known."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` is 0..1; `same_event` says that it is at least one half."""

    same_event: bool
    score: float
    reasons: tuple[Reason, ...]


def compare(a: Reading | Event, b: Reading | Event) -> Comparison:
    """Judge two tellings; the order does not matter."""
    return judge(_event(a), _event(b))


def judge(a: Event, b: Event) -> Comparison:
    """The sum of what the rules say, as a probability; reasons name the rule and, in Russian, what it saw."""
    total, reasons = BIAS, []
    for rule in RULES:
        said = rule(a, b)
        if said is not None:
            total += said.weight
            reasons.append(Reason(f"same:{rule.__name__}", f"{said.note} ({said.weight:+.1f})"))
    score = round(1 / (1 + exp(-total)), 3)
    return Comparison(score >= 0.5, score, tuple(reasons))


def _event(told: Reading | Event) -> Event:
    return told if isinstance(told, Event) else of_reading(told)


def compare_json(row: Mapping[str, Any], atlas: Atlas) -> dict[str, Any]:
    """The object that `kubmap compare` writes for `{"pair_id", "a", "b"}`.

    Raises:
        InputError: a side is missing or cannot be read; `field` names it.
    """
    sides = []
    for name in ("a", "b"):
        side = row.get(name)
        if not isinstance(side, Mapping):
            raise InputError(f"поле «{name}»: нужен объект с полем «text»", field=name)
        sides.append(read_teaser(teaser_from_json(side), atlas))
    found = compare(*sides)
    reasons = [{"rule": reason.rule, "note": reason.note} for reason in found.reasons]
    pair = row.get("pair_id")
    return {"pair_id": pair, "same_event": found.same_event, "score": found.score, "reasons": reasons}
