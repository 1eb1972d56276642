"""Rules that place nothing: no incident, or a story from outside the krai."""

from __future__ import annotations

from collections.abc import Sequence

from kubmap.domain import Category, PlaceKind
from kubmap.geocode import roadplace
from kubmap.geocode.resolution import Resolution, why
from kubmap.geocode.score import Evidence, candidates
from kubmap.text.places import Mention, Role

LIST_GAP = 6
"""Characters between two members of a list."""
ROAD_GAP = 5
"""Characters between a road and the district that it is said to be in."""
_BEYOND = frozenset({"outside_district", "other_region", "republic"})
KNOWN_OUTSIDE = 30_000
"""People: a smaller place outside may bear the name of a farm of the krai that the atlas does not hold."""


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


def _victim(evidence: Evidence) -> bool:
    """Whether a town of the krai is the home of somebody: the first home of a fraud is the victim's."""
    homes = evidence.of(PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.OUTSIDE, roles=frozenset({Role.HOME}))
    first = min(homes, key=lambda m: (m.source != "title", m.start), default=None)
    return first is not None and first.kind != PlaceKind.OUTSIDE


POST_ALONE = "road_post_km"
"""The rule of a road that only its km names: no witness against a place outside."""
_LISTED = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})
_TELLER = frozenset({Role.SOURCE})
_TOLD = frozenset({Role.SOURCE, Role.EVENT})
_ROUTE = frozenset({Role.ROUTE})
_HINTS = frozenset({Role.SOURCE, Role.HOME, Role.ROUTE, Role.ARREST})


def _outside_witness(evidence: Evidence) -> Mention | None:
    """The mention that says so, or None."""
    placed = any(m.role == Role.EVENT for m in (*evidence.settlements, *evidence.districts))
    posts = evidence.of(PlaceKind.ROAD_KM)
    for road in posts:
        if road.ids and ((not placed and roadplace.from_outside(evidence, road)) or _ends_outside(evidence, road)):
            return road
        if not placed and (there := _district_of_road(evidence, road)) is not None:
            return there
    caught = evidence.of(PlaceKind.OUTSIDE, roles=frozenset({Role.ARREST}))
    if caught and not placed and not (evidence.category == Category.FRAUD and _victim(evidence)):
        return caught[0]
    out = [m for m in evidence.outside if _is_firm_outside(evidence, m)]
    inside = [m for m in (*evidence.settlements, *evidence.districts) if m.role != Role.RECALL]
    inside += evidence.of(PlaceKind.PROVIDER_AREA, PlaceKind.ZONE)
    inside += [m for m in posts if m.rule != POST_ALONE]
    if out:
        return _served(evidence, out, inside) or _outweighed(evidence, out, inside)
    if inside:
        return None
    return _told_there(evidence) if evidence.roads else _told_outside(evidence)


def _told_there(evidence: Evidence) -> Mention | None:
    """«на автодороге Азов — Староминская, сообщает ГАИ Ростовской области»: a road, and only another region tells."""
    if evidence.krai:
        return None
    return next((m for m in evidence.of(PlaceKind.OUTSIDE, roles=_TELLER) if m.rule in _BEYOND), None)


def _told_outside(evidence: Evidence) -> Mention | None:
    """Where nothing inside is named: what the place of those who tell, or of somebody's home, says."""
    if any(k.rule != "krai_noun" for k in evidence.krai):
        return None
    if evidence.krai:  # «в крае, сообщили в МЧС Ставрополья»
        return next((m for m in evidence.of(PlaceKind.OUTSIDE, roles=_TOLD) if m.rule != "outside_people"), None)
    if evidence.outside:
        return evidence.outside[0]
    if evidence.category == Category.FRAUD and _victim(evidence):
        return None
    ours = bool(evidence.of(PlaceKind.SETTLEMENT, roles=_ROUTE))  # «поезд Москва — Адлер» stood somewhere on its way
    return next((m for m in evidence.of(PlaceKind.OUTSIDE, roles=_HINTS) if not (ours and m.role == Role.ROUTE)), None)


def _is_firm_outside(evidence: Evidence, mention: Mention) -> bool:
    """A region, or a town that no village of the krai is taken for; an unknown district is none."""
    if mention.rule == "unknown_district":
        return False
    place = evidence.atlas.outside.get(mention.ids[0]) if mention.ids else None
    return place is None or place.id.startswith("rg-") or (place.population or 0) >= KNOWN_OUTSIDE


def _district_of_road(evidence: Evidence, road: Mention) -> Mention | None:
    """«на 20-м км трассы … в Майкопском районе»: the district right after the road tells the side of the border."""
    for m in evidence.outside:
        if m.rule in _BEYOND and m.source == road.source and m.role == Role.EVENT and 0 < m.start - road.end < ROAD_GAP:
            return m
    return None


def _ends_outside(evidence: Evidence, road: Mention) -> bool:
    """Whether the km lies in a neighbouring region."""
    found = roadplace.posts(evidence, road)
    return bool(found) and found[0][1].municipality is None


def _outweighed(evidence: Evidence, out: list[Mention], inside: list[Mention]) -> Mention | None:
    """The place outside that the story is about, if the places inside do not outweigh it."""
    if not inside:
        return None if _listed(out, evidence.krai) else out[0]
    towns = [m for m in inside if m.kind in _LISTED and m.role == Role.EVENT and _firm(evidence, [m])]
    if _listed(out, towns) or _listed(out, [m for m in evidence.krai if m.role == Role.EVENT]):
        return None
    there = [m for m in out if m.role == Role.EVENT]
    if there and all(m.role == Role.RESIDENTS for m in inside):
        return there[0]
    text = [m for m in inside if m.source == "text"]
    first = min((m.start for m in text), default=None)
    for m in out:
        if m.role == Role.RESIDENTS and any(x.role == Role.EVENT for x in inside):
            continue
        if any(k.role == Role.EVENT and k.source == m.source and k.start < m.start for k in evidence.krai):
            continue
        if m.source == "text" and (first is None or m.start < first) and not any(x.source == "title" for x in inside):
            return m
        if m.source == "title" and not _firm(evidence, text) and not any(x.source == "title" for x in inside):
            return m
    arrested = [m for m in evidence.mentions if m.role == Role.ARREST]
    return out[0] if arrested and all(m.role == Role.RESIDENTS for m in text) else None


def _served(evidence: Evidence, out: list[Mention], inside: list[Mention]) -> Mention | None:
    """«жители Майкопа остались без воды: порыв на границе Апшеронского района»: it is off where its users live."""
    if not evidence.category.is_outage or any(m.role == Role.RESIDENTS for m in inside):
        return None
    return next((m for m in out if m.role == Role.RESIDENTS), None)


def _listed(out: list[Mention], inside: Sequence[Mention]) -> bool:
    """«в Крыму и Темрюкском районе»: one list of places on both sides of the border."""
    return any(
        m.source == k.source and (0 < k.start - m.end < LIST_GAP or 0 < m.start - k.end < LIST_GAP)
        for m in out for k in inside if m.role == Role.EVENT
    )  # fmt: skip


def _firm(evidence: Evidence, inside: list[Mention]) -> bool:
    """Whether a place inside is beyond doubt: a district, a road's km, a town, a village with its district."""
    for m in inside:
        if m.kind != PlaceKind.SETTLEMENT:
            return True
        best = candidates(evidence, m)
        if best and ((best[0].place.population or 0) > 15_000 or best[0].place.municipality in evidence.supporting):
            return True
    return False
