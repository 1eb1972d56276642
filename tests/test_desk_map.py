"""The map of the open record: nothing of another host in it, no text of people that could act, one map a session."""

from __future__ import annotations

import json
import re

import pytest

from kubmap.domain import Alternative, Precision
from kubmap.web.editor import map as deskmap
from tests.web_items import AREA, CITY, HOSTILE, HOSTILE_ITEM, ROAD_KM, place

folium = pytest.importorskip("streamlit_folium")


def sent(monkeypatch, incident, alternatives=()):
    """What streamlit-folium would send to the browser."""
    calls = []
    monkeypatch.setattr(folium, "_component_func", lambda **args: calls.append(args))
    shown = deskmap.shown(
        incident_id=incident.id,
        base=incident.version,
        location=incident.location,
        alternatives=alternatives,
        verified=False,
        category="fire",
        dark=False,
    )
    deskmap.show(shown, lambda: None)
    return calls[0]


def data(args):
    found = re.search(r'<script type="application/json" id="desk-map">(.*?)</script>', args["header"], re.DOTALL)
    return json.loads(found[1])


def test_nothing_comes_from_another_host(monkeypatch):
    args = sent(monkeypatch, CITY)
    links = [*args["js_links"], *args["css_links"], *data(args)["layers"].values()]
    assert links
    assert all(re.match(r"/(assets|api)/", link) for link in links)
    assert "http" not in args["script"] + args["html"]
    assert "://" not in args["header"]


def test_another_record_is_the_same_map(monkeypatch):
    """The key is made of the script: only the header, which is no part of it, tells the record."""
    one, other = sent(monkeypatch, CITY), sent(monkeypatch, ROAD_KM)
    assert one["key"] == other["key"]
    assert one["script"] == other["script"]
    assert data(one) != data(other)
    assert one["feature_group"] is None  # it would be evaluated


def test_hostile_words_are_data(monkeypatch):
    wide = place(None, None, Precision.AREA, label="</script><script>window.pwned=1</script>", geometry=AREA)
    args = sent(monkeypatch, HOSTILE_ITEM, (Alternative(HOSTILE_ITEM.location, 0.5), Alternative(wide, 0.4)))
    assert data(args)["location"]["label"] == HOSTILE
    assert args["header"].count("</script>") == 1
    assert "<script>window" not in args["header"]
    assert "pwned" not in args["script"] + args["html"]


def test_a_click_on_a_pin_is_that_place():
    alternatives = (
        Alternative(place(None, None, Precision.DISTRICT, label="район"), 0.9),
        Alternative(CITY.location, 0.8),
        Alternative(ROAD_KM.location, 0.7),
    )
    assert [n for n, _ in deskmap.pinned(alternatives)] == [2, 3]
    assert deskmap.chosen(alternatives, 44.95, 37.45) == 3
    assert deskmap.chosen(alternatives, 44.9501, 37.45) is None


def test_the_chosen_place_is_no_alternative(monkeypatch):
    alternatives = (Alternative(CITY.location, 0.8), Alternative(ROAD_KM.location, 0.7))
    shown = data(sent(monkeypatch, CITY, alternatives))
    assert [each["n"] for each in shown["alternatives"]] == [2]
