"""A small still map of one location for the desk: zones, and the place as finely as it is known."""

from __future__ import annotations

from math import cos, pi, radians, sin
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import Location
    from kubmap.web.charts import Ink

SQUEEZE = cos(radians(45.1))
"""Width of a degree of longitude in degrees of latitude at the middle of the krai."""

KM_PER_DEGREE = 111.2
CORNERS = 64


def _squeezed(coordinates: Any) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return [coordinates[0] * SQUEEZE, coordinates[1]]
    return [_squeezed(part) for part in coordinates]


def _feature(geometry: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": geometry["type"], "coordinates": _squeezed(geometry["coordinates"])},
        "properties": {},
    }


def circle(lat: float, lon: float, radius_m: float) -> dict[str, Any]:
    """A polygon that stands for a circle on the ground, WGS 84."""
    reach = radius_m / 1000 / KM_PER_DEGREE
    turns = [2 * pi * step / CORNERS for step in range(CORNERS + 1)]
    ring = [[lon + reach * cos(turn) / cos(radians(lat)), lat + reach * sin(turn)] for turn in turns]
    return {"type": "Polygon", "coordinates": [ring]}


def _place(location: Location) -> list[Any]:
    """Geometries to draw: the wide shape's parts, else the circle and the point."""
    if location.geometry is not None:
        return list(location.geometry.get("geometries", [location.geometry]))
    if location.lat is None or location.lon is None:
        return []
    point = {"type": "Point", "coordinates": [location.lon, location.lat]}
    return [circle(location.lat, location.lon, location.radius_m), point] if location.radius_m else [point]


def _layer(geometries: list[Any], **mark: Any) -> alt.Chart:
    data = alt.Data(values=[_feature(each) for each in geometries])
    return alt.Chart(data).mark_geoshape(**mark)


def sketch(atlas: Atlas, location: Location, ink: Ink, *, accent: str) -> alt.LayerChart:
    """The krai by zones with the location in the accent colour."""
    zones = [atlas.areas.zone_outline(zone, detail="low") for zone in atlas.zones]
    ground = _layer(zones, fill=ink.soft, fillOpacity=0.12, stroke=ink.soft, strokeWidth=0.8)
    layers = [ground]
    shapes = _place(location)
    lines = [each for each in shapes if each["type"].endswith("LineString")]
    rest = [each for each in shapes if not each["type"].endswith("LineString")]
    if rest:
        layers.append(_layer(rest, fill=accent, fillOpacity=0.35, stroke=accent, strokeWidth=1.5))
    if lines:
        layers.append(_layer(lines, filled=False, stroke=accent, strokeWidth=4, strokeOpacity=0.7))
    chart = alt.layer(*layers).project(type="identity", reflectY=True).properties(height=340)
    return chart.configure(background="transparent").configure_view(stroke=None)
