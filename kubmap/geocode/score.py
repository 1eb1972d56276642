"""How likely a candidate of a mention is where it happened: small named features, each with a weight and a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from kubmap.atlas.chain import LEAST_DEGREE_M, distance_m
from kubmap.atlas.words import FOLDED
from kubmap.domain import Category, PlaceKind
from kubmap.text.once import Lazy, per_atlas
from kubmap.text.places import STORY, Mention, Relation, Role
from kubmap.text.placewords import place_words

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.atlas.roadchoice import Candidate as RoadCandidate
    from kubmap.domain import Location

_SETTLEMENT, _DISTRICT = PlaceKind.SETTLEMENT, PlaceKind.DISTRICT
"""Members that are asked for at every mention: a look-up in an enum's class takes as long as a small rule."""
_ROADS = frozenset({PlaceKind.ROAD, PlaceKind.ROAD_KM})
_SUPPORTING, _WITH_WEAK = STORY | {Role.SOURCE, Role.ARREST}, STORY | {Role.WEAK}
_NAMING = STORY | {Role.SOURCE, Role.WEAK, Role.DATELINE}
"""Roles in which a town may tell where its quarters are."""
NEAR_ROAD_M, FAR_ROAD_M = 9_000, 40_000
NEIGHBOUR_M = 30_000
AROUND_M = 35_000
"""What is «под Краснодаром» lies no further from it."""
_kind, _relation = attrgetter("kind"), attrgetter("relation")


class Evidence:
    """The mentions of a teaser, sorted into what the rules ask for; what the rules find out is left in it.

    `named` are the kinds and relations of all mentions. `settlements` are settlements and inner-city districts of the
    story, `districts` and `roads` its municipalities and known roads. `supporting` is municipality id -> how firmly the
    text names it, `towns` the ids of the towns that the text names as such. `ranked`, `readings` and `posts` keep, by a
    mention's identity, what `candidates`, `roadplace.readings` and `roadplace.posts` gave for it: several rules ask.
    """

    def __init__(self, atlas: Atlas, mentions: Sequence[Mention], category: Category, year: int | None = None) -> None:
        self.atlas, self.mentions, self.category, self.year = atlas, mentions, category, year
        self.named: frozenset[PlaceKind | Relation] = frozenset(map(_kind, mentions)).union(map(_relation, mentions))
        self.notes: list[str] = []
        self.ranked: dict[int, list[Candidate]] = {}
        self.readings: dict[int, list[RoadCandidate]] = {}
        self.posts: dict[int, list[tuple[RoadCandidate, Location]]] = {}
        self.settlements: list[Mention] = []
        self.districts: list[Mention] = []
        self.roads: list[Mention] = []
        self.supporting: dict[str, float] = {}
        self.towns: dict[str, Mention] = {}
        for m in mentions:
            kind = m.kind
            if kind is _DISTRICT and not m.inner:
                self._take_district(m)
            elif kind is _SETTLEMENT or kind is _DISTRICT:
                self._take_place(m)
            elif kind in _ROADS and m.ids and m.role in STORY:
                self.roads.append(m)

    def _take_district(self, m: Mention) -> None:
        if m.role in STORY:
            self.districts.append(m)
        if m.role in _SUPPORTING:
            firm = 1.0 if m.role is not Role.SOURCE else 0.7
            self.supporting[m.ids[0]] = max(self.supporting.get(m.ids[0], 0), firm)

    def _take_place(self, m: Mention) -> None:
        if not m.ids:
            return
        if m.role in STORY:
            self.settlements.append(m)
        if m.role in _NAMING and not m.inner:
            self.towns.setdefault(m.ids[0], m)

    def of(self, *kinds: PlaceKind, roles: frozenset[Role] = STORY) -> list[Mention]:
        if self.named.isdisjoint(kinds):
            return []
        return [m for m in self.mentions if m.kind in kinds and m.role in roles]

    @Lazy
    def certain(self) -> list[tuple[str, Settlement]]:
        """Settlements of the story that have no homonym, by the name that the text gives them."""
        known = ((m.name, self.atlas.settlements.get(m.ids[0])) for m in self.settlements if len(m.ids) == 1)
        return [(name, place) for name, place in known if place]

    @Lazy
    def titled(self) -> list[Settlement]:
        """The places, each the only one of its name, where the title says that it happened."""
        named = (m for m in self.settlements if m.source == "title" and m.role is Role.EVENT and len(m.ids) == 1)
        return [place for m in named if (place := self.atlas.settlements.get(m.ids[0])) is not None]

    @Lazy
    def krai(self) -> list[Mention]:
        return self.of(PlaceKind.KRAI, roles=_WITH_WEAK)

    @Lazy
    def outside(self) -> list[Mention]:
        return self.of(PlaceKind.OUTSIDE)


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


