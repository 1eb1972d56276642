"""What lies under the small maps of outages, from data/geo: sea, land, districts, waters, roads as SVG paths; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, radians
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from kubmap.atlas.atlas import load_atlas

if TYPE_CHECKING:
    from pathlib import Path

    from kubmap.atlas.areas import Detail
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

WIDTH, HEIGHT = 340, 250
"""Of the drawing, in its own units; a phone shows them as pixels."""
KM_PER_DEGREE = 111.2
_SIMPLE = 0.7
"""Units: a bend smaller than that is not seen."""
_DETAIL_KM, _WIDE_KM = 90.0, 180.0
"""Frames wider than these need no finer outlines than the middle ones, than the low ones and the main roads."""
_POLYGON = 3
_PAD = 16
"""Units: what is drawn reaches no further beyond the edges."""
_DIGITS = 4
_NUMBERS = np.arange(-_PAD, max(WIDTH, HEIGHT) + _PAD + 1).astype(f"S{_DIGITS}").view(np.uint8).reshape(-1, _DIGITS)
"""Whole units as text, a row of bytes each."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the ground: its middle in degrees, and units a degree of latitude."""

    lat: float
    lon: float
    scale: float

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        x = WIDTH / 2 + (lon - self.lon) * cos(radians(self.lat)) * self.scale
        return x, HEIGHT / 2 - (lat - self.lat) * self.scale

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, a little more than what is seen."""
        across = WIDTH * 0.52 / self.scale / cos(radians(self.lat))
        along = HEIGHT * 0.52 / self.scale
        return self.lon - across, self.lat - along, self.lon + across, self.lat + along

    @property
    def km(self) -> float:
        """What the width shows."""
        return WIDTH / self.scale * KM_PER_DEGREE

    def units_of(self, degrees: Any) -> Any:
        """Rows of longitude and latitude as whole units right and down."""
        squeeze = cos(radians(self.lat))
        across = WIDTH / 2 + (degrees[:, 0] - self.lon) * (squeeze * self.scale)
        down = HEIGHT / 2 - (degrees[:, 1] - self.lat) * self.scale
        return np.rint(np.column_stack((across, down))).astype(int)

    def units(self, metres: float) -> float:
        return metres / 1000 / KM_PER_DEGREE * self.scale

    def holds(self, place: Settlement) -> bool:
        x, y = self.point(place.lat, place.lon)
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT


@dataclass(frozen=True, slots=True)
class Base:
    """What lies under every map. `borders` are lines, each once; `places` settlements, the most populous first."""

    land: Any
    lakes: Any
    rivers: Any
    roads: Any
    main_roads: Any
    borders: Mapping[Detail, Any]
    places: tuple[Settlement, ...]
    lat: Any
    lon: Any


@lru_cache(maxsize=2)
def base(folder: Path) -> Base:
    """Read once, which takes a fifth of a second."""
    atlas = load_atlas(folder)
    roads = _features(folder / "road_lines.geojson")
    main = [each for each in roads if each["properties"]["cls"] == "federal"]
    lived_in = (each for each in atlas.settlements.values() if each.parent is None and each.type != "место")
    places = tuple(sorted(lived_in, key=lambda each: (-(each.population or 0), each.id)))
    details: tuple[Detail, ...] = ("low", "mid", "high")
    borders = {each: _borders(atlas.areas.outlines("municipalities", detail=each).shapes) for each in details}
    under = {kind: _shapes(_features(folder / "base" / f"{kind}.geojson")) for kind in ("land", "lakes", "rivers")}
    return Base(
        **under,
        roads=_shapes(roads),
        main_roads=_shapes(main),
        borders=borders,
        places=places,
        lat=np.array([each.lat for each in places]),
        lon=np.array([each.lon for each in places]),
    )


def _borders(shapes: Any) -> Any:
    """Borders as lines: neighbours share theirs."""
    return shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(shapes))))


def _features(path: Path) -> list[Any]:
    return list(orjson.loads(path.read_bytes())["features"]) if path.is_file() else []


def _shapes(features: Iterable[Any]) -> Any:
    made = [shapely.from_geojson(orjson.dumps(each["geometry"])) for each in features]
    return shapely.get_parts(np.array(made, dtype=object))


def land(frame: Frame, atlas: Atlas, whole: frozenset[str]) -> Iterator[str]:
    """Sea, land, districts (those concerned as a whole marked), waters, roads."""
    under = base(atlas.folder)
    detail: Detail = "low" if frame.km > _WIDE_KM else "mid" if frame.km > _DETAIL_KM else "high"
    outlines = atlas.areas.outlines("municipalities", detail=detail)
    chosen = outlines.shapes[np.isin(outlines.ids, list(whole))] if whole else outlines.shapes[:0]
    roads = under.main_roads if frame.km > _WIDE_KM else under.roads
    ground, districts, lakes = _paths((under.land, chosen, under.lakes), frame, closed=True)
    borders, rivers, ways = _paths((under.borders[detail], under.rivers, roads), frame, closed=False)
    yield f'<rect class="sea" width="{WIDTH}" height="{HEIGHT}"/>'
    for kind, drawn in (
        ("land", ground), ("district on", districts), ("district", borders), ("lake", lakes), ("river", rivers),
        ("road", ways),
    ):  # fmt: skip
        if drawn:
            yield f'<path class="{kind}" d="{drawn}"/>'


def _paths(layers: Sequence[Any], frame: Frame, *, closed: bool) -> list[str]:
    """What is in the frame of each layer of shapes as one path, in whole units; all layers go through at once."""
    layer = np.repeat(np.arange(len(layers)), [len(each) for each in layers])
    inside = shapely.clip_by_rect(np.concatenate(layers), *frame.box)
    seen = ~shapely.is_empty(inside)
    simple = shapely.simplify(inside[seen], _SIMPLE / frame.scale, preserve_topology=False)
    lines, shape = shapely.get_parts(simple, return_index=True)
    if closed:
        areas = shapely.get_type_id(lines) == _POLYGON
        lines, part = shapely.get_rings(lines[areas], return_index=True)
        shape = shape[areas][part]
    degrees, line = shapely.get_coordinates(lines, return_index=True)
    units = frame.units_of(degrees)
    first = np.diff(line, prepend=-1) != 0
    kept = first | np.any(np.diff(units, axis=0, prepend=0) != 0, axis=1)
    ends = np.searchsorted(layer[seen][shape][line[kept]], np.arange(len(layers) + 1))
    text = _path_text(units[kept], first[kept], closed=closed)
    return [_path_of(text[start:end], closed=closed) for start, end in pairwise(ends)]


def _path_text(units: Any, first: Any, *, closed: bool) -> Any:
    """Rows of bytes, one a point: «zM12,34» where a line begins, « 12,34» elsewhere, filled up with zeros."""
    text = np.zeros((len(units), 2 + 2 * _DIGITS + 1), dtype=np.uint8)
    text[:, 0] = np.where(first & closed, ord("z"), 0)
    text[:, 1] = np.where(first, ord("M"), ord(" "))
    text[:, 2 : 2 + _DIGITS] = _NUMBERS[units[:, 0] + _PAD]
    text[:, 2 + _DIGITS] = ord(",")
    text[:, 3 + _DIGITS :] = _NUMBERS[units[:, 1] + _PAD]
    return text


def _path_of(text: Any, *, closed: bool) -> str:
    drawn = str(text.tobytes().translate(None, b"\0"), "ascii")
    return f"{drawn.removeprefix('z')}z" if drawn and closed else drawn
