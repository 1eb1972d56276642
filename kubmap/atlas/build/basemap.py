"""The base map of data/geo/base: land, coast, lakes, rivers and the neighbouring regions; generalised, WGS 84."""

from __future__ import annotations

from pathlib import Path

import shapely

from kubmap.atlas.build import features, land, waters
from kubmap.atlas.build.generalise import rounded
from kubmap.atlas.build.planar import VIEW, Shape, degrees
from kubmap.atlas.model import KRAI

_FINE_M = 150.0  # generalisation tolerance near the krai
_COARSE_M = 600.0  # and elsewhere
_NEAR_M = 30_000.0
_PLACES = 4  # decimals of a degree, 11 m


def write(out: Path, krai: Shape, drawn: Shape) -> None:
    """Write base/ of `out`, where settlements.csv and outside.csv are.

    `krai` is the krai's outline in metres, `drawn` the same as the municipalities draw it, WGS 84.
    """
    near = krai.buffer(_NEAR_M)
    ground = _two_details(land.all_land(), near)
    regions = land.neighbours(krai)
    shapes = shapely.coverage_simplify([region.shape for region in regions], _COARSE_M)  # common borders stay common
    files = {
        "land": [({"id": "land"}, _cut(ground)), ({"id": "krai", "name": KRAI}, drawn)],
        "coast": [({"id": "coast"}, _coast(ground))],
        "lakes": [({"id": "lakes"}, _plain(waters.lakes(near)))],
        "neighbours": [({"id": r.id, "name": r.name}, _cut(shape)) for r, shape in zip(regions, shapes, strict=True)],
        "rivers": [(properties, _plain(line)) for properties, line in waters.rivers(out)],
    }
    for name, found in files.items():
        features.write(out / "base" / f"{name}.geojson", found)


def _two_details(shape: Shape, near: Shape) -> Shape:
    """Generalised more where it is far from the krai."""
    fine = shapely.simplify(shape, _FINE_M).intersection(near)
    coarse = shapely.simplify(shape, _COARSE_M).difference(near)
    return shapely.union_all([fine, coarse], grid_size=1.0)


def _plain(shape: Shape) -> Shape:
    return rounded(degrees(shapely.simplify(shape, _FINE_M)), _PLACES)


def _cut(shape: Shape) -> Shape:
    """In degrees, cut at the view; rounded so that rings which come to touch stay valid."""
    whole = shapely.set_precision(degrees(shape).intersection(shapely.box(*VIEW)), 10.0**-_PLACES)
    parts = shapely.get_parts(whole)
    return rounded(shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2]), _PLACES)


def _coast(ground: Shape) -> Shape:
    """The land's edge, without the edge of the view."""
    line = degrees(ground.boundary).intersection(shapely.box(*VIEW).buffer(-1e-6))
    return rounded(shapely.line_merge(line), _PLACES)
