"""Rules of what is wider than a settlement, and of weak evidence when nothing better is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.domain import Category, PlaceKind
from kubmap.geocode import precision
from kubmap.geocode.listed import several
from kubmap.geocode.onstreet import with_street
from kubmap.geocode.resolution import TIE, Resolution, why
from kubmap.geocode.score import Evidence, candidates
from kubmap.geocode.settled import LISTED, apart, undecided
from kubmap.text.places import Mention, Role

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.domain import Location


_PROVIDERS = 256  # whose places are remembered: the atlas has a tenth of that


def districts(evidence: Evidence) -> Resolution | None:
    """One district, or several as an area."""
    named = evidence.districts
    if not named:
        return None
    first = next((m for m in named if m.source == "text"), named[0])
    group = [m for m in named if m is first or (first.group and m.group == first.group)]
    if len(group) == 1 and (apart := _told_apart(named)):
        group = apart
    atlas = evidence.atlas
    parts = {m.ids[0]: precision.at_district(atlas, atlas.municipalities[m.ids[0]]) for m in group}
    if len(parts) > 1:
        return several(evidence, [], group)
    note = "; ".join(["назван район", *evidence.notes])
    return Resolution(parts[first.ids[0]], reasons=why("district", note, first))


def _told_apart(named: list[Mention]) -> list[Mention]:
    """Districts that a text tells one after another: «В X районе … . В Y районе … . В Z районе …»."""
    told = [m for m in named if m.source == "text" and m.role == Role.EVENT]
    return told if len({m.ids[0] for m in told}) >= LISTED else []


def rural_head(evidence: Evidence) -> Resolution | None:
    """«глава Ачуевского поселения рассказал» in a named district: the rural settlement is finer than its district."""
    owners = {m.ids[0] for m in evidence.districts}
    for m in evidence.of(PlaceKind.DISTRICT, roles=frozenset({Role.SOURCE})):
        row = [c for c in candidates(evidence, m) if c.place.municipality in owners] if m.rule == "rural_okrug" else []
        if len(row) == 1:
            location = precision.at_settlement(evidence.atlas, row[0].place, away_km=precision.RURAL_M / 1000)
            return Resolution(location, reasons=why("rural_head", "о случившемся рассказал глава поселения", m))
    return None


def victim_in_district(evidence: Evidence) -> Resolution | None:
    """«обманули пенсионерку из посёлка Паркового Тихорецкого района»: the village is finer than its district.

    Of a crime only where the district is told right after the home, and so tells of it alone.
    """
    if evidence.category not in _AT_HOME or not evidence.districts:
        return None
    for m in evidence.of(PlaceKind.SETTLEMENT, roles=frozenset({Role.HOME})):
        if evidence.category == Category.CRIME and not all(0 <= d.start - m.end <= _GAP for d in evidence.districts):
            continue
        row = candidates(evidence, m)
        if row and row[0].place.municipality in evidence.supporting:
            location = precision.at_settlement(evidence.atlas, row[0].place)
            return Resolution(location, reasons=why("victim_in_district", "откуда пострадавший", m))
    return None


_AT_HOME = frozenset({Category.FRAUD, Category.CRIME})
_GAP = 2  # characters between a village and its district


def provider_in_districts(evidence: Evidence) -> Resolution | None:
    """What a company serves in the districts that the text names."""
    owners = {m.ids[0] for m in evidence.districts}
    for mention in evidence.of(PlaceKind.PROVIDER_AREA) if owners else ():
        places = [place for place in _served(evidence.atlas, mention.ids[0]) if place.municipality in owners]
        if places:
            provider = evidence.atlas.providers[mention.ids[0]]
            location = precision.at_provider(evidence.atlas, provider, places)
            note = "зона обслуживания поставщика в названных районах"
            return Resolution(location, reasons=why("provider_area", note, mention, *evidence.districts))
    return None


def provider_area(evidence: Evidence) -> Resolution | None:
    """All that a company serves."""
    for mention in evidence.of(PlaceKind.PROVIDER_AREA):
        location = _whole_area(evidence.atlas, mention.ids[0])
        if location is not None:
            return Resolution(location, reasons=why("provider_area", "зона обслуживания поставщика", mention))
    return None


@lru_cache(maxsize=_PROVIDERS)
def _whole_area(atlas: Atlas, provider_id: str) -> Location | None:
    places = _served(atlas, provider_id)
    return precision.at_provider(atlas, atlas.providers[provider_id], places) if places else None


@lru_cache(maxsize=_PROVIDERS)
def _served(atlas: Atlas, provider_id: str) -> Sequence[Settlement]:
    """The places of a provider's areas; a municipality without named places stands for its centre."""
    found: dict[str, Settlement] = {}
    for area in atlas.providers[provider_id].areas:
        owner = atlas.municipalities.get(area.municipality)
        ids = area.settlements or ((owner.centre,) if owner else ())
        for place_id in ids:
            if place_id in atlas.settlements and place_id not in area.exceptions:
                found[place_id] = atlas.settlements[place_id]
    return tuple(found.values())


def zone(evidence: Evidence) -> Resolution | None:
    for mention in evidence.of(PlaceKind.ZONE):
        location = precision.at_zone(evidence.atlas, mention.ids[0])
        return Resolution(location, reasons=why("zone", "названа экономическая зона", mention))
    return None


_NO_HOME = (Role.SOURCE, Role.WEAK, Role.ARREST)
_WEAK_ROLES = {
    Category.FRAUD: (Role.SOURCE, Role.HOME, Role.ARREST, Role.WEAK),
    Category.MISSING_PERSON: (Role.SOURCE, Role.HOME, Role.WEAK, Role.ARREST),
    Category.CRIME: (Role.ARREST, Role.SOURCE, Role.HOME, Role.WEAK),
}
"""Roles by weight: a victim's home town tells where a fraud happened, a suspect's does not tell where a crime did."""


def weak(evidence: Evidence) -> Resolution | None:
    """An officer's post, an adjective, a place of arrest; a victim's home town where that is where it happened."""
    roles = _WEAK_ROLES.get(evidence.category, _NO_HOME)
    for role in roles:
        settlements = evidence.of(PlaceKind.SETTLEMENT, roles=frozenset({role}))
        districts = evidence.of(PlaceKind.DISTRICT, roles=frozenset({role}))
        inner = [m for m in districts if m.inner]
        for named in (inner, settlements, districts):
            found = _weakly(evidence, named, role)
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
            if any(row[0].score - c.score < TIE and apart(row[0], c) for c in row[1:]):
                return undecided(evidence, row)
            finer = _home_inside(evidence, row[0].place) if role == Role.ARREST else None
            found = precision.at_settlement(atlas, finer or row[0].place)
            return Resolution(with_street(evidence, found, row[0].place), reasons=why("weak", note, m))
    return None


def _home_inside(evidence: Evidence, city: Settlement) -> Settlement | None:
    """«Поджигателя поймали в Сочи: житель Лазаревского района …»: the district of that very city is finer."""
    for m in evidence.of(PlaceKind.DISTRICT, roles=frozenset({Role.HOME})):
        row = candidates(evidence, m) if m.inner else []
        if row and row[0].place.municipality == city.municipality:
            return row[0].place
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
