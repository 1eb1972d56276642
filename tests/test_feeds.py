"""GeoJSON features, the CSV table and the words of a record."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest

from kubmap.domain import MOSCOW, Casualties, Category, Precision
from kubmap.feeds import geojson, table, words
from kubmap.read.brief import HEADLINE_CHARS
from tests.web_items import (
    AREA,
    CITY,
    DISTRICT,
    HOSTILE,
    HOSTILE_CELL,
    HOSTILE_ITEM,
    ITEMS,
    KRAI,
    ROAD,
    ROAD_KM,
    UNPLACED,
    WATER,
    at,
    incident,
    place,
)


def test_point_is_lon_lat_with_five_digits():
    found = geojson.feature(incident(9, location=place(45.123456789, 38.987654321, Precision.SETTLEMENT)))
    assert found["geometry"] == {"type": "Point", "coordinates": [38.98765, 45.12346]}


@pytest.mark.parametrize("item", [ROAD, WATER, DISTRICT])
def test_a_wide_place_has_its_shape_and_no_point(item):
    found = geojson.feature(item)
    assert found["geometry"]["type"] != "Point"


def test_krai_and_unplaced_have_no_geometry():
    assert geojson.feature(KRAI)["geometry"] is None
    assert geojson.feature(UNPLACED)["geometry"] is None
    assert geojson.feature(UNPLACED)["properties"]["place"] is None


def test_collections_of_geometries_keep_their_members():
    found = geojson.rounded(AREA)
    assert [part["type"] for part in found["geometries"]] == ["Polygon", "MultiPoint"]


def test_every_feature_is_json_and_names_its_category():
    text = json.dumps(geojson.collection(ITEMS), ensure_ascii=False)
    found = json.loads(text)
    assert [each["id"] for each in found["features"]] == [each.id for each in ITEMS]
    assert all(each["properties"]["category_name"] for each in found["features"])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
        ("http://пример.рф/", "http://пример.рф/"),
        (" https://example.org ", "https://example.org"),
        ("javascript:alert(1)", None),
        ("JAVASCRIPT:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org", None),
        ("https:///nohost", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_links_pass(url, safe):
    assert words.safe_link(url) == safe


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_could_be_formulas_are_guarded(start):
    assert table.guarded(f"{start}1") == f"'{start}1"


def test_numbers_are_not_guarded():
    assert table.guarded(-1.5) == "-1.5"
    assert table.guarded(None) == ""
    assert table.guarded(True) == "true"


def test_csv_has_a_row_an_incident_and_guards_hostile_ones():
    text = table.incidents_csv(ITEMS)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == [each.id for each in ITEMS]
    hostile = next(row for row in rows if row["id"] == HOSTILE_ITEM.id)
    assert hostile["text"] == f"'{HOSTILE_CELL}"
    assert hostile["title"] == HOSTILE
    assert next(row for row in rows if row["id"] == ROAD_KM.id)["km"] == "11.0"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (at(22, 5), None, "22 ноября 2021, 5:00"),
        (date(2021, 11, 22), None, "22 ноября 2021"),
        (at(27, 6), at(28, 0), "27 ноября 2021, с 6:00 до 24:00"),
        (at(27, 22), at(28, 14), "с 22:00 27 ноября до 14:00 28 ноября 2021"),
        (datetime(2021, 12, 31, 22, tzinfo=MOSCOW), datetime(2022, 1, 1, 3, tzinfo=MOSCOW),
         "с 22:00 31 декабря 2021 до 3:00 1 января 2022"),
        (date(2021, 11, 22), date(2021, 11, 28), "22–28 ноября 2021"),
        (date(2021, 11, 29), date(2021, 12, 2), "с 29 ноября по 2 декабря 2021"),
        (None, at(27, 18), "до 27 ноября 2021, 18:00"),
        (at(27, 6), date(2021, 11, 27), "27 ноября 2021, 6:00"),
        (date(2021, 11, 27), at(27, 18), "27 ноября 2021, до 18:00"),
        (None, None, None),
    ],
)  # fmt: skip
def test_intervals_in_words(start, end, said):
    assert words.interval_words(start, end) == said


def test_unknown_time_is_said():
    assert words.when(UNPLACED) == "время не указано, сообщение от 22 ноября 2021"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (ROAD, "трасса без километра"),
        (ROAD_KM, "километр трассы, ± 4 км"),
        (CITY, "населённый пункт, ± 12 км"),
        (DISTRICT, "район или округ целиком"),
        (KRAI, "весь край"),
    ],
)
def test_precision_in_words(item, said):
    assert words.precision(item.location) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Casualties(), None),
        (Casualties(dead=0, injured=0), "никто не пострадал"),
        (Casualties(injured=0), "никто не пострадал"),
        (Casualties(dead=0), "погибших нет"),
        (Casualties(dead=2, injured=5, children=1), "погибли: 2, пострадали: 5, среди них детей: 1"),
    ],
)
def test_casualties_in_words(found, said):
    assert words.casualties(found) == said


def test_every_category_has_a_name():
    assert all(words.category_name(category) for category in Category)


def test_headline_is_cut_at_a_word():
    found = words.headline(incident(9, text="слово " * 60))
    assert len(found) <= HEADLINE_CHARS + 1
    assert found.endswith("слово…")


@pytest.mark.parametrize(("metres", "said"), [(80, "80 м"), (1000, "1 км"), (1540, "1,5 км"), (12_400, "12 км")])
def test_length_in_words(metres, said):
    assert words.length(metres) == said
