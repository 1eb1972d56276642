"""The base map as GeoJSON layers out of data/geo: a pure function of the files, built once, cached by its print."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Any

import orjson

from kubmap.web.api import GEOJSON, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.web.httpcache import Answer
    from kubmap.web.source import Source

Feature = dict[str, Any]

LEVELS = ((150_000, 6), (50_000, 7), (22_000, 8), (9_000, 9), (2_500, 10), (700, 11), (0, 12))
"""(least population, zoom from which the name may stand): a quiet map at every zoom."""

CENTRE_ZOOM = 8.5
"""The centre of a municipality is named from this zoom, however small."""

MORE_FROM = 10
"""Names that stand from this zoom on are a layer of their own, fetched when the reader comes near."""

CITY, TOWN = 50_000, 9_000
LONG_ROAD_KM = 150
INNER = frozenset({"район", "микрорайон", "место", "разъезд", "станция"})
RANK_ZONE = 800_000_000


def _collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(geometry: Any, **properties: Any) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(lat: float, lon: float, **properties: Any) -> Feature:
    return _feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def _file(path: Path) -> list[Feature]:
    """Features of a GeoJSON file; none where the atlas has no such file."""
    if not path.is_file():
        return []
    return list(orjson.loads(path.read_bytes())["features"])


def _land(atlas: Atlas) -> Iterator[Feature]:
    """All land of the frame, then the neighbouring regions by name; the krai itself is under the zones."""
    for name, kind in (("land", "land"), ("neighbours", "neighbour")):
        for found in _file(atlas.folder / "base" / f"{name}.geojson"):
            own = found["properties"].get("id") == "krai"
            yield _feature(found["geometry"], **{"class": "krai" if own else kind})


def _zones(atlas: Atlas) -> Iterator[Feature]:
    for number, zone in enumerate(atlas.zones.values(), start=1):
        outline = atlas.areas.zone_outline(zone.id, detail="mid")
        yield _feature(outline, id=zone.id, name=zone.name, short=zone.short, number=number, population=zone.population)


def _municipalities(atlas: Atlas) -> Iterator[Feature]:
    for found in atlas.municipalities.values():
        outline = atlas.areas.outline(found.id, detail="mid")
        yield _feature(outline, id=found.id, name=found.name, zone=found.zone)


def _water(atlas: Atlas) -> Iterator[Feature]:
    """Lakes, rivers and the coast line: what lies over the zones' fills."""
    for name, kind in (("lakes", "lake"), ("rivers", "river"), ("coast", "coast")):
        for found in _file(atlas.folder / "base" / f"{name}.geojson"):
            yield _feature(found["geometry"], **{"class": kind, "name": found["properties"].get("name")})


def _roads(atlas: Atlas) -> Iterator[Feature]:
    order = {"local": 0, "regional": 1, "federal": 2}
    roads = sorted(atlas.roads.roads.values(), key=lambda road: order.get(road.cls, 0))
    for road in roads:
        yield _feature(atlas.roads.line(road.id), **{"class": road.cls, "ref": road.ref, "name": road.name})


def _zone_labels(atlas: Atlas) -> Iterator[Feature]:
    for zone in atlas.zones.values():
        yield _point(
            zone.lat, zone.lon, name=zone.name.replace(" экономическая", "\nэкономическая").replace(" агл", "\nагл"),
            kind="zone", rank=RANK_ZONE + zone.population, **{"from": 6, "to": 9.5},
        )  # fmt: skip


