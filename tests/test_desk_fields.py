"""The form: a record goes in and comes out the same; what people type is read, or told with its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubmap.desk.values import FieldErrors
from kubmap.domain import MOSCOW, Casualties, Category, Interval, Outage, OutageKind, Reason, Utility
from kubmap.errors import InputError
from kubmap.store import codec
from kubmap.web.editor import fields
from tests.web_items import CITY, HOSTILE_ITEM, ITEMS, ROAD, WATER, at

FULL = replace(
    WATER,
    outage=Outage(
        Utility.WATER,
        kind=OutageKind.LIMITED_SCHEDULE,
        works=Interval(at(27, 6), at(28, 0)),
        supply=(Interval(at(27, 6), at(27, 9)), Interval(at(27, 18), at(28, 1))),
        recovery_hours=(4, 6.5),
        places=("Новороссийск", "село Гайдук"),
        exceptions=("мкр «Надежда»",),
        streets=("улица Мира", "Садовая, 1–9"),
        cause="ремонт",
        provider="Водоканал",
        withdrawn=True,
    ),
)


@pytest.mark.parametrize("incident", [*ITEMS, FULL], ids=lambda each: each.id[-3:])
def test_an_untouched_form_changes_nothing(incident):
    assert fields.changes(incident, fields.raw(incident)) == {}


def test_every_field_of_an_outage_comes_back():
    bare = replace(FULL, outage=Outage(Utility.WATER))
    assert fields.changes(bare, fields.raw(FULL))["outage"] == FULL.outage


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22.11.2021", date(2021, 11, 22)),
        ("22.11.21", date(2021, 11, 22)),
        ("22.11.2021 5:00", datetime(2021, 11, 22, 5, tzinfo=MOSCOW)),
        (" 22.11.2021, 05:07 ", datetime(2021, 11, 22, 5, 7, tzinfo=MOSCOW)),
        ("22.11.2021 в 17.30", datetime(2021, 11, 22, 17, 30, tzinfo=MOSCOW)),
        ("27.11.2021 24:00", datetime(2021, 11, 28, tzinfo=MOSCOW)),
        ("", None),
    ],
)
def test_moments(typed, meant):
    assert fields.moment(typed) == meant


@pytest.mark.parametrize("typed", ["22.11", "вчера", "31.02.2021", "22.11.2021 25:00", "22.11.2021 5", "2021"])
def test_half_a_moment_is_told(typed):
    with pytest.raises(InputError):
        fields.moment(typed)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  aware below
def test_a_moment_reads_as_it_is_written(moment):
    minute = moment.replace(second=0, microsecond=0, tzinfo=MOSCOW)
    assert fields.moment(fields.moment_words(minute)) == minute
    assert fields.moment(fields.moment_words(minute.date())) == minute.date()


@given(st.sampled_from(["starts_at", "dead", "supply", "recovery", "title"]), st.text(max_size=60))
def test_no_text_breaks_the_reader(name, typed):
    try:
        read = fields.changes(WATER, {name: typed})
    except FieldErrors as error:
        read = error.errors
    assert set(read) <= {name, "outage", "casualties"}


def test_all_errors_are_told_at_once():
    with pytest.raises(FieldErrors) as told:
        fields.changes(WATER, {"starts_at": "вчера", "dead": "двое", "supply": "с утра", "text": "  "})
    assert set(told.value.errors) == {"starts_at", "dead", "supply", "text"}


def test_people():
    assert fields.changes(CITY, {"dead": "2", "injured": ""})["casualties"] == Casualties(dead=2)
    assert fields.changes(CITY, {"dead": "0"})["casualties"] == Casualties(dead=0)


def test_a_category_brings_an_outage_and_takes_it():
    assert fields.changes(WATER, {"category": "fire"})["outage"] is None
    made = fields.changes(CITY, {"category": "outage_gas", "works_end": "28.11.2021 9:00"})
    assert made["category"] is Category.OUTAGE_GAS
    assert made["outage"] == Outage(Utility.GAS, works=Interval(None, at(28, 9)))


def test_a_place_of_the_map_and_a_new_reading():
    where = codec.location_to_json(CITY.location)
    kept = {"location": where, "location_verified": True, "reasons": [{"rule": "fire:fire", "note": "пожар"}]}
    read = fields.changes(ROAD, kept)
    assert read["location"] == CITY.location
    assert read["location_verified"] is True
    assert read["reasons"] == (Reason("fire:fire", "пожар"),)
    assert fields.changes(CITY, {"location": {}}) == {"location": None}
    assert fields.changes(CITY, {"location": where}) == {}


def test_changes_as_a_working_copy_keeps_them():
    changes = {"category": Category.FIRE, "starts_at": at(23, 4), "location": CITY.location}
    kept = fields.kept(HOSTILE_ITEM, changes)
    assert kept["starts_at"] == "23.11.2021 4:00"
    assert kept["title"] is None  # the key goes: nothing was typed there
    typed = {name: value for name, value in kept.items() if value is not None}
    assert fields.changes(HOSTILE_ITEM, typed) == {"starts_at": at(23, 4), "location": CITY.location}
