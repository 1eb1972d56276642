"""What is off across the krai at a moment: by municipality, now, soon, without news; and its HTML."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kubmap.domain import Category, Precision
from kubmap.read.course import Phase
from kubmap.read.outlook import AHEAD, outlook
from kubmap.web import outagehome
from tests.browser.outage_items import HOSTILE_NOTICE, NOTICES
from tests.notices import at, indexed, notice
from tests.web_items import incident, place


@pytest.fixture(scope="module")
def index():
    return indexed(*NOTICES)


def names(parts):
    return [part.municipality.name if part.municipality else "" for part in parts]


def ids(parts):
    return {item.notice.incident.id[-3:] for part in parts for item in part.items}


def test_now_soon_and_without_news_are_told_apart(index):
    found = outlook(index, at(27, 10, 30))
    assert names(found.now) == ["Абинский район", "Ейский район", "Крымский район", "Тихорецкий район"]
    assert ids(found.now) == {"101", "103", "104", "105", "109", "110"}
    assert ids(found.soon) == {"107", "108"}
    assert ids(found.stale) == {"106"}


def test_a_notice_stands_with_each_municipality_that_it_concerns(index):
    soon = {part.municipality.name: part.items for part in outlook(index, at(27, 10, 30)).soon}
    troitsky = {name: items[-1] for name, items in soon.items() if items[-1].notice.incident.id.endswith("108")}
    assert set(troitsky) == {"Геленджик", "Крымский район", "Новороссийск"}
    assert troitsky["Новороссийск"].places[0].name == "Новороссийск"
    assert "Надежда" not in {each.name for each in troitsky["Крымский район"].places}


@pytest.mark.parametrize(
    ("now", "phase"),
    [(at(26, 21, 59), Phase.ANNOUNCED), (at(26, 22), Phase.OFF), (at(27, 5, 59), Phase.OFF), (at(27, 6), None)],
)
def test_a_night_is_told_to_its_end(index, now, phase):
    found = outlook(index, now)
    told = [item.phase for parts in (found.now, found.soon) for part in parts for item in part.items
            if item.notice.incident.id.endswith("102")]  # fmt: skip
    assert told == ([phase] if phase else [])


def test_what_begins_later_than_the_coming_days_is_not_told(index):
    begins = at(30, 6)
    assert "108" in ids(outlook(index, begins - AHEAD + timedelta(minutes=1)).soon)
    assert "108" not in ids(outlook(index, begins - AHEAD).soon)


def test_one_of_several_places_of_a_name_is_no_row_but_counted():
    found = outlook(indexed(notice("В посёлке Октябрьском 27 ноября с 6:00 до 9:00 отключат газ.")), at(27, 7))
    assert (found.now, found.soon, found.unplaced) == ((), (), 1)


def test_districts_and_the_krai_are_told_as_such():
    def wide(number, precision, **more):
        location = place(None, None, precision, **more)
        return incident(
            number, category=Category.OUTAGE_POWER, starts_at=at(27, 8), ends_at=at(27, 9), location=location
        )

    index = indexed(
        wide(1, Precision.DISTRICT, label="Крымский район", municipality="Крымский район"),
        wide(2, Precision.KRAI, label="Краснодарский край", method="krai"),
        wide(3, Precision.KRAI, label="Краснодарский край", method="default"),
    )
    found = outlook(index, at(27, 8, 30))
    assert names(found.now) == ["", "Крымский район"]
    assert [part.items[0].places for part in found.now] == [(), ()]
    assert found.unplaced == 1
    html = outagehome.krai_part(found, at(27, 8, 30), str, other=False)
    assert "весь район или округ" in html
    assert "весь край" in html
    assert "места не названы или неясны: 1" in html


def test_html_escapes_and_links_and_counts(index):
    html = outagehome.krai_part(
        outlook(index, at(27, 10, 30)), at(27, 10, 30), lambda key: f'?place={key}&"', other=True
    )
    assert HOSTILE_NOTICE.title not in html
    assert "<script" not in html
    assert 'href="?place=03616101001&amp;&#34;"' in html
    assert html.count("<h2") == 2
    assert "Показано на 10:30 27 ноября 2021" in html


def test_a_long_list_tells_each_municipality_in_a_line(monkeypatch, index):
    monkeypatch.setattr(outagehome, "ROWS", 3)
    html = outagehome.krai_part(outlook(index, at(27, 10, 30)), at(27, 10, 30), str, other=False)
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Ейский район Вода : 2 Газ : 1 Ейск" in text.replace(":", " :")
    assert "Тихорецкий район Тепло : 1" in text.replace(":", " :")
    assert "до 12:00" not in text


def test_nothing_known_is_not_all_on():
    html = outagehome.krai_part(outlook(indexed(), at(27, 8)), at(27, 8), str, other=False)
    assert "Это не значит, что всё включено" in html
