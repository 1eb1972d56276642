"""What another process publishes appears by itself, and nothing that the reader has moves."""

from __future__ import annotations

import pytest

from kubmap.domain import Category, Precision
from tests.browser.conftest import drawn, expect, publish, serving
from tests.web_items import CITY, incident, place

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-11-01&to=2021-11-30"
NEW = incident(
    99,
    category=Category.FIRE,
    title="Горит камыш у Тимашёвска",
    starts_at=CITY.starts_at,
    location=place(45.61, 38.94, Precision.SETTLEMENT, radius_m=4000, label="Тимашёвск"),
)


def test_a_publish_is_seen_in_a_moment(open_page, newsroom):
    page = drawn(open_page(f"{ALL}&id={CITY.id}&lat=45.3&lon=39&z=8.5", base=newsroom.address))
    page.locator("#card").wait_for(state="visible")
    page.locator('[name="q"]').focus()
    before = page.url
    pane = page.locator(".leaflet-map-pane").evaluate("node => node.style.transform")
    publish(newsroom.home, [NEW])
    expect(page.locator(f'.row[data-id="{NEW.id}"]')).to_have_count(1, timeout=15_000)  # how soon: bench/visible.py
    expect(page.locator(f'.spot[data-id="{NEW.id}"]')).to_have_count(1)
    assert page.url == before
    assert page.locator(".leaflet-map-pane").evaluate("node => node.style.transform") == pane
    assert page.locator("#card").is_visible()
    assert page.evaluate("document.activeElement.name") == "q"


def test_the_first_record_of_an_empty_archive_brings_its_days(open_page, tmp_path):
    with serving(tmp_path, []) as empty:
        page = drawn(open_page("/map", base=empty.address))
        expect(page.locator("#timeline")).to_be_hidden()
        publish(empty.home, [NEW])
        expect(page.locator("#timeline")).to_be_visible(timeout=10_000)
        expect(page.locator("#timeline .bar")).to_have_count(1)


def test_a_hidden_page_does_not_ask(open_page, newsroom):
    page = drawn(open_page(ALL, base=newsroom.address))
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    page.wait_for_timeout(1700)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3500)
    assert not asked
