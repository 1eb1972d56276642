"""Reading: the JSON contract of `kubmap parse`, in and out."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import MOSCOW, Teaser
from kubmap.errors import InputError
from kubmap.geocode.compare import compare, compare_json
from kubmap.geocode.reading import iso, moment_of, parse, read_teaser, reading_json, teaser_from_json

ATLAS = load_atlas()
KEYS = [
    "id",
    "category",
    "is_scheduled",
    "starts_at",
    "ends_at",
    "casualties",
    "places",
    "location",
    "alternatives",
    "reasons",
]
PLACE = ["text", "kind", "name", "municipality", "start", "end", "source"]
LOCATION = ["lat", "lon", "precision", "radius_m", "label", "municipality", "zone", "road", "km", "method", "geometry"]


def read(text, **rest):
    return reading_json(read_teaser(teaser_from_json({"id": "x", "text": text, **rest}), ATLAS))


def test_keys_are_those_of_the_contract():
    row = read("Вчера в 15:30 в станице Тбилисской в ДТП погиб человек.", published="2021-11-23")
    assert list(row) == KEYS
    assert list(row["places"][0]) == PLACE
    assert list(row["location"]) == LOCATION
    assert list(row["reasons"][0]) == ["rule", "start", "end", "source", "read", "note"]


def test_a_reading_in_full():
    row = read("Вчера в 15:30 в станице Тбилисской в ДТП погиб человек.", published="2021-11-23")
    assert row["category"] == "road_accident"
    assert row["starts_at"] == "2021-11-22T15:30+03:00"
    assert row["casualties"] == {"dead": 1, "injured": None, "children": None}
    assert row["places"][0] == {
        "text": "станице Тбилисской",
        "kind": "settlement",
        "name": "Тбилисская",
        "municipality": "Тбилисский район",
        "start": 16,
        "end": 34,
        "source": "text",
    }
    assert row["location"]["zone"] == "Восточная экономическая зона"


def test_it_is_json():
    json.dumps(read("Пожар на 1362-м км М-4 «Дон» под Горячим Ключом, погибли двое."), ensure_ascii=False)


def test_no_incident_and_outside_have_no_location():
    assert read("Концерт пройдёт в Ейске.")["location"] is None
    assert read("ДТП в Ростовской области: погибли двое.")["location"] is None


def test_the_outage_knows_its_places():
    reading = parse("Аварийно отключили воду в Крымске и посёлке Южном.", published="2024-05-01")
    assert reading.outage is not None
    assert "Крымск" in reading.outage.places


def test_parse_takes_a_string_or_a_moment():
    text = "Вчера в ДТП в Ейске погиб человек."
    assert parse(text, published="2021-11-23").starts_at == parse(text, published=date(2021, 11, 23)).starts_at


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        ("2021-11-23", date(2021, 11, 23)),
        ("2021-11-23T10:00", datetime(2021, 11, 23, 10, tzinfo=MOSCOW)),
        ("2021-11-23T10:00+03:00", datetime(2021, 11, 23, 10, tzinfo=MOSCOW)),
        ("2021-11-23T07:00:00Z", datetime(2021, 11, 23, 10, tzinfo=MOSCOW)),
    ],
)
def test_published(value, wanted):
    assert moment_of(value, "published") == wanted


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["а"]}, "text"),
        ({"text": "а", "title": 5}, "title"),
        ({"text": "а", "id": {}}, "id"),
        ({"text": "а", "id": True}, "id"),
        ({"text": "а", "published": 5}, "published"),
        ({"text": "а", "published": "вчера"}, "published"),
        ({"text": "а", "published": "2021-13-40"}, "published"),
        ({"text": "а", "published": "0001-01-01"}, "published"),
        ({"text": "а", "published": "0001-01-01T00:00+14:00"}, "published"),
        ({"text": "а", "source_url": []}, "source_url"),
    ],
)
def test_bad_input_names_the_field(row, field):
    with pytest.raises(InputError, match=field) as error:
        teaser_from_json(row)
    assert error.value.field == field


def test_numbers_are_ids_too():
    assert teaser_from_json({"text": "а", "id": 7}).id == "7"


def test_iso():
    assert iso(datetime(2021, 11, 27, 6, tzinfo=MOSCOW)) == "2021-11-27T06:00+03:00"
    assert iso(date(2021, 11, 27)) == "2021-11-27"
    assert iso(None) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=60)), st.one_of(st.none(), st.dates()))
def test_any_teaser_is_read(text, title, published):
    json.dumps(reading_json(read_teaser(Teaser("x", text, title, published), ATLAS)))


ACCIDENT = "Утром 27 ноября на 12-м километре трассы Джубга — Сочи столкнулись два грузовика, погиб 45-летний водитель."


def test_a_teaser_is_the_same_event_as_itself():
    row = compare_json({"pair_id": "p", "a": {"text": ACCIDENT}, "b": {"text": ACCIDENT}}, ATLAS)
    assert list(row) == ["pair_id", "same_event", "score", "reasons"]
    assert row["same_event"] is True
    assert row["reasons"]


def test_another_km_is_another_event():
    other = ACCIDENT.replace("12-м", "64-м").replace("45-летний", "30-летний")
    found = compare(parse(ACCIDENT, published="2020-11-28"), parse(other, published="2020-11-28"))
    assert found.same_event is False


def test_the_order_of_a_pair_does_not_matter():
    a, b = parse(ACCIDENT), parse("Грузовики столкнулись на трассе Джубга — Сочи, один человек погиб.")
    assert compare(a, b).score == compare(b, a).score


@pytest.mark.parametrize("row", [{}, {"a": {"text": "а"}}, {"a": {"text": "а"}, "b": 5}])
def test_a_missing_side_is_named(row):
    with pytest.raises(InputError):
        compare_json(row, ATLAS)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Авария на М-4 13 октября в 5:00 под Кореновском.", "road_accident"),
        ("Авария на Р-217: машина сгорела.", "road_accident"),
        ("Авария на водоводе у трассы М-4 оставила посёлок без воды.", "outage_water"),
        ("Авария в Кореновске.", "none"),
    ],
)
def test_a_road_that_is_named_makes_an_accident_one_of_the_road(text, category):
    assert parse(text, published="2021-11-23").category == category
