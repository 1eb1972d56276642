"""Which of several roads is meant: the km's range, the district of the km, the years of a km counting.

A km outside a road rules it out; a place near the km does not (news name the nearest large place, up to 8 km away).
When nothing decides, all candidates come back with close scores: the caller then shows a wide area or both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kubmap.atlas.road import Road, RoadMention
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.roads import RoadNetwork

_W: dict[str, float] = RULES["choice"]
_PAIR = 2  # ends that many roads may join


class Candidate(NamedTuple):
    """A road that a mention may mean, its score (0..1) and why, in Russian."""

    road_id: str
    score: float
    reason: str


class Context(NamedTuple):
    """What a text says beside the road's name; `municipality` is a name as the atlas writes it."""

    km: float | None = None
    municipality: str | None = None
    year: int | None = None
    part: tuple[float, float] | None = None


_Rule = Callable[[RoadNetwork, Road, Context], tuple[float, str] | None]


def candidates(
    network: RoadNetwork,
    mention: RoadMention,
    *,
    km: float | None = None,
    municipality: str | None = None,
    year: int | None = None,
) -> list[Candidate]:
    """The roads that `mention` may mean, best first; a road without the km comes last, with the reason."""
    context = Context(km, municipality, year, mention.part)
    scored = [_score(network, mention, rank, context) for rank in range(len(mention.road_ids))]
    return sorted(scored, key=lambda c: -c.score)


def _score(network: RoadNetwork, mention: RoadMention, rank: int, context: Context) -> Candidate:
    road = network.road(mention.road_ids[rank])
    score = _W[mention.by] * (1 - _W["rank"]) ** rank
    notes = []
    if (
        rank
        and len(mention.ends) > _PAIR
        and _has_route(network, mention, 0)
        and not _has_route(network, mention, rank)
    ):
        score *= _W["other_route"]
    for factor, note in _verdicts(network, road, context):
        score *= factor
        notes.append(note)
    return Candidate(road.id, round(score, 3), "; ".join(notes) or f"назван: «{mention.text.strip()}»")


def _has_route(network: RoadNetwork, mention: RoadMention, rank: int) -> bool:
    """Whether a road is known by all the ends of the text: «Краснодар — Славянск-на-Кубани — Темрюк» is no other."""
    route = " — ".join(mention.ends)
    return any(name.kind == "route" and name.text == route for name in network.road(mention.road_ids[rank]).names)


def _verdicts(network: RoadNetwork, road: Road, context: Context) -> Iterator[tuple[float, str]]:
    for rule in _RULES:
        verdict = rule(network, road, context)
        if verdict:
            yield verdict


def _km_range(network: RoadNetwork, road: Road, context: Context) -> tuple[float, str] | None:
    if context.km is None:
        return None
    why_not = network.why_not(road.id, context.km)
    return (_W["km_outside"], why_not) if why_not else (1.0, f"{context.km:g}-й км в пределах дороги")


def _part(_network: RoadNetwork, _road: Road, context: Context) -> tuple[float, str] | None:
    if context.km is None or context.part is None or context.part[0] - 2 <= context.km <= context.part[1] + 2:
        return None
    return _W["part_mismatch"], f"{context.km:g}-й км вне названной части дороги"


def _district(network: RoadNetwork, road: Road, context: Context) -> tuple[float, str] | None:
    if context.municipality is None:
        return None
    inside = network.within(road.id, context.municipality)
    if inside is None:
        return _W["road_not_in_district"], f"не проходит: {context.municipality}"
    if context.km is None or not road.has_km(context.km):
        return _W["road_in_district"], f"проходит: {context.municipality}"
    return _km_district(context.km, inside, context.municipality)


def _km_district(km: float, inside: tuple[float, float], municipality: str) -> tuple[float, str]:
    away = max(inside[0] - km, km - inside[1], 0.0)
    where = f"{municipality} — {inside[0]:.0f}–{inside[1]:.0f} км дороги"
    if away == 0:
        return _W["km_in_district"], f"{km:g}-й км сходится с районом ({where})"
    if away <= _W["district_margin_km"]:
        return _W["km_near_district"], f"{km:g}-й км рядом с районом ({where})"
    return _W["km_in_other_district"], f"{km:g}-й км не сходится с районом ({where})"


def _epoch(_network: RoadNetwork, road: Road, context: Context) -> tuple[float, str] | None:
    first, last = road.years
    if context.year is None:
        return None
    if first is not None and context.year < first:
        return _W["epoch_before"], f"счёт км этой дороги — с {first} года"
    if last is not None and context.year > last:
        return _W["epoch_after"], f"счёт км этой дороги — до {last} года"
    return None


_RULES: tuple[_Rule, ...] = (_km_range, _part, _district, _epoch)
