"""What the rules of a location answer with: the place, what lost, and why."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from kubmap.domain import Alternative, Location, Reason
from kubmap.text.places import Mention

TIE = 0.3
"""Two homonyms whose scores differ by less are as likely."""
TIE_APART_M = 25_000
"""Nearer ones may share a pin."""


class Resolution(NamedTuple):
    """Where it happened (None: outside the krai, no incident, or nothing said), what lost, and why."""

    location: Location | None
    alternatives: tuple[Alternative, ...] = ()
    reasons: tuple[Reason, ...] = ()


def why(rule: str, note: str, *mentions: Mention) -> tuple[Reason, ...]:
    """Reasons of a rule over the words that it read; without words one reason."""
    if not mentions:
        return (Reason(f"where:{rule}", note),)
    return tuple([Reason(f"where:{rule}", note, m.start, m.end, m.source, m.text) for m in mentions])


def likelihood(score: float) -> float:
    """A score as 0..1."""
    return round(1 / (1 + exp(-(score - 1.5))), 3)
