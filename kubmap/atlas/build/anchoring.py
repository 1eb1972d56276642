"""Borders bent around settlements that they cut off: the settlement's row is right, the drawn border is the guess.

A settlement on the wrong side gets a disc of land joined to its own side by a corridor; the disc's radius is at most
`_RADIUS_M` and never reaches half-way to the nearest settlement of another side.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from kubmap.atlas.build.planar import Floats, Shape
from kubmap.atlas.build.tessellation import CELL_M, Labels, Sites

_RADIUS_M = 1500.0
_FLANK = 2.5  # the bulge meets the border this many radii to both sides
_GAIN = 1.2  # more than any soft label, which is 0..1
_FARTHEST_M = 12_000.0  # a settlement farther from its side than this has wrong coordinates


def bent(outline: Shape, own: Floats, foreign: Floats) -> Shape:
    """The outline with all `own` points inside and all `foreign` ones outside (arrays of metres)."""
    shapely.prepare(outline)
    lost = own[~shapely.contains_xy(outline, own)]
    strangers = foreign[shapely.contains_xy(outline, foreign)]
    bulges = [_bulge(outline, point, foreign) for point in lost]
    bays = [_bulge(outline, point, own) for point in strangers]
    return shapely.union_all([outline, *bulges]).difference(shapely.union_all(bays))


def _bulge(outline: Shape, point: Floats, rivals: Floats) -> Shape:
    """From a stretch of the border to a disc around the point; empty when the border is too far."""
    site = shapely.Point(point)
    radius = _radius(point, rivals)
    foot = shapely.line_interpolate_point(outline.boundary, shapely.line_locate_point(outline.boundary, site))
    if shapely.distance(site, foot) > _FARTHEST_M:
        return shapely.Polygon()
    stretch = outline.boundary.intersection(foot.buffer(_FLANK * radius))
    return shapely.convex_hull(shapely.union(stretch, site.buffer(radius)))


def _radius(point: Floats, rivals: Floats) -> float:
    return min(_RADIUS_M, 0.45 * float(np.hypot(*(rivals - point).T).min()))


def hold(labels: Labels, sites: Sites) -> Labels:
    """Labels with every settlement in a cell of its own municipality, or as near to one as rivals allow."""
    scores = labels.scores.copy()
    for number in _misplaced(labels, sites):
        point, owner = sites.xy[number], sites.owner[number]
        link = _link(labels, point, owner)
        if link is not None:
            radius = _radius(point, sites.xy[sites.owner != owner])
            rows, columns, distance = _around(labels, link, 3 * radius)
            scores[rows, columns, owner] += _GAIN * np.exp(-0.7 * (distance / radius) ** 2)
    return Labels(labels.grid, scores, np.where(labels.grid.near, scores.argmax(axis=2), -1))


def _misplaced(labels: Labels, sites: Sites) -> NDArray[np.int64]:
    columns, rows = np.rint((sites.xy - [labels.grid.west, labels.grid.south]) / CELL_M).astype(int).T
    on_map = (rows >= 0) & (columns >= 0) & (rows < labels.grid.shape[0]) & (columns < labels.grid.shape[1])
    found = np.full(len(rows), -1)
    found[on_map] = labels.owner[rows[on_map], columns[on_map]]
    return np.nonzero((found >= 0) & (found != sites.owner))[0]


def _link(labels: Labels, point: Floats, owner: int) -> Shape | None:
    """From the point to the nearest cell of its municipality."""
    cells = labels.grid.centres(labels.owner == owner)
    distance = np.hypot(*(cells - point).T)
    nearest = int(distance.argmin())
    return shapely.LineString([point, cells[nearest]]) if distance[nearest] < _FARTHEST_M else None


def _around(labels: Labels, line: Shape, reach: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Rows, columns and distances (metres) of the cells within `reach` of a line."""
    cells = labels.grid.centres(labels.grid.near)
    west, south, east, north = line.bounds
    inside = (cells[:, 0] > west - reach) & (cells[:, 0] < east + reach)
    inside &= (cells[:, 1] > south - reach) & (cells[:, 1] < north + reach)
    rows, columns = (index[inside] for index in np.nonzero(labels.grid.near))
    return rows, columns, shapely.distance(line, shapely.points(cells[inside]))
