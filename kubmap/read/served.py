"""Whom an outage concerns, as ids of the atlas: by what the notice names and what its place holds, never by a guess.

Homonyms are told apart by the municipality and by the points of the notice's location.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians
from typing import TYPE_CHECKING

from kubmap.atlas.model import KRAI
from kubmap.atlas.words import words
from kubmap.domain import Incident, Location, Precision
from kubmap.read.outages import Reach

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Provider, ServedArea, Settlement

_SAME_M = 1_000
"""A member point of a location and the settlement that it stands for lie no further apart."""
_DEGREE_M = 111_195.0
_PINNED = frozenset({Precision.ADDRESS, Precision.SETTLEMENT})
_NOWHERE = "default"
"""Method of a location that only says that the text names no place (kubmap.geocode.wide.silence)."""
_HOMONYMS = "homonyms"
"""Method of one that only says that several places bear the name (kubmap.geocode.settled.undecided)."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Served:
    """`places` and `exceptions` are settlement ids, `municipalities` ids of those that are concerned as a whole.

    `homonyms` are ids of places of which one is meant, and the notice does not tell which.
    """

    krai: bool = False
    municipalities: frozenset[str] = frozenset()
    places: Mapping[str, Reach] = field(default_factory=dict)
    exceptions: frozenset[str] = frozenset()
    homonyms: frozenset[str] = frozenset()

    def reach(self, place: Settlement, parts: Sequence[str] = ()) -> Reach | None:
        """How it concerns the place; `parts` are the ids of the places inside it. None: nothing says that it does."""
        tests = (
            (Reach.EXCEPTION, place.id in self.exceptions),
            (Reach.NAMED, self.places.get(place.id) is Reach.NAMED),
            (Reach.PROVIDER, place.id in self.places),
            (Reach.WITHIN, place.parent in self.places),
            (Reach.EXCEPTION, place.parent in self.exceptions),
            (Reach.MUNICIPALITY, place.municipality in self.municipalities),
            (Reach.PART, any(part in self.places for part in parts)),
            (Reach.KRAI, self.krai),
            (Reach.HOMONYM, place.id in self.homonyms),
        )
        return next((found for found, holds in tests if holds), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The ids to find the notice by; "" for the whole krai."""
        return (*self.places, *self.exceptions, *self.municipalities, *self.homonyms, *([""] if self.krai else []))

    @property
    def is_placed(self) -> bool:
        """Whether it is known where, at least the krai."""
        return bool(self.places or self.municipalities or self.krai)


def served(incident: Incident, atlas: Atlas) -> Served:
    """Whom the outage concerns; nobody where its place is not known."""
    location = incident.location
    if location is None or not incident.category.is_outage:
        return Served()
    named, districts = _named(incident, location, atlas)
    if not named:
        from_provider, whole = _provided(incident, location, atlas)
        named, districts = from_provider, districts | whole
    districts |= _districts(location, atlas)
    named, districts = _finest(named, districts, atlas)
    exceptions = _exceptions(incident, atlas, named, districts)
    wide = location.precision is Precision.KRAI and not named and not districts
    return Served(
        krai=wide and location.method not in {_NOWHERE, _HOMONYMS},
        municipalities=frozenset(districts),
        places={place_id: how for place_id, how in named.items() if place_id not in exceptions},
        exceptions=exceptions,
        homonyms=_homonyms(incident, atlas) if wide and location.method == _HOMONYMS else frozenset(),
    )


def _homonyms(incident: Incident, atlas: Atlas) -> frozenset[str]:
    """All that bear a name which the notice tells."""
    told = incident.outage.places if incident.outage else ()
    return frozenset(place.id for name in told for place in _bearers(name, atlas))


def _named(incident: Incident, location: Location, atlas: Atlas) -> tuple[dict[str, Reach], set[str]]:
    """Settlements that the notice names, and municipalities that it names as such."""
    told = list(incident.outage.places if incident.outage else ())
    if location.precision in _PINNED:
        told.append(location.label.partition(",")[0])
    points = points_of(location)
    home = _municipality(location, atlas)
    places: dict[str, Reach] = {}
    districts: set[str] = set()
    for name in dict.fromkeys(told):
        found = _bearers(name, atlas)
        if found:
            places |= dict.fromkeys(_chosen(found, points, home), Reach.NAMED)
        elif municipality := atlas.municipality_named(name):
            districts.add(municipality.id)
    return places, districts


def _finest(places: Mapping[str, Reach], districts: set[str], atlas: Atlas) -> tuple[dict[str, Reach], set[str]]:
    """«хутор Красный Крымского района», «мкр Черёмушки в Армавире»: what holds a place named only says where it is."""
    named = [atlas.settlements[place_id] for place_id, how in places.items() if how is Reach.NAMED]
    holders = {place.parent for place in named}
    homes = {place.municipality for place in named}
    return {place_id: how for place_id, how in places.items() if place_id not in holders}, districts - homes


def _bearers(name: str, atlas: Atlas) -> list[Settlement]:
    """Settlements of the krai of that name, with or without a word of its type before («хутор Ленина»)."""
    found = atlas.names.named(name) or atlas.names.named(name.partition(" ")[2])
    return [place for place in found if place.region == KRAI]


def _chosen(found: Sequence[Settlement], points: Sequence[Point], home: str | None) -> list[str]:
    """Of homonyms the one at a point of the location, else those of its municipality, else a name borne once."""
    away = {place.id: min((distance_m(place, point) for point in points), default=1e9) for place in found}
    near = [place for place in found if away[place.id] <= _SAME_M]
    if near:
        return [min(near, key=lambda place: away[place.id]).id]
    at_home = [place.id for place in found if home is not None and place.municipality == home]
    return at_home or ([found[0].id] if len(found) == 1 else [])


def _provided(incident: Incident, location: Location, atlas: Atlas) -> tuple[dict[str, Reach], set[str]]:
    """Places of the provider's area that the location holds; what is doubtful does not count."""
    provider = _provider(incident, location, atlas)
    if provider is None:
        return {}, set()
    points = points_of(location)
    places: dict[str, Reach] = {}
    whole: set[str] = set()
    for area in provider.areas:
        if area.confidence.startswith("low"):
            continue
        if area.settlements:
            inside = (atlas.settlements[each] for each in area.settlements if each in atlas.settlements)
            places |= {place.id: Reach.PROVIDER for place in inside if _held(place, points)}
        elif _held(atlas.centre_of(atlas.municipalities[area.municipality]), points):
            whole.add(area.municipality)
    return places, whole


def _provider(incident: Incident, location: Location, atlas: Atlas) -> Provider | None:
    """The company whose area the location is; of a notice for no place, the one that it names."""
    if location.method.startswith("provider_area"):
        return next((each for each in atlas.providers.values() if location.label.startswith(f"{each.name}: ")), None)
    told = incident.outage.provider if incident.outage else None
    if not told or location.precision is not Precision.KRAI:
        return None
    wanted = " ".join(words(told))
    return next((each for each in atlas.providers.values() if any(_is(wanted, name) for name in _names(each))), None)


def _names(provider: Provider) -> tuple[str, ...]:
    return (provider.name, *provider.aliases)


def _is(wanted: str, name: str) -> bool:
    key = " ".join(words(name))
    return bool(key) and f" {key} " in f" {wanted} "


def _held(place: Settlement, points: Sequence[Point]) -> bool:
    return not points or any(distance_m(place, point) <= _SAME_M for point in points)


def _districts(location: Location, atlas: Atlas) -> set[str]:
    """Municipalities that are concerned as a whole: of a district, of an economic zone."""
    if location.precision is Precision.DISTRICT:
        home = _municipality(location, atlas)
        return {home} if home else set()
    if location.method == "zone" and location.zone:
        zone = atlas.zone_named(location.zone)
        return {each.id for each in atlas.municipalities.values() if zone and each.zone == zone.id}
    return set()


def _exceptions(incident: Incident, atlas: Atlas, places: Mapping[str, Reach], districts: set[str]) -> frozenset[str]:
    """Settlements that the notice, or the provider's area, excepts; only of what it concerns."""
    homes = districts | {atlas.settlements[each].municipality for each in places}
    told = incident.outage.exceptions if incident.outage else ()
    found = {each for phrase in told for each in _mentioned(phrase, atlas, homes, places)}
    if any(how is Reach.PROVIDER for how in places.values()):
        found |= {each for area in _areas(incident, atlas) for each in area.exceptions if each in atlas.settlements}
    return frozenset(found)


def _areas(incident: Incident, atlas: Atlas) -> tuple[ServedArea, ...]:
    provider = _provider(incident, incident.location, atlas) if incident.location else None
    return provider.areas if provider else ()


def _mentioned(phrase: str, atlas: Atlas, homes: set[str], places: Mapping[str, Reach]) -> Iterator[str]:
    """Ids of the settlements that a phrase names, in any case form; a part of a place named comes first."""
    said = words(phrase)
    at = 0
    while at < len(said):
        matches = [match for match in atlas.names.match(said, at) if match.kind in {"nom", "obl"}]
        known = [atlas.settlements[i] for match in matches[:1] for i in match.ids if i in atlas.settlements]
        inner = [each.id for each in known if each.parent in places]
        yield from inner[:1] or [each.id for each in known if each.municipality in homes]
        at += matches[0].length if matches else 1


def _municipality(location: Location, atlas: Atlas) -> str | None:
    found = atlas.municipality_named(location.municipality) if location.municipality else None
    return found.id if found else None


def points_of(location: Location) -> list[Point]:
    """(lat, lon) of the places that a location is made of; none for a shape."""
    geometry = location.geometry
    if geometry is not None and geometry["type"] == "MultiPoint":
        return [(lat, lon) for lon, lat, *_ in geometry["coordinates"]]
    if location.precision in _PINNED and location.lat is not None and location.lon is not None:
        return [(location.lat, location.lon)]
    return []


def distance_m(place: Settlement, point: Point) -> float:
    """Metres between a settlement and (lat, lon), flat: good for tens of kilometres."""
    north = (place.lat - point[0]) * _DEGREE_M
    east = (place.lon - point[1]) * _DEGREE_M * cos(radians(place.lat))
    return hypot(north, east)
