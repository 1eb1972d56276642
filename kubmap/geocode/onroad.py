"""Rules of roads: a km, a cut-off name, a stretch inside a district, a road that the atlas does not hold, a line."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.atlas.roadchoice import Candidate as RoadCandidate
from kubmap.domain import Alternative, Location, PlaceKind
from kubmap.geocode import precision, roadplace
from kubmap.geocode.resolution import Resolution, why
from kubmap.geocode.score import Candidate, Evidence, candidates
from kubmap.geocode.settled import closest_pair, midway
from kubmap.text.places import Mention, Role

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

CONFLICT_M = 15_000
"""A settlement of the story further than this from a road's km contradicts it."""
SMALL = 3_000
"""People: a road to a smaller place is a local one."""
DETOUR = 1.2
"""How much longer a road is than the straight line between its ends."""
LONG_M = 60_000
"""The middle of a longer road is no place."""
SHORT_ROAD_KM = 55.0
"""The circle around a shorter road is no wider than a district's."""
_SHORT_ROADS = 256  # that are remembered
WIDE_STRETCH_KM = 70.0
"""A longer stretch between two places is no place."""
WIDE_PART_KM = 60.0
"""A longer part of a road is no place."""
ENDS_APART_M = 40_000
"""Ends of a local road further apart than this are homonyms of the true ones."""


def road_km(evidence: Evidence) -> Resolution | None:
    """A km of a road, unless the places of the story contradict it."""
    for mention in sorted(evidence.of(PlaceKind.ROAD_KM), key=lambda m: (m.source != "text", m.start)):
        found = _at_km(evidence, mention) if mention.ids else None
        if found is not None:
            return found
    return None


def _at_km(evidence: Evidence, mention: Mention) -> Resolution | None:
    found = roadplace.posts(evidence, mention)
    if not found:
        evidence.notes.append(_no_km(evidence, mention))
        return None
    near = [pair for pair in found if _agrees(evidence, pair[1])]
    if _placed(evidence) and not near:
        evidence.notes.append("километр не сходится с названным местом")
        return None
    if near and len(near) < len(found) and roadplace.undecided(found):
        found = near
    if roadplace.undecided(found):
        return _two_countings(evidence, mention, found)
    candidate, location = found[0]
    others = tuple(Alternative(place, c.score, c.reason) for c, place in found[1:3])
    note = f"{candidate.reason}{_class_note(evidence, mention, candidate.road_id)}"
    return Resolution(location, others, why("road_km", note, mention))


def _no_km(evidence: Evidence, mention: Mention) -> str:
    km = roadplace.middle_km(mention)
    return evidence.atlas.roads.why_not(mention.ids[0], km) or "километр не найден"


def _two_countings(evidence: Evidence, mention: Mention, found: list[tuple[RoadCandidate, Location]]) -> Resolution:
    """The same km of two roads (or of two countings of one): no pin."""
    location = roadplace.whole(evidence, mention, "road_km_ambiguous")
    others = tuple(Alternative(place, c.score, c.reason) for c, place in found[:4])
    note = "километр читается двояко: " + "; ".join(place.label for _, place in found[:2])
    return Resolution(replace(location, km=mention.km), others, why("road_km_ambiguous", note, mention))


def _placed(evidence: Evidence) -> list[Candidate]:
    """The best candidates of settlements that the text puts the event at."""
    found = [candidates(evidence, m) for m in evidence.settlements if m.role == Role.EVENT and m.source == "text"]
    return [c[0] for c in found if c]


def _agrees(evidence: Evidence, location: Location) -> bool:
    """Whether a settlement of the story (any homonym) lies near enough to a km."""
    reach = CONFLICT_M + (location.radius_m or 0)
    for m in evidence.settlements:
        for c in candidates(evidence, m):
            if (
                distance_m((location.lat or 0, location.lon or 0), (c.place.lat, c.place.lon))
                < reach + c.place.radius_m
            ):
                return True
    return False


