"""From mentions to one honest place: an ordered list of rules, the first that can answer does.

Each rule is a small function of the evidence; it returns a Resolution or None. What lost is kept as alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.domain import Alternative, Category, Location, PlaceKind, Precision, Reason
from kubmap.geocode import precision, roadplace
from kubmap.geocode.score import Candidate, Evidence, candidates
from kubmap.text.places import Mention, Relation, Role

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

TIE = 0.3
"""Two homonyms whose scores differ by less are as likely."""
TIE_APART_M = 25_000
CONFLICT_M = 30_000
"""A settlement of the story further than this from a road's km contradicts it."""
MANY = 7
"""So many municipalities are the krai, not a pin."""
WIDE_M = 140_000
NEAR_ROAD_M = 25_000


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where it happened (None: outside the krai, no incident, or nothing said), what lost, and why."""

    location: Location | None
    alternatives: tuple[Alternative, ...] = ()
    reasons: tuple[Reason, ...] = ()


Rule = Callable[[Evidence], "Resolution | None"]


def resolve(mentions: Sequence[Mention], atlas: Atlas, *, category: Category, year: int | None = None) -> Resolution:
    """One location for the mentions of a teaser. `year` (of publication) dates the km counting of a road."""
    evidence = Evidence(atlas, tuple(mentions), category, year)
    for rule in RULES:
        found = rule(evidence)
        if found is not None:
            return found
    return Resolution(None)


def why(rule: str, note: str, *mentions: Mention) -> tuple[Reason, ...]:
    """Reasons of a rule over the words that it read; without words one reason."""
    if not mentions:
        return (Reason(f"where:{rule}", note),)
    return tuple(Reason(f"where:{rule}", note, m.start, m.end, m.source, m.text) for m in mentions)


def likelihood(score: float) -> float:
    """A score as 0..1."""
    return round(1 / (1 + exp(-(score - 1.5))), 3)


# Nothing to place


def no_incident(evidence: Evidence) -> Resolution | None:
    if evidence.category != Category.NONE:
        return None
    return Resolution(None, reasons=why("no_incident", "не происшествие: на карту не ставится"))


def outside(evidence: Evidence) -> Resolution | None:
    """The story happened outside the krai."""
    witness = _outside_witness(evidence)
    if witness is None:
        return None
    return Resolution(None, reasons=why("outside_krai", "место вне Краснодарского края", witness))


def _outside_witness(evidence: Evidence) -> Mention | None:
    """The mention that says so, or None."""
    for road in evidence.of(PlaceKind.ROAD_KM):
        if road.ids and (roadplace.from_outside(evidence, road) or _ends_outside(evidence, road)):
            return road
    out = evidence.outside
    inside = [m for m in (*evidence.settlements, *evidence.districts) if m.role != Role.RECALL]
    inside += evidence.of(PlaceKind.ROAD_KM, PlaceKind.PROVIDER_AREA, PlaceKind.ZONE)
    if out:
        return _outweighed(evidence, out, inside)
    if inside or evidence.krai or evidence.roads:
        return None
    return next(iter(evidence.of(PlaceKind.OUTSIDE, roles=frozenset({Role.SOURCE, Role.HOME, Role.ROUTE}))), None)


def _ends_outside(evidence: Evidence, road: Mention) -> bool:
    """Whether the km lies in a neighbouring region."""
    found = roadplace.posts(evidence, road)
    return bool(found) and found[0][1].municipality is None


def _outweighed(evidence: Evidence, out: list[Mention], inside: list[Mention]) -> Mention | None:
    """The place outside that the story is about, if the places inside do not outweigh it."""
    if not inside:
        listed = any(abs(k.start - out[0].end) < 6 and k.source == out[0].source for k in evidence.krai)
        return None if listed else out[0]
    text = [m for m in inside if m.source == "text"]
    first = min((m.start for m in text), default=None)
    for m in out:
        if m.source == "text" and (first is None or m.start < first) and not any(x.source == "title" for x in inside):
            return m
        if m.source == "title" and not _firm(evidence, text) and not any(x.source == "title" for x in inside):
            return m
    arrested = [m for m in evidence.mentions if m.role == Role.ARREST]
    return out[0] if arrested and all(m.role == Role.RESIDENTS for m in text) else None


def _firm(evidence: Evidence, inside: list[Mention]) -> bool:
    """Whether a place inside is beyond doubt: a district, a road's km, a town, a village with its district."""
    for m in inside:
        if m.kind != PlaceKind.SETTLEMENT:
            return True
        best = candidates(evidence, m)
        if best and ((best[0].place.population or 0) > 15_000 or best[0].place.municipality in evidence.supporting):
            return True
    return False


