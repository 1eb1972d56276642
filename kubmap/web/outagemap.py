"""A small still map of an outage as inline SVG: what is served, what is excepted, where the place lies.

Drawn from data/geo alone, without a script and without a style of its own: classes only, coloured by outages.css. What
does not depend on the place that is asked for is drawn once a version of a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from math import cos, hypot, radians
from typing import TYPE_CHECKING

import numpy as np

from kubmap.atlas.model import KRAI
from kubmap.web import outageground
from kubmap.web.outageground import HEIGHT, KM_PER_DEGREE, WIDTH, Frame

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice

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
_SCALE_BOX = (0, HEIGHT - 22, 160, HEIGHT)
"""Where the bar of kilometres stands: no name goes there."""


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
    ground = [*outageground.land(frame, atlas, whole), *_circles(frame, served, excepted)]
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
    """Read what lies under every map."""
    outageground.base(atlas.folder)


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


def _circles(frame: Frame, served: Iterable[Settlement], excepted: Iterable[Settlement]) -> Iterator[str]:
    for kind, places in (("on", served), ("except", excepted)):
        for place in places:
            x, y = frame.point(place.lat, place.lon)
            reach = max(frame.units(place.radius_m), 4.0)
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{reach:.1f}"/>'


def _around(frame: Frame, atlas: Atlas, but: set[str]) -> Iterator[Settlement]:
    """Settlements in the frame, the most populous first."""
    base = outageground.base(atlas.folder)
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
