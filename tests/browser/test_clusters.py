"""Clusters: what they count, how they open, and that the list says what the map shows."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import RESULTS, drawn, expect
from tests.browser.crowd import CITY_COUNT, CROWD, KRAI_COUNT
from tests.web_items import HOSTILE

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-10-01&to=2021-12-31"
CITY = f"{ALL}&lat=45.035&lon=38.975&z=11"


def ids(page, selector):
    return page.locator(selector).evaluate_all("nodes => nodes.map((node) => node.dataset.id).sort()")


def counts(page):
    texts = page.locator(".donut-count").all_inner_texts()
    return sum(int(text) for text in texts)


@pytest.fixture
def crowded(open_page, crowd):
    return lambda path, **options: drawn(open_page(path, base=crowd, **options))


def test_rings_singles_and_the_krai_are_all_there_is(crowded):
    page = crowded(ALL)
    assert page.locator(".spot-cluster").count() >= 2
    singles = page.locator(".spot:not(.spot-cluster)").count()
    assert counts(page) + singles + KRAI_COUNT == len(CROWD)
    assert page.locator("#status").inner_text() == f"{len(CROWD)} события"
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / "map-crowd.png")


def test_list_equals_the_map(crowded):
    page = crowded(ALL)
    listed = set(ids(page, "#list > li > .row")) - {"krai", "unplaced"}
    assert listed == set(ids(page, ".spot"))


def test_ring_has_words_and_arcs_of_its_categories(crowded):
    page = crowded(CITY)
    ring = page.locator(".spot-cluster").first
    assert re.match(rf"{CITY_COUNT} событий: ДТП \d+", ring.get_attribute("aria-label"))
    assert ring.locator(".slice").count() == 3


def test_enter_on_a_ring_comes_nearer(crowded):
    page = crowded(f"{ALL}&lat=43.6&lon=39.85&z=8")
    before = page.evaluate("Number(document.getElementById('map').dataset.zoom)")
    ring = page.locator(".spot-cluster", has_text="19")
    ring.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map")).not_to_have_attribute("data-zoom", str(before))
    expect(page.locator(".spot").nth(3)).to_be_attached()
    assert "z=8&" not in page.url


def test_a_ring_that_cannot_split_lists_its_members(crowded):
    page = crowded(CITY)
    page.locator(".spot-cluster").first.click()
    rows = page.locator("#list .members .row")
    expect(rows).to_have_count(20)
    expect(page.locator('[aria-expanded="true"]:focus')).to_have_count(1)
    page.get_by_role("button", name="Показать ещё").click()
    expect(rows).to_have_count(40)
    page.get_by_role("button", name="Показать ещё").click()
    expect(rows).to_have_count(CITY_COUNT)
    assert page.get_by_role("button", name="Показать ещё").count() == 0
    assert len(set(ids(page, "#list .members .row"))) == CITY_COUNT
    titles = page.locator("#list .members .row-title").evaluate_all("nodes => nodes.map((node) => node.textContent)")
    assert sum(title.startswith(HOSTILE.strip()) for title in titles) == 5
    assert page.locator("#app img, #app script").count() == 0
    assert page.evaluate("window.pwned") is None


def test_a_member_opens_its_card_and_stands_out_of_the_ring(crowded):
    page = crowded(CITY)
    page.locator(".row-group", has_text=f"{CITY_COUNT} событий").click()
    member = page.locator("#list .members .row").nth(2)
    member.click()
    page.locator("#card").wait_for(state="visible")
    chosen = page.locator(".spot-chosen")
    expect(chosen).to_have_count(1)
    assert chosen.get_attribute("data-id") == member.get_attribute("data-id")
    page.keyboard.press("Escape")
    expect(chosen).to_have_count(0)
    expect(page.locator(".spot-cluster").first).to_be_attached()


def test_many_of_the_whole_krai_are_a_group(crowded):
    page = crowded(ALL)
    page.locator("#krai .strip-more").click()
    rows = page.locator("#members-krai .row")
    expect(rows).to_have_count(KRAI_COUNT)


def test_a_road_that_only_reaches_in_says_so(open_page):
    page = drawn(open_page("/map?from=2021-11-01&to=2021-11-30&lat=45.43&lon=40.65&z=11"))
    row = page.locator("#list .row", has_text="отметка за его краем")
    expect(row).to_have_count(1)
    row.focus()
    expect(page.locator("path.shape-road.shape-hot")).to_have_count(1)


def test_hover_and_focus_show_the_ring(crowded):
    page = crowded(CITY)
    page.locator(".row-group", has_text=f"{CITY_COUNT} событий").hover()
    expect(page.locator(".spot-cluster.spot-hot")).to_have_count(1)
    page.locator(".spot-cluster").first.hover()
    expect(page.locator(".row-hot")).to_have_count(1)


def test_phone_opens_the_list_of_a_ring(crowded):
    page = crowded(CITY, width=360, height=740, has_touch=True)
    page.locator(".spot-cluster").first.click()
    expect(page.locator("#list .members .row")).to_have_count(20)
    expect(page.locator("body.sheet-open")).to_have_count(1)