# Roads


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


def _two_countings(
    evidence: Evidence, mention: Mention, found: list[tuple[roadplace.RoadCandidate, Location]]
) -> Resolution:
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
    owners = list(dict.fromkeys(m.ids[0] for m in evidence.districts))
    if len(owners) != 1:
        return None
    for mention in evidence.roads:
        location = roadplace.stretch(evidence, mention, owners[0])
        if location is not None:
            note = "; ".join(["участок дороги внутри района", *evidence.notes])
            other = precision.at_district(evidence.atlas, evidence.atlas.municipalities[owners[0]])
            return Resolution(
                location, (Alternative(other, 0.5, "район целиком"),),
                why("road_in_district", note, mention, evidence.districts[0]),
            )  # fmt: skip
    return None


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
        a, b = _closest_pair(ends[0], ends[-1])
        return Resolution(_midway(evidence, a, b), reasons=why("unknown_road", "между концами дороги", mention))
    return None


def _likeliest(evidence: Evidence, places: list[Settlement]) -> Settlement:
    supported = [p for p in places if p.municipality in evidence.supporting]
    return max(supported or places, key=lambda p: p.population or 0)


def _closest_pair(ones: list[Settlement], others: list[Settlement]) -> tuple[Settlement, Settlement]:
    pairs = [(a, b) for a in ones[:20] for b in others[:20] if a.id != b.id] or [(ones[0], others[0])]
    return min(pairs, key=lambda pair: distance_m((pair[0].lat, pair[0].lon), (pair[1].lat, pair[1].lon)))


def _midway(evidence: Evidence, a: Settlement, b: Settlement) -> Location:
    on_road = roadplace.between(evidence, a, b)
    if on_road is not None:
        return on_road
    parts = [precision.at_settlement(evidence.atlas, place) for place in (a, b)]
    found = precision.at_area(evidence.atlas, parts, label=f"между: {a.name} и {b.name}", method="between")
    half = distance_m((a.lat, a.lon), (b.lat, b.lon)) / 2
    return replace(found, radius_m=round(max(half * 1.1, 2_000)))


# Settlements


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
            a, b = _closest_pair(sides[0], sides[1])
            return Resolution(_midway(evidence, a, b), reasons=why("between", "между двумя местами", *pair[:2]))
    return None


def settlements(evidence: Evidence) -> Resolution | None:
    """The best settlement of the story, or the list that it belongs to."""
    ranked = _ranked(evidence)
    if not ranked:
        return None
    best = ranked[0]
    if _district_first(evidence, best):
        return None
    group = [row for row in ranked if best[0].mention.group and row[0].mention.group == best[0].mention.group]
    districts = [m for m in evidence.districts if best[0].mention.group and m.group == best[0].mention.group]
    if len(group) + len(districts) > 1:
        return _several(evidence, group, districts)
    return _single(evidence, best, ranked)


def _ranked(evidence: Evidence) -> list[list[Candidate]]:
    """Candidates of every settlement mention, the best mention first; an earlier one wins a near tie."""
    rows = [candidates(evidence, m) for m in evidence.settlements]
    rows = [row for row in rows if row]
    order = {id(row): 0.1 * n for n, row in enumerate(rows)}
    return sorted(rows, key=lambda row: order[id(row)] - row[0].score)


def _district_first(evidence: Evidence, best: list[Candidate]) -> bool:
    """Whether a district of the text outweighs a settlement that only the title or an inhabitant names."""
    m = best[0].mention
    text = [d for d in evidence.districts if d.source == "text" and d.role == Role.EVENT]
    elsewhere = text and all(d.ids[0] != best[0].place.municipality for d in text)
    return bool(elsewhere) and (m.source == "title" or m.role != Role.EVENT) and m.type_word is None


