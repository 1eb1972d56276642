"""Where a road meets something: the border of two districts, a river, another road."""

from __future__ import annotations

from kubmap.atlas.words import fold
from kubmap.domain import Location, PlaceKind, Precision
from kubmap.geocode import precision, roadplace
from kubmap.geocode.nearest import owner_at
from kubmap.geocode.resolution import Resolution, why
from kubmap.geocode.score import Evidence
from kubmap.text.places import Mention, Relation

CROSSING_M, CROSSING_APART_M = 3_000, 15_000
"""Radius of a crossing; roads that come no nearer than the second do not cross."""
BORDER_KM = 6
"""How far a road is taken to either side of where its posts say that a district ends."""


def road_at_border(evidence: Evidence) -> Resolution | None:
    """«на трассе … на границе X-ского и Y-ского районов»: where the road passes from the one to the other."""
    pair = [m for m in evidence.districts if m.relation == Relation.BETWEEN]
    if len(pair) != 2:
        return None
    roads = evidence.atlas.roads
    for mention in evidence.roads:
        for candidate in roadplace.readings(evidence, mention):
            inside = [roads.within(candidate.road_id, m.name) for m in pair]
            if not all(inside):
                continue
            gap, km = min((abs(a - b), (a + b) / 2) for a in inside[0] or () for b in inside[1] or ())
            span = roads.span(candidate.road_id, km - BORDER_KM, km + BORDER_KM) if gap < BORDER_KM else None
            if span is not None:
                label = f"{roads.road(candidate.road_id).label}, граница: {pair[0].name} и {pair[1].name}"
                location = precision.at_road_span(
                    evidence.atlas, candidate.road_id, span, label=label, municipality=None
                )
                return Resolution(location, reasons=why("road_at_border", "дорога на границе районов", mention, *pair))
    return None


def bridge(evidence: Evidence) -> Resolution | None:
    """«на мосту через реку Кубань» of a named road: the post of the bridge."""
    for river in evidence.mentions:
        if river.rule != "bridge":
            continue
        for mention in evidence.of(PlaceKind.ROAD):
            for road_id in mention.ids[:2]:
                found = _bridge_post(evidence, road_id, fold(river.name)[:4])
                if found is not None:
                    return Resolution(found, reasons=why("bridge", "мост названной дороги", mention, river))
    return None


def _bridge_post(evidence: Evidence, road_id: str, river: str) -> Location | None:
    for post in evidence.atlas.roads.road(road_id).posts:
        place = fold(post.place)
        point = evidence.atlas.roads.at_km(road_id, post.km) if f"мост через {river}" in place else None
        if point is not None:
            return precision.at_road_km(evidence.atlas, road_id, post.km, point)
    return None


def crossing(evidence: Evidence) -> Resolution | None:
    """Where two named roads meet; one of them may be known by its ends only."""
    pair = [m for m in evidence.of(PlaceKind.ROAD) if m.relation == Relation.BETWEEN]
    known = [m for m in pair if m.ids]
    if len(pair) < 2 or not known:
        return None
    first, other = known[0], next(m for m in pair if m is not known[0])
    met = _meeting(evidence, first.ids[0], _points(evidence, other))
    if met is None:
        return None
    lat, lon, away = met
    radius = round(max(CROSSING_M, away))
    owner = owner_at(evidence.atlas, lat, lon) or ""
    location = Location(
        round(lat, 5), round(lon, 5), Precision.AREA, radius, f"пересечение: {first.text} и {other.text}",
        precision.municipality_name(evidence.atlas, owner), precision.zone_name(evidence.atlas, owner),
        evidence.atlas.roads.road(first.ids[0]).label, method="road_crossing",
    )  # fmt: skip
    return Resolution(location, reasons=why("crossing", "пересечение двух дорог", first, other))


def _points(evidence: Evidence, mention: Mention) -> list[tuple[float, float]]:
    """Points of a road: its chain, or the places of its name."""
    if mention.ids:
        return list(evidence.atlas.roads.road(mention.ids[0]).chain.points)
    places = [evidence.atlas.settlements[i] for ids in mention.ends for i in ids]
    return [(place.lat, place.lon) for place in places]


def _meeting(evidence: Evidence, road_id: str, points: list[tuple[float, float]]) -> tuple[float, float, float] | None:
    """The place on a road nearest to any of the points, and how far that one is (metres)."""
    if not points:
        return None
    away, km = min(evidence.atlas.roads.near(road_id, lat, lon) for lat, lon in points)
    if away > CROSSING_APART_M:
        return None
    return (*evidence.atlas.roads.road(road_id).chain.at(km), away)