def _class_note(evidence: Evidence, mention: Mention, road_id: str) -> str:
    """What to say where the text calls a regional road federal."""
    road = evidence.atlas.roads.road(road_id)
    if not mention.federal or road.cls == "federal":
        return ""
    return "; в тексте дорога названа федеральной, по атласу она региональная"


def cut_road(evidence: Evidence) -> Resolution | None:
    """«на 11-м км трассы станица Анапская — станица…»: somewhere within that km of the one known end."""
    for mention in evidence.of(PlaceKind.ROAD_KM, PlaceKind.ROAD):
        known = [ids for ids in mention.ends if ids]
        if not mention.cut or not known or evidence.districts:
            continue
        place = evidence.atlas.settlements[known[0][0]]
        location = precision.at_settlement(evidence.atlas, place, away_km=mention.km or 10.0)
        note = "название дороги обрезано: известен один её конец, круг — на километр вокруг него"
        return Resolution(replace(location, method="cut_road"), reasons=why("cut_road", note, mention))
    return None


def road_in_district(evidence: Evidence) -> Resolution | None:
    """A road without a usable km and one district: the stretch inside."""
    if evidence.settlements and any(m.role == Role.EVENT and not m.inner for m in evidence.settlements):
        return None
    officers = evidence.of(PlaceKind.DISTRICT, roles=frozenset({Role.SOURCE}))
    named = evidence.districts or [m for m in officers if not m.inner]
    owners = list(dict.fromkeys(m.ids[0] for m in named))
    if len(owners) != 1:
        return None
    for mention in evidence.roads:
        location = roadplace.stretch(evidence, mention, owners[0])
        if location is not None:
            note = "; ".join(["участок дороги внутри района", *evidence.notes])
            other = precision.at_district(evidence.atlas, evidence.atlas.municipalities[owners[0]])
            return Resolution(
                location, (Alternative(other, 0.5, "район целиком"),),
                why("road_in_district", note, mention, named[0]),
            )  # fmt: skip
    return None


def part_of_road(evidence: Evidence) -> Resolution | None:
    """A name that covers a part of a road («Восточный обход Краснодара»), or «трасса между X и Y»: the stretch."""
    for mention in evidence.roads:
        location = _named_part(evidence, mention) or _between_ends(evidence, mention) or _short(evidence, mention)
        if location is not None:
            note = "; ".join(["участок дороги", *evidence.notes])
            return Resolution(location, reasons=why("part_of_road", note, mention))
    return None


def road_of_ends(evidence: Evidence) -> Resolution | None:
    """«на дороге от Адлера к Красной Поляне» in Сочи: the road between its ends is finer than the city around it."""
    places = [c[0].place for m in evidence.settlements if (c := candidates(evidence, m))]
    for mention in evidence.of(PlaceKind.ROAD):
        ends = [[evidence.atlas.settlements[i] for i in ids] for ids in mention.ends if ids]
        if len(ends) != 2 or not mention.ids or mention.source != "text" or not mention.rule.startswith("road_pair"):
            continue
        a, b = closest_pair(ends[0], ends[1])
        owner = evidence.atlas.municipalities.get(a.municipality)
        around = owner is not None and places and all(place.id == owner.centre for place in places)
        if not around or a.municipality != b.municipality:
            continue
        location = roadplace.between(evidence, a, b)
        if location is not None:
            return Resolution(location, reasons=why("road_of_ends", "дорога между названными концами", mention))
    return None


def way_to(evidence: Evidence) -> Resolution | None:
    """«на подъездной дороге к Лабинску»: near it."""
    for mention in evidence.of(PlaceKind.ROAD, roles=frozenset({Role.WEAK})):
        ends = [evidence.atlas.settlements[i] for ids in mention.ends for i in ids]
        if len(mention.ends) == 1 and ends and " к " in mention.text:
            location = precision.at_settlement(evidence.atlas, _likeliest(evidence, ends), near=True)
            return Resolution(location, reasons=why("way_to", "дорога, ведущая к месту", mention))
    return None