def _single(evidence: Evidence, row: list[Candidate], ranked: list[list[Candidate]]) -> Resolution:
    best = row[0]
    rivals = [c for c in row[1:] if best.score - c.score < TIE and _apart(best, c)]
    if rivals:
        return _undecided(evidence, row)
    location = _located(evidence, best)
    others = [*row[1:3], *(other[0] for other in ranked if other is not row)]
    alternatives = tuple(
        Alternative(precision.at_settlement(evidence.atlas, c.place), likelihood(c.score), ", ".join(c.why))
        for c in others[:4] if c.place.id != best.place.id
    )  # fmt: skip
    note = "; ".join([", ".join(best.why), *evidence.notes])
    return Resolution(location, alternatives, why("settlement", note, best.mention))


def _apart(a: Candidate, b: Candidate) -> bool:
    return distance_m((a.place.lat, a.place.lon), (b.place.lat, b.place.lon)) > TIE_APART_M


def _undecided(evidence: Evidence, row: list[Candidate]) -> Resolution:
    """Homonyms that nothing decides between: no pin, or the district where all of the likely ones lie."""
    close = [c for c in row if row[0].score - c.score < TIE]
    owners = {c.place.municipality for c in close}
    if len(owners) == 1:
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
    near = m.relation == Relation.NEAR
    found = precision.at_settlement(evidence.atlas, place, near=near)
    return _drawn_to_road(evidence, found, place) if near else _with_street(evidence, found)


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


def _with_street(evidence: Evidence, found: Location) -> Location:
    """The street as text in the label; the point stays the settlement's."""
    streets = [m for m in evidence.of(PlaceKind.STREET) if m.role == Role.EVENT]
    if not streets or found.precision != Precision.SETTLEMENT:
        return found
    return replace(found, label=f"{found.label}, {streets[0].name}", method="gazetteer_street")


def _several(evidence: Evidence, group: list[list[Candidate]], districts: list[Mention]) -> Resolution:
    """A list of places: one area over them."""
    atlas = evidence.atlas
    chosen = _together(group) if group else []
    owners = {c.place.municipality for c in chosen} | {m.ids[0] for m in districts}
    parts = [precision.at_settlement(atlas, c.place) for c in chosen]
    parts += [precision.at_district(atlas, atlas.municipalities[m.ids[0]]) for m in districts]
    read = [*(c.mention for c in chosen), *districts]
    if len(owners) >= MANY:
        return Resolution(
            precision.krai_wide("many_municipalities"),
            tuple(Alternative(part, 0.3, "одно из мест") for part in parts[:6]),
            why("many_municipalities", f"названо муниципалитетов: {len(owners)}", *read),
        )
    if len(parts) == 1:
        return Resolution(parts[0], reasons=why("settlement", "одно место", *read))
    names = ", ".join([*(c.place.name for c in chosen), *(m.name for m in districts)][:6])
    location = precision.at_area(atlas, parts, label=names, method="several_places")
    alternatives = tuple(Alternative(part, 0.4, "одно из мест") for part in parts[:6])
    return Resolution(location, alternatives, why("several_places", "несколько мест списком", *read))


def _together(group: list[list[Candidate]]) -> list[Candidate]:
    """One candidate of each mention: homonyms go with the nearest of the certain ones."""
    sure = [row[0] for row in group if len(row) == 1 or row[0].score - row[1].score >= TIE]
    anchors = sure or [group[0][0]]
    chosen: dict[str, Candidate] = {}
    for row in group:
        best = row[0] if row[0] in sure else min(row, key=lambda c: (_away(c, anchors), -c.score))
        chosen.setdefault(best.place.id, best)
    return list(chosen.values())


def _away(candidate: Candidate, anchors: list[Candidate]) -> float:
    here = (candidate.place.lat, candidate.place.lon)
    return min(distance_m(here, (a.place.lat, a.place.lon)) for a in anchors)


# Wider than a settlement


def districts(evidence: Evidence) -> Resolution | None:
    """One district, or several as an area."""
    named = evidence.districts
    if not named:
        return None
    first = next((m for m in named if m.source == "text"), named[0])
    group = [m for m in named if m is first or (first.group and m.group == first.group)]
    atlas = evidence.atlas
    parts = {m.ids[0]: precision.at_district(atlas, atlas.municipalities[m.ids[0]]) for m in group}
    if len(parts) > 1:
        return _several(evidence, [], group)
    note = "; ".join(["назван район", *evidence.notes])
    return Resolution(parts[first.ids[0]], reasons=why("district", note, first))


