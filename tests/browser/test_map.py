"""The map page as readers meet it, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import RESULTS, drawn, expect
from tests.web_items import (
    CITY,
    DISTRICT,
    HOSTILE,
    HOSTILE_CELL,
    HOSTILE_ITEM,
    ITEMS,
    KRAI,
    ROAD,
    ROAD_KM,
    UNPLACED,
    WATER,
)

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-11-01&to=2021-11-30"


def position(page, incident):
    """Latitude and longitude under the icon's foot."""
    return page.evaluate(
        """id => {
          const node = document.querySelector(`.spot[data-id="${id}"]`);
          return node ? node.dataset.pin : null;
        }""",
        incident.id,
    )


def test_zones_legend_and_every_item_are_shown(open_page):
    page = drawn(open_page(ALL))
    assert page.locator("path.zone").count() == 7
    assert page.locator("#zones li").count() == 7
    assert page.locator("#list .row").count() == len(ITEMS)
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / "map-1280.png")


def test_pins_stand_only_where_a_point_is_known(open_page):
    page = drawn(open_page(ALL))
    pins = {incident.id: position(page, incident) for incident in ITEMS}
    assert [pins[each.id] for each in (ROAD_KM, CITY, HOSTILE_ITEM)] == ["true"] * 3
    assert [pins[each.id] for each in (ROAD, WATER, DISTRICT)] == ["false"] * 3
    assert [pins[each.id] for each in (KRAI, UNPLACED)] == [None, None]
    assert page.locator(f'#krai button[data-id="{KRAI.id}"]').count() == 1
    assert page.locator("path.shape-road").count() == 1
    assert page.locator("path.shape-district").count() == 1
    assert page.locator("path.halo").count() == 3


def test_a_pin_stands_at_its_coordinates(open_page):
    page = drawn(open_page(f"{ALL}&lat=45.04&lon=38.976&z=9"))
    spot = page.locator(f'.spot[data-id="{CITY.id}"]').bounding_box()
    stage = page.locator("#map").bounding_box()
    assert abs(spot["x"] + spot["width"] / 2 - (stage["x"] + stage["width"] / 2)) <= 2
    assert abs(spot["y"] + spot["height"] - (stage["y"] + stage["height"] / 2)) <= 3


def test_card_tells_the_record(open_page):
    page = drawn(open_page(ALL))
    page.locator(f'.row[data-id="{ROAD_KM.id}"]').click()
    card = page.locator("#card")
    card.wait_for(state="visible")
    text = card.inner_text()
    for part in ("22 ноября 2021, 7:00", "11-й км", "Анапа — Анапская", "± 4 км", "погибли: 1", "Черноморская"):
        assert part in text
    assert f"id={ROAD_KM.id}" in page.url
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    expect(page.locator(f'.row[data-id="{ROAD_KM.id}"]')).to_be_focused()


def test_road_without_km_says_so(open_page):
    page = drawn(open_page(f"{ALL}&id={ROAD.id}"))
    page.locator("#card").wait_for(state="visible")
    assert "трасса без километра" in page.locator("#card").inner_text()


def test_hostile_strings_are_text(open_page):
    page = drawn(open_page(f"{ALL}&id={HOSTILE_ITEM.id}"))
    page.locator("#card").wait_for(state="visible")
    assert page.locator("#card-title").evaluate("node => node.textContent") == HOSTILE.strip()
    assert HOSTILE_CELL in page.locator("#card .text").evaluate("node => node.textContent")
    assert page.locator("#card a[href^='javascript']").count() == 0
    assert page.locator("#app img, #app script").count() == 0
    assert page.evaluate("window.pwned") is None


def test_source_link_is_safe(open_page):
    page = drawn(open_page(f"{ALL}&id={CITY.id}"))
    link = page.locator("#card .foot a").first
    link.wait_for()
    assert link.get_attribute("href") == "https://example.org/1"
    assert set(link.get_attribute("rel").split()) == {"noopener", "nofollow"}


def test_filters_change_list_map_and_address(open_page):
    page = drawn(open_page(ALL))
    page.locator('.chip[data-category="fire"]').click()
    expect(page.locator("#list .row")).to_have_count(1)
    expect(page.locator(".spot")).to_have_count(1)
    assert "category=fire" in page.url
    page.reload()
    drawn(page)
    assert page.locator("#list .row").count() == 1
    page.locator("#show-all").click()
    expect(page.locator("#list .row")).to_have_count(len(ITEMS))


def test_search_words_reach_the_address_and_nothing_found_is_said(open_page):
    page = drawn(open_page(ALL))
    page.locator('[name="q"]').fill("такогословаздесьнет")
    page.locator('[name="q"]').press("Enter")
    page.locator("#nothing").wait_for(state="visible")
    expect(page.locator("#list .row")).to_have_count(0)


def test_keyboard_reaches_list_and_pins(open_page):
    page = drawn(open_page(ALL))
    page.locator(".row").first.focus()
    page.keyboard.press("Enter")
    page.locator("#card").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator(f'.spot[data-id="{CITY.id}"]').focus()
    page.keyboard.press("Enter")
    page.locator("#card").wait_for(state="visible")
    assert "кражу" in page.locator("#card-title").inner_text()


def test_phone_shows_the_map_first_and_the_list_as_a_sheet(open_page):
    page = drawn(open_page(ALL, width=360, height=740, has_touch=True))
    page.screenshot(path=RESULTS / "map-360.png")
    assert page.locator("#map").bounding_box()["height"] > 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#sheet-toggle").click()
    page.wait_for_timeout(400)
    row = page.locator(".row").first
    row.scroll_into_view_if_needed()
    page.screenshot(path=RESULTS / "map-360-list.png")
    row.click()
    page.locator("#card").wait_for(state="visible")
    page.screenshot(path=RESULTS / "map-360-card.png")


def test_dark_paper(open_page):
    page = drawn(open_page(ALL, color_scheme="dark"))
    page.screenshot(path=RESULTS / "map-1280-dark.png")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in paper[4:-1].split(",")) < 200


def test_nonsense_in_the_address_does_no_harm(open_page):
    page = drawn(open_page(f"{ALL}&lat=x&lon=1e999&z=abc&id=%3Cscript%3E&theme=%22%3E&other=1", expect=404))
    assert page.locator("path.zone").count() == 7
    assert page.locator("#card").is_hidden()


def test_a_link_to_a_record_shows_it_whatever_the_filters(open_page):
    page = drawn(open_page(f"/map?from=2020-01-01&to=2020-01-02&category=fraud&id={CITY.id}"))
    page.locator("#card").wait_for(state="visible")
    page.locator(f'.spot[data-id="{CITY.id}"]').wait_for()
    assert "2020-01-01" not in page.url


def test_whole_numbers_are_written_as_russian_rules_want(open_page):
    page = open_page(ALL)
    counts = [0, 7, 40, 999, 1_000, 9_800, 12_345, 100_000, 1_234_567]
    script = "all => [Kubmap.number, new Intl.NumberFormat('ru-RU').format].map((write) => all.map((n) => write(n)))"
    ours, theirs = page.evaluate(script, counts)
    assert ours == theirs
