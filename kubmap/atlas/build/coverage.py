"""From border lines to polygons that share their edges exactly: the lines and the outline are noded together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from kubmap.atlas.build.planar import Shape
from kubmap.atlas.build.tessellation import CELL_M, Labels, Sites

_GRID_M = 1.0
_TURNS = 4


def polygons(outline: Shape, lines: Sequence[Shape], labels: Labels, sites: Sites) -> list[Shape]:
    """One (multi)polygon a municipality, in the order of the indices; together they fill `outline`. Metres."""
    noded = shapely.union_all([*lines, shapely.boundary(outline)], grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.contains(outline.buffer(2 * _GRID_M), shapely.point_on_surface(faces))]
    owner = _owners(faces, labels)
    for _ in range(_TURNS):
        faces, owner = _pieces(faces, owner)
        owner = _without_exclaves(faces, owner, sites)
    return [shapely.coverage_union_all(faces[owner == index]) for index in range(sites.count)]


def _owners(faces: NDArray[np.object_], labels: Labels) -> NDArray[np.int64]:
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    columns = np.rint((inner[:, 0] - labels.grid.west) / CELL_M).astype(int)
    rows = np.rint((inner[:, 1] - labels.grid.south) / CELL_M).astype(int)
    owner: NDArray[np.int64] = labels.owner[rows, columns]
    return owner


def _pieces(faces: NDArray[np.object_], owner: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Faces of one owner that touch along a border become one."""
    parts = [
        (index, shapely.get_parts(shapely.coverage_union_all(faces[owner == index]))) for index in np.unique(owner)
    ]
    return np.concatenate([p for _, p in parts]), np.concatenate([np.full(len(p), index) for index, p in parts])


def _without_exclaves(pieces: NDArray[np.object_], owner: NDArray[np.int64], sites: Sites) -> NDArray[np.int64]:
    """Pieces without a settlement of their owner go to a neighbour; islands and the largest piece stay."""
    settled = _settled(pieces, owner, sites)
    largest = {index: np.max(shapely.area(pieces[owner == index])) for index in np.unique(owner)}
    changed = owner.copy()
    tree = shapely.STRtree(pieces)
    for number, piece in enumerate(pieces):
        if settled[number] or piece.area == largest[owner[number]]:
            continue
        around = [i for i in tree.query(piece, predicate="intersects") if i != number]
        common = [shapely.length(shapely.intersection(piece.boundary, pieces[i].boundary)) for i in around]
        if common and max(common) > 0:
            changed[number] = owner[around[int(np.argmax(common))]]
    return changed


def _settled(pieces: NDArray[np.object_], owner: NDArray[np.int64], sites: Sites) -> NDArray[np.bool_]:
    settled = np.zeros(len(pieces), bool)
    found, piece = shapely.STRtree(pieces).query(shapely.points(sites.xy), predicate="intersects")
    own = sites.owner[found] == owner[piece]
    settled[piece[own]] = True
    return settled