def provider_area(evidence: Evidence) -> Resolution | None:
    """What a company serves, narrowed by the districts that the text names."""
    for mention in evidence.of(PlaceKind.PROVIDER_AREA):
        provider = evidence.atlas.providers[mention.ids[0]]
        places = served(evidence, mention.ids[0])
        if places:
            location = precision.at_provider(evidence.atlas, provider, places)
            return Resolution(location, reasons=why("provider_area", "зона обслуживания поставщика", mention))
    return None


def served(evidence: Evidence, provider_id: str) -> list[Settlement]:
    """The places of a provider's areas; a municipality without named places stands for its centre."""
    atlas = evidence.atlas
    found: dict[str, Settlement] = {}
    for area in atlas.providers[provider_id].areas:
        owner = atlas.municipalities.get(area.municipality)
        ids = area.settlements or ((owner.centre,) if owner else ())
        for place_id in ids:
            if place_id in atlas.settlements and place_id not in area.exceptions:
                found[place_id] = atlas.settlements[place_id]
    return list(found.values())


def zone(evidence: Evidence) -> Resolution | None:
    for mention in evidence.of(PlaceKind.ZONE):
        location = precision.at_zone(evidence.atlas, mention.ids[0])
        return Resolution(location, reasons=why("zone", "названа экономическая зона", mention))
    return None


# When nothing better is there

_WEAK_ROLES = (Role.SOURCE, Role.WEAK, Role.ARREST)
_HOME_COUNTS = frozenset({Category.FRAUD, Category.CRIME, Category.MISSING_PERSON})


def weak(evidence: Evidence) -> Resolution | None:
    """An officer's post, an adjective, a place of arrest; a victim's home town where that is where it happened."""
    roles = (*_WEAK_ROLES[:1], *((Role.HOME,) if evidence.category in _HOME_COUNTS else ()), *_WEAK_ROLES[1:])
    for role in roles:
        for kind in (PlaceKind.SETTLEMENT, PlaceKind.DISTRICT):
            found = _weakly(evidence, evidence.of(kind, roles=frozenset({role})), role)
            if found is not None:
                return found
    return None


def _weakly(evidence: Evidence, mentions: list[Mention], role: Role) -> Resolution | None:
    atlas = evidence.atlas
    for m in mentions:
        note = f"косвенно: {_ROLE_NOTES[role]}"
        if m.kind == PlaceKind.DISTRICT and not m.inner:
            location = precision.at_district(atlas, atlas.municipalities[m.ids[0]])
            return Resolution(location, reasons=why("weak", note, m))
        row = candidates(evidence, m)
        if row:
            if any(row[0].score - c.score < TIE and _apart(row[0], c) for c in row[1:]):
                return _undecided(evidence, row)
            found = precision.at_settlement(atlas, row[0].place)
            return Resolution(_with_street(evidence, found), reasons=why("weak", note, m))
    return None


_ROLE_NOTES = {
    Role.SOURCE: "место службы или власти, которая сообщила", Role.HOME: "откуда пострадавший",
    Role.WEAK: "прилагательное", Role.ARREST: "место задержания", Role.DATELINE: "место в шапке новости",
}  # fmt: skip


def krai(evidence: Evidence) -> Resolution | None:
    """The krai as a whole."""
    if not evidence.krai:
        return None
    note = "; ".join(["назван край целиком", *evidence.notes])
    return Resolution(precision.krai_wide("krai"), reasons=why("krai", note, evidence.krai[0]))


def dateline(evidence: Evidence) -> Resolution | None:
    """The town of the dateline, where nothing else is there."""
    return _weakly(evidence, evidence.of(PlaceKind.SETTLEMENT, roles=frozenset({Role.DATELINE})), Role.DATELINE)


def silence(_: Evidence) -> Resolution:
    """No place at all: the outlet is the krai's, so the krai without a pin."""
    return Resolution(precision.krai_wide("default"), reasons=why("no_place", "в тексте нет места: край без точки"))


RULES: tuple[Rule, ...] = (
    no_incident, outside, road_km, cut_road, between, road_in_district, settlements, districts, provider_area,
    unknown_road, zone, road_line, weak, krai, dateline, silence,
)  # fmt: skip
