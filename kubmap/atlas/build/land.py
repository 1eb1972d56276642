"""Land, lakes and regions in metres: the krai is the land of its Natural Earth region, with the coast of GSHHG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from kubmap.atlas.build import worlddata
from kubmap.atlas.build.anchoring import bent
from kubmap.atlas.build.planar import VIEW, Floats, Shape, metres
from kubmap.atlas.build.tables import read_input

_KRAI = "Krasnodar"
_REACH_M = 9000.0  # the coasts of the two sources are up to this far apart
_STEP_M = 500.0  # spacing of the points that divide disputed shore between regions
_ISLAND_M2 = 2e5  # smaller islands are not drawn


@dataclass(frozen=True, slots=True)
class Region:
    """A neighbour of the krai; `name` is Russian, `shape` its land in metres."""

    id: str
    name: str
    shape: Shape


def all_land() -> Shape:
    """Land around the view (GSHHG level 1), without its lakes cut out; metres."""
    return _filled(1)


def lakes() -> Shape:
    """Lakes and limans cut off from the sea (GSHHG level 2); metres."""
    return _filled(2)


def _filled(level: int) -> Shape:
    window = shapely.box(VIEW[0] - 1, VIEW[1] - 1, VIEW[2] + 1, VIEW[3] + 1)
    lines = [line.coordinates for line in worlddata.shores() if line.level == level]
    rings = [shapely.make_valid(shapely.Polygon(line)).intersection(window) for line in lines]
    return metres(shapely.union_all(rings))


def krai(own_places: Floats, foreign_places: Floats) -> Shape:
    """The krai: coast of GSHHG, land border of Natural Earth bent around settlements that it cuts off.

    `own_places` and `foreign_places` are (n, 2) metres, as the result; tiny islands are left out.
    """
    regions = worlddata.regions()
    own = metres(regions[_KRAI])
    others = metres(shapely.union_all([shape for name, shape in regions.items() if name != _KRAI]))
    land = all_land().intersection(own.buffer(_REACH_M))
    shore = land.difference(shapely.union_all([own, others]))
    contested = shore.intersection(others.buffer(_REACH_M))
    ours = [
        land.intersection(own),
        shore.difference(contested),
        contested.intersection(_nearer(own, others, contested)),
    ]
    drawn = bent(shapely.union_all(ours, grid_size=1.0), own_places, foreign_places)
    return _without_specks(shapely.intersection(drawn, land, grid_size=1.0))


def _nearer(own: Shape, others: Shape, zone: Shape) -> Shape:
    """Where `zone` is nearer to `own`: cells of a Voronoi diagram of points along both outlines."""
    near = zone.buffer(2 * _REACH_M)
    outlines = [shapely.segmentize(shape.boundary.intersection(near), _STEP_M) for shape in (own, others)]
    sites = [shapely.points(np.unique(shapely.get_coordinates(line), axis=0)) for line in outlines]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(np.concatenate(sites)), extend_to=near))
    held = shapely.STRtree(cells).query(sites[0], predicate="intersects")[1]
    rival = shapely.STRtree(cells).query(sites[1], predicate="intersects")[1]
    return shapely.union_all(cells[np.setdiff1d(held, rival)])


def _without_specks(shape: Shape) -> Shape:
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return shapely.multipolygons(polygons[shapely.area(polygons) >= _ISLAND_M2])


def neighbours(own: Shape) -> list[Region]:
    """The regions around the krai that have a name in input/neighbours.csv, cut by the coast; metres."""
    land = all_land().difference(own)
    shapes = {name: metres(shape) for name, shape in worlddata.regions().items()}
    named: dict[tuple[str, str], list[Shape]] = {}
    for row in read_input("neighbours"):
        named.setdefault((row["id"], row["name"]), []).append(shapes[row["source_name"]])
    return [Region(id_, name, shapely.union_all(parts).intersection(land)) for (id_, name), parts in named.items()]
