"""Rules of settlements: between two, one, or a list."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.domain import Alternative, Category, Location, PlaceKind, Precision
from kubmap.geocode import precision, roadplace
from kubmap.geocode.listed import SMALL_TOWN, several
from kubmap.geocode.onstreet import with_street
from kubmap.geocode.resolution import TIE, TIE_APART_M, Resolution, likelihood, why
from kubmap.geocode.score import Candidate, Evidence, candidates
from kubmap.text.places import Mention, Relation, Role

if TYPE_CHECKING:
    from kubmap.atlas.model import Settlement

LISTED = 3
"""So many districts of one list are the story; a village of another one after them is a detail."""
WIDE_M = 10_000
"""A larger strait or bay is no place of a forecast for the krai."""
INNER_M = 8_000
"""A district of a city with a larger radius yields to a place in it."""
LONG_M = 40_000
"""«от Новороссийска до Туапсе» is a way, and a place beside it is finer."""
BESIDE = 30
"""Characters between «между X и Y» and the place beside the way."""
NEAR_ROAD_M = 25_000
"""A road that passes a town by at this distance may still be «под» it."""
_away_km = attrgetter("away_km")


def closest_pair(ones: list[Settlement], others: list[Settlement]) -> tuple[Settlement, Settlement]:
    pairs = [(a, b) for a in ones[:20] for b in others[:20] if a.id != b.id] or [(ones[0], others[0])]
    return min(pairs, key=lambda pair: distance_m((pair[0].lat, pair[0].lon), (pair[1].lat, pair[1].lon)))


def midway(evidence: Evidence, a: Settlement, b: Settlement, *, on_road: bool = True) -> Location:
    """Half-way between two places: on the named road where it passes both."""
    stretch = roadplace.between(evidence, a, b) if on_road else None
    if stretch is not None:
        return stretch
    parts = [precision.at_settlement(evidence.atlas, place) for place in (a, b)]
    found = precision.at_area(parts, label=f"между: {a.name} и {b.name}", method="between")
    half = distance_m((a.lat, a.lon), (b.lat, b.lon)) / 2
    return replace(found, radius_m=round(max(half * 1.1, 2_000)))


def away(evidence: Evidence) -> Resolution | None:
    """«в 35 км к северо-западу от X»: that far in that direction."""
    if not any(map(_away_km, evidence.settlements)):
        return None
    told = [m for m in evidence.settlements if m.bearing is not None and m.away_km]
    for m in sorted(told, key=lambda m: m.away_km or 0):  # the nearest of several tells best
        row = candidates(evidence, m)
        if row and m.role == Role.EVENT:
            location = precision.at_bearing(evidence.atlas, row[0].place, m.away_km or 0, m.bearing or 0)
            return Resolution(location, reasons=why("away", "на расстоянии в названную сторону", m))
    return None


def between(evidence: Evidence) -> Resolution | None:
    """«между X и Y»."""
    for first in evidence.settlements:
        if first.relation != Relation.BETWEEN:
            continue
        pair = [m for m in evidence.settlements if m.group == first.group and m.relation == Relation.BETWEEN]
        if len(pair) < 2:
            continue
        sides = [[c.place for c in candidates(evidence, m)] for m in pair[:2]]
        if all(sides):
            a, b = closest_pair(sides[0], sides[1])
            apart_m = distance_m((a.lat, a.lon), (b.lat, b.lon))
            if (apart_m > LONG_M or evidence.category.is_outage) and _finer(evidence, pair):
                continue  # an outage is where it is felt, not where a pipe between two towns is mended
            if _beside(evidence, pair, a, b):
                continue
            return Resolution(midway(evidence, a, b), reasons=why("between", "между двумя местами", *pair[:2]))
    return None


def _beside(evidence: Evidence, pair: list[Mention], a: Settlement, b: Settlement) -> bool:
    """«между станциями Х и У, у хутора Z»: a place between the two is finer than the way between them."""
    way = distance_m((a.lat, a.lon), (b.lat, b.lon))
    for m in evidence.settlements:
        place = evidence.atlas.settlements[m.ids[0]] if len(m.ids) == 1 and m.relation == Relation.NEAR else None
        if place is None or m in pair or m.source != pair[0].source or not 0 <= m.start - pair[1].end < BESIDE:
            continue
        here = (place.lat, place.lon)
        if max(distance_m(here, (end.lat, end.lon)) for end in (a, b)) < way:
            return True
    return False


def _finer(evidence: Evidence, pair: list[Mention]) -> bool:
    """Whether the story names a place, or the one district, beside the two ends of a long way."""
    if any(m.role == Role.EVENT and m not in pair for m in evidence.settlements):
        return True
    return len({m.ids for m in evidence.districts if m.role == Role.EVENT}) == 1


def settlements(evidence: Evidence) -> Resolution | None:
    """The best settlement of the story, or the list that it belongs to."""
    ranked = _ranked(evidence)
    if not ranked:
        return None
    best = ranked[0]
    if best[0].mention.role == Role.RECALL and evidence.of(PlaceKind.SETTLEMENT, roles=frozenset({Role.SOURCE})):
        return None  # «сообщили в администрации Новороссийска. Напомним, 18 июля без воды остался …»
    if evidence.category.is_outage and len(ranked) > 1:
        best = _felt(best, ranked)
    if evidence.districts and _district_first(evidence, best):
        return None
    if PlaceKind.KRAI in evidence.named and (_krai_people(evidence) or _wide_water(evidence, best[0].place)):
        return None
    best = _finest(evidence, _surer(best, ranked), ranked) if len(ranked) > 1 else best
    if listed := best[0].mention.group:
        group = [row for row in ranked if row[0].mention.group == listed]
        districts = [m for m in evidence.districts if m.group == listed]
        if len(group) + len(districts) > 1:
            return several(evidence, sorted(group, key=lambda row: row[0].mention.start), districts)
    return _single(evidence, best, ranked)


def _surer(best: list[Candidate], ranked: list[list[Candidate]]) -> list[Candidate]:
    """The first mention that means one place only, where the best one's homonyms are as likely as each other."""
    if best[0].mention.group or not _is_tie(best):
        return best
    sure = (row for row in ranked if row[0].mention.role in _TOLD_OF and not _is_tie(row))
    return next((row for row in sure if (row[0].place.population or 0) > SMALL_TOWN), best)


