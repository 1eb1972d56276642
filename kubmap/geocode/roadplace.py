"""A road as a place: a km of it, a stretch of it, or all of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.atlas.model import KRAI
from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadchoice import Candidate as RoadCandidate
from kubmap.atlas.roadchoice import candidates
from kubmap.domain import Location, PlaceKind
from kubmap.geocode.precision import along_road, at_road_km, at_road_span
from kubmap.geocode.score import Evidence
from kubmap.text.places import Mention

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

CLOSE_CALL = 0.75
"""A second road whose score is this share of the best one's is as likely, for want of better evidence."""
APART_M = 15_000
"""Two readings of a km further apart than this cannot share a pin."""
_STRETCHES = 256  # parts of roads inside a municipality that are remembered
ENDS_MARGIN_KM = 10.0
"""How far beyond the places of its name a road's km may lie."""


def as_road(evidence: Evidence, mention: Mention) -> RoadMention:
    """The mention as the atlas's own value."""
    by = mention.rule.removeprefix("road_").removesuffix("_km")
    places = evidence.atlas.settlements
    ends = tuple([places[ids[0]].name if ids else "" for ids in mention.ends]) if mention.ends else ()
    return RoadMention(mention.start, mention.end, mention.ids, by, mention.text, ends, mention.part)


def readings(evidence: Evidence, mention: Mention) -> list[RoadCandidate]:
    """The roads that a mention may mean, with the km, the district and the year weighed."""
    known = evidence.readings.get(id(mention))
    if known is None:
        known = evidence.readings[id(mention)] = _readings(evidence, mention)
    return known


def _readings(evidence: Evidence, mention: Mention) -> list[RoadCandidate]:
    places = list(evidence.supporting)
    name = evidence.atlas.municipalities[places[0]].name if len(places) == 1 else None
    km = mention.km if mention.kind == PlaceKind.ROAD_KM else None
    return candidates(evidence.atlas.roads, as_road(evidence, mention), km=km, municipality=name, year=evidence.year)


def middle_km(mention: Mention) -> float:
    """The km of a post, the middle one of a stretch."""
    low = mention.km or 0.0
    return low if mention.km_to is None else (low + mention.km_to) / 2


def point(evidence: Evidence, mention: Mention, road_id: str) -> Location | None:
    """The post of a road, or the stretch between two; None outside the road's km."""
    network, km = evidence.atlas.roads, middle_km(mention)
    at = network.at_km(road_id, km)
    if at is None:
        return None
    found = at_road_km(evidence.atlas, road_id, km, at)
    if mention.km_to is None or mention.km is None:
        return found
    span = network.span(road_id, mention.km, mention.km_to)
    if span is None:
        return found
    label = f"{found.road}, {mention.km:g}–{mention.km_to:g} км"
    return replace(found, label=label, radius_m=max(span.radius_m, at.radius_m), geometry=span.geometry)


def posts(evidence: Evidence, mention: Mention) -> list[tuple[RoadCandidate, Location]]:
    """Every likely reading of a road with a km as a point, best first."""
    known = evidence.posts.get(id(mention))
    if known is None:
        known = evidence.posts[id(mention)] = _posts(evidence, mention)
    return known


def _posts(evidence: Evidence, mention: Mention) -> list[tuple[RoadCandidate, Location]]:
    found = []
    for candidate in readings(evidence, mention):
        location = point(evidence, mention, candidate.road_id)
        if location is not None:
            found.append((_between_ends(evidence, mention, candidate), location))
    return sorted(found, key=lambda pair: -pair[0].score)


def _between_ends(evidence: Evidence, mention: Mention, candidate: RoadCandidate) -> RoadCandidate:
    """The candidate, marked down where its km does not lie between the ends that the text names."""
    known = [evidence.atlas.settlements[ids[0]] for ids in mention.ends if ids]
    if len(known) < 2:
        return candidate
    kms = [evidence.atlas.roads.near(candidate.road_id, place.lat, place.lon)[1] for place in known]
    if min(kms) - ENDS_MARGIN_KM <= middle_km(mention) <= max(kms) + ENDS_MARGIN_KM:
        return candidate
    note = f"{candidate.reason}; этот километр не между названными концами"
    return candidate._replace(score=round(candidate.score * 0.4, 3), reason=note)


def undecided(found: list[tuple[RoadCandidate, Location]]) -> bool:
    """Whether two readings are as likely and lie apart."""
    if len(found) < 2 or found[1][0].score < CLOSE_CALL * found[0][0].score:
        return False
    (_, a), (_, b) = found[0], found[1]
    return distance_m((a.lat or 0, a.lon or 0), (b.lat or 0, b.lon or 0)) > APART_M


def from_outside(evidence: Evidence, mention: Mention) -> bool:
    """Whether the km of every reading lies in another region («1042-й км М-4»: Ростовская область)."""
    km, roads = middle_km(mention), evidence.atlas.roads
    regions = [roads.beyond(road_id, km) for road_id in mention.ids]
    return bool(regions) and all(region is not None and region != KRAI for region in regions)


def stretch(evidence: Evidence, mention: Mention, municipality: str) -> Location | None:
    """The part of a road inside a municipality."""
    found = (_inside(evidence.atlas, candidate.road_id, municipality) for candidate in readings(evidence, mention))
    return next(filter(None, found), None)


@lru_cache(maxsize=_STRETCHES)
def _inside(atlas: Atlas, road_id: str, municipality: str) -> Location | None:
    name = atlas.municipalities[municipality].name
    km = atlas.roads.within(road_id, name)
    span = atlas.roads.span(road_id, *km) if km else None
    if span is None:
        return None
    label = f"{atlas.roads.road(road_id).label}, {name}"
    return at_road_span(atlas, road_id, span, label=label, municipality=municipality)


def between(evidence: Evidence, a: Settlement, b: Settlement) -> Location | None:
    """The stretch of the named road between two places."""
    for mention in evidence.roads:
        for road_id in mention.ids[:2]:
            span = evidence.atlas.roads.between_places(road_id, (a.lat, a.lon), (b.lat, b.lon))
            if span is not None and span.km_to - span.km_from < 120:  # a wider one is no place
                label = f"{evidence.atlas.roads.road(road_id).label}, между: {a.name} и {b.name}"
                return at_road_span(evidence.atlas, road_id, span, label=label, municipality=None)
    return None


def whole(evidence: Evidence, mention: Mention, method: str = "road_line") -> Location:
    """A road without a km: no pin, its line."""
    best = readings(evidence, mention)[0]
    return along_road(evidence.atlas, best.road_id, method=method)
