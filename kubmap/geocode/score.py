"""How likely a candidate of a mention is where it happened: small named features, each with a weight and a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING, NamedTuple

from kubmap.atlas.chain import distance_m
from kubmap.atlas.words import fold
from kubmap.domain import Category, PlaceKind
from kubmap.text.once import Lazy
from kubmap.text.places import Mention, Relation, Role
from kubmap.text.placewords import place_words

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.atlas.roadchoice import Candidate as RoadCandidate
    from kubmap.domain import Location

STORY = frozenset({Role.EVENT, Role.RESIDENTS, Role.RECALL})
_SETTLEMENT, _DISTRICT = PlaceKind.SETTLEMENT, PlaceKind.DISTRICT
"""Members that are asked for at every mention: a look-up in an enum's class takes as long as a small rule."""
NEAR_ROAD_M, FAR_ROAD_M = 9_000, 40_000
NEIGHBOUR_M = 30_000


@dataclass(frozen=True)
class Evidence:
    """The mentions of a teaser, sorted into what the rules ask for."""

    atlas: Atlas
    mentions: Sequence[Mention]
    category: Category
    year: int | None = None
    notes: list[str] = field(default_factory=list)
    ranked: dict[int, list[Candidate]] = field(default_factory=dict)
    """What `candidates` gave for a mention (by its identity): several rules ask."""

    @Lazy
    def posts(self) -> dict[int, list[tuple[RoadCandidate, Location]]]:
        """What `roadplace.posts` gave for a mention (by its identity): several rules ask."""
        return {}

    @Lazy
    def story(self) -> list[Mention]:
        return [m for m in self.mentions if m.role in STORY]

    def of(self, *kinds: PlaceKind, roles: frozenset[Role] = STORY) -> list[Mention]:
        return [m for m in self.mentions if m.kind in kinds and m.role in roles]

    @Lazy
    def settlements(self) -> list[Mention]:
        """Settlements and inner-city districts of the story."""
        return [m for m in self.story if m.ids and (m.kind == _SETTLEMENT or _is_inner(m))]

    @Lazy
    def districts(self) -> list[Mention]:
        return [m for m in self.story if m.kind == _DISTRICT and not m.inner]

    @Lazy
    def supporting(self) -> dict[str, float]:
        """Municipality id -> how firmly the text names it, itself or by a large town of it."""
        found: dict[str, float] = {}
        for m in self.mentions:
            if m.kind == _DISTRICT and not m.inner and m.role in _SUPPORTING:
                found[m.ids[0]] = max(found.get(m.ids[0], 0), 1.0 if m.role != Role.SOURCE else 0.7)
        return found

    @Lazy
    def towns(self) -> dict[str, Mention]:
        """Ids of the towns that the text names as such."""
        found: dict[str, Mention] = {}
        for m in self.mentions:
            if m.kind == _SETTLEMENT and m.ids and not m.inner and m.role in _NAMING:
                found.setdefault(m.ids[0], m)
        return found

    @Lazy
    def roads(self) -> list[Mention]:
        return [m for m in self.of(PlaceKind.ROAD, PlaceKind.ROAD_KM) if m.ids]

    @Lazy
    def krai(self) -> list[Mention]:
        return self.of(PlaceKind.KRAI, roles=_WITH_WEAK)

    @Lazy
    def outside(self) -> list[Mention]:
        return self.of(PlaceKind.OUTSIDE)


_SUPPORTING, _WITH_WEAK = STORY | {Role.SOURCE, Role.ARREST}, STORY | {Role.WEAK}
_NAMING = STORY | {Role.SOURCE, Role.WEAK, Role.DATELINE}
"""Roles in which a town may tell where its quarters are."""


def _is_inner(mention: Mention) -> bool:
    return mention.kind == _DISTRICT and mention.inner


class Candidate(NamedTuple):
    """A settlement that a mention may mean; `why` are the features that spoke, in Russian."""

    mention: Mention
    place: Settlement
    score: float
    why: tuple[str, ...] = ()
    prior: float = 0.0
    """What of the score decides between homonyms (the size, the district), not between mentions."""


Feature = Callable[[Evidence, Mention, "Settlement"], "tuple[float, str] | None"]