def _is_tie(row: list[Candidate]) -> bool:
    return len(row) > 1 and any(row[0].score - c.score < TIE and apart(row[0], c) for c in row[1:])


_TOLD_OF = frozenset({Role.EVENT, Role.RESIDENTS})


def _wide_water(evidence: Evidence, place: Settlement) -> bool:
    """«По краю ожидаются ливни, в Керченском проливе волны»: weather of the krai with a strait beside it."""
    wide = place.type == "место" and place.radius_m >= WIDE_M
    return wide and evidence.category == Category.FLOOD_WEATHER and any(m.role != Role.WEAK for m in evidence.krai)


def _felt(best: list[Candidate], ranked: list[list[Candidate]]) -> list[Candidate]:
    """«Жители X и Y без воды из-за повреждения линии на участке Z»: an outage is where it is felt."""
    if best[0].mention.relation == Relation.WITHIN or best[0].mention.role != Role.EVENT:
        return best
    for row in ranked:
        m = row[0].mention
        if m.role == Role.RESIDENTS and m.source == best[0].mention.source:
            return row
    return best


_WHERE, _WHERE_OFF = frozenset({Role.EVENT}), frozenset({Role.EVENT, Role.RESIDENTS})
"""Who is told to be without water is where it is off."""


def _finest(evidence: Evidence, best: list[Candidate], ranked: list[list[Candidate]]) -> list[Candidate]:
    """A place inside the district of a city that the story names too."""
    outer = best[0].place
    if outer.type != "район" or outer.radius_m < INNER_M:
        return best
    told = _WHERE_OFF if evidence.category.is_outage else _WHERE
    for row in ranked:
        place = row[0].place
        away = distance_m((outer.lat, outer.lon), (place.lat, place.lon))
        smaller = place.radius_m < outer.radius_m / 2 and place.municipality == outer.municipality
        if smaller and away < outer.radius_m and row[0].mention.role in told and place.type != "город":
            return row
    return best