_BY_ROLE = {Role.RESIDENTS: (-0.2, "назван через жителей"), Role.RECALL: (-2.5, "в напоминании")}


def relation(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    if m.relation is Relation.AWAY and _nearer(evidence, m, place, (m.away_km or 0) * 1500 + place.radius_m):
        return -1.0, "в стороне от названного точнее"
    if m.relation is Relation.NEAR and _nearer(evidence, m, place, AROUND_M):
        return -1.0, "рядом названо точнее"
    return 0.15, "предлог места"


def _nearer(evidence: Evidence, m: Mention, place: Settlement, reach: float) -> bool:
    """«в десяти километрах от Мостовского, у хутора …»: another place of the story, at about that distance.

    «под Краснодаром, в станице Динской»: a smaller place of the surroundings.
    """
    for other in evidence.settlements:
        near = evidence.atlas.settlements.get(other.ids[0]) if len(other.ids) == 1 else None
        beside = other.relation in {Relation.NEAR, Relation.WITHIN} and other.role == Role.EVENT
        if not near or not beside or other.source != m.source or near.id in m.ids or near.radius_m >= reach:
            continue
        if m.relation is Relation.NEAR and near.radius_m >= place.radius_m:
            continue
        if _within(near, place, reach) and not _within(near, place, place.radius_m):
            return True
    return False


def population(evidence: Evidence, _m: Mention, place: Settlement) -> tuple[float, str] | None:
    return _sizes(evidence.atlas)[place.id]


@per_atlas
def _sizes(atlas: Atlas) -> dict[str, tuple[float, str]]:
    """Settlement id -> what its population says."""
    return {place.id: _size(place) for place in atlas.settlements.values()}


def _size(place: Settlement) -> tuple[float, str]:
    people = place.population if place.population is not None else (3000 if place.parent else 100)
    return 0.36 * log10(people + 1), "население"


def district(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    firm = evidence.supporting.get(place.municipality)
    if not firm:
        return -0.9, "назван другой район"
    beside = len(evidence.supporting) > 1 and _beside(evidence, m) == place.municipality
    return 1.4 * firm + (0.6 if beside else 0.0), "район назван рядом"


def _beside(evidence: Evidence, m: Mention) -> str | None:
    """«на хуторе Северный в Лабинском районе»: the municipality that is named right after a place or before it."""
    for d in evidence.districts:
        if d.source == m.source and (0 < d.start - m.end <= _BESIDE or 0 < m.start - d.end <= _BESIDE):
            return d.ids[0]
    return None


_BESIDE = 5
"""Characters: « в », «, на »."""


def famous(_: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """Of several homonyms the one that all know, where nothing speaks for another."""
    if m.type_word not in _FAMOUS_TYPES:
        return None
    known = place_words().sections["famous"].get(FOLDED[place.name])
    return (0.8, "известнее одноимённых") if known == place.municipality else None


_FAMOUS_TYPES = frozenset({None, "посёлок", "село"})


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
    ids = {i for road in evidence.roads for i in road.ids[:2] if not road.rule.startswith("road_weak")}
    if not ids:
        return None
    away = min(evidence.atlas.roads.near(i, place.lat, place.lon)[0] for i in ids)
    if away <= NEAR_ROAD_M:
        return 0.6, "у названной дороги"
    return (-0.7, "далеко от названной дороги") if away > FAR_ROAD_M else None


def neighbour(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """Another place of the story within reach speaks for one of several homonyms."""
    for name, near in evidence.certain:
        if name != m.name and _within(near, place, NEIGHBOUR_M):
            return 0.6, f"рядом назван: {near.name}"
    return None


def titled(evidence: Evidence, m: Mention, place: Settlement) -> tuple[float, str] | None:
    """What the title names too, or a part of it, is what the story is about."""
    if m.source != "text":
        return None
    return (0.5, "назван и в заголовке") if any(_same_spot(place, other) for other in evidence.titled) else None


def _same_spot(place: Settlement, other: Settlement) -> bool:
    return place.id == other.id or _within(place, other, max(place.radius_m, other.radius_m))


def _within(a: Settlement, b: Settlement, limit: float) -> bool:
    if abs(a.lat - b.lat) * LEAST_DEGREE_M > limit:
        return False
    return distance_m((a.lat, a.lon), (b.lat, b.lon)) <= limit


_ALWAYS, _ROLE, _RELATION, _ROAD, _NAMED, _UNNAMED, _SEVERAL, _TITLED = 0, 1, 2, 4, 8, 16, 32, 64
"""What a feature needs to speak, as bits: a role or a relation that is not the plain one, a road of the story, a
district that the text names or none at all, several places of the name, a place that the title names.
"""
Features = tuple[Feature, ...]
FEATURES: tuple[tuple[Feature, int], ...] = (
    (typed, _ALWAYS), (source, _ALWAYS), (role, _ROLE), (relation, _RELATION), (landmark, _ALWAYS),
    (within_town, _ALWAYS), (on_road, _ROAD), (titled, _TITLED),
)  # fmt: skip
TELLING: tuple[tuple[Feature, int], ...] = (
    (district, _NAMED), (famous, _SEVERAL | _UNNAMED), (neighbour, _SEVERAL), (population, _ALWAYS),
)  # fmt: skip
"""What speaks for one of several homonyms, and says little about which mention is the place."""


class _Speaking(dict[int, tuple[Features, int]]):
    """What there is -> those of FEATURES and of TELLING that may speak then, and how many are of FEATURES."""

    def __missing__(self, there: int) -> tuple[Features, int]:
        plain, telling = (tuple(f for f, needed in table if needed & there == needed) for table in (FEATURES, TELLING))
        found = self[there] = (*plain, *telling), len(plain)
        return found


_SPEAKING = _Speaking()


def speaking(evidence: Evidence, mention: Mention) -> tuple[Features, int]:
    """The features that may speak of a mention's places, last those that tell homonyms apart; how many do not."""
    there = _NAMED if evidence.supporting else _UNNAMED
    if evidence.roads:
        there |= _ROAD
    if mention.role is not Role.EVENT:
        there |= _ROLE
    if mention.relation is not Relation.WITHIN:
        there |= _RELATION
    if len(mention.ids) > 1:
        there |= _SEVERAL
    if len(evidence.settlements) > 2 and evidence.titled:  # of two, one is the title's
        there |= _TITLED
    return _SPEAKING[there]


def candidates(evidence: Evidence, mention: Mention) -> list[Candidate]:
    """The places of the krai that a mention may mean, best first."""
    found = evidence.ranked.get(id(mention))
    if found is None:
        found = evidence.ranked[id(mention)] = _ranked(evidence, mention)
    return found


def _ranked(evidence: Evidence, mention: Mention) -> list[Candidate]:
    known = list(filter(None, map(evidence.atlas.settlements.get, mention.ids)))
    if mention.type_word == "микрорайон":
        alone = len(known) == 1 and _is_of_city(evidence, known[0])  # «в микрорайоне Цемдолина»: a city's village
        known = known if alone else [place for place in known if _is_quarter(evidence, place)]
        known = [place for place in known if not _of_another(evidence, place)]
    features, plain = speaking(evidence, mention)
    found = [_scored(evidence, mention, place, features, plain) for place in known]
    return sorted(found, key=lambda c: (-c.score, c.place.id)) if len(found) > 1 else found


def _of_another(evidence: Evidence, place: Settlement) -> bool:
    """A quarter of a city that the story does not name, where it names another."""
    named = {i for i, m in evidence.towns.items() if m.role in STORY and evidence.atlas.settlements[i].type == "город"}
    owner = evidence.atlas.municipalities.get(place.municipality)
    return bool(named) and place.parent not in named and (owner is None or owner.centre not in named)


def _is_of_city(evidence: Evidence, place: Settlement) -> bool:
    owner = evidence.atlas.municipalities.get(place.municipality)
    return owner is not None and not owner.name.endswith("район")


def _is_quarter(evidence: Evidence, place: Settlement) -> bool:
    """A quarter, or a village of the municipality of a named town: people call it a quarter too."""
    owner = evidence.atlas.municipalities.get(place.municipality)
    return place.parent is not None or (owner is not None and owner.centre in evidence.towns)


def _scored(evidence: Evidence, mention: Mention, place: Settlement, features: Features, plain: int) -> Candidate:
    """A place with what the features say of it, of which the first `plain` do not tell homonyms apart."""
    said = [feature(evidence, mention, place) for feature in features]
    values, notes = zip(*filter(None, said), strict=True)
    prior = sum([told[0] for told in said[plain:] if told and told[0] > 0])
    return Candidate(mention, place, sum(values), notes, prior)