def way_in_district(evidence: Evidence) -> Resolution | None:
    """«дорога на Псебай в Мостовском районе размыта»: near the village of that district where the way leads."""
    if evidence.settlements or len({m.ids[0] for m in evidence.districts}) != 1:
        return None
    for mention in evidence.of(PlaceKind.ROAD, roles=frozenset({Role.WEAK})):
        ends = [evidence.atlas.settlements[i] for ids in mention.ends for i in ids]
        ends = [p for p in ends if p.municipality == evidence.districts[0].ids[0] and not _is_centre(evidence, p)]
        if len(mention.ends) == 1 and len(ends) == 1 and _LEADS.search(mention.text):
            location = precision.at_settlement(evidence.atlas, ends[0], near=True)
            return Resolution(location, reasons=why("way_to", "дорога, ведущая к месту названного района", mention))
    return None


# «дорога к Горному», not «дорога к горному селу»
_LEADS = re.compile(r"\s(?:на|к|в)\s(?:[а-яё]+\.?\s)?[А-ЯЁ][^А-ЯЁ]*$")


def _is_centre(evidence: Evidence, place: Settlement) -> bool:
    """A way to the centre of a district may begin anywhere in it."""
    return evidence.atlas.municipalities[place.municipality].centre == place.id


def part_in_town(evidence: Evidence) -> Resolution | None:
    """«на Ростовском шоссе в Краснодаре»: the stretch, which is finer than the town or just outside it."""
    towns = {m.ids[0] for m in evidence.settlements if m.role == Role.EVENT}
    town = evidence.atlas.settlements.get(next(iter(towns), ""))
    if len(towns) != 1 or town is None or town.type != "город":
        return None
    for mention in evidence.roads:
        location = _named_part(evidence, mention)
        here = (town.lat, town.lon)
        if location is not None and distance_m(here, (location.lat or 0, location.lon or 0)) < town.radius_m + 3_000:
            return Resolution(location, reasons=why("part_of_road", "участок дороги у города", mention))
    return None


def _named_part(evidence: Evidence, mention: Mention) -> Location | None:
    if mention.part is None or mention.part[1] - mention.part[0] > WIDE_PART_KM:
        return None
    span = evidence.atlas.roads.span(mention.ids[0], *mention.part)
    if span is None:
        return None
    return precision.at_road_span(evidence.atlas, mention.ids[0], span, label=mention.text, municipality=None)


def _short(evidence: Evidence, mention: Mention) -> Location | None:
    """All of a short road, or the stretch between two places far from its ends («участок Горячий Ключ — Джубга»)."""
    network, road_id = evidence.atlas.roads, roadplace.readings(evidence, mention)[0].road_id
    road = network.road(road_id)
    if road.length_km <= SHORT_ROAD_KM:
        return _all_of(evidence.atlas, road_id)
    ends = [[evidence.atlas.settlements[i] for i in ids] for ids in mention.ends if ids]
    if len(ends) != 2 or len(mention.ends) != 2:
        return None
    a, b = closest_pair(ends[0], ends[1])
    part = network.between_places(road_id, (a.lat, a.lon), (b.lat, b.lon))
    if part is None or part.km_to - part.km_from > min(WIDE_STRETCH_KM, road.length_km / 2):
        return None
    label = f"{road.label}, между: {a.name} и {b.name}"
    return precision.at_road_span(evidence.atlas, road_id, part, label=label, municipality=None)


@lru_cache(maxsize=_SHORT_ROADS)
def _all_of(atlas: Atlas, road_id: str) -> Location | None:
    road = atlas.roads.road(road_id)
    span = atlas.roads.span(road_id, road.km_min, road.km_max)
    return precision.at_road_span(atlas, road_id, span, label=road.name, municipality=None) if span else None


def _between_ends(evidence: Evidence, mention: Mention) -> Location | None:
    ends = [[evidence.atlas.settlements[i] for i in ids] for ids in mention.ends if ids]
    if len(ends) != 2 or not mention.text.lower().startswith("между"):
        return None
    return midway(evidence, *closest_pair(ends[0], ends[1]))


def road_line(evidence: Evidence) -> Resolution | None:
    """A road alone: its line, no pin."""
    for mention in evidence.roads:
        note = "; ".join(["дорога без километра: показана линия, точки нет", *evidence.notes])
        best = roadplace.readings(evidence, mention)[0].road_id
        return Resolution(
            roadplace.whole(evidence, mention),
            reasons=why("road_line", note + _class_note(evidence, mention, best), mention),
        )
    return None


