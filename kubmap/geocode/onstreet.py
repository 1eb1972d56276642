"""Streets: text in the label, and for the few that the atlas knows the part of the town where they run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from kubmap.atlas.streets import Key, Street, key_of
from kubmap.domain import Location, PlaceKind, Precision
from kubmap.geocode.precision import at_settlement, cover
from kubmap.geocode.resolution import Resolution, why
from kubmap.geocode.score import Evidence
from kubmap.text.once import per_atlas
from kubmap.text.places import STORY, Mention, Role
from kubmap.text.placewords import place_words
from kubmap.text.streets import streets_of

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

_SHORT = {
    "улиц": "ул.", "переул": "пер.", "проспект": "просп.", "проезд": "пр-д", "бульвар": "бул.", "площад": "пл.",
    "набережн": "наб.",
}  # fmt: skip
"""Beginnings of the words that call a street, and how they are written short."""
_STREETS = 2_000  # names of streets that are remembered
_MOST, _ENOUGH = 4, 2  # streets: a longer list is the whole town, unless so many of it are known


def with_street(evidence: Evidence, found: Location, place: Settlement) -> Location:
    """The street as text; the point where the atlas knows the street, else the settlement's own."""
    if PlaceKind.STREET not in evidence.named or found.precision != Precision.SETTLEMENT:
        return found
    streets = [m for m in evidence.of(PlaceKind.STREET) if m.role == Role.EVENT and not _elsewhere(evidence, m, place)]
    if not streets:
        return found
    label = f"{found.label}, {plain(streets[0].name)}"
    known = _known(evidence, streets, place)
    if not known or (len(streets) > _MOST and len(known) < _ENOUGH):
        return _labelled(found, label)
    lat, lon, radius = cover([(s.lat, s.lon, float(s.radius_m)) for s in known])
    if radius > (found.radius_m or 0):
        return _labelled(found, label)
    return Location(
        round(lat, 5), round(lon, 5), found.precision, radius, label, found.municipality, found.zone, method="street"
    )


def _elsewhere(evidence: Evidence, street: Mention, place: Settlement) -> bool:
    """«ст. Северская, ул. Мира; пос. Ильский»: whether the place that stands right before a street is another one."""
    before = (m for m in evidence.settlements if m.source == street.source and m.end <= street.start)
    last = max(before, key=_end, default=None)
    if last is None or street.start - last.end > _BESIDE or place.id in last.ids:
        return False
    owners = [owner for i in last.ids if (owner := evidence.atlas.settlements.get(i)) is not None]
    return all(owner.municipality != place.municipality or _rural(owner) for owner in owners) and _rural(place)


def _rural(place: Settlement) -> bool:
    return place.type not in _IN_TOWN


_BESIDE = 40
"""Characters between a place and a street of it."""
_IN_TOWN = frozenset({"район", "микрорайон", "место"})
_end = attrgetter("end")


def _labelled(found: Location, label: str) -> Location:
    """A settlement's location with a street in its label."""
    return Location(
        found.lat, found.lon, found.precision, found.radius_m, label, found.municipality, found.zone,
        method="gazetteer_street",
    )  # fmt: skip


_HOUSE = re.compile(r"\s*,.*|\s+(?:д(?:ом)?\.?\s*)?№?\s*\d+[^\s-]*\Z", re.DOTALL)
"""The house after a street: «Уральской, 222/2», «Красной 180», «Мира, дом 5»; not the number in «40 лет Победы»."""


@lru_cache(maxsize=_STREETS)
def _key(name: str) -> Key:
    """What the street of a mention's name is known by, its house left out."""
    return key_of(_HOUSE.sub("", name))


def plain(street: str) -> str:
    """A street as a label shows it: «улицах Ленина» is «ул. Ленина», whatever case the text had."""
    word, _, rest = street.partition(" ")
    short = next((short for begin, short in _SHORT.items() if word.lower().startswith(begin)), None)
    return f"{short} {rest}" if short and rest else street


def streets_alone(evidence: Evidence) -> Resolution | None:
    """Streets of a story that names no town: their town, by a street that speaks, a company or two names."""
    if evidence.settlements or evidence.districts:
        return None
    named = evidence.of(PlaceKind.STREET, roles=STORY | {Role.DIRECTION})
    town = _served_town(evidence) or _town_of(evidence, named) if named else None
    place = next(iter(evidence.atlas.names.named(town)), None) if town else None
    note = "город узнан по улицам"
    if place is None and named:
        place, note = _dateline_town(evidence), "улица города, из которого новость"
    if place is None:
        return None
    found = with_street(evidence, at_settlement(evidence.atlas, place), place)
    return Resolution(found, reasons=why("streets_alone", note, *named))


def _dateline_town(evidence: Evidence) -> Settlement | None:
    """«СОЧИ, 15 янв — … на улице Леселидзе»: a street that no town is named for is one of the dateline's town."""
    ids = [m.ids[0] for m in evidence.of(PlaceKind.SETTLEMENT, roles=frozenset({Role.DATELINE}))]
    places = [place for i in ids if (place := evidence.atlas.settlements.get(i)) is not None]
    towns = [place for place in places if place.type == "город"]
    return towns[0] if len(towns) == 1 else None


def _served_town(evidence: Evidence) -> str | None:
    """The largest town that a company of the story serves."""
    for mention in evidence.of(PlaceKind.PROVIDER_AREA):
        areas = evidence.atlas.providers[mention.ids[0]].areas
        places = [evidence.atlas.settlements[i] for area in areas for i in area.settlements]
        towns = [place for place in places if place.type == "город"]
        if towns:
            return max(towns, key=lambda place: place.population or 0).name
    return None


def _town_of(evidence: Evidence, named: list[Mention]) -> str | None:
    """The one town that has two of the streets, or one that only it has; names that every town has do not count."""
    table = _towns(evidence.atlas)
    weight: dict[str, int] = {}
    for key in {_key(m.name) for m in named} - _common():
        for town, speaks in table.get(key, ()):
            weight[town] = weight.get(town, 0) + (2 if speaks else 1)
    best = sorted(weight, key=lambda town: -weight[town])
    if not best or weight[best[0]] < 2 or (len(best) > 1 and weight[best[1]] == weight[best[0]]):
        return None
    return best[0]


@lru_cache(maxsize=1)
def _common() -> frozenset[Key]:
    return frozenset(map(key_of, place_words().sections["streets"]["common"]))


@per_atlas
def _towns(atlas: Atlas) -> Mapping[Key, Sequence[tuple[str, bool]]]:
    """A street's key -> the towns that have such a street, and whether it speaks for its town."""
    found: dict[Key, list[tuple[str, bool]]] = {}
    for (town, key), street in streets_of(atlas).items():
        found.setdefault(key, []).append((town, street.speaks))
    return found


def _known(evidence: Evidence, streets: list[Mention], place: Settlement) -> list[Street]:
    """The streets that the atlas knows in that town, each once."""
    table = streets_of(evidence.atlas)
    city = evidence.atlas.settlements.get(place.parent or "")
    towns = [place.name, *([city.name] if city else [])]
    found = (table.get((town, _key(m.name))) for m in streets for town in towns)
    return list({street.name: street for street in found if street is not None}.values())