def _ranked(evidence: Evidence) -> list[list[Candidate]]:
    """Candidates of every settlement mention, the best mention first; an earlier one wins a near tie."""
    found = evidence.settlements
    if Relation.BETWEEN in evidence.named:
        found = [m for m in found if not _is_long_way(evidence, m)]
    rows = [row for m in found if (row := candidates(evidence, m))]
    if len(rows) < 2:
        return rows
    order = [0.1 * n + row[0].prior - row[0].score for n, row in enumerate(rows)]
    return [row for _, row in sorted(zip(order, rows, strict=True), key=itemgetter(0))]


def _krai_people(evidence: Evidence) -> bool:
    """«сочинцев и остальных жителей края»: people of a town named beside those of the krai."""
    if any(m.rule != "people" for m in evidence.settlements):
        return False
    return any(m.role == Role.RESIDENTS or m.rule == "krai_residents" for m in evidence.krai if m.source == "text")


def _is_long_way(evidence: Evidence, mention: Mention) -> bool:
    """The ends of a way, where the story names something else."""
    if mention.relation != Relation.BETWEEN:
        return False
    pair = [m for m in evidence.settlements if m.group == mention.group and m.relation == Relation.BETWEEN]
    return len(pair) == 2 and _finer(evidence, pair) and not _is_here(evidence, mention, pair)


def _is_here(evidence: Evidence, mention: Mention, pair: list[Mention]) -> bool:
    """Whether one end lies in a district that the text names and the other, a homonym of what is meant, does not."""
    here = {m: any(c.place.municipality in evidence.supporting for c in candidates(evidence, m)) for m in pair}
    return here[mention] and not all(here.values())


def _district_first(evidence: Evidence, best: list[Candidate]) -> bool:
    """Whether a district of the text outweighs a settlement that only the title or an inhabitant names."""
    m = best[0].mention
    text = [d for d in evidence.districts if d.source == "text" and d.role == Role.EVENT]
    if len(text) >= LISTED and _one_of_many(evidence, m, text):
        return True
    if not text or any(d.ids[0] == best[0].place.municipality for d in text):
        return False
    listed = [d for d in text if d.group and d.group == text[0].group]
    if evidence.category.is_outage and m.role == Role.RESIDENTS and m.start < text[0].start and m.source == "text":
        return False  # the district after them is where something broke
    apart_from = not m.group or m.group != text[0].group
    if apart_from and len(listed) >= LISTED and m.start > listed[-1].start:
        return True
    return (m.source == "title" or m.role != Role.EVENT) and m.type_word is None


def _one_of_many(evidence: Evidence, place: Mention, told: list[Mention]) -> bool:
    """«В X районе … . В Y районе … . В Z районе, в п. N, …»: the village is a detail of the last district."""
    if place.source != "text" or len({d.ids[0] for d in told}) < LISTED:
        return False
    if any(d.group for d in told) or told[-1].start > place.start:
        return False
    others = [m for m in evidence.settlements if m.source == "text" and m.role == Role.EVENT]
    return not any(m.start < told[-1].start for m in others)


def _single(evidence: Evidence, row: list[Candidate], ranked: list[list[Candidate]]) -> Resolution:
    best = row[0]
    if evidence.districts and _is_another_type(best) and (unlisted := _unlisted(evidence, row)) is not None:
        return unlisted
    if _is_tie(row):
        return _unlisted(evidence, row) or undecided(evidence, row)
    location = _located(evidence, best)
    alternatives = _others(evidence, row, ranked) if len(row) + len(ranked) > 2 else ()
    note = "; ".join([", ".join(best.why), *evidence.notes])
    return Resolution(location, alternatives, why("settlement", note, best.mention))


