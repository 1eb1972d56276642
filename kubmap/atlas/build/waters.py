"""Rivers and lakes of the base map.

The packages have one river of the krai, the Kuban (WDBII). The others are schematic: smooth lines through the
settlements that stand on them (input/rivers.csv, general knowledge); their features say `"schematic": true`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from kubmap.atlas.build import land, tables, worlddata
from kubmap.atlas.build.planar import Floats, Shape, metres, points_in_metres
from kubmap.errors import DataError

_SMALLEST_LAKE_M2 = 4e6
_KUBAN = (37.0, 43.6, 42.2, 45.6)  # where WDBII's lines are the Kuban: west, south, east, north
_TURNS = 4  # of Chaikin's corner cutting


def rivers(folder: Path) -> list[tuple[dict[str, Any], Shape]]:
    """(properties, line in metres): the Kuban first, then those of input/rivers.csv."""
    found = [({"id": "kuban", "name": "Кубань", "schematic": False}, _kuban())]
    places = [*tables.read(folder / "settlements.csv"), *tables.read(folder / "outside.csv")]
    for row in tables.read_input("rivers"):
        through = [_place(places, name) for name in row["places"].split(">")]
        line = shapely.LineString(_smooth(np.array(through)))
        found.append(({"id": row["id"], "name": row["river"], "schematic": True}, line))
    return found


def _kuban() -> Shape:
    frame = shapely.box(*_KUBAN)
    lines = [shapely.LineString(line.coordinates) for line in worlddata.rivers()]
    own = [line for line in lines if line.within(frame.buffer(0.5)) and line.intersects(frame)]
    return metres(shapely.line_merge(shapely.union_all(own)))


def _place(places: Iterable[dict[str, str]], name: str) -> Floats:
    """Metres of the one place «name» or «name@municipality»; DataError when none or several have it."""
    wanted, _, municipality = name.partition("@")
    rows = [row for row in places if row["name"] == wanted and municipality in ("", row.get("municipality"))]
    if len(rows) != 1:
        raise DataError(f"input/rivers.csv: {len(rows)} places are named {name!r}")
    lon, lat = (np.array([float(rows[0][name])]) for name in ("lon", "lat"))
    point: Floats = points_in_metres(lon, lat)[0]
    return point


def _smooth(line: Floats) -> Floats:
    """Chaikin's corner cutting: quarter points instead of corners; the ends stay."""
    for _ in range(_TURNS):
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], axis=1)
        line = np.concatenate([line[:1], cut.reshape(-1, 2), line[-1:]])
    return line


def lakes(near: Shape) -> Shape:
    """Lakes and limans of some size within `near`; metres."""
    parts = shapely.get_parts(land.lakes().intersection(near))
    return shapely.multipolygons(parts[shapely.area(parts) >= _SMALLEST_LAKE_M2])
