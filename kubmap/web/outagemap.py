"""A small still map of an outage as inline SVG: what is served, what is excepted, where the place lies.

Drawn from data/geo alone, without a script and without a style of its own: classes only, coloured by outages.css. What
does not depend on the place that is asked for is drawn once a version of a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.model import KRAI

if TYPE_CHECKING:
    from pathlib import Path

    from kubmap.atlas.areas import Detail
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice

WIDTH, HEIGHT = 340, 250
"""Of the drawing, in its own units; a phone shows them as pixels."""
KM_PER_DEGREE = 111.2
LEAST_KM = 16.0
"""The frame is no narrower: a place is known by what lies around it."""
MARGIN = 0.14
FONT = 11
LETTER = 0.63
"""Width of a letter in sizes of the font, about."""
ORIENTING = 6
"""Names of other places, the most populous."""
NAMED = 14
"""Names of served places, the most populous."""
_SIMPLE = 0.7
"""Units: a bend smaller than that is not seen."""
_SCALE_BOX = (0, HEIGHT - 22, 160, HEIGHT)
"""Where the bar of kilometres stands: no name goes there."""
_DETAIL_KM, _WIDE_KM = 90.0, 180.0
"""Frames wider than these need no finer outlines than the middle ones, than the low ones and the main roads."""
_POLYGON = 3


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

    def units(self, metres: float) -> float:
        return metres / 1000 / KM_PER_DEGREE * self.scale

    def holds(self, place: Settlement) -> bool:
        x, y = self.point(place.lat, place.lon)
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of the map but the mark of the place that is asked for. `taken` are the boxes of its names."""

    frame: Frame
    ground: str
    names: str
    told: str
    taken: tuple[tuple[float, float, float, float], ...]

    @property
    def size(self) -> int:
        return len(self.ground) + 2 * len(self.names) + 1_024


def svg(drawing: Drawing, place: Settlement | None = None) -> str:
    """The map with the place marked; text is escaped."""
    mark = _mark(drawing, place) if place is not None and drawing.frame.holds(place) else ""
    return (
        f'<svg class="area" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(drawing.told)}">'
        f"{drawing.ground}{drawing.names}{mark}{_scale(drawing.frame)}</svg>"
    )


def draw(notice: Notice, atlas: Atlas) -> Drawing | None:
    """The map of what a notice concerns; None where it says nothing of a place."""
    found = notice.served
    served = _known(found.places, atlas)
    excepted = _known(sorted(found.exceptions), atlas)
    districts = sorted(found.municipalities)
    if not (served or districts or found.krai):
        return None
    frame = _frame(served, excepted, [*atlas.municipalities] if found.krai else districts, atlas)
    whole = frozenset(atlas.municipalities) if found.krai else frozenset(districts)
    ground = [*_land(frame, atlas, whole), *_circles(frame, served, excepted)]
    names = _Names(frame, [_SCALE_BOX])
    marked = {each.id for each in (*served, *excepted)}
    texts = [
        *(names.put(each, "except", dot=False) for each in excepted),
        *(names.put(each, "on", dot=False) for each in _greatest(served, NAMED)),
        *(names.put(each, "off", dot=True) for each in islice(_around(frame, atlas, marked), ORIENTING)),
    ]
    told = _told(notice, [each.name for each in served], [atlas.municipalities[each].name for each in districts])
    return Drawing(frame, "".join(ground), "".join(texts), told, tuple(names.taken))


def warm(atlas: Atlas) -> None:
    """Read what lies under every map, which takes a fifth of a second."""
    _base(atlas.folder)


def _known(ids: Iterable[str], atlas: Atlas) -> list[Settlement]:
    return [atlas.settlements[each] for each in ids if each in atlas.settlements]


def _greatest(places: Iterable[Settlement], count: int) -> list[Settlement]:
    return sorted(places, key=lambda each: (-(each.population or 0), each.id))[:count]


def _told(notice: Notice, places: Sequence[str], districts: Sequence[str]) -> str:
    where = ([KRAI] if notice.served.krai else []) + [*districts, *places]
    named = ", ".join(where[:NAMED]) + (f" и ещё {len(where) - NAMED}" if len(where) > NAMED else "")
    left = f"; кроме: {', '.join(notice.exceptions)}" if notice.exceptions else ""
    return f"Карта отключения: {named}{left}"


