"""Strategies for small made-up archives of the krai, of every precision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from kubmap.domain import Category, Incident, Location, Precision, Status
from kubmap.read.snapshot import Snapshot, build
from kubmap.store.store import Published

CATEGORIES = [each for each in Category if each is not Category.NONE]
lons, lats = st.floats(36.6, 41.7).map(lambda x: round(x, 4)), st.floats(43.4, 46.8).map(lambda x: round(x, 4))
POINTS = [Precision.ADDRESS, Precision.ROAD_KM, Precision.SETTLEMENT]


def point(lon: float, lat: float, precision: Precision = Precision.SETTLEMENT, **changes: Any) -> Location:
    return Location(lat, lon, precision, 1_000, changes.pop("label", "место"), **changes)


def line(*positions: tuple[float, float], **changes: Any) -> Location:
    """A road without a pin."""
    geometry = {"type": "LineString", "coordinates": [list(each) for each in positions]}
    return Location(None, None, Precision.AREA, None, changes.pop("label", "дорога"), geometry=geometry, **changes)


def square(lon: float, lat: float, size: float) -> Location:
    """A district with its middle."""
    ring = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return Location(lat + size / 2, lon + size / 2, Precision.DISTRICT, 9_000, "район", geometry=geometry)


KRAI = Location(None, None, Precision.KRAI, None, "край")
towns = st.sampled_from([(38.97, 45.03), (39.0, 45.0), (37.77, 44.72), (37.78, 44.72), (39.72, 43.6)])
locations = st.one_of(
    st.builds(lambda at: point(*at), towns),
    st.builds(point, lons, lats, st.sampled_from(POINTS)),
    st.builds(lambda a, b, c, d: line((a, b), (c, d)), lons, lats, lons, lats),
    st.builds(square, lons, lats, st.floats(0.05, 0.8)),
    st.sampled_from([KRAI, None]),
)


def incident(number: int, **fields: Any) -> Incident:
    values: dict[str, Any] = {
        "version": 1, "status": Status.PUBLISHED, "category": Category.FIRE, "title": None, "text": "Пожар",
        "starts_at": date(2021, 11, 22),
    }  # fmt: skip
    return Incident(id=f"{number:06}", **values | fields)


def snapshot(*incidents: Incident, revision: int = 1) -> Snapshot:
    return build(Published(7, revision, demo=False, incidents=incidents))


def numbered(made: list[Incident]) -> list[Incident]:
    return [replace(each, id=f"{number:06}") for number, each in enumerate(made)]


incidents = st.builds(
    lambda category, location, day: incident(0, category=category, location=location, starts_at=day),
    st.sampled_from(CATEGORIES), locations, st.dates(date(2021, 1, 1), date(2021, 12, 31)) | st.none(),
)  # fmt: skip
archives = st.lists(incidents, max_size=120).map(numbered)
frames = st.tuples(lons, lats, st.floats(0.01, 4), st.floats(0.01, 3)).map(
    lambda f: (f[0], f[1], f[0] + f[2], f[1] + f[3])
)
