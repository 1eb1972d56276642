"""Roads: a km of a road as a point with a radius (linear referencing), a stretch, the road near a point.

A km between two posts is interpolated by length along the chain; the radius is what the posts, the gap between them and
the bend of the road allow. Outside the posts there is no answer, with a reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, starmap
from math import sqrt
from pathlib import Path
from types import MappingProxyType

from kubmap.atlas.chain import distance_m
from kubmap.atlas.road import END_TOLERANCE_KM, Road, RoadName
from kubmap.atlas.roadfiles import read_roads
from kubmap.domain import Geometry
from kubmap.errors import DataError, NotFoundError

SCALED_DRIFT = 0.05
"""Share of the distance to the nearest true post by which a km may be off along the road."""
GAP_SHARE = 0.05
"""Share of a gap's length that the middle of the gap may be off along the road."""
BEND_SHARE = 0.35
"""Share of the sideways room that a gap's length leaves beside the drawn line.

The three shares are fitted to posts left out one by one (tests/test_roads.py): the truth is inside in 95 of 100."""
PLACE_REACH_M = 15_000
"""A place further from a road than this is not on it."""


@dataclass(frozen=True, slots=True)
class RoadPoint:
    """Where a km is; the truth lies within `radius_m` in about 95 cases of 100."""

    lat: float
    lon: float
    radius_m: int
    municipality: str | None
    method: str
    confidence: str


@dataclass(frozen=True, slots=True)
class RoadSpan:
    """A stretch of a road; `line` is (lat, lon), the centre lies on the road, the radius holds the whole stretch."""

    km_from: float
    km_to: float
    line: tuple[tuple[float, float], ...]
    lat: float
    lon: float
    radius_m: int

    @property
    def geometry(self) -> Geometry:
        return _line_string(self.line)


_KEPT = 60_000  # distances of places from roads that are remembered


class RoadNetwork:
    """All roads, read-only."""

    def __init__(self, roads: Mapping[str, Road]) -> None:
        self.roads = MappingProxyType(dict(roads))
        self._near: dict[tuple[str, float, float], tuple[float, float]] = {}
        self._whole: dict[str, Geometry] = {}  # lines of whole roads: hundreds of points each
        self._within: dict[tuple[str, str], tuple[float, float] | None] = {}
        self._gauges: dict[str, _Gauge] = {}

    @classmethod
    def load(cls, folder: Path) -> RoadNetwork:
        """Read the road files of `folder` (see `kubmap.atlas.roadfiles`); DataError when one is broken."""
        try:
            return cls({road.id: road for road in read_roads(folder)})
        except (OSError, KeyError, ValueError) as error:
            msg = f"roads of {folder} cannot be read: {error}"
            raise DataError(msg) from error

    def road(self, road_id: str) -> Road:
        """The road, or NotFoundError."""
        try:
            return self.roads[road_id]
        except KeyError:
            msg = f"дороги {road_id!r} нет в атласе"
            raise NotFoundError(msg) from None

    def names(self) -> Iterator[RoadName]:
        """Every name of every road, in the order of the files."""
        for road in self.roads.values():
            yield from road.names

    def at_km(self, road_id: str, km: float) -> RoadPoint | None:
        """Where `km` of the road is; None outside the posts (`why_not` says why)."""
        road = self.road(road_id)
        if not road.has_km(km):
            return None
        lat, lon = road.chain.at(km)
        gauge = self._gauge(road)
        method = "linear_reference" if road.confidence != "low" else "linear_reference_assumed_zero"
        return RoadPoint(lat, lon, round(gauge.radius(km)), gauge.municipality(km), method, road.confidence)

    def _gauge(self, road: Road) -> _Gauge:
        if road.id not in self._gauges:
            self._gauges[road.id] = _Gauge(road)
        return self._gauges[road.id]

    def why_not(self, road_id: str, km: float) -> str | None:
        """Why `at_km` gives nothing, in Russian; None when it gives something."""
        road = self.road(road_id)
        if road.has_km(km):
            return None
        region = self.beyond(road_id, km)
        where = f": это {region}" if region else f": известны {road.km_min:g}–{road.km_max:g} км"
        return f"{km:g}-го км у дороги «{road.label}» в атласе нет{where}"

    def beyond(self, road_id: str, km: float) -> str | None:
        """The region where a km beyond the posts is, when the facts say so («1042-й км М-4»: Ростовская область)."""
        return next((region for low, high, region in self.road(road_id).beyond if low <= km <= high), None)

    def span(self, road_id: str, km_from: float, km_to: float) -> RoadSpan | None:
        """The stretch between two km in either order, cut at the road's ends; None when no part of it is known."""
        road = self.road(road_id)
        low, high = sorted((km_from, km_to))
        if high < road.km_min - END_TOLERANCE_KM or low > road.km_max + END_TOLERANCE_KM:
            return None
        low, high = (min(max(km, road.km_min), road.km_max) for km in (low, high))
        line = tuple(road.chain.cut(low, high))
        lat, lon = road.chain.at((low + high) / 2)
        reach = max(map(partial(distance_m, (lat, lon)), line))
        gauge = self._gauge(road)
        unsure = max(gauge.radius(low), gauge.radius(high))
        return RoadSpan(low, high, line, lat, lon, round(reach + unsure))

    def only_at(self, km: float) -> str | None:
        """The road that alone has this km; None where none or several have it."""
        found = [road.id for road in self.roads.values() if road.km_min <= km <= road.km_max]
        return found[0] if len(found) == 1 else None

    def line(self, road_id: str, *, from_km: float | None = None, to_km: float | None = None) -> Geometry:
        """The road, or a stretch of it, as a GeoJSON LineString; NotFoundError when the stretch is outside."""
        road = self.road(road_id)
        whole = from_km is None and to_km is None
        if whole and road_id in self._whole:
            return self._whole[road_id]
        span = self.span(road_id, road.km_min if from_km is None else from_km, road.km_max if to_km is None else to_km)
        if span is None:
            raise NotFoundError(self.why_not(road_id, from_km if from_km is not None else to_km or 0.0) or "")
        geometry = span.geometry
        if whole:
            self._whole[road_id] = geometry
        return geometry

    def near(self, road_id: str, lat: float, lon: float) -> tuple[float, float]:
        """How far a point is from the drawn road (metres), and the km of the nearest place on it."""
        key = (road_id, lat, lon)
        found = self._near.get(key)
        if found is None:  # news names the same places again and again
            if len(self._near) >= _KEPT:
                self._near.clear()
            found = self._near[key] = self.road(road_id).chain.project(lat, lon)
        return found

    def within(self, road_id: str, municipality: str) -> tuple[float, float] | None:
        """The km range of the road in a municipality, by its posts (borders lie half-way between posts)."""
        key = (road_id, municipality)
        if key not in self._within:
            if len(self._within) >= _KEPT:
                self._within.clear()
            self._within[key] = _range_in(self.road(road_id), municipality)
        return self._within[key]

    def between_places(
        self, road_id: str, a: tuple[float, float], b: tuple[float, float], *, reach_m: float = PLACE_REACH_M
    ) -> RoadSpan | None:
        """The stretch between two places (lat, lon); None when either is further than `reach_m` from the road."""
        (away_a, km_a), (away_b, km_b) = self.near(road_id, *a), self.near(road_id, *b)
        if max(away_a, away_b) > reach_m:
            return None
        return self.span(road_id, km_a, km_b)