def unknown_road(evidence: Evidence) -> Resolution | None:
    """A road that the atlas does not hold, between two known places: between them."""
    for mention in evidence.of(PlaceKind.ROAD, PlaceKind.ROAD_KM):
        ends = [[evidence.atlas.settlements[i] for i in ids] for ids in mention.ends if ids]
        if mention.ids or not ends:
            continue
        if len(ends) == 1:
            location = precision.at_settlement(evidence.atlas, _likeliest(evidence, ends[0]), away_km=mention.km or 5.0)
            return Resolution(location, reasons=why("unknown_road", "известен один конец дороги", mention))
        return _between_known(evidence, mention, ends)
    return None


def km_between(evidence: Evidence) -> Resolution | None:
    """«на 16-м км трассы Динская — Васюринская», «ДТП под Динской»: finer than the end that is named once more."""
    for mention in evidence.of(PlaceKind.ROAD_KM):
        ends = [[evidence.atlas.settlements[i] for i in ids] for ids in mention.ends if ids]
        if mention.ids or len(ends) < 2:
            continue
        found = _between_known(evidence, mention, ends)
        known = {i for ids in mention.ends for i in ids}
        if found.location is not None and found.location.method == "between_km":
            return found if all(known.intersection(m.ids) for m in evidence.settlements) else None
    return None


def _between_known(evidence: Evidence, mention: Mention, ends: list[list[Settlement]]) -> Resolution:
    """Between the two ends; at its km from the first, by the straight line."""
    a, b = _likely_pair(evidence, ends[0], ends[-1])
    apart = distance_m((a.lat, a.lon), (b.lat, b.lon))
    small = min(a.population or 0, b.population or 0) < SMALL
    if apart > ENDS_APART_M and (small or max(map(len, ends)) > 1):
        location = precision.at_settlement(evidence.atlas, a, away_km=mention.km or 5.0)
        return Resolution(location, reasons=why("unknown_road", "второй конец дороги — другое место", mention))
    location = midway(evidence, a, b, on_road=False)
    if mention.km is not None and mention.km * 1000 <= apart * DETOUR:
        share = mention.km * 1000 / (apart * DETOUR)
        location = replace(
            location, lat=round(a.lat + (b.lat - a.lat) * share, 5), lon=round(a.lon + (b.lon - a.lon) * share, 5),
            radius_m=round(max(3_000, min(apart / 3, mention.km * 350 + 2_000))), km=mention.km, method="between_km",
        )  # fmt: skip
        return Resolution(location, reasons=why("unknown_road", "по прямой от первого названного конца", mention))
    if apart > LONG_M:
        line = [[round(p.lon, 5), round(p.lat, 5)] for p in (a, b)]
        geometry = {"type": "LineString", "coordinates": line}
        location = replace(location, lat=None, lon=None, radius_m=None, geometry=geometry)
    return Resolution(location, reasons=why("unknown_road", "между концами дороги", mention))


def _likely_pair(evidence: Evidence, ones: list[Settlement], others: list[Settlement]) -> tuple[Settlement, Settlement]:
    """Of homonyms the two that lie nearest to each other; where a district is named, one of them in it."""
    best = closest_pair(ones, others)
    if any(place.municipality in evidence.supporting for place in best):
        return best
    there = [[p for p in side if p.municipality in evidence.supporting] for side in (ones, others)]
    pairs = [closest_pair(there[0] or ones, there[1] or others)] if any(there) else []
    return next((pair for pair in pairs if _apart_m(*pair) <= ENDS_APART_M), best)


def _apart_m(a: Settlement, b: Settlement) -> float:
    return distance_m((a.lat, a.lon), (b.lat, b.lon))


def _likeliest(evidence: Evidence, places: list[Settlement]) -> Settlement:
    supported = [p for p in places if p.municipality in evidence.supporting]
    return max(supported or places, key=lambda p: p.population or 0)
