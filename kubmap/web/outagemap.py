"""A small still map of an outage as inline SVG: what is served, what is excepted, where the place lies.

Drawn from data/geo alone, without a script and without a style of its own: classes only, coloured by outages.css. What
does not depend on the place that is asked for is drawn once a version of a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from kubmap.atlas.model import KRAI

if TYPE_CHECKING:
    from pathlib import Path

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
_SIMPLE = 0.5
_SCALE_BOX = (0, HEIGHT - 22, 160, HEIGHT)
"""Where the bar of kilometres stands: no name goes there."""
_DETAIL_KM = 90.0
"""A frame wider than this needs no finer outlines than the middle ones."""


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
        return 2 * (len(self.ground) + len(self.names)) + 1_024


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
        *(names.put(each, "off", dot=True) for each in _greatest(_around(frame, atlas, marked), ORIENTING)),
    ]
    told = _told(notice, [each.name for each in served], [atlas.municipalities[each].name for each in districts])
    return Drawing(frame, "".join(ground), "".join(texts), told, tuple(names.taken))


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


@lru_cache(maxsize=2)
def _base(folder: Path) -> dict[str, Any]:
    """Shapes of the base by the name of their class."""
    names = {"land": "land", "lake": "lakes", "river": "rivers"}
    found = {kind: _shapes(folder / "base" / f"{name}.geojson") for kind, name in names.items()}
    return found | {"road": _shapes(folder / "road_lines.geojson")}


def _shapes(path: Path) -> Any:
    if not path.is_file():
        return np.array([], dtype=object)
    features = orjson.loads(path.read_bytes())["features"]
    return np.array([shapely.from_geojson(orjson.dumps(each["geometry"])) for each in features], dtype=object)


def _land(frame: Frame, atlas: Atlas, whole: frozenset[str]) -> Iterator[str]:
    """Sea, land, districts (those concerned as a whole marked), waters, roads."""
    base = _base(atlas.folder)
    yield f'<rect class="sea" width="{WIDTH}" height="{HEIGHT}"/>'
    yield _path("land", base["land"], frame)
    outlines = atlas.areas.outlines("municipalities", detail="mid" if frame.km > _DETAIL_KM else "high")
    ids = np.array(outlines.ids)
    near = outlines.tree.query(shapely.box(*frame.box))
    on = np.isin(ids[near], list(whole))
    yield _path("district", outlines.shapes[near[~on]], frame)
    yield _path("district on", outlines.shapes[near[on]], frame)
    yield _path("lake", base["lake"], frame)
    yield _path("river", base["river"], frame, closed=False)
    yield _path("road", base["road"], frame, closed=False)


def _path(kind: str, shapes: Any, frame: Frame, *, closed: bool = True) -> str:
    """The shapes inside the frame as one path."""
    inside = shapely.clip_by_rect(shapes, *frame.box)
    inside = shapely.simplify(inside[~shapely.is_empty(inside)], _SIMPLE / frame.scale, preserve_topology=False)
    parts = shapely.get_parts(shapely.get_parts(inside))
    lines = shapely.get_rings(parts[shapely.get_type_id(parts) == _POLYGON]) if closed else parts
    drawn = "".join(_line(shapely.get_coordinates(each), frame, closed=closed) for each in lines)
    return f'<path class="{kind}" d="{drawn}"/>' if drawn else ""


_POLYGON = 3


def _line(coordinates: Any, frame: Frame, *, closed: bool) -> str:
    if len(coordinates) < 2:
        return ""
    x = WIDTH / 2 + (coordinates[:, 0] - frame.lon) * (cos(radians(frame.lat)) * frame.scale)
    y = HEIGHT / 2 - (coordinates[:, 1] - frame.lat) * frame.scale
    tenths = np.rint(np.column_stack((x, y))).astype(int)
    kept = tenths[np.concatenate(([True], np.any(np.diff(tenths, axis=0) != 0, axis=1)))]
    return "M" + " ".join(f"{a},{b}" for a, b in kept.tolist()) + ("z" if closed else "")


def _circles(frame: Frame, served: Iterable[Settlement], excepted: Iterable[Settlement]) -> Iterator[str]:
    for kind, places in (("on", served), ("except", excepted)):
        for place in places:
            x, y = frame.point(place.lat, place.lon)
            reach = max(frame.units(place.radius_m), 4.0)
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{reach:.1f}"/>'


def _around(frame: Frame, atlas: Atlas, but: set[str]) -> Iterator[Settlement]:
    west, south, east, north = frame.box
    for place in atlas.settlements.values():
        inner = place.parent is not None or place.type == "место"
        if south < place.lat < north and west < place.lon < east and not inner and place.id not in but:
            yield place


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