def _others(evidence: Evidence, row: list[Candidate], ranked: list[list[Candidate]]) -> tuple[Alternative, ...]:
    """Homonyms of the winner, and the places of other mentions."""
    others = [*row[1:3], *[other[0] for other in ranked if other is not row]]
    return tuple([
        Alternative(precision.at_settlement(evidence.atlas, c.place), likelihood(c.score), ", ".join(c.why))
        for c in others[:4] if c.place.id != row[0].place.id
    ])  # fmt: skip


def _is_another_type(best: Candidate) -> bool:
    """«у хутора Баранцовского» for the village Баранцовское: in another district it is hardly the one that is meant."""
    word = best.mention.type_word
    return word in _RURAL_TYPES and word != best.place.type and (best.place.population or 0) < SMALL_TOWN


_RURAL_TYPES = frozenset({"хутор", "село", "станица", "аул", "деревня"})


def _unlisted(evidence: Evidence, row: list[Candidate]) -> Resolution | None:
    """A village of the one named district that the atlas does not hold, though others bear its name: the district."""
    named = {m.ids[0] for m in evidence.districts if m.role == Role.EVENT}
    if len(named) != 1 or any(c.place.municipality in named for c in row):
        return None
    location = precision.at_district(evidence.atlas, evidence.atlas.municipalities[named.pop()])
    note = "одноимённые места лежат в других районах: назван район"
    return Resolution(location, reasons=why("homonym_in_district", note, row[0].mention))


def apart(a: Candidate, b: Candidate) -> bool:
    return distance_m((a.place.lat, a.place.lon), (b.place.lat, b.place.lon)) > TIE_APART_M


def undecided(evidence: Evidence, row: list[Candidate]) -> Resolution:
    """Homonyms that nothing decides between: no pin, or the district where all of the likely ones lie."""
    close = [c for c in row if row[0].score - c.score < TIE]
    owners = {c.place.municipality for c in close}
    if len(owners) == 1 and owners <= evidence.atlas.municipalities.keys():
        location = precision.at_district(evidence.atlas, evidence.atlas.municipalities[owners.pop()])
    else:
        location = precision.krai_wide("homonyms")
    alternatives = tuple(
        Alternative(precision.at_settlement(evidence.atlas, c.place), likelihood(c.score), "один из одноимённых")
        for c in close[:6]
    )
    note = f"в крае {len(row)} места с таким названием, текст не говорит, какое"
    return Resolution(location, alternatives, why("homonyms", note, row[0].mention))


def _located(evidence: Evidence, best: Candidate) -> Location:
    """The location of the winner: within, near, away from it, or at the nearest point of the named road."""
    m, place = best.mention, best.place
    if m.relation == Relation.AWAY:
        return precision.at_settlement(evidence.atlas, place, away_km=m.away_km)
    if m.rule == "rural_okrug":
        found = precision.at_settlement(evidence.atlas, place)
        return replace(found, precision=Precision.AREA, radius_m=max(found.radius_m or 0, precision.RURAL_M))
    near = m.relation in _BESIDE
    found = precision.at_settlement(evidence.atlas, place, near=near)
    return _drawn_to_road(evidence, found, place) if near else with_street(evidence, found, place)


_BESIDE = frozenset({Relation.NEAR, Relation.BETWEEN})


def _drawn_to_road(evidence: Evidence, found: Location, place: Settlement) -> Location:
    """«под Новороссийском на трассе …»: the road's nearest point, where the road passes the place by."""
    for mention in evidence.roads:
        if mention.rule.startswith("road_weak"):
            continue
        away, km = evidence.atlas.roads.near(mention.ids[0], place.lat, place.lon)
        if place.radius_m < away < NEAR_ROAD_M:
            lat, lon = evidence.atlas.roads.road(mention.ids[0]).chain.at(km)
            road = evidence.atlas.roads.road(mention.ids[0]).label
            return replace(
                found, lat=round(lat, 5), lon=round(lon, 5), precision=Precision.AREA, road=road,
                radius_m=max(found.radius_m or 0, round(away * 0.8)), method="road_near_settlement",
            )  # fmt: skip
    return found
