"""Web Mercator as whole numbers, and Z-order codes: a cell of any grid is a prefix of the code.

The world is a square of 2**30 units a side (4 cm at the equator), x eastwards, y southwards. A grid of level L has
2**L cells a side. The code interleaves the bits of y and x (Morton, 1966), so points sorted by code are sorted by cell
at every level.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

BITS = 30
SIDE = 1 << BITS
MAX_LAT = 85.051128
"""Beyond it the square ends."""

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

_SPREAD = (
    (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)  # fmt: skip


def project(lon: Any, lat: Any) -> tuple[Ints, Ints]:
    """Units x and y of degrees (WGS 84); what lies beyond the square is put on its edge."""
    sine = np.sin(np.radians(np.clip(np.asarray(lat, float), -MAX_LAT, MAX_LAT)))
    x = (np.asarray(lon, float) + 180) / 360
    y = 0.5 - np.arctanh(sine) / (2 * np.pi)
    return _units(x), _units(y)


def unproject(x: Any, y: Any) -> tuple[Floats, Floats]:
    """Longitude and latitude (degrees) of units."""
    lon = np.asarray(x, float) / SIDE * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.asarray(y, float) / SIDE))))
    return lon, lat


def code(x: Ints, y: Ints) -> Ints:
    """The Z-order code, 60 bits."""
    return (_spread(y) << 1) | _spread(x)


def _units(share: Floats) -> Ints:
    return np.clip(share * SIDE, 0, SIDE - 1).astype(np.int64)


def _spread(value: Ints) -> Ints:
    for shift, mask in _SPREAD:
        value = (value | (value << shift)) & mask
    return value
