"""The address holds the whole state; Back and Forward walk through it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import drawn, expect
from tests.web_items import CITY, ITEMS

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-11-01&to=2021-11-30"


def query(page):
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")


def test_a_state_made_by_hand_opens_the_same_elsewhere(open_page):
    page = drawn(open_page(ALL))
    page.locator('.chip[data-category="crime"]').click()
    page.locator('#by input[value="count"]').check()
    page.locator(f'.row[data-id="{CITY.id}"]').click()
    page.locator("#card").wait_for(state="visible")
    page.wait_for_timeout(1200)
    address = page.url
    other = drawn(open_page(address[address.index("/map") :]))
    other.locator("#card").wait_for(state="visible")
    assert query(other) == query(page)
    assert other.locator("#map").get_attribute("data-by") == "count"
    expect(other.locator("#list .row")).to_have_count(1)
    expect(other.locator("#card-title")).to_have_text("В Краснодаре раскрыли кражу")


def test_back_and_forward(open_page):
    page = drawn(open_page(ALL))
    page.locator('.chip[data-category="fire"]').click()
    expect(page.locator("#list .row")).to_have_count(1)
    page.locator("#list .row").click()
    page.locator("#card").wait_for(state="visible")
    page.go_back()
    page.locator("#card").wait_for(state="hidden")
    expect(page.locator("#list .row")).to_have_count(1)
    page.go_back()
    expect(page.locator("#list .row")).to_have_count(len(ITEMS))
    assert page.locator('.chip[data-category="fire"]').get_attribute("aria-pressed") == "false"
    page.go_forward()
    page.go_forward()
    page.locator("#card").wait_for(state="visible")
    expect(page.locator("#list .row")).to_have_count(1)


SLOW_FRAMES = """
const soon = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (act) => soon(() => setTimeout(() => act(performance.now()), 700));
"""


def test_back_before_the_map_has_begun_to_move(open_page):
    page = open_page(ALL)
    page.add_init_script(SLOW_FRAMES)  # as on a busy machine: a zoom begins with the frame after it was asked for
    page.reload()
    drawn(page)
    page.locator(f'.row[data-id="{CITY.id}"]').click()
    page.locator("#card").wait_for(state="visible")
    page.go_back()
    page.locator("#card").wait_for(state="hidden")
    page.wait_for_timeout(2500)
    expect(page.locator("#list .row")).to_have_count(len(ITEMS))
    assert "id" not in query(page)


def test_days_in_the_wrong_order_are_turned(open_page):
    page = drawn(open_page("/map?from=2021-11-30&to=2021-11-01"))
    expect(page.locator("#list .row")).to_have_count(len(ITEMS))


def test_addresses_of_the_page_are_relative(open_page, server):
    page = drawn(open_page(ALL))
    found = page.evaluate(
        "[...document.querySelectorAll('[src], link[href], [data-land], [data-labels]')].flatMap((node) =>"
        " [node.getAttribute('src'), node.getAttribute('href'), ...Object.values(node.dataset)].filter(Boolean))"
    )
    assert len(found) > 15
    assert not [address for address in found if address.startswith(("/", "http"))]