def _frame(served: Sequence[Settlement], excepted: Sequence[Settlement], districts: list[str], atlas: Atlas) -> Frame:
    """What holds all of it with a margin."""
    boxes = [_around_place(each) for each in (*served, *excepted)]
    if districts:
        boxes.append(atlas.areas.bounds(districts))
    west, south, east, north = (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip
    lat, lon = (south + north) / 2, (west + east) / 2
    across = max((east - west) * cos(radians(lat)), LEAST_KM / KM_PER_DEGREE) * (1 + 2 * MARGIN)
    along = max(north - south, LEAST_KM / KM_PER_DEGREE * HEIGHT / WIDTH) * (1 + 2 * MARGIN)
    return Frame(lat, lon, min(WIDTH / across, HEIGHT / along))


def _around_place(place: Settlement) -> tuple[float, float, float, float]:
    reach = place.radius_m / 1000 / KM_PER_DEGREE
    wide = reach / cos(radians(place.lat))
    return place.lon - wide, place.lat - reach, place.lon + wide, place.lat + reach


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
def _base(folder: Path) -> Base:
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


def _land(frame: Frame, atlas: Atlas, whole: frozenset[str]) -> Iterator[str]:
    """Sea, land, districts (those concerned as a whole marked), waters, roads."""
    base = _base(atlas.folder)
    detail: Detail = "low" if frame.km > _WIDE_KM else "mid" if frame.km > _DETAIL_KM else "high"
    yield f'<rect class="sea" width="{WIDTH}" height="{HEIGHT}"/>'
    yield _path("land", base.land, frame)
    if whole:
        outlines = atlas.areas.outlines("municipalities", detail=detail)
        yield _path("district on", outlines.shapes[np.isin(outlines.ids, list(whole))], frame)
    yield _path("district", base.borders[detail], frame, closed=False)
    yield _path("lake", base.lakes, frame)
    yield _path("river", base.rivers, frame, closed=False)
    yield _path("road", base.main_roads if frame.km > _WIDE_KM else base.roads, frame, closed=False)


def _path(kind: str, shapes: Any, frame: Frame, *, closed: bool = True) -> str:
    """The shapes inside the frame as one path, in whole units."""
    inside = shapely.clip_by_rect(shapes, *frame.box)
    inside = shapely.simplify(inside[~shapely.is_empty(inside)], _SIMPLE / frame.scale, preserve_topology=False)
    parts = shapely.get_parts(inside)
    lines = shapely.get_rings(parts[shapely.get_type_id(parts) == _POLYGON]) if closed else parts
    degrees, line = shapely.get_coordinates(lines, return_index=True)
    if not len(degrees):
        return ""
    squeeze = cos(radians(frame.lat))
    across = WIDTH / 2 + (degrees[:, 0] - frame.lon) * (squeeze * frame.scale)
    down = HEIGHT / 2 - (degrees[:, 1] - frame.lat) * frame.scale
    units = np.rint(np.column_stack((across, down))).astype(int)
    first = np.concatenate(([True], np.diff(line) != 0))
    kept = first | np.concatenate(([True], np.any(np.diff(units, axis=0) != 0, axis=1)))
    end = "z" if closed else ""
    drawn = "".join(
        f"{end}M{x},{y}" if starts else f" {x},{y}"
        for (x, y), starts in zip(units[kept].tolist(), first[kept].tolist(), strict=True)
    )
    return f'<path class="{kind}" d="{drawn.removeprefix(end)}{end}"/>'


def _circles(frame: Frame, served: Iterable[Settlement], excepted: Iterable[Settlement]) -> Iterator[str]:
    for kind, places in (("on", served), ("except", excepted)):
        for place in places:
            x, y = frame.point(place.lat, place.lon)
            reach = max(frame.units(place.radius_m), 4.0)
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{reach:.1f}"/>'


def _around(frame: Frame, atlas: Atlas, but: set[str]) -> Iterator[Settlement]:
    """Settlements in the frame, the most populous first."""
    base = _base(atlas.folder)
    west, south, east, north = frame.box
    inside = (base.lat > south) & (base.lat < north) & (base.lon > west) & (base.lon < east)
    found = (base.places[row] for row in np.flatnonzero(inside))
    return (place for place in found if place.id not in but)


class _Names:
    """Puts names where no other name stands: right of the spot, left, above, below."""

    def __init__(self, frame: Frame, taken: Iterable[tuple[float, float, float, float]] = ()) -> None:
        self._frame = frame
        self.taken = list(taken)

    def put(self, place: Settlement, kind: str, *, dot: bool) -> str:
        """The name as SVG; nothing where there is no room."""
        x, y = self._frame.point(place.lat, place.lon)
        width = len(place.name) * FONT * LETTER
        away = 6 if dot else 10
        for left, base in (
            (x + away, y + 4), (x - away - width, y + 4), (x - width / 2, y - away - 1), (x - width / 2, y + away + 9),
        ):  # fmt: skip
            box = (left - 1, base - FONT + 1, left + width + 1, base + 3)
            if self._free(box):
                self.taken.append(box)
                spot = f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="1.6"/>' if dot else ""
                return f'{spot}<text class="{kind}" x="{left:.0f}" y="{base:.0f}">{escape(place.name)}</text>'
        return ""

    def _free(self, box: tuple[float, float, float, float]) -> bool:
        inside = box[0] >= 2 and box[2] <= WIDTH - 2 and box[1] >= 2 and box[3] <= HEIGHT - 2
        return inside and not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in self.taken
        )


def _mark(drawing: Drawing, place: Settlement) -> str:
    """A ring around the place that is asked for; its name where it does not stand yet."""
    x, y = drawing.frame.point(place.lat, place.lon)
    spot = f'cx="{x:.1f}" cy="{y:.1f}"'
    ring = f'<circle class="here" {spot} r="7"/><circle class="here-spot" {spot} r="2.4"/>'
    if f">{escape(place.name)}</text>" in drawing.names and _near_name(drawing, x, y):
        return ring
    return ring + _Names(drawing.frame, drawing.taken).put(place, "here", dot=False)


def _near_name(drawing: Drawing, x: float, y: float) -> bool:
    return any(hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3])) < 14 for box in drawing.taken)


def _scale(frame: Frame) -> str:
    """A bar of so many kilometres."""
    km = next((each for each in (100, 50, 20, 10, 5) if each < frame.km / 3), 2)
    long = km / KM_PER_DEGREE * frame.scale
    y = HEIGHT - 8
    return (
        f'<path class="scale" d="M8,{y - 4}v4h{long:.0f}v-4"/>'
        f'<text class="scale" x="{12 + long:.0f}" y="{y}">{km} км</text>'
    )
