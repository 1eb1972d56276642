"""Boundaries of the 44 municipalities and 7 zones, and the base map: made from settlements, areas and world data.

No package has the municipalities' polygons, so they are drawn: see tessellation.py for how, data/geo/SOURCES.md for
how well. Needs settlements.csv and municipalities.csv of data/geo.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kubmap.atlas.build import basemap, features, generalise, land, tables
from kubmap.atlas.build.anchoring import hold
from kubmap.atlas.build.arcs import border_lines
from kubmap.atlas.build.coverage import polygons
from kubmap.atlas.build.planar import Floats, Shape, points_in_metres
from kubmap.atlas.build.tessellation import Sites, grid_over, label


def build(out: Path) -> None:
    """Write boundaries/ and base/ into `out`; two runs give identical bytes."""
    municipalities = tables.read(out / "municipalities.csv")
    places = sites(out, municipalities)
    outline = land.krai(places.xy, outside(out))
    coverage = draw(outline, places, areas(municipalities))
    drawn = _write_boundaries(out, coverage, municipalities)
    basemap.write(out, outline, drawn)


def draw(outline: Shape, places: Sites, official: Floats) -> list[Shape]:
    """The municipalities' polygons in metres, in the order of the indices of `places`."""
    labels = label(grid_over(outline), places, official)
    for _ in range(2):  # what is held for one settlement may cut off another
        labels = hold(labels, places)
    return polygons(outline, border_lines(labels), labels, places)


def sites(folder: Path, municipalities: list[dict[str, str]]) -> Sites:
    """The krai's settlements of settlements.csv; bridges and other places that nobody lives in are left out."""
    index = {row["id"]: number for number, row in enumerate(municipalities)}
    rows = [row for row in tables.read(folder / "settlements.csv") if row["municipality"] and row["type"] != "место"]
    lon, lat = (np.array([float(row[name]) for row in rows]) for name in ("lon", "lat"))
    owner = np.array([index[row["municipality"]] for row in rows])
    population = np.array([float(row["population"] or 0) for row in rows])
    return Sites(points_in_metres(lon, lat), owner, population, len(municipalities))


def outside(folder: Path) -> Floats:
    """Settlements of the neighbouring regions (outside.csv), (n, 2) metres."""
    rows = [row for row in tables.read(folder / "outside.csv") if row["id"].startswith("sr-")]
    lon, lat = (np.array([float(row[name]) for row in rows]) for name in ("lon", "lat"))
    return points_in_metres(lon, lat)


def areas(municipalities: list[dict[str, str]]) -> Floats:
    """Official areas, km², without the open water that the drawn land has not (input/area_corrections.csv)."""
    water = {row["municipality"]: float(row["water_km2"]) for row in tables.read_input("area_corrections")}
    return np.array([float(row["area_km2"]) - water.get(row["id"], 0.0) for row in municipalities])


def _write_boundaries(out: Path, coverage: list[Shape], municipalities: list[dict[str, str]]) -> Shape:
    """Write boundaries/; the krai as drawn at high detail, WGS 84, is returned."""
    zones = {row["id"]: row["name"] for row in tables.read(out / "zones.csv")}
    zone_of = {row["id"]: row["zone"] for row in municipalities}
    names = {row["id"]: row["name"] for row in municipalities}
    for detail in generalise.DETAILS:
        shapes = dict(zip(zone_of, generalise.simplified(coverage, detail), strict=True))
        united = generalise.united(shapes, zone_of)
        drawn = [({"id": i, "name": names[i], "zone": zone_of[i]}, shape) for i, shape in shapes.items()]
        features.write(out / "boundaries" / f"municipalities_{detail.name}.geojson", drawn)
        whole = [({"id": i, "name": name}, united[i]) for i, name in zones.items()]
        features.write(out / "boundaries" / f"zones_{detail.name}.geojson", whole)
    return generalise.united(shapes, dict.fromkeys(shapes, "krai"))["krai"]
