"""Locations: one builder for every precision, so that a radius always means the same.

Coordinates are WGS 84 degrees, radii metres around the point that hold the place with about 95 % of confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, radians, sin, sqrt
from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.domain import Location, Precision
from kubmap.geocode.nearest import owner_at
from kubmap.text.once import per_atlas

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Municipality, Provider, Settlement
    from kubmap.atlas.roads import RoadPoint, RoadSpan

KRAI = "Краснодарский край"
NEAR_M = 4_000
"""How far beyond the built-up area «под Кореновском» reaches."""
RURAL_M = 8_000
"""How far the land of a rural settlement reaches from its village."""
SPREAD = 1.25
"""A district is not round: the circle of its area is stretched by this."""
KM_A_DEGREE = 111.2
_BARE = frozenset({"район", "микрорайон", "место"})


def zone_name(atlas: Atlas, municipality_id: str) -> str | None:
    """The full name of a municipality's economic zone."""
    municipality = atlas.municipalities.get(municipality_id)
    return atlas.zones[municipality.zone].name if municipality and municipality.zone in atlas.zones else None


def municipality_name(atlas: Atlas, municipality_id: str) -> str | None:
    municipality = atlas.municipalities.get(municipality_id)
    return municipality.name if municipality else None


def label_of(atlas: Atlas, place: Settlement) -> str:
    """«станица Тбилисская», «Лазаревский район, Сочи», «Краснодар»."""
    if place.parent and place.parent in atlas.settlements:
        return f"{place.name}, {atlas.settlements[place.parent].name}"
    if place.type in _BARE or place.type == "город":
        return place.name
    return f"{place.type} {place.name}"


def at_settlement(
    atlas: Atlas, place: Settlement, *, near: bool = False, label: str | None = None, away_km: float | None = None
) -> Location:
    """A settlement; `near` widens to its surroundings, `away_km` to a circle that far around it."""
    if near or label or away_km:
        return _settlement(atlas, place, near=near, label=label, away_km=away_km)
    known = _settlements(atlas)
    found = known.get(place.id)
    if found is None:
        found = known[place.id] = _settlement(atlas, place)
    return found


@per_atlas
def _settlements(_atlas: Atlas) -> dict[str, Location]:
    """Settlement id -> its location, made when first asked for."""
    return {}


def _settlement(
    atlas: Atlas, place: Settlement, *, near: bool = False, label: str | None = None, away_km: float | None = None
) -> Location:
    radius = place.radius_m + (NEAR_M if near else 0) + (round(away_km * 1000) if away_km else 0)
    return Location(
        place.lat, place.lon, Precision.SETTLEMENT if not away_km else Precision.AREA, radius,
        label or (f"близ: {label_of(atlas, place)}" if near or away_km else label_of(atlas, place)),
        municipality_name(atlas, place.municipality), zone_name(atlas, place.municipality), method="gazetteer",
    )  # fmt: skip


def at_bearing(atlas: Atlas, place: Settlement, away_km: float, bearing: float) -> Location:
    """A point `away_km` from a settlement at `bearing` degrees from the north; a quarter of the way is its error."""
    lat = place.lat + away_km * cos(radians(bearing)) / KM_A_DEGREE
    lon = place.lon + away_km * sin(radians(bearing)) / (KM_A_DEGREE * cos(radians(place.lat)))
    owner = owner_at(atlas, lat, lon) or ""
    return Location(
        round(lat, 4), round(lon, 4), Precision.AREA, round(2_000 + place.radius_m / 2 + away_km * 250),
        f"в {away_km:g} км: {label_of(atlas, place)}", municipality_name(atlas, owner), zone_name(atlas, owner),
        method="bearing",
    )  # fmt: skip


def at_district(atlas: Atlas, municipality: Municipality) -> Location:
    """A municipality: its middle, a radius that covers most of it, and its outline."""
    known = _districts(atlas)
    found = known.get(municipality.id)
    if found is None:
        found = known[municipality.id] = _district(atlas, municipality)
    return found


@per_atlas
def _districts(_atlas: Atlas) -> dict[str, Location]:
    """Municipality id -> its location, made when first asked for."""
    return {}


def _district(atlas: Atlas, municipality: Municipality) -> Location:
    lat, lon = middle(atlas, municipality)
    radius = round(SPREAD * 1000 * sqrt(municipality.area_km2 / pi))
    return Location(
        lat, lon, Precision.DISTRICT, radius, municipality.name, municipality.name,
        zone_name(atlas, municipality.id), method="district_outline",
        geometry=atlas.areas.outline(municipality.id, detail="low"),
    )  # fmt: skip


