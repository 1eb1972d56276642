"""Incidents as GeoJSON features (RFC 7946): lon/lat, WGS 84, no more digits than the data have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubmap.domain import Precision
from kubmap.feeds import words
from kubmap.read.brief import Brief
from kubmap.read.membership import DIGITS, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.domain import Incident, Location, Telling
    from kubmap.read.brief import Shape

Feature = dict[str, Any]


def geometry(location: Location | None) -> dict[str, Any] | None:
    """What to draw: the wide shape where there is one, else the point; None for the whole krai and for no place."""
    if location is None or location.precision is Precision.KRAI:
        return None
    if location.geometry is not None:
        return rounded(location.geometry)
    if location.lat is None or location.lon is None:
        return None
    return {"type": "Point", "coordinates": [round(location.lon, DIGITS), round(location.lat, DIGITS)]}


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"place": None, "precision": None}
    return {
        "place": location.label,
        "municipality": location.municipality,
        "zone": location.zone,
        "road": location.road,
        "km": location.km,
        "precision": location.precision.value,
        "precision_text": words.precision(location),
        "radius_m": location.radius_m,
        "point": None
        if location.lat is None or location.lon is None
        else [round(location.lon, 5), round(location.lat, 5)],
    }


def brief(incident: Incident | Brief) -> Feature:
    """The feature of a list and of a map: enough to draw it and to name it.

    Of a `Brief` the shape may be orjson.Fragment, or a name ("ref": "municipality:<id>", "zone:<id>") of an outline.
    """
    found = _shape(incident.shape) if isinstance(incident, Brief) else {"geometry": geometry(incident.location)}
    return {
        "type": "Feature",
        "id": incident.id,
        "geometry": found.pop("geometry"),
        "properties": {
            "category": incident.category.value,
            "title": words.headline(incident),
            "when": words.when(incident),
            "starts_at": words.iso(incident.starts_at),
            "ends_at": words.iso(incident.ends_at),
            "is_scheduled": incident.is_scheduled,
            **_place(incident.location),
            **found,
        },
    }


def _shape(shape: Shape | None) -> dict[str, Any]:
    """The geometry to draw, or the `ref` of it."""
    if shape is None:
        return {"geometry": None}
    if shape.ref:
        return {"geometry": None, "ref": shape.ref}
    return {"geometry": orjson.Fragment(shape.geometry) if shape.geometry else geometry(shape.location)}


def feature(incident: Incident) -> Feature:
    """The whole public record as a feature."""
    found = brief(incident)
    hurt = incident.casualties
    found["properties"] |= {
        "version": incident.version,
        "category_name": words.category_name(incident.category),
        "text": incident.text,
        "published_at": words.iso(incident.published_at),
        "casualties": {"dead": hurt.dead, "injured": hurt.injured, "children": hurt.children},
        "casualties_text": words.casualties(hurt),
        "method": incident.location.method if incident.location else None,
        "source_name": incident.source_name,
        "source_url": words.safe_link(incident.source_url),
        "sources": [_telling(each) for each in incident.sources],
        "reasons": list(dict.fromkeys(words.reason(each) for each in incident.reasons if each.note)),
    }
    return found


def _telling(telling: Telling) -> dict[str, Any]:
    """A further source: of a record that was merged into this one."""
    return {
        "name": telling.source_name,
        "url": words.safe_link(telling.source_url),
        "published_at": words.iso(telling.published_at),
    }


def collection(incidents: Iterable[Incident]) -> dict[str, Any]:
    """All of them as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": [feature(incident) for incident in incidents]}
