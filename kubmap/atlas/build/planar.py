"""Metres and degrees: geometry work is done in EPSG:32637 (UTM zone 37 N), data are WGS 84 lon/lat."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]
Shape = Any
"""A shapely geometry."""

VIEW = (34.5, 42.5, 43.5, 47.9)
"""What the base map shows: west, south, east, north, degrees."""


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _moved(shape: Shape, source: int, target: int) -> Shape:
    move = _transformer(source, target).transform
    return shapely.transform(shape, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


def metres(shape: Shape) -> Shape:
    """WGS 84 degrees (lon/lat) to metres of EPSG:32637; a geometry or an array of them."""
    return _moved(shape, 4326, 32637)


def degrees(shape: Shape) -> Shape:
    """Metres of EPSG:32637 to WGS 84 degrees (lon/lat); a geometry or an array of them."""
    return _moved(shape, 32637, 4326)


def points_in_metres(lon: Floats, lat: Floats) -> Floats:
    """Coordinates as an (n, 2) array of metres of EPSG:32637."""
    return np.column_stack(_transformer(4326, 32637).transform(lon, lat))