def typed(_: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    if m.type_word is None:
        return (0.9, "назван без слова о типе") if m.kind == _SETTLEMENT else (1.2, "внутригородской район")
    same = place.type == m.type_word or (place.type, m.type_word) == ("пгт", "посёлок")
    return (1.05, f"тип совпал: {place.type}") if same else (0.75, f"тип близок: {place.type}")


def source(_: Evidence, m: Mention, _place: Settlement) -> tuple[float, str] | None:
    return (0.4, "в тексте") if m.source == "text" else None


def role(evidence: Evidence, m: Mention, _place: Settlement) -> tuple[float, str] | None:
    if m.role == Role.RESIDENTS and evidence.category == Category.CRIME:
        return -1.7, "жители названы, а преступление не у них"
    return _BY_ROLE.get(m.role)


_BY_ROLE = {Role.RESIDENTS: (-0.2, "назван через жителей"), Role.RECALL: (-1.0, "в напоминании")}


def relation(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    if m.relation == Relation.AWAY and _nearer(evidence, m, place):
        return -1.0, "в стороне от названного точнее"
    return (0.15, "предлог места") if m.relation != Relation.WITHIN else None


def _nearer(evidence: Evidence, m: Mention, place: Settlement) -> bool:
    """«в десяти километрах от Мостовского, у хутора …»: another place of the story, at about that distance."""
    reach = (m.away_km or 0) * 1500 + place.radius_m
    for other in evidence.settlements:
        near = evidence.atlas.settlements.get(other.ids[0]) if len(other.ids) == 1 else None
        beside = other.relation in {Relation.NEAR, Relation.WITHIN} and other.role == Role.EVENT
        if not near or not beside or other.source != m.source or near.id in m.ids or near.radius_m >= reach:
            continue
        if _within(near, place, reach) and not _within(near, place, place.radius_m):
            return True
    return False


def population(_: Evidence, _m: Mention, place: Settlement) -> tuple[float, str] | None:
    people = place.population if place.population is not None else (3000 if place.parent else 100)
    return 0.36 * log10(people + 1), "население"


def district(evidence: Evidence, _m: Mention, place: Settlement) -> tuple[float, str] | None:
    if not evidence.supporting:
        return None
    firm = evidence.supporting.get(place.municipality)
    return (1.4 * firm, "район назван рядом") if firm else (-0.9, "назван другой район")


def famous(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """Of several homonyms the one that all know, where nothing speaks for another."""
    if len(m.ids) < 2 or evidence.supporting or m.type_word not in {None, "посёлок", "село"}:
        return None
    known = place_words().sections["famous"].get(fold(place.name))
    return (0.8, "известнее одноимённых") if known == place.municipality else None


def landmark(_: Evidence, _m: Mention, place: Settlement) -> tuple[float, str] | None:
    """A pass or a cape is named for nothing but the place."""
    return (0.6, "названо урочище") if place.type == "место" else None


def within_town(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """A village of a named city's municipality, or a quarter of a named city."""
    owner = evidence.atlas.municipalities.get(place.municipality)
    outer = place.parent or (owner.centre if owner else None)
    if outer and outer != place.id and outer in evidence.towns:
        return 1.0, "город назван рядом"
    if not place.parent:
        return None
    cities = [i for i in evidence.towns if evidence.atlas.settlements[i].type == "город"]
    if cities and place.id not in evidence.towns:
        return -2.5, "назван другой город"
    return (-0.5, "город не назван") if m.type_word is None else None


def on_road(evidence: Evidence, _m: Mention, place: Settlement) -> tuple[float, str] | None:
    """How far the place is from the road that the text names."""
    roads = evidence.roads
    ids = {i for road in roads for i in road.ids[:2] if not road.rule.startswith("road_weak")} if roads else None
    if not ids:
        return None
    away = min(evidence.atlas.roads.near(i, place.lat, place.lon)[0] for i in ids)
    if away <= NEAR_ROAD_M:
        return 0.6, "у названной дороги"
    return (-0.7, "далеко от названной дороги") if away > FAR_ROAD_M else None


def neighbour(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """Another place of the story within reach speaks for one of several homonyms."""
    if len(m.ids) < 2:
        return None
    for other in evidence.settlements:
        near = evidence.atlas.settlements.get(other.ids[0])
        if other.name != m.name and near and len(other.ids) == 1 and _within(near, place, NEIGHBOUR_M):
            return 0.6, f"рядом назван: {near.name}"
    return None


def _within(a: Settlement, b: Settlement, limit: float) -> bool:
    return distance_m((a.lat, a.lon), (b.lat, b.lon)) <= limit


FEATURES: tuple[Feature, ...] = (
    typed, source, role, relation, landmark, within_town, on_road,
)  # fmt: skip
TELLING: tuple[Feature, ...] = (district, famous, neighbour, population)
"""What speaks for one of several homonyms, and says little about which mention is the place."""


def candidates(evidence: Evidence, mention: Mention) -> list[Candidate]:
    """The places of the krai that a mention may mean, best first."""
    found = evidence.ranked.get(id(mention))
    if found is None:
        found = evidence.ranked[id(mention)] = _ranked(evidence, mention)
    return found


def _ranked(evidence: Evidence, mention: Mention) -> list[Candidate]:
    known = [evidence.atlas.settlements[i] for i in mention.ids if i in evidence.atlas.settlements]
    if mention.type_word == "микрорайон":
        known = [place for place in known if _is_quarter(evidence, place)]
        known = [place for place in known if not _of_another(evidence, place)]
    return sorted((score(evidence, mention, place) for place in known), key=lambda c: (-c.score, c.place.id))


def _of_another(evidence: Evidence, place: Settlement) -> bool:
    """A quarter of a city that the story does not name, where it names another."""
    named = {i for i, m in evidence.towns.items() if m.role in STORY and evidence.atlas.settlements[i].type == "город"}
    owner = evidence.atlas.municipalities.get(place.municipality)
    return bool(named) and place.parent not in named and (owner is None or owner.centre not in named)


def _is_quarter(evidence: Evidence, place: Settlement) -> bool:
    """A quarter, or a village of the municipality of a named town: people call it a quarter too."""
    owner = evidence.atlas.municipalities.get(place.municipality)
    return place.parent is not None or (owner is not None and owner.centre in evidence.towns)


def score(evidence: Evidence, mention: Mention, place: Settlement) -> Candidate:
    spoken = [said for feature in FEATURES if (said := feature(evidence, mention, place)) is not None]
    telling = [said for feature in TELLING if (said := feature(evidence, mention, place)) is not None]
    both = [*spoken, *telling]
    prior = sum(max(value, 0.0) for value, _ in telling)
    return Candidate(mention, place, sum(v for v, _ in both), tuple(note for _, note in both), prior)
