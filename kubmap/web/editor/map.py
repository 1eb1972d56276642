"""The map of the open record: a folium map in streamlit-folium, built once a session, with our own base and layers.

What changes from run to run travels in the page's header as JSON that static/desk/map.js reads: streamlit-folium would
otherwise build the map again (and lose the view), or evaluate a script, which our pages' policy forbids. Leaflet and
everything else come from /assets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import folium
import orjson
from folium.template import Template

from kubmap.domain import Precision
from kubmap.web import assets, geolayers, palette
from kubmap.web.mappage import KRAI_FRAME, MORE_LABELS_FROM
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubmap.domain import Alternative, Location

KEY: Final = "desk-part-map"
HEIGHT: Final = 400

SCRIPTS: Final = ("core.js", "shapes.js", "base.js", "labels.js")
"""Of the readers' map: its helpers and its base."""

LAYERS: Final = {name: f"/api/v1/geo/{name}.geojson" for name in geolayers.NAMES}

CENTRE: Final = (45.2, 39.0)


class DeskMap(folium.Map):  # type: ignore[misc]
    """folium's Map without tiles and without libraries of other hosts; map.js starts on it."""

    _template = Template(
        "{% macro header(this, kwargs) %}"
        '<script type="application/json" id="desk-map">{{ this.shown }}</script>'
        "{% endmacro %}"
        '{% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}" ></div>{% endmacro %}'
        "{% macro script(this, kwargs) %}"
        'var {{ this.get_name() }} = L.map("{{ this.get_name() }}", {'
        "center: [45.2, 39.0], zoom: 8, minZoom: 6, maxZoom: 15, zoomSnap: 0.25, zoomDelta: 0.5, "
        "maxBoundsViscosity: 0.8, attributionControl: false, zoomControl: false});"
        " kubmapDeskMap.start({{ this.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, shown: str) -> None:
        super().__init__(location=CENTRE, zoom_start=8, tiles=None)
        self.shown = shown
        own = [(name, _asset("kubmap", name)) for name in SCRIPTS]
        desk = [("desk_map", _asset("desk", "map.js"))]
        self.default_js = [("leaflet", _asset("leaflet", "leaflet.js")), *own, *desk]
        self.default_css = [
            ("leaflet", _asset("leaflet", "leaflet.css")),
            ("palette", _asset("kubmap", "palette.css")),
            ("map", _asset("kubmap", "map.css")),
            ("desk_map", _asset("desk", "map.css")),
        ]


def _asset(bundle: str, name: str) -> str:
    return root() + assets.url(bundle, name)


def harmless(value: Any) -> str:
    """JSON that may stand in a script element: no character of it can end the element or begin markup."""
    text = orjson.dumps(value).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def shown(  # noqa: PLR0913  keyword-only
    *,
    incident_id: str,
    base: int,
    location: Location | None,
    alternatives: Sequence[Alternative],
    verified: bool,
    category: str,
    dark: bool,
) -> dict[str, Any]:
    """What map.js draws."""
    return {
        "id": incident_id,
        "base": base,
        "theme": "dark" if dark else "light",
        "accent": _accent(category, dark=dark),
        "home": KRAI_FRAME,
        "layers": {name: root() + path for name, path in LAYERS.items()},
        "moreFrom": MORE_LABELS_FROM,
        "location": None if location is None else {**_place(location), "verified": verified},
        "alternatives": [
            {"n": n, **_place(each.location)}
            for n, each in pinned(alternatives)
            if not same_place(each.location, location)
        ],
    }


def pinned(alternatives: Sequence[Alternative]) -> list[tuple[int, Alternative]]:
    """Those that have a point, with their numbers in the list of all."""
    numbered = enumerate(alternatives, start=1)
    return [(n, each) for n, each in numbered if each.location.lat is not None and each.location.lon is not None]


def chosen(alternatives: Sequence[Alternative], lat: float, lon: float) -> int | None:
    """The number of the alternative whose pin stands exactly there; None for a click beside all of them."""
    for n, each in pinned(alternatives):
        where = each.location
        if where.lat is not None and where.lon is not None and _same(where.lat, lat) and _same(where.lon, lon):
            return n
    return None


def same_place(one: Location, other: Location | None) -> bool:
    """Whether the two tell the same place."""
    return other is not None and (one.label, one.lat, one.lon) == (other.label, other.lat, other.lon)


def _same(one: float, other: float) -> bool:
    return abs(one - other) < 1e-6


def _place(location: Location) -> dict[str, Any]:
    krai = location.precision is Precision.KRAI
    return {
        "lat": location.lat,
        "lon": location.lon,
        "radius": location.radius_m,
        "label": location.label,
        "geometry": None if krai else location.geometry,
    }


def _accent(category: str, *, dark: bool) -> str:
    found = next((each for each in palette.accents() if each.category.value == category), None)
    if found is None:
        return "#8a857a"
    return found.dark if dark else found.light


def show(data: dict[str, Any], on_change: Callable[[], None]) -> None:
    """The map; a click, a dragged pin or a chosen alternative calls `on_change` before the next run, see `clicked`."""
    from streamlit_folium import st_folium  # noqa: PLC0415  only the desk needs it

    st_folium(
        DeskMap(harmless(data)),
        key=KEY,
        height=HEIGHT,
        use_container_width=True,
        returned_objects=["last_clicked"],
        on_change=on_change,
    )