def _range_in(road: Road, municipality: str) -> tuple[float, float] | None:
    posts = road.posts
    inside = [i for i, post in enumerate(posts) if post.municipality == municipality]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    low = posts[first].km if first == 0 else (posts[first - 1].km + posts[first].km) / 2
    high = posts[last].km if last == len(posts) - 1 else (posts[last].km + posts[last + 1].km) / 2
    return low, high


class _Gauge:
    """What the posts of a road say of a km between them; what depends on the posts alone is worked out once."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._kms = [post.km for post in road.posts]
        true = sorted(post.km for post in road.posts if post.basis in {"post", "moved"})
        self._true = true or [road.km_min]
        self._bends: dict[int, float] = {}

    def _place(self, km: float) -> tuple[int, float]:
        """The number of the gap between posts that holds `km`, and how far along it that is (0..1)."""
        kms = self._kms
        i = bisect_right(kms, km, 1, len(kms) - 1) - 1
        return i, min(1.0, max(0.0, (km - kms[i]) / (kms[i + 1] - kms[i])))

    def municipality(self, km: float) -> str | None:
        """By the nearer post; nothing about half-way between two municipalities."""
        i, share = self._place(km)
        a, b = self._road.posts[i].municipality, self._road.posts[i + 1].municipality
        if a == b or share < 0.35:
            return a
        return b if share > 0.65 else None

    def radius(self, km: float) -> float:
        """Metres around the drawn place of `km` that hold the true one."""
        road = self._road
        i, share = self._place(km)
        a, b = road.posts[i], road.posts[i + 1]
        posts = a.offset_m * (1 - share) + b.offset_m * share
        gap = (b.km - a.km) * 1000
        room = 4 * share * (1 - share)
        bend = self._bend(i) * sqrt(room)
        beyond = max(road.km_min - km, km - road.km_max, 0.0) * 1000
        return sqrt(posts**2 + (GAP_SHARE * gap * room) ** 2 + bend**2 + self._drift_m(km) ** 2) + beyond

    def _bend(self, i: int) -> float:
        """How far aside the middle of a gap may lie: what its length leaves beside the drawn line."""
        if i not in self._bends:
            low, high = self._kms[i], self._kms[i + 1]
            gap = (high - low) * 1000
            drawn = sum(starmap(distance_m, pairwise(self._road.chain.cut(low, high))))
            self._bends[i] = BEND_SHARE * sqrt(max(gap * gap - drawn * drawn, 0.0))
        return self._bends[i]

    def _drift_m(self, km: float) -> float:
        """What a km counted from a far post, or from an assumed zero, may be off along the road."""
        i = bisect_right(self._true, km)
        return SCALED_DRIFT * 1000 * min(abs(km - post) for post in self._true[max(0, i - 1) : i + 1])


def _line_string(points: tuple[tuple[float, float], ...]) -> Geometry:
    return {"type": "LineString", "coordinates": [[round(lon, 5), round(lat, 5)] for lat, lon in points]}
