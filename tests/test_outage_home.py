"""The page «Отключения» as a script: what it asks of the process on every rerun, and what its address may hold."""

from __future__ import annotations

import json
import re
import sys
import time

import pytest
from streamlit.testing.v1 import AppTest

from kubmap.read.snapshot import Snapshot
from kubmap.settings import settings
from kubmap.web import outagemap, outagepage
from kubmap.web.pages import outages
from kubmap.web.source import _opened, source
from tests.notices import EYSK, KRYMSK, notice

RERUNS = 1_000
AT = "2021-11-27T07:30"
CUT = "Плановые работы на водопроводе 27 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда»: воды не будет."


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBMAP_HOME", str(tmp_path))
    caches = (settings, _opened, outages._place, outages._krai)
    for kept in caches:
        kept.cache_clear()
    yield source()
    for kept in caches:
        kept.cache_clear()


def add(home, *incidents):
    """Publish by the page's own store, so that the next run sees it."""
    for each in incidents:
        home.snapshots._store.add(each, actor="test")


@pytest.fixture
def page(home, monkeypatch):
    add(home, notice(CUT))
    # a run leaves its script as `__main__`, and whatever starts processes after it would run that first
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return AppTest.from_function(_script, default_timeout=60)


def _script():
    from kubmap.web.pages import outages

    outages.show()


def told(page):
    """What the paper shows."""
    element = next(each for each in page.main.children.values() if each.key == outages.PAPER)
    return json.loads(element.proto.json)


def opened(page, **query):
    page.query_params.clear()
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return told(page)


def test_the_address_holds_place_and_moment(page):
    shown = opened(page, place=KRYMSK, at=AT)
    assert "с 6:00 до 24:00 в Крымске" in shown["html"]
    assert (shown["key"], shown["live"]) == (KRYMSK, False)
    assert "сведений об отключениях нет" in opened(page, place=EYSK, at=AT)["html"]
    assert "Отключено сейчас" in opened(page, at=AT)["html"]


def test_without_a_moment_the_page_is_live(page):
    assert opened(page, place=KRYMSK)["live"] is True


def test_what_the_address_should_not_hold_is_said_and_now_is_shown(page):
    assert "Отключено сейчас" in opened(page, place="<script>")["html"]
    shown = opened(page, place=KRYMSK, at="вчера")
    assert shown["live"] is True
    assert "Время в адресе не читается" in page.warning[0].value


@pytest.mark.parametrize("base", ["", "/kuban", "/news/kuban"], ids=["root", "kuban", "news-kuban"])
def test_links_lead_below_what_stands_before_the_app(page, monkeypatch, base):
    monkeypatch.setattr(outages, "root", lambda: base)
    html = opened(page, place=KRYMSK, at=AT)["html"]
    own = [each for each in re.findall(r'href="([^"]*)"', html) if not each.startswith(("?", "#", "http", "webcal:"))]
    assert {each.partition("?")[0] for each in own} == {
        f"{base}/{path}"
        for path in ("map", f"outages/{KRYMSK}", f"feeds/outages/{KRYMSK}.ics", f"feeds/outages/{KRYMSK}.rss")
    }
    field = next(each for each in page.main.children.values() if each.key == outages.FIELD)
    assert json.loads(field.proto.json)["root"] == base


def test_a_rerun_draws_nothing_and_reads_nothing(page, monkeypatch):
    opened(page, place=KRYMSK, at=AT)
    work = []
    for owner, name in ((outagemap, "draw"), (Snapshot, "take"), (outagepage, "answer_part")):
        monkeypatch.setattr(owner, name, lambda *_args, _name=name, **_more: work.append(_name))
    for _ in range(RERUNS):
        page.run()
    assert work == []
    assert "с 6:00 до 24:00 в Крымске" in told(page)["html"]


def test_a_map_is_drawn_once_for_all_places_and_minutes(page, monkeypatch):
    drawn, draw = [], outagemap.draw
    monkeypatch.setattr(outagemap, "draw", lambda *args: drawn.append(1) or draw(*args))
    for minute in ("10:00", "10:01", "10:02"):
        for place in (KRYMSK, "kk-kry-nadezhda"):
            assert "<svg" in opened(page, place=place, at=f"2021-11-27T{minute}")["html"]
    assert len(drawn) == 1


def test_a_publish_changes_the_answer(page, home):
    assert "сведений об отключениях нет" in opened(page, place=EYSK, at=AT)["html"]
    add(home, notice("В Ейске 27 ноября с 7:00 до 18:00 отключат газ для ремонта газопровода.", number=2))
    deadline = time.monotonic() + 20
    while "отключение газа" not in (shown := opened(page, place=EYSK, at=AT)["html"]) and time.monotonic() < deadline:
        time.sleep(0.1)  # the store is looked at once a second
    assert "отключение газа" in shown
