"""Polygons for three ranges of zoom: simplified as a coverage (shared edges stay shared), rounded, zones united."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from kubmap.atlas.build.planar import Shape, degrees
from kubmap.errors import DataError


@dataclass(frozen=True, slots=True)
class Detail:
    """`tolerance_m` is the square root of the area of the smallest detail kept, `places` decimals of a degree."""

    name: str
    tolerance_m: float
    smallest_part_m2: float
    places: int


DETAILS = (
    Detail("low", 1600.0, 5e6, 3),
    Detail("mid", 600.0, 1e6, 4),
    Detail("high", 150.0, 0.0, 4),
)


def simplified(coverage: Sequence[Shape], detail: Detail) -> list[Shape]:
    """The coverage (metres) as WGS 84 polygons of that detail; DataError when it is no longer a valid coverage."""
    kept = [_without_specks(shape, detail.smallest_part_m2) for shape in coverage]
    thin = shapely.coverage_simplify(np.array(kept), detail.tolerance_m)
    shapes = [rounded(shape, detail.places) for shape in degrees(thin)]
    if not (all(shapely.is_valid(shapes)) and shapely.coverage_is_valid(shapes)):
        raise DataError(f"boundaries of detail {detail.name} are not a valid coverage after rounding")
    return shapes


def _without_specks(shape: Shape, smallest: float) -> Shape:
    """Without small parts; the largest part always stays."""
    parts = shapely.get_parts(shape)
    areas = shapely.area(parts)
    return shapely.multipolygons(parts[areas >= min(smallest, areas.max())])


def rounded(shape: Shape, places: int) -> Shape:
    """Coordinates of `places` decimals, repeated points dropped, rings by the right-hand rule (RFC 7946)."""
    short = shapely.remove_repeated_points(shapely.transform(shape, lambda xy: np.round(xy, places)))
    parts = shapely.get_parts(short)
    if shapely.get_dimensions(short) == 2:
        parts = shapely.orient_polygons(parts[shapely.area(parts) > 0])
    return parts[0] if len(parts) == 1 else _collected(parts)


def _collected(parts: Sequence[Shape]) -> Shape:
    is_area = shapely.get_dimensions(parts[0]) == 2
    return shapely.multipolygons(parts) if is_area else shapely.multilinestrings(parts)


def united(shapes: Mapping[str, Shape], group: Mapping[str, str]) -> dict[str, Shape]:
    """Exact unions of polygons by group: id -> shape and id -> group give group -> shape, in the groups' order."""
    members: dict[str, list[Shape]] = {}
    for id_, shape in shapes.items():
        members.setdefault(group[id_], []).append(shape)
    unions = {key: shapely.coverage_union_all(parts) for key, parts in members.items()}
    return {key: rounded(shape, 6) for key, shape in unions.items()}
