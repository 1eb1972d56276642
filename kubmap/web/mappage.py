"""The map page: a folium Map whose layers are our own elements; scripts are files, data come from /api/v1.

folium writes its map into an inline script with random names and loads five libraries from CDNs. Ours writes the layers
as empty elements with data-* addresses that static/main.js reads: the Content-Security-Policy needs no
'unsafe-inline', the same snapshot gives the same bytes, and nothing comes from another host.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from branca.element import Element, Figure

from kubmap.feeds import words
from kubmap.web import assets, palette
from kubmap.web.httpcache import Answer, answer
from kubmap.web.memory import without

with without("pandas"):  # 66 MB that folium takes for locations given as a DataFrame; ours are not
    import folium
    from folium.elements import JSCSSMixin
    from folium.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubmap.atlas.model import Municipality, Zone
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

KRAI_FRAME = ((43.38, 36.58), (46.88, 41.75))
"""South-west and north-east corners of what the page opens on, degrees."""

STYLES = ("palette.css", "map.css", "controls.css")
FIRST_SCRIPTS = ("core.js", "dates.js", "state.js", "source.js")
SCRIPTS = (
    "shapes.js",
    "cluster.js",
    "incidents.js",
    "card.js",
    "list.js",
    "filters.js",
    "search.js",
    "timeline.js",
    "zones.js",
    "share.js",
)
"""Our scripts around the layers' own, in the order in which they run; main.js comes last."""

MORE_LABELS_FROM = 10
"""Zoom from which the small settlements' names are fetched."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the page finds things. All of its addresses are relative, so it works under any path.

    `root` stands before `assets/`, `api/` and `export/` ("" is beside the page). `archive` is the folder of records of
    a static site, with its slash; "" where a server answers /api/v1/view.
    """

    root: str = ""
    archive: str = ""

    def asset(self, bundle: str, name: str) -> str:
        return self.root + assets.url(bundle, name).lstrip("/")

    def layer(self, name: str, tag: str) -> str:
        return f"{self.root}api/v1/geo/{name}.geojson?v={tag.strip(chr(34))}"


HERE = Addresses()


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

    def __init__(self, addresses: Addresses) -> None:
        super().__init__(location=(45.2, 39.0), zoom_start=8, tiles=None)
        self.default_js = [("leaflet_js", addresses.asset("leaflet", "leaflet.js"))]
        self.default_css = [("leaflet_css", addresses.asset("leaflet", "leaflet.css"))]
        self.default_css += [(name, addresses.asset("kubmap", name)) for name in STYLES]

    def get_name(self) -> str:
        return "map"


class LayerElement(JSCSSMixin):  # type: ignore[misc]
    """A layer as an empty element: its script, and the addresses that the script fetches."""

    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<div class="kubmap-layer" hidden{{ this.attributes|xmlattr }}></div>'
        "{% endmacro %}"
    )

    def __init__(self, layer: str, script: str, values: Mapping[str, str]) -> None:
        super().__init__()
        self._name = layer
        self.default_js = [(layer, script)]
        self.attributes = {"data-layer": layer} | {f"data-{name}": value for name, value in values.items()}

    def get_name(self) -> str:
        return f"layer_{self._name}"


class Scripts(JSCSSMixin):  # type: ignore[misc]
    """Scripts without an element, in the order given."""

    _template = Template("")

    def __init__(self, addresses: Addresses, names: Sequence[str]) -> None:
        super().__init__()
        self.default_js = [(name, addresses.asset("kubmap", name)) for name in names]

    def get_name(self) -> str:
        return "scripts_" + "_".join(name for name, _ in self.default_js)


def border_note(quality: Mapping[str, Any]) -> str:
    """What the page says of its borders; the error as it was measured, nothing where it was not."""
    median, p90 = quality.get("border_error_median_m"), quality.get("border_error_p90_m")
    if median is None or p90 is None:
        return "Границы приблизительные."
    usual, tenth = words.length(median), words.length(p90)
    return f"Границы приблизительные: ошибка обычно {usual}, в 9 местах из 10 меньше {tenth}."


def _layers(tags: Mapping[str, str], addresses: Addresses) -> list[Element]:
    def found(name: str) -> str:
        return addresses.layer(name, tags[name])

    base = {name: found(name) for name in ("land", "zones", "water", "municipalities", "roads")}
    labels = {"labels": found("labels"), "more": found("labels-more"), "more-from": str(MORE_LABELS_FROM)}
    return [
        LayerElement("base", addresses.asset("kubmap", "base.js"), base),
        LayerElement("labels", addresses.asset("kubmap", "labels.js"), labels),
    ]


def _attributes(snapshot: Snapshot, addresses: Addresses) -> dict[str, str]:
    (south, west), (north, east) = KRAI_FRAME
    found = {"data-demo": str(snapshot.demo).lower(), "data-home": f"[[{south},{west}],[{north},{east}]]"}
    found |= {"data-root": addresses.root, "data-archive": addresses.archive}
    if snapshot.period:
        found |= {"data-first-day": snapshot.period[0].isoformat(), "data-last-day": snapshot.period[1].isoformat()}
    return found


def _values(source: Source, snapshot: Snapshot, note: str, addresses: Addresses) -> dict[str, Any]:
    zones: list[Zone] = list(source.atlas.zones.values())
    period = snapshot.period
    return {
        "accents": palette.accents(),
        "zones": list(enumerate(zones, start=1)),
        "towns": {zone.id: _towns(source, zone) for zone in zones},
        "demo": snapshot.demo,
        "period": words.interval_words(*period) if period else None,
        "note": note,
        "icons": assets.text("kubmap", "icons.svg"),
        "favicon": addresses.asset("kubmap", "favicon.svg"),
        "root": addresses.root,
        "is_copy": bool(addresses.archive),
    }


def _towns(source: Source, zone: Zone) -> list[Municipality]:
    """The municipalities of a zone by name."""
    found = (each for each in source.atlas.municipalities.values() if each.zone == zone.id)
    return sorted(found, key=lambda each: each.name)


def page(source: Source, snapshot: Snapshot, tags: Mapping[str, str], *, note: str, addresses: Addresses = HERE) -> str:
    """The page as HTML text; `tags` are the entity tags of the base layers, `note` says how good the borders are."""
    values = _values(source, snapshot, note, addresses)
    document = Page("Карта происшествий Кубани", _attributes(snapshot, addresses), values)
    kuban = KubanMap(addresses)
    document.add_child(kuban)
    kuban.add_child(Scripts(addresses, FIRST_SCRIPTS))
    for layer in _layers(tags, addresses):
        kuban.add_child(layer)
    kuban.add_child(Scripts(addresses, SCRIPTS + (("archive.js",) if addresses.archive else ()) + ("main.js",)))
    return str(document.render())


def answer_page(source: Source, snapshot: Snapshot, tags: Mapping[str, str], *, note: str) -> Answer:
    """GET /map."""
    headers = {"Content-Security-Policy": content_security_policy(source.frame_ancestors)}
    return answer(page(source, snapshot, tags, note=note).encode(), "text/html; charset=utf-8", headers)
