"""A record in words: the history, the comparison and the three-way view tell every field, in Russian."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kubmap.domain import Casualties, Category, Status, Telling
from kubmap.store.store import Store
from kubmap.web.editor import words
from tests.web_items import CITY, HOSTILE, ITEMS, WATER, at


@pytest.mark.parametrize("incident", ITEMS, ids=lambda each: each.id[-3:])
def test_a_whole_record(incident):
    told = dict(words.told(incident))
    assert told["Состояние"] == "на карте"
    assert told["Текст"] == incident.text
    assert all(isinstance(each, str) and each for each in told.values())


def test_people_and_places_and_outages():
    assert words.value("casualties", Casualties(dead=2, injured=0)) == "погибли: 2"
    assert words.value("location", CITY.location) == "город Краснодар (населённый пункт, ± 12 км)"
    assert words.value("category", Category.FIRE) == "Пожар"
    assert words.value("is_scheduled", None) == ""
    assert words.value("is_scheduled", False) == "нет"
    assert words.value("starts_at", at(27, 6)) == "27.11.2021 6:00"
    outage = words.value("outage", WATER.outage)
    for part in ("вода", "нет совсем", "с 6:00 до 24:00", "4–6", "кроме: мкр «Надежда»", "где: Новороссийск"):
        assert part in outage


def test_the_diff_of_a_version_reads_as_words(tmp_path):
    """What the history keeps as JSON is told like the values themselves."""
    store = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    store.migrate()
    first = store.add(replace(WATER, status=Status.DRAFT), actor="petrova")
    changes = {
        "casualties": Casualties(injured=3),
        "location": CITY.location,
        "outage": replace(WATER.outage, exceptions=()),
        "starts_at": at(27, 8),
        "status": Status.PUBLISHED,
        "title": HOSTILE,
        "sources": (Telling("Кубань 24", "https://example.org/2"), Telling(None, "https://example.org/3")),
    }
    store.update(first.id, expected_version=1, changes=changes, actor="petrova")
    entry = store.history(first.id)[-1]
    store.close()
    told = {
        each.field: (words.json_value(each.field, each.before), words.json_value(each.field, each.after))
        for each in entry.diff
    }
    assert told["casualties"] == ("", "пострадали: 3")
    assert told["location"][1] == words.value("location", CITY.location)
    assert told["starts_at"] == ("27.11.2021 6:00", "27.11.2021 8:00")
    assert told["status"] == ("черновик", "на карте")
    assert told["sources"] == ("", "Кубань 24; https://example.org/3")
    assert told["title"] == ("", HOSTILE)
    assert "кроме" in told["outage"][0]
    assert "кроме" not in told["outage"][1]
    assert {words.field_name(name) for name in told} & set(told) == set()  # no English name is shown
