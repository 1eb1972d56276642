"""A list of places: one area over them, without the homonyms of its members."""

from __future__ import annotations

from kubmap.atlas.chain import distance_m
from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import FOLDED
from kubmap.domain import Alternative
from kubmap.geocode import precision
from kubmap.geocode.resolution import TIE, Resolution, why
from kubmap.geocode.score import Candidate, Evidence
from kubmap.text.places import Mention, Role
from kubmap.text.settle import same_stem

MANY = 7
"""So many municipalities are the krai, not a pin."""
MANY_M = 95_000
"""But those of one corner of it, within this radius, are that corner."""
SMALL_TOWN, TOWN, FAR_HAMLET_M = 5_000, 15_000, 60_000
"""People, metres: a smaller place further than that from the quarters of its list is a homonym."""
COMPANY = 2
"""So many members of a list in the named district make a far hamlet of the list a homonym."""
ALIKE_M = 25_000
"""A name spelt like a quarter's counts within this distance from the sure members of its list."""


def several(evidence: Evidence, group: list[list[Candidate]], districts: list[Mention]) -> Resolution:
    """A list of places: one area over them."""
    atlas = evidence.atlas
    chosen = _of_here(evidence, _together(group)) if group else []
    owners = {c.place.municipality for c in chosen} | {m.ids[0] for m in districts}
    parts = [precision.at_settlement(atlas, c.place) for c in chosen]
    parts += [precision.at_district(atlas, atlas.municipalities[m.ids[0]]) for m in districts]
    read = [*(c.mention for c in chosen), *districts]
    whole = [(part.lat or 0.0, part.lon or 0.0, float(part.radius_m or 0)) for part in parts]
    if len(owners) >= MANY and precision.cover(whole)[2] > MANY_M:
        return Resolution(
            precision.krai_wide("many_municipalities"),
            tuple(Alternative(part, 0.3, "одно из мест") for part in parts[:6]),
            why("many_municipalities", f"названо муниципалитетов: {len(owners)}", *read),
        )
    if len(parts) == 1:
        return Resolution(parts[0], reasons=why("settlement", "одно место", *read))
    names = ", ".join([*(c.place.name for c in chosen), *(m.name for m in districts)][:6])
    location = precision.at_area(parts, label=names, method="several_places")
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
    return _near_each_other(list(chosen.values()))


def _near_each_other(chosen: list[Candidate]) -> list[Candidate]:
    """«микрорайонов Сочи, включая Хосту и Приморский»: a far hamlet of that name is not the quarter that is meant."""
    sure = [c for c in chosen if c.mention.rule != "typed_alike"]
    chosen = [c for c in chosen if c in sure or not sure or _away(c, sure) < ALIKE_M]
    quarters = [c for c in chosen if c.place.parent]
    if not quarters:
        return chosen
    return [
        c for c in chosen
        if c.place.parent or (c.place.population or 0) > SMALL_TOWN or _away(c, quarters) < FAR_HAMLET_M
    ]  # fmt: skip


def _of_here(evidence: Evidence, chosen: list[Candidate]) -> list[Candidate]:
    """«в Туапсинском районе: Небуг, Горное и Джубга»: a far homonym gives way to a near spelling of the district."""
    named = {m.ids[0] for m in evidence.districts if m.role == Role.EVENT}
    here = [c for c in chosen if c.place.municipality in named] if len(named) == 1 else []
    if len(here) < COMPANY or len(here) == len(chosen):
        return chosen
    found: dict[str, Candidate] = {}
    for c in chosen:
        kept: Candidate | None = c
        known_for = TOWN if len(c.mention.ids) > 1 else SMALL_TOWN
        if _away(c, here) > FAR_HAMLET_M and (c.place.population or 0) < known_for:
            kept = _spelt_alike(evidence, c, named)
        if kept is not None:
            found.setdefault(kept.place.id, kept)
    return list(found.values())


def _spelt_alike(evidence: Evidence, candidate: Candidate, owners: set[str]) -> Candidate | None:
    """«Горное» for the Горный of the district: one place there whose name differs in its ending only."""
    ids = same_stem(evidence.atlas).get(stem(FOLDED[candidate.place.name]), ())
    there = [place for i in ids if (place := evidence.atlas.settlements[i]).municipality in owners]
    return candidate._replace(place=there[0]) if len(there) == 1 else None


def _away(candidate: Candidate, anchors: list[Candidate]) -> float:
    here = (candidate.place.lat, candidate.place.lon)
    return min(distance_m(here, (a.place.lat, a.place.lon)) for a in anchors)
