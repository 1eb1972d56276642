"""The base map of data/geo/base: land, coast, lakes, rivers and the neighbouring regions; generalised, WGS 84."""

from __future__ import annotations

from pathlib import Path

import shapely

from kubmap.atlas.build import features, land, worlddata
from kubmap.atlas.build.generalise import rounded
from kubmap.atlas.build.planar import VIEW, Shape, degrees, metres

_FINE_M = 150.0  # generalisation tolerance near the krai
_COARSE_M = 600.0  # and elsewhere
_NEAR_M = 30_000.0
_SMALLEST_LAKE_M2 = 4e6
_KUBAN = (37.0, 43.6, 42.2, 45.6)  # where WDBII's lines are the Kuban: west, south, east, north


def write(out: Path, krai: Shape) -> None:
    """Write the base map's files into `out`; `krai` is the krai's outline in metres."""
    near = krai.buffer(_NEAR_M)
    ground = _two_details(land.all_land(), near)
    features.write(
        out / "land.geojson",
        [({"id": "land"}, _cut(ground)), ({"id": "krai", "name": "Краснодарский край"}, _plain(krai, _FINE_M))],
    )
    features.write(out / "coast.geojson", [({"id": "coast"}, _coast(ground))])
    features.write(out / "lakes.geojson", [({"id": "lakes"}, _plain(_lakes(near), _FINE_M))])
    regions = [
        ({"id": region.id, "name": region.name}, _cut(_two_details(region.shape, near)))
        for region in land.neighbours(krai)
    ]
    features.write(out / "neighbours.geojson", regions)
    features.write(out / "rivers.geojson", [({"id": "kuban", "name": "Кубань"}, _kuban())])


def _two_details(shape: Shape, near: Shape) -> Shape:
    fine = shapely.simplify(shape.intersection(near), _FINE_M)
    coarse = shapely.simplify(shape, _COARSE_M).difference(near)
    return shapely.union_all([fine, coarse], grid_size=1.0)


def _cut(shape: Shape) -> Shape:
    """In degrees, cut at the view."""
    return rounded(_polygons(degrees(shape).intersection(shapely.box(*VIEW))), 4)


def _plain(shape: Shape, tolerance: float) -> Shape:
    return rounded(degrees(shapely.simplify(shape, tolerance)), 4)


def _polygons(shape: Shape) -> Shape:
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])


def _coast(ground: Shape) -> Shape:
    """The land's edge, without the edge of the view."""
    frame = shapely.box(*VIEW)
    line = degrees(ground.boundary).intersection(frame.buffer(-1e-6))
    return rounded(shapely.line_merge(line), 4)


def _lakes(near: Shape) -> Shape:
    parts = shapely.get_parts(land.lakes().intersection(near))
    return shapely.multipolygons(parts[shapely.area(parts) >= _SMALLEST_LAKE_M2])


def _kuban() -> Shape:
    frame = shapely.box(*_KUBAN)
    lines = [shapely.LineString(line.coordinates) for line in worlddata.rivers()]
    own = [line for line in lines if line.within(frame.buffer(0.5)) and line.intersects(frame)]
    merged = metres(shapely.line_merge(shapely.union_all(own)))
    return rounded(degrees(shapely.simplify(merged, _FINE_M)), 4)
