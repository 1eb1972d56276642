"""Counts per zone, municipality, category and time."""

from __future__ import annotations

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.model import Municipality, Zone
from kubmap.domain import Category, Precision
from kubmap.feeds.words import category_name
from kubmap.read.snapshot import Filter, build
from kubmap.read.summary import rate, summarise
from kubmap.store.store import Published
from tests.archives import snapshot
from tests.web_items import ITEMS, incident, place


@pytest.fixture
def atlas():
    return load_atlas()


ZONES = (
    Zone("black-sea", "Черноморская экономическая зона", "Черноморская", "#000", 44.6, 38.0, 900_000, 1.0),
    Zone("northern", "Северная экономическая зона", "Северная", "#000", 46.3, 39.0, 500_000, 1.0),
)
MUNICIPALITIES = (
    Municipality("anapa", "Анапа", "городской округ", "black-sea", "1", 44.9, 37.3, 200_000, "2021", 1.0, "high", ""),
    Municipality("empty", "Пустой район", "район", "northern", "2", 46, 39, 0, "2021", 1.0, "high", ""),
)
NAMES = {category: category_name(category) for category in Category}


def summary(items, wanted=None):
    archive = snapshot(*items)
    return summarise(archive, wanted or Filter(), zones=ZONES, municipalities=MUNICIPALITIES, names=NAMES)


def test_zones_are_counted_once_and_what_has_no_zone_is_told():
    found = summary(ITEMS)
    assert {row.id: row.count for row in found.zones} == {"black-sea": 2, "northern": 1}
    assert found.no_zone == len(ITEMS) - 4
    assert found.total == len(ITEMS)
    assert found.krai == 1


def test_rates_are_per_10000_people():
    found = {row.id: row for row in summary(ITEMS).zones}
    assert found["black-sea"].per_10000 == pytest.approx(2 * 10_000 / 900_000)
    assert rate(3, 0) is None
    assert {row.id: row.per_10000 for row in summary(ITEMS).municipalities}["empty"] is None


def test_categories_go_by_count():
    found = summary(ITEMS).categories
    assert (found[0].id, found[0].count) == ("road_accident", 2)
    assert sum(row.count for row in found) == len(ITEMS)


def test_what_touches_several_zones_counts_in_each(atlas):
    line = {"type": "LineString", "coordinates": [[38.97, 45.03], [39.5, 45.6], [40.9, 45.0]]}
    several = incident(1, location=place(None, None, Precision.AREA, geometry=line))
    found = summarise(
        build(Published(1, 1, demo=False, incidents=(several, incident(2))), atlas), Filter(),
        zones=atlas.zones.values(), municipalities=atlas.municipalities.values(), names=NAMES,
    )  # fmt: skip
    counts = {row.id: row.count for row in found.zones}
    assert counts["krasnodar-agglomeration"] == counts["eastern"] == 1
    assert counts["sochi-agglomeration"] == 0
    assert (found.total, found.several_zones, found.no_zone) == (2, 1, 1)


def test_what_has_no_day_is_in_no_bin():
    found = summary([incident(1, published_at=None)])
    assert (found.timeline.bins, found.timeline.undated) == ((), 1)


def test_empty_archive():
    found = summary([])
    assert (found.total, found.timeline.bins, found.categories) == (0, (), ())
