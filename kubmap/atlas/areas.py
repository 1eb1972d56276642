"""A point's municipality and zone by the drawn borders, and the outlines for maps; the borders are approximate.

A settlement's municipality comes from its row (Atlas.municipality_of), never from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from kubmap.domain import Geometry
from kubmap.errors import DataError, NotFoundError

Detail: TypeAlias = Literal["low", "mid", "high"]
Bounds: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

DETAILS: tuple[Detail, ...] = ("low", "mid", "high")


def detail_for(zoom: float) -> Detail:
    """Which outlines suit a web map's zoom: low up to 7, mid up to 9, high above."""
    return "low" if zoom < 8 else "mid" if zoom < 10 else "high"


@dataclass(frozen=True)
class Outlines:
    """One file of outlines: features by id, shapes made at first use."""

    features: Mapping[str, Mapping[str, Any]]

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """Shapely geometries in the order of `features`, prepared."""
        made = np.array([shapely.from_geojson(json.dumps(f["geometry"])) for f in self.features.values()])
        shapely.prepare(made)
        return made

    @cached_property
    def tree(self) -> Any:
        """An STRtree over `shapes`."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.features)

    def geometry(self, id_: str) -> Geometry:
        if id_ not in self.features:
            raise NotFoundError(f"no outline of {id_!r}")
        geometry: Geometry = self.features[id_]["geometry"]
        return geometry

    def shape(self, id_: str) -> Any:
        self.geometry(id_)
        return self.shapes[self.ids.index(id_)]


@dataclass(frozen=True)
class AreaIndex:
    """Outlines of municipalities and zones; every file is read when it is first needed."""

    folder: Path
    _read: dict[str, Outlines] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path) -> AreaIndex:
        """The outlines under `folder`/boundaries; nothing is read yet. DataError when they are not there."""
        if not (folder / "boundaries").is_dir():
            raise DataError(f"{folder / 'boundaries'} is missing: run `make data`")
        return cls(folder / "boundaries")

    def municipality_at(self, lat: float, lon: float) -> str | None:
        """Id of the municipality that the point (degrees) is drawn in; None outside the krai or at sea."""
        found = self._municipalities.tree.query(shapely.Point(lon, lat), predicate="intersects")
        return self._municipalities.ids[int(found.min())] if len(found) else None

    def municipality_at_many(self, lats: ArrayLike, lons: ArrayLike) -> list[str | None]:
        """The same for arrays of coordinates (degrees)."""
        points = shapely.points(np.asarray(lons, float), np.asarray(lats, float))
        owner = np.full(len(points), -1)
        which, shape = self._municipalities.tree.query(points, predicate="intersects")
        owner[which[::-1]] = shape[::-1]
        return [self._municipalities.ids[i] if i >= 0 else None for i in owner]

    def zone_at(self, lat: float, lon: float) -> str | None:
        """Id of the economic zone that the point (degrees) is drawn in; None outside the krai or at sea."""
        municipality = self.municipality_at(lat, lon)
        return self.zone_of(municipality) if municipality else None

    def zone_of(self, municipality_id: str) -> str:
        """Id of the zone whose part the municipality is drawn as."""
        self.outline(municipality_id)
        return str(self._municipalities.features[municipality_id]["properties"]["zone"])

    def in_krai(self, lat: float, lon: float) -> bool:
        """Whether the point (degrees) is drawn on the krai's land."""
        return self.municipality_at(lat, lon) is not None

    def outline(self, municipality_id: str, *, detail: Detail = "high") -> Geometry:
        """GeoJSON geometry of a municipality; NotFoundError for an unknown id."""
        return self.outlines("municipalities", detail=detail).geometry(municipality_id)

    def zone_outline(self, zone_id: str, *, detail: Detail = "high") -> Geometry:
        """GeoJSON geometry of a zone, the exact union of its municipalities; NotFoundError for an unknown id."""
        return self.outlines("zones", detail=detail).geometry(zone_id)

    def bounds(self, municipality_ids: Sequence[str]) -> Bounds:
        """What holds these municipalities (one or more)."""
        boxes = [self._municipalities.shape(id_).bounds for id_ in municipality_ids]
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    def centroid(self, municipality_id: str) -> tuple[float, float]:
        """(lat, lon) of a point well inside the municipality's largest part: a place for a label."""
        parts = shapely.get_parts(self._municipalities.shape(municipality_id))
        largest = parts[int(np.argmax(shapely.area(parts)))]
        centre = largest.centroid if largest.contains(largest.centroid) else shapely.point_on_surface(largest)
        return float(centre.y), float(centre.x)

    def outlines(self, kind: Literal["municipalities", "zones"], *, detail: Detail) -> Outlines:
        """All outlines of a kind at a detail; the file is read once. DataError when it cannot be read."""
        name = f"{kind}_{detail}.geojson"
        if name not in self._read:
            self._read[name] = _read_outlines(self.folder / name)
        return self._read[name]

    @property
    def _municipalities(self) -> Outlines:
        return self.outlines("municipalities", detail="high")


def _read_outlines(path: Path) -> Outlines:
    try:
        collection = json.loads(path.read_bytes())
        return Outlines({str(feature["id"]): feature for feature in collection["features"]})
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: {error}") from error
