"""What has an end fades after it, as of the end of the shown period; what is still on does not."""

from __future__ import annotations

import pytest

from tests.browser.conftest import drawn, expect
from tests.web_items import WATER

pytestmark = pytest.mark.browser


def test_works_fade_when_they_are_over(open_page):
    page = drawn(open_page("/map?from=2021-11-01&to=2021-11-30"))
    spot = page.locator(f'.spot[data-id="{WATER.id}"]')
    assert "finished" in spot.get_attribute("class")
    assert "(закончилось)" in spot.get_attribute("aria-label")
    assert page.locator(".spot.finished").count() == 1
    assert page.locator("#legend-finished").is_visible()
    assert "закончилось" in page.locator(f'.row[data-id="{WATER.id}"]').inner_text()


def test_on_the_day_itself_they_do_not(open_page):
    page = drawn(open_page("/map?from=2021-11-20&to=2021-11-26"))
    page.locator('[name="to"]').fill("27.11.2021")
    page.locator('[name="to"]').press("Enter")
    spot = page.locator(f'.spot[data-id="{WATER.id}"]')
    expect(spot).to_have_count(1)
    page.locator('[name="to"]').fill("28.11.2021")
    page.locator('[name="to"]').press("Enter")
    expect(page.locator(f'.spot.finished[data-id="{WATER.id}"]')).to_have_count(1)
