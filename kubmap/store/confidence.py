"""How sure a draft's reading is, 0..1, and why not quite; pure.

Each doubt takes its weight of what is left: confidence = product of (1 - weight). So a further doubt never raises it,
and a finer place, a wider margin to the next candidate, a known year or more words for the category never lower it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import prod
from typing import Any, TypeAlias

from kubmap.domain import Category, Incident, Precision
from kubmap.geocode.event import day_of

FAR_DAYS = 60
"""Days between publication and beginning that are doubted."""

EDITION = 1
"""Of the rules below: another one has the store tell the confidence of its drafts anew."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a reading is not sure: `code` to filter by, `words` for people, `weight` 0..1 what it takes of it."""

    code: str
    words: str
    weight: float


Rule: TypeAlias = Callable[[Incident], Iterator[Doubt]]


def confidence(incident: Incident) -> tuple[float, tuple[Doubt, ...]]:
    """0..1, and the doubts, the heaviest first."""
    doubts = sorted((doubt for rule in RULES for doubt in rule(incident)), key=lambda each: -each.weight)
    return round(prod(1 - each.weight for each in doubts), 4), tuple(doubts)


def _place(incident: Incident) -> Iterator[Doubt]:
    """No place, or one wider than a settlement."""
    if incident.location_verified or incident.category is Category.NONE:
        return
    at = incident.location
    if at is None:
        yield _doubt("place_none")
    elif at.precision in _WIDE:
        yield _doubt(_WIDE[at.precision])


def _rival(incident: Incident) -> Iterator[Doubt]:
    """The likelier the next candidate, the heavier."""
    if incident.location_verified or incident.location is None or not incident.alternatives:
        return
    best = max(incident.alternatives, key=lambda each: each.score)
    weight = _weights()["rival"]["weight"] * min(1.0, max(0.0, best.score))
    words = _weights()["rival"]["words"].format(place=best.location.label[:80])
    if weight > 0:
        yield Doubt("rival", words, round(weight, 3))


def _said(incident: Incident) -> Iterator[Doubt]:
    """Rules of the reading that are doubts by themselves."""
    fired = {each.rule for each in incident.reasons}
    for rule, doubt in _weights()["rules"].items():
        if rule in fired and not (incident.location_verified and rule.startswith("where:")):
            yield Doubt(rule, doubt["words"], doubt["weight"])


def _when(incident: Incident) -> Iterator[Doubt]:
    if incident.published_at is None and incident.starts_at is None:
        yield _doubt("year_unknown")
    if incident.category is Category.NONE:
        return
    if incident.starts_at is None:
        yield _doubt("time_none")
    elif incident.published_at and abs((day_of(incident.starts_at) - day_of(incident.published_at)).days) > FAR_DAYS:
        yield _doubt("time_far")


def _category(incident: Incident) -> Iterator[Doubt]:
    """By how many of its rules fired; none at all means that somebody typed it in."""
    prefix = f"{incident.category.value}:"
    fired = {each.rule for each in incident.reasons if each.rule.startswith(prefix)}
    if not fired:
        yield _doubt("category_none" if incident.category is Category.NONE else "category_unread")
    elif len(fired) == 1:
        yield _doubt("category_weak")


RULES: tuple[Rule, ...] = (_place, _rival, _said, _when, _category)

_WIDE: Mapping[Precision, str] = {
    Precision.KRAI: "place_krai",
    Precision.DISTRICT: "place_district",
    Precision.AREA: "place_area",
}


def _doubt(code: str) -> Doubt:
    found = _weights()["doubts"][code]
    return Doubt(code, found["words"], found["weight"])


def edition() -> int:
    """A number that stands for the rules and their weights; never 0."""
    return int.from_bytes(hashlib.blake2b(_told() + bytes([EDITION]), digest_size=6).digest()) | 1


def _told() -> bytes:
    return files("kubmap.store").joinpath("doubts.toml").read_bytes()


@lru_cache(maxsize=1)
def _weights() -> dict[str, Any]:
    return tomllib.loads(_told().decode())