def middle(atlas: Atlas, municipality: Municipality) -> tuple[float, float]:
    """The middle of a municipality's settlements, drawn half-way to its centre of population."""
    inside = [p for p in members(atlas).get(municipality.id, ()) if p.parent is None and p.type != "место"]
    if not inside:
        return municipality.lat, municipality.lon
    lat = sum(p.lat for p in inside) / len(inside)
    lon = sum(p.lon for p in inside) / len(inside)
    return round((lat + municipality.lat) / 2, 4), round((lon + municipality.lon) / 2, 4)


@per_atlas
def members(atlas: Atlas) -> dict[str, list[Settlement]]:
    """Municipality id -> its settlements; made once for an atlas."""
    found: dict[str, list[Settlement]] = {}
    for place in atlas.settlements.values():
        found.setdefault(place.municipality, []).append(place)
    return found


def cover(points: Sequence[tuple[float, float, float]]) -> tuple[float, float, int]:
    """The middle of circles (lat, lon, radius) and the radius that covers them all."""
    lats, lons, _ = zip(*points, strict=True)
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    if len(points) > 2:
        lat, lon = (lat + sum(lats) / len(lats)) / 2, (lon + sum(lons) / len(lons)) / 2
    return lat, lon, round(max([distance_m((lat, lon), (p[0], p[1])) + p[2] for p in points]))


def at_area(parts: Sequence[Location], *, label: str, method: str) -> Location:
    """Several places as one: the middle, the covering radius and the points themselves."""
    points = [(p.lat, p.lon, float(p.radius_m or 0)) for p in parts if p.lat is not None and p.lon is not None]
    lat, lon, radius = cover(points)
    owners = {p.municipality for p in parts}
    zones = {p.zone for p in parts}
    geometry = {"type": "MultiPoint", "coordinates": [[round(p[1], 5), round(p[0], 5)] for p in points]}
    return Location(
        round(lat, 5), round(lon, 5), Precision.AREA, radius, label,
        owners.pop() if len(owners) == 1 else None, zones.pop() if len(zones) == 1 else None,
        method=method, geometry=geometry,
    )  # fmt: skip


def at_provider(atlas: Atlas, provider: Provider, places: Sequence[Settlement]) -> Location:
    """The area that a company serves."""
    parts = [at_settlement(atlas, place) for place in places]
    names = ", ".join(dict.fromkeys(place.name for place in places[:6]))
    return at_area(parts, label=f"{provider.name}: {names}", method="provider_area")


def _told(km: float) -> str:
    """A km as Russian writes it: «83,7»."""
    return f"{km:g}".replace(".", ",")


def at_road_km(atlas: Atlas, road_id: str, km: float, point: RoadPoint) -> Location:
    """A km of a road."""
    road = atlas.roads.road(road_id)
    municipality = atlas.municipality_named(point.municipality) if point.municipality else None
    owner = municipality.id if municipality else owner_at(atlas, point.lat, point.lon)
    return Location(
        round(point.lat, 5), round(point.lon, 5), Precision.ROAD_KM, point.radius_m,
        f"{road.label}, {_told(km)}-й км", municipality_name(atlas, owner or ""), zone_name(atlas, owner or ""),
        road.label, km, point.method,
    )  # fmt: skip


def at_road_span(atlas: Atlas, road_id: str, span: RoadSpan, *, label: str, municipality: str | None) -> Location:
    """A stretch of a road: its middle, and a radius that holds all of it."""
    road = atlas.roads.road(road_id)
    owner = municipality or owner_at(atlas, span.lat, span.lon) or ""
    return Location(
        round(span.lat, 5), round(span.lon, 5), Precision.AREA, span.radius_m, label,
        municipality_name(atlas, owner), zone_name(atlas, owner), road.label, None, "road_stretch", span.geometry,
    )  # fmt: skip


def along_road(atlas: Atlas, road_id: str, *, method: str = "road_line", km: float | None = None) -> Location:
    """A whole road: no pin, only its line."""
    road = atlas.roads.road(road_id)
    return Location(
        None, None, Precision.AREA, None, road.name, None, None, road.label, km, method,
        atlas.roads.line(road_id),
    )  # fmt: skip


def krai_wide(method: str) -> Location:
    """Somewhere in the krai: no pin."""
    return Location(None, None, Precision.KRAI, None, KRAI, method=method)


def at_zone(atlas: Atlas, zone_id: str) -> Location:
    """An economic zone: its middle and the circle of its area."""
    zone = atlas.zones[zone_id]
    radius = round(SPREAD * 1000 * sqrt(zone.area_km2 / pi))
    return Location(
        zone.lat, zone.lon, Precision.AREA, radius, zone.name, None, zone.name, method="zone",
        geometry=atlas.areas.zone_outline(zone_id, detail="low"),
    )  # fmt: skip
