"""Membership: the zones and municipalities that a place touches, so that a filter finds what spans several.

A place that names its zone belongs to that one. One that names none (a provider's area, a road without km, several
places) belongs to each that it touches: settlements by their rows, the rest by the drawn borders. The krai as a whole
belongs to none. A line counts wherever it runs, even where it names the zone of its middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from kubmap.domain import Precision
from kubmap.read.brief import Shape
from kubmap.read.tight import tight

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import Geometry, Location

Names: TypeAlias = frozenset[str]
DIGITS = 5
_OVERLAP = 0.02
"""Share of an area that must lie in a municipality: drawn borders are not exact, a common edge is no overlap."""


class Membership:
    """Of an atlas; without one a place belongs only to what it names."""

    def __init__(self, atlas: Atlas | None = None) -> None:
        self._atlas = atlas
        self._kept: dict[bytes, Names] = {}

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones that are known, in the atlas's order."""
        return tuple(zone.name for zone in self._atlas.zones.values()) if self._atlas else ()

    @property
    def municipalities(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._atlas.municipalities.values()) if self._atlas else ()

    def shape(self, location: Location) -> Shape:
        """The location with its geometry as text, or as a reference where it is an outline of the atlas."""
        found = without_geometry(location)
        if location.geometry is None or location.precision is Precision.KRAI:
            return Shape(found)
        text = tight(rounded(location.geometry))
        ref = self._outlines.get(text)
        return Shape(found, None if ref else text, ref)

    def of(self, shape: Shape) -> tuple[Names, Names]:
        """Names of the zones and of the municipalities."""
        location = shape.location
        if location.precision is Precision.KRAI:
            return frozenset(), frozenset()
        zones = frozenset({location.zone} if location.zone else ())
        towns = frozenset({location.municipality} if location.municipality else ())
        towns |= self._touched(shape, named=len(zones) + len(towns))
        return zones | self._zones_of(towns), towns

    def _touched(self, shape: Shape, *, named: int) -> Names:
        """Names of municipalities, where the place does not name (`named`: 2) its zone and its municipality."""
        if self._atlas is None:
            return frozenset()
        if shape.ref:
            return self._referred(shape.ref)
        text = shape.geometry
        if text is None:
            return frozenset() if named else self._around(shape.location)
        if named > 1 and b"LineString" not in text:
            return frozenset()
        if text not in self._kept:
            self._kept[text] = frozenset(self._named(self._under(orjson.loads(text))))
        return self._kept[text]

    def _around(self, pin: Location) -> Names:
        if pin.lat is None or pin.lon is None:
            return frozenset()
        return frozenset(self._named(self._at([(pin.lon, pin.lat)])))

    def _referred(self, ref: str) -> Names:
        assert self._atlas is not None, "only outlines of an atlas are referred to"
        kind, _, name = ref.partition(":")
        known = self._atlas.municipalities.values()
        return frozenset(each.name for each in known if name == (each.id if kind == "municipality" else each.zone))

    def _zones_of(self, towns: Names) -> Names:
        return frozenset(self._zone_of[town] for town in towns if town in self._zone_of)

    def _named(self, ids: Iterable[str]) -> Iterator[str]:
        assert self._atlas is not None, "geometry is looked up in an atlas"
        return (self._atlas.municipalities[each].name for each in ids if each in self._atlas.municipalities)

    def _under(self, geometry: Geometry) -> Iterator[str]:
        """Ids of the municipalities under a geometry."""
        kind = geometry["type"]
        if kind == "GeometryCollection":
            for part in geometry["geometries"]:
                yield from self._under(part)
        elif kind in {"Point", "MultiPoint"}:
            yield from self._at([geometry["coordinates"]] if kind == "Point" else geometry["coordinates"])
        else:
            yield from self._below(geometry)

    def _at(self, points: Iterable[Any]) -> Iterator[str]:
        assert self._atlas is not None, "geometry is looked up in an atlas"
        for lon, lat, *_ in points:
            row = self._rows.get((round(lon, DIGITS), round(lat, DIGITS)))
            yield row if row is not None else self._atlas.areas.municipality_at(lat, lon) or ""

    def _below(self, geometry: Geometry) -> Iterator[str]:
        """Under a line wherever it runs; under an area where a fair share of it lies."""
        import shapely  # noqa: PLC0415  # who has no wide places loads none

        assert self._atlas is not None, "geometry is looked up in an atlas"
        outlines = self._atlas.areas.outlines("municipalities", detail="high")
        shape = shapely.make_valid(shapely.from_geojson(orjson.dumps(geometry)))
        for at in outlines.tree.query(shape, predicate="intersects"):
            town = outlines.shapes[at]
            least = _OVERLAP * min(shape.area, town.area)
            if not shape.area or shapely.intersection(shape, town).area > least:
                yield outlines.ids[at]

    @cached_property
    def _zone_of(self) -> Mapping[str, str]:
        """Municipality's name -> zone's name."""
        if self._atlas is None:
            return {}
        return {each.name: self._atlas.zones[each.zone].name for each in self._atlas.municipalities.values()}

    @cached_property
    def _rows(self) -> Mapping[tuple[float, float], str]:
        """Settlements by their rounded coordinates (lon, lat): municipality ids."""
        places = self._atlas.settlements.values() if self._atlas else ()
        return {(round(each.lon, DIGITS), round(each.lat, DIGITS)): each.municipality for each in places}

    @cached_property
    def _outlines(self) -> Mapping[bytes, str]:
        """What the atlas's outlines look like as text, at each detail -> "municipality:<id>" or "zone:<id>"."""
        return dict(self._referable())

    def _referable(self) -> Iterator[tuple[bytes, str]]:
        if self._atlas is None:
            return
        from kubmap.atlas.areas import DETAILS  # noqa: PLC0415  # shapely loads in 0.1 s

        for detail in DETAILS:
            for kind, name in (("municipalities", "municipality"), ("zones", "zone")):
                outlines = self._atlas.areas.outlines(kind, detail=detail)  # type: ignore[arg-type]
                for id_, feature in outlines.features.items():
                    yield tight(rounded(feature["geometry"])), f"{name}:{id_}"


def without_geometry(location: Location) -> Location:
    """The same place without its shape."""
    return replace(location, geometry=None)


def rounded(geometry: Geometry) -> dict[str, Any]:
    """The geometry with coordinates of five digits (a metre)."""
    if geometry["type"] == "GeometryCollection":
        return {"type": "GeometryCollection", "geometries": [rounded(part) for part in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(float(value), DIGITS)
