"""A chain: a line whose vertices carry km; linear referencing along it.

Distances are metres on a sphere or, for projections, on a plane tangent at the point (error < 0.1 % up to 30 km).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, hypot, pi, sin, sqrt

EARTH_M = 6_371_008.8
_DIAMETER_M = 2 * EARTH_M
_DEGREE_M = EARTH_M * pi / 180
LEAST_DEGREE_M = 111_000
"""No degree of latitude is shorter: the cheapest bound of a distance."""
_RADIAN = pi / 180
"""As a factor: a call of `radians` takes longer, and distances are asked for again and again."""


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (lat, lon), metres."""
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    lat_a, lat_b = lat_a * _RADIAN, lat_b * _RADIAN
    h = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) * _RADIAN / 2) ** 2
    return _DIAMETER_M * asin(sqrt(h) if h < 1.0 else 1.0)


@dataclass(frozen=True, slots=True)
class Chain:
    """`points` are (lat, lon), `kms` grow strictly; both of one length, at least two."""

    points: tuple[tuple[float, float], ...]
    kms: tuple[float, ...]

    @property
    def km_min(self) -> float:
        return self.kms[0]

    @property
    def km_max(self) -> float:
        return self.kms[-1]

    def at(self, km: float) -> tuple[float, float]:
        """The (lat, lon) at `km`; beyond an end, the end."""
        i = self.segment(km)
        low, high = self.kms[i], self.kms[i + 1]
        t = 0.0 if km <= low else 1.0 if km >= high else (km - low) / (high - low)
        a, b = self.points[i], self.points[i + 1]
        return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t

    def segment(self, km: float) -> int:
        """Index of the segment that holds `km`; beyond an end, the first or the last."""
        return bisect_right(self.kms, km, 1, len(self.kms) - 1) - 1

    def cut(self, km_from: float, km_to: float) -> list[tuple[float, float]]:
        """The (lat, lon) of the stretch between two km, at least two of them; `km_from` <= `km_to`."""
        low, high = max(km_from, self.km_min), min(km_to, self.km_max)
        inner = self.points[bisect_right(self.kms, low) : bisect_left(self.kms, high)]
        return [self.at(low), *inner, self.at(high)]

    def project(self, lat: float, lon: float) -> tuple[float, float]:
        """The nearest point of the chain: (distance in metres, km)."""
        east = _DEGREE_M * cos(lat * _RADIAN)
        xy = [((p[1] - lon) * east, (p[0] - lat) * _DEGREE_M) for p in self.points]
        best = (float("inf"), self.km_min)
        for i in range(len(xy) - 1):
            away, t = _to_segment(xy[i], xy[i + 1])
            if away < best[0]:
                best = away, self.kms[i] + t * (self.kms[i + 1] - self.kms[i])
        return best


def _to_segment(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Distance from the origin to the segment ab, and where on it (0..1) the nearest point is."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0 else min(1.0, max(0.0, -(a[0] * dx + a[1] * dy) / length2))
    return hypot(a[0] + t * dx, a[1] + t * dy), t


def measured(points: list[tuple[float, float]], km_from: float, km_to: float) -> list[float]:
    """The km of each of `points`, growing by length from `km_from` at the first to `km_to` at the last."""
    run = [0.0]
    for a, b in pairwise(points):
        run.append(run[-1] + distance_m(a, b))
    total = run[-1] or 1.0
    return [km_from + (km_to - km_from) * r / total for r in run]
