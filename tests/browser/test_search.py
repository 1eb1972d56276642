"""The search field: places move the map, words choose records; all by keys."""

from __future__ import annotations

import pytest

from tests.browser.conftest import drawn, expect
from tests.web_items import ITEMS

pytestmark = pytest.mark.browser

OPTION = "#search-options:not([hidden]) [role=option]"
ALL = "/map?from=2021-11-01&to=2021-11-30"


def test_a_place_is_found_by_keys_and_flown_to(open_page):
    page = drawn(open_page(ALL, reduced_motion="reduce"))
    field = page.get_by_role("combobox", name="Место или слова")
    field.press_sequentially("тимашевс")
    options = page.locator(OPTION)
    expect(options.nth(1)).to_contain_text("Тимашёвск")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator(".place-name")).to_have_text("Тимашёвск")
    expect(page.locator("#map")).to_have_attribute("data-zoom", "11")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert "q=" not in page.url


def test_words_choose_records(open_page):
    page = drawn(open_page(ALL))
    field = page.get_by_role("combobox", name="Место или слова")
    field.fill("водопровод")
    field.press("Enter")
    expect(page.locator("#list .row")).to_have_count(1)
    field.fill("")
    expect(page.locator("#list .row")).to_have_count(len(ITEMS))


def test_nothing_is_suggested_any_more_once_the_words_are_sent(open_page):
    page = drawn(open_page(ALL))
    page.get_by_role("combobox", name="Место или слова").press_sequentially("водопровод")
    page.keyboard.press("Enter")  # before the suggestions come
    expect(page.locator("#list .row")).to_have_count(1)
    page.wait_for_timeout(700)
    expect(page.locator(OPTION)).to_have_count(0)


def test_escape_closes_the_options(open_page):
    page = drawn(open_page(ALL))
    field = page.get_by_role("combobox", name="Место или слова")
    field.press_sequentially("красн")
    page.locator(OPTION).first.wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(OPTION)).to_have_count(0)


def test_hostile_words_are_text(open_page):
    page = drawn(open_page(ALL))
    field = page.get_by_role("combobox", name="Место или слова")
    field.press_sequentially("<img src=x onerror=window.pwned=1>")
    expect(page.locator(OPTION).first).to_contain_text("<img src=x")
    page.keyboard.press("Enter")
    expect(page.locator("#list .row")).to_have_count(1)  # the hostile record itself
    assert page.evaluate("window.pwned") is None
