"""The map page: a folium Map whose layers are our own elements; scripts are files, data come from /api/v1.

folium writes its map into an inline script with random names and loads five libraries from CDNs. Ours writes the layers
as empty elements with data-* addresses that static/main.js reads: the Content-Security-Policy needs no
'unsafe-inline', the same snapshot gives the same bytes, and nothing comes from another host.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin
from folium.template import Template

from kubmap.feeds import words
from kubmap.web import assets, palette
from kubmap.web.httpcache import Answer, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.atlas.model import Zone
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

KRAI_FRAME = ((43.38, 36.58), (46.88, 41.75))
"""South-west and north-east corners of what the page opens on, degrees."""

MORE_LABELS_FROM = 10
"""Zoom from which the small settlements' names are fetched."""


def content_security_policy(frame_ancestors: str) -> str:
    """The policy of the page: everything from this server, no inline script or style, no eval."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frame_ancestors}"
    )


@lru_cache(maxsize=1)
def _document() -> Template:
    text = files("kubmap.web").joinpath("page.html").read_text(encoding="utf-8")
    return Template(text, autoescape=True)


class Page(Figure):  # type: ignore[misc]
    """The document around the map (page.html); unlike branca's it has no inline script; its scripts are deferred."""

    def __init__(self, title: str, attributes: Mapping[str, str], values: Mapping[str, Any]) -> None:
        super().__init__(title=title)
        self._template = _document()
        self.attributes = dict(attributes)
        self.values = dict(values)


class KubanMap(folium.Map):  # type: ignore[misc]
    """folium's Map without tiles, CDN libraries and inline script; its element is #map."""

    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<div class="folium-map" id="map" role="application" aria-label="Карта Краснодарского края"></div>'
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__(location=(45.2, 39.0), zoom_start=8, tiles=None)
        self.default_js = [("leaflet_js", assets.url("leaflet", "leaflet.js"))]
        self.default_css = [
            ("leaflet_css", assets.url("leaflet", "leaflet.css")),
            ("palette", assets.url("kubmap", "palette.css")),
            ("page", assets.url("kubmap", "map.css")),
        ]

    def get_name(self) -> str:
        return "map"


class LayerElement(JSCSSMixin):  # type: ignore[misc]
    """A layer as an empty element: its script, and the addresses that the script fetches."""

    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<div class="kubmap-layer" hidden{{ this.attributes|xmlattr }}></div>'
        "{% endmacro %}"
    )

    def __init__(self, layer: str, script: str, addresses: Mapping[str, str]) -> None:
        super().__init__()
        self._name = layer
        self.default_js = [(script, assets.url("kubmap", script))]
        self.attributes = {"data-layer": layer} | {f"data-{name}": value for name, value in addresses.items()}

    def get_name(self) -> str:
        return f"layer_{self._name}"


class Scripts(JSCSSMixin):  # type: ignore[misc]
    """Scripts without an element, in the order given."""

    _template = Template("")

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.default_js = [(name, assets.url("kubmap", name)) for name in names]

    def get_name(self) -> str:
        return "scripts_" + "_".join(name for name, _ in self.default_js)


def border_note(quality: Mapping[str, Any]) -> str:
    """What the page says of its borders; the error as it was measured, nothing where it was not."""
    median, p90 = quality.get("border_error_median_m"), quality.get("border_error_p90_m")
    if median is None or p90 is None:
        return "Границы приблизительные."
    usual, tenth = words.length(median), words.length(p90)
    return f"Границы приблизительные: ошибка обычно {usual}, в 9 местах из 10 меньше {tenth}."


def _address(name: str, tags: Mapping[str, str]) -> str:
    mark = tags[name].strip('"')
    return f"/api/v1/geo/{name}.geojson?v={mark}"


def _layers(tags: Mapping[str, str]) -> list[Element]:
    base = {name: _address(name, tags) for name in ("land", "zones", "water", "municipalities", "roads")}
    labels = {
        "labels": _address("labels", tags),
        "more": _address("labels-more", tags),
        "more-from": str(MORE_LABELS_FROM),
    }
    return [LayerElement("base", "base.js", base), LayerElement("labels", "labels.js", labels)]


def _attributes(snapshot: Snapshot) -> dict[str, str]:
    (south, west), (north, east) = KRAI_FRAME
    found = {"data-demo": str(snapshot.demo).lower(), "data-home": f"[[{south},{west}],[{north},{east}]]"}
    if snapshot.period:
        found |= {"data-first-day": snapshot.period[0].isoformat(), "data-last-day": snapshot.period[1].isoformat()}
    return found


def _values(source: Source, snapshot: Snapshot, note: str) -> dict[str, Any]:
    zones: list[Zone] = list(source.atlas.zones.values())
    period = snapshot.period
    return {
        "accents": palette.accents(),
        "zones": list(enumerate(zones, start=1)),
        "demo": snapshot.demo,
        "period": words.interval_words(*period) if period else None,
        "note": note,
        "icons": assets.text("kubmap", "icons.svg"),
        "favicon": assets.url("kubmap", "favicon.svg"),
    }


def page(source: Source, snapshot: Snapshot, tags: Mapping[str, str], *, note: str) -> str:
    """The page as HTML text; `tags` are the entity tags of the base layers, `note` says how good the borders are."""
    document = Page("Карта происшествий Кубани", _attributes(snapshot), _values(source, snapshot, note))
    kuban = KubanMap()
    document.add_child(kuban)
    kuban.add_child(Scripts("core.js", "state.js"))
    for layer in _layers(tags):
        kuban.add_child(layer)
    kuban.add_child(Scripts("incidents.js", "card.js", "filters.js", "main.js"))
    return str(document.render())


def answer_page(source: Source, snapshot: Snapshot, tags: Mapping[str, str], *, note: str) -> Answer:
    """GET /map."""
    headers = {"Content-Security-Policy": content_security_policy(source.frame_ancestors)}
    return answer(page(source, snapshot, tags, note=note).encode(), "text/html; charset=utf-8", headers)
