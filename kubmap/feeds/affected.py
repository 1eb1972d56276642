"""The area of an outage as GeoJSON, for a small map: served places, exceptions, municipalities by reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubmap.read.membership import DIGITS

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice


def affected(notice: Notice, atlas: Atlas) -> dict[str, Any]:
    """A FeatureCollection: properties `role` (served, exception), `name`, `radius_m` of a place, `ref` of an outline.

    A municipality has null geometry and `ref` "municipality:<id>", as in /api/v1/view; the whole krai `ref` "krai".
    """
    found = notice.served
    features = [_place(atlas.settlements[each], "served") for each in found.places if each in atlas.settlements]
    features += [_place(atlas.settlements[each], "exception") for each in sorted(found.exceptions)]
    features += [
        _outline(f"municipality:{each}", atlas.municipalities[each].name) for each in sorted(found.municipalities)
    ]
    if found.krai:
        features.append(_outline("krai", "Краснодарский край"))
    return {"type": "FeatureCollection", "features": features}


def _place(place: Settlement, role: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": place.id,
        "geometry": {"type": "Point", "coordinates": [round(place.lon, DIGITS), round(place.lat, DIGITS)]},
        "properties": {"role": role, "name": place.name, "type": place.type, "radius_m": place.radius_m},
    }


def _outline(ref: str, name: str) -> dict[str, Any]:
    properties = {"role": "served", "name": name, "ref": ref}
    return {"type": "Feature", "id": ref, "geometry": None, "properties": properties}
