"""A query in words -> places of the krai: «станица Тбилисская», «Ейск, Краснодарский край», «1362-й км М-4»."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubmap.domain import Category, Location, PlaceKind, Precision
from kubmap.geocode.nearest import nearest
from kubmap.geocode.precision import at_district, at_settlement, label_of, municipality_name, zone_name
from kubmap.geocode.resolve import resolve
from kubmap.geocode.score import Evidence, candidates
from kubmap.text.places import Mention
from kubmap.text.where import mentions

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

_POINT = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")
_LONGEST = 1000  # characters of a query that are read


def find(query: str, atlas: Atlas, *, limit: int = 10) -> list[Location]:
    """Locations for a query, best first; none when nothing of it lies in the krai."""
    query = query[:_LONGEST]
    point = _POINT.match(query)
    if point:
        here = at_point(atlas, float(point[1]), float(point[2]))
        return [here] if here else []
    named = mentions(query, None, atlas, lax=True)
    found = resolve(named, atlas, category=Category.OTHER_EMERGENCY)
    places = [found.location] if found.location and found.location.method != "default" else []
    places += [alternative.location for alternative in found.alternatives]
    if _wide(places):
        places = [*_homonyms(named, atlas), *places]
    if not places and not any(m.kind == PlaceKind.OUTSIDE for m in named):
        places = _typed_ahead(query, atlas, limit)
    return _distinct(places)[:limit]


def _wide(places: list[Location]) -> bool:
    """Whether the answer is the krai only because homonyms were not told apart: a query may list them."""
    return bool(places) and places[0].method == "homonyms"


def _homonyms(named: tuple[Mention, ...], atlas: Atlas) -> list[Location]:
    evidence = Evidence(atlas, named, Category.OTHER_EMERGENCY)
    return [at_settlement(atlas, c.place) for m in evidence.settlements for c in candidates(evidence, m)]


def _typed_ahead(query: str, atlas: Atlas, limit: int) -> list[Location]:
    """What a person may have meant by a beginning or a slip: districts by name, then settlements."""
    head = query.split(",", maxsplit=1)[0].strip()
    district = atlas.municipality_named(head)
    found = [at_district(atlas, district)] if district and head.casefold().endswith(("район", "р-н")) else []
    return found + [at_settlement(atlas, place) for place in atlas.names.search(head, limit=limit)]


def at_point(atlas: Atlas, lat: float, lon: float) -> Location | None:
    """The nearest settlement's name and municipality at a point; None outside the krai."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    found = nearest(atlas, lat, lon)
    if found is None or found[0].id not in atlas.settlements:
        return None
    place, away = found
    owner = place.municipality
    label = label_of(atlas, place) if away <= place.radius_m else f"{away / 1000:.1f} км от: {label_of(atlas, place)}"
    return Location(
        lat, lon, Precision.ADDRESS, 0, label, municipality_name(atlas, owner), zone_name(atlas, owner),
        method="coordinates",
    )  # fmt: skip


def _distinct(places: list[Location]) -> list[Location]:
    seen: set[tuple[object, ...]] = set()
    kept = []
    for place in places:
        key = (place.lat, place.lon, place.label)
        if key not in seen:
            seen.add(key)
            kept.append(place)
    return kept