def _fixed_labels() -> Iterator[Feature]:
    text = files("kubmap.web").joinpath("labels.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["label"]:
        yield _point(**row)


def _from_zoom(place: Settlement, *, centre: bool) -> float:
    population = place.population or 0
    zoom = float(next(level for least, level in LEVELS if population >= least))
    if place.type in INNER:
        return max(zoom, 11.5)
    return min(zoom, CENTRE_ZOOM) if centre else zoom


def _kind(place: Settlement, *, capital: bool) -> str:
    population = place.population or 0
    if capital:
        return "capital"
    if population >= CITY:
        return "city"
    return "town" if population >= TOWN else "village"


def _rank(place: Settlement, *, centre: bool, capital: bool) -> int:
    population = place.population or 0
    return 2 * RANK_ZONE if capital else population + (20_000 if centre else 0)


def _settlement_labels(atlas: Atlas) -> Iterator[Feature]:
    centres = {found.centre for found in atlas.municipalities.values()}
    largest = max(atlas.settlements.values(), key=lambda place: place.population or 0)
    for place in sorted(atlas.settlements.values(), key=lambda each: (-(each.population or 0), each.id)):
        zoom = _from_zoom(place, centre=place.id in centres)
        yield _point(
            place.lat, place.lon, name=place.name, kind=_kind(place, capital=place is largest),
            rank=_rank(place, centre=place.id in centres, capital=place is largest), dot=1, **{"from": zoom, "to": 99},
        )  # fmt: skip


def _outside_labels(atlas: Atlas) -> Iterator[Feature]:
    """Greater cities just outside, so that the neighbours are not blank."""
    for place in atlas.outside.values():
        population = place.population or 0
        if place.type != "город" or population < CITY or not (43 <= place.lat <= 47.6 and 35.8 <= place.lon <= 42.6):
            continue
        zoom = 7 if population >= 140_000 else 8.5
        yield _point(
            place.lat,
            place.lon,
            name=place.name,
            kind="outside",
            rank=population // 4,
            dot=1,
            **{"from": zoom, "to": 99},
        )


def _lines(geometry: Any) -> list[list[list[float]]]:
    parts = geometry["coordinates"]
    return [parts] if geometry["type"] == "LineString" else list(parts)


def _along(line: list[list[float]], share: float) -> list[float]:
    """The vertex nearest to that share of the line's length (degrees of equal size are near enough for a name)."""
    steps = [hypot((b[0] - a[0]) * 0.7, b[1] - a[1]) for a, b in pairwise(line)]
    wanted, passed = sum(steps) * share, 0.0
    for at, step in enumerate(steps, start=1):
        passed += step
        if passed >= wanted:
            return line[at]
    return line[-1]


def _line_labels(atlas: Atlas) -> Iterator[Feature]:
    for road in atlas.roads.roads.values():
        if road.cls != "federal" or not road.ref:
            continue
        line = max(_lines(atlas.roads.line(road.id)), key=len)
        for share in (0.2, 0.5, 0.8) if road.length_km > LONG_ROAD_KM else (0.5,):
            lon, lat, *_ = _along(line, share)
            yield _point(lat, lon, name=road.ref, kind="road", rank=30_000, **{"from": 8, "to": 13})
    for found in _file(atlas.folder / "base" / "rivers.geojson"):
        lon, lat, *_ = _along(max(_lines(found["geometry"]), key=len), 0.35)
        yield _point(lat, lon, name=found["properties"]["name"], kind="river", rank=40_000, **{"from": 8.5, "to": 13})


def _all_labels(atlas: Atlas) -> Iterator[Feature]:
    yield from _fixed_labels()
    yield from _zone_labels(atlas)
    yield from _outside_labels(atlas)
    yield from _line_labels(atlas)
    yield from _settlement_labels(atlas)


def _labels(atlas: Atlas) -> Iterator[Feature]:
    return (found for found in _all_labels(atlas) if found["properties"]["from"] < MORE_FROM)


def _more_labels(atlas: Atlas) -> Iterator[Feature]:
    return (found for found in _all_labels(atlas) if found["properties"]["from"] >= MORE_FROM)


BUILDERS: dict[str, Callable[[Atlas], Iterator[Feature]]] = {
    "land": _land,
    "zones": _zones,
    "municipalities": _municipalities,
    "water": _water,
    "roads": _roads,
    "labels": _labels,
    "labels-more": _more_labels,
}
NAMES = tuple(BUILDERS)


def layer(source: Source, name: str) -> Answer:
    """The layer's bytes; `name` is one of NAMES."""
    return json_answer(_collection(BUILDERS[name](source.atlas)), GEOJSON)


@lru_cache(maxsize=4)
def quality(folder: Path) -> dict[str, Any]:
    """What was measured of the drawn borders (boundaries/quality.json); empty where nothing was."""
    path = folder / "boundaries" / "quality.json"
    return dict(orjson.loads(path.read_bytes())) if path.is_file() else {}
