"""Where an editor says that it happened: a point of the map, a km of a road, a place by name; pure.

The municipality and the zone follow from the place. Coordinates are WGS 84 degrees, radii metres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, isfinite, radians
from typing import TYPE_CHECKING, Any, Final

from kubmap.atlas.finder import find, holder
from kubmap.desk.values import FieldErrors
from kubmap.domain import Location, Precision
from kubmap.errors import InputError, NotFoundError
from kubmap.geocode import precision
from kubmap.geocode.nearest import nearest

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

METHOD: Final = "editor"
"""Method of a place that a human set by a point."""
CLICK_PX: Final = 8
"""How far off a click on the map is, pixels."""
PIXEL_M: Final = 156_543.03
"""Metres of a pixel at zoom 0 on the equator (web mercator, tiles of 256 pixels)."""
LEAST_M, ADDRESS_M, SETTLEMENT_M, MOST_M = 50, 500, 10_000, 150_000
"""Radii: the least and the most that a point has, and up to which it is as fine as an address, as a settlement."""
OFFSHORE_M: Final = 25_000
"""How far from its nearest settlement a point at sea, or on an approximate border, is still of the krai."""
PER_MILLE = 5  # digits of coordinates: a metre


@dataclass(frozen=True, slots=True)
class RoadChoice:
    """A road for the form «дорога + км», with the kilometres that the atlas knows."""

    id: str
    label: str
    km_min: float
    km_max: float


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place for the search: what it is and what holds it."""

    id: str
    label: str
    municipality: str
    location: Location


def at_point(  # noqa: PLR0913  keyword-only options
    atlas: Atlas, lat: float, lon: float, *, radius_m: float | None = None, zoom: float | None = None,
    label: str | None = None,
) -> Location:  # fmt: skip
    """A point that an editor clicked or dragged the pin to; without a radius, as fine as a click is at that zoom.

    Raises InputError for a point outside the krai, or no point at all.
    """
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise InputError("координаты не читаются: поставьте точку на карте", field="location")
    near = nearest(atlas, lat, lon)
    owner = _owner(atlas, lat, lon, near)
    radius = _radius(lat, radius_m, zoom)
    return Location(
        round(lat, PER_MILLE), round(lon, PER_MILLE), _fineness(radius), radius, label or _label(atlas, near),
        precision.municipality_name(atlas, owner), precision.zone_name(atlas, owner), method=METHOD,
    )  # fmt: skip


def checked(atlas: Atlas, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes, where a new place lies in the krai. Raises FieldErrors."""
    at = changes.get("location")
    if at is not None and at.lat is not None and at.lon is not None:
        try:
            at_point(atlas, at.lat, at.lon)
        except InputError as error:
            raise FieldErrors({"location": str(error)}) from None
    return changes


def at_road_km(atlas: Atlas, road_id: str, km: float) -> Location:
    """A km of a road. Raises InputError that says which kilometres the atlas knows."""
    try:
        point = atlas.roads.at_km(road_id, km) if isfinite(km) else None
        if point is None:
            raise InputError(atlas.roads.why_not(road_id, km) or "километр не читается", field="km")
    except NotFoundError as error:
        raise InputError(str(error), field="road") from None
    return precision.at_road_km(atlas, road_id, km, point)


def at_place(atlas: Atlas, place_id: str, *, near: bool = False) -> Location:
    """A settlement, a quarter or a landmark; a municipality or a zone by its id; `near` widens to the surroundings.

    Raises InputError for what the krai has not.
    """
    if place_id in atlas.municipalities:
        return precision.at_district(atlas, atlas.municipalities[place_id])
    if place_id in atlas.zones:
        return precision.at_zone(atlas, place_id)
    place = atlas.settlements.get(place_id)
    if place is None:
        outside = atlas.outside.get(place_id)
        told = f"«{outside.name}» — {outside.region}, за пределами края" if outside else "такого места в атласе нет"
        raise InputError(told, field="location")
    return precision.at_settlement(atlas, place, near=near)


def at_krai() -> Location:
    """The krai as a whole: no pin."""
    return precision.krai_wide(METHOD)


def find_places(atlas: Atlas, query: str, *, limit: int = 10) -> tuple[PlaceChoice, ...]:
    """Places of the krai for what was typed, best first: municipalities, then settlements."""
    named = atlas.municipality_named(query) if query.strip() else None
    districts = [named] if named else []
    found = [
        PlaceChoice(each.id, each.name, each.name, precision.at_district(atlas, each))
        for each in districts
    ]  # fmt: skip
    return (*found, *(_choice(atlas, each) for each in find(atlas, query, limit=limit)))[:limit]


def roads(atlas: Atlas) -> tuple[RoadChoice, ...]:
    """All roads in use, by label."""
    found = [each for each in atlas.roads.roads.values() if each.years[1] is None]
    choices = (RoadChoice(each.id, each.label, each.km_min, each.km_max) for each in found)
    return tuple(sorted(choices, key=lambda each: each.label))


def _choice(atlas: Atlas, place: Settlement) -> PlaceChoice:
    return PlaceChoice(
        place.id, precision.label_of(atlas, place), holder(place, atlas), precision.at_settlement(atlas, place)
    )


def _owner(atlas: Atlas, lat: float, lon: float, near: tuple[Settlement, float] | None) -> str:
    """Municipality id: of the settlement that holds the point, else by the drawn borders, which are approximate."""
    if near is not None and near[1] <= near[0].radius_m and near[0].municipality:
        return near[0].municipality
    drawn = atlas.areas.municipality_at(lat, lon)
    if drawn is not None:
        return drawn
    if near is None or near[1] > OFFSHORE_M:
        raise InputError("Точка за пределами Краснодарского края: поставьте её внутри края.", field="location")
    if near[0].id not in atlas.settlements:
        told = f"Точка за пределами Краснодарского края ({near[0].region}): поставьте её внутри края."
        raise InputError(told, field="location")
    return near[0].municipality


def _label(atlas: Atlas, near: tuple[Settlement, float] | None) -> str:
    if near is None or near[0].id not in atlas.settlements:
        return "точка на карте"
    place, away = near
    name = precision.label_of(atlas, place)
    return name if away <= place.radius_m else f"близ: {name}"


def _radius(lat: float, radius_m: float | None, zoom: float | None) -> int:
    if radius_m is None:
        radius_m = CLICK_PX * PIXEL_M * cos(radians(lat)) / 2 ** (13 if zoom is None else min(max(zoom, 0), 24))
    if not isfinite(radius_m) or not 0 < radius_m <= MOST_M:
        raise InputError(f"радиус — от {LEAST_M} м до {MOST_M // 1000} км", field="location")
    return max(LEAST_M, round(radius_m))


def _fineness(radius_m: int) -> Precision:
    if radius_m <= ADDRESS_M:
        return Precision.ADDRESS
    return Precision.SETTLEMENT if radius_m <= SETTLEMENT_M else Precision.AREA
