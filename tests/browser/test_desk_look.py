"""The desk on paper and in the dark, on a desktop and on a phone: no other host, nothing sideways, axe AA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import RESULTS
from tests.browser.desk_room import FIRE, PAGE, Killable, come_in, expect, killable, opened, paste, pick, the_map
from tests.browser.test_axe import RULES, axe

pytestmark = pytest.mark.browser

__all__ = ["axe"]

SIZES = {"desktop": (1280, 900), "phone": (360, 780)}
PARTS = (".desk-editor", ".desk-place", ".desk-queue", ".desk-tail", ".desk-paste")


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def enter(room, open_page):
    def go(**options):
        return come_in(open_page, room.address, "petrova", **options)

    return go


def violations(page, axe):
    """What axe finds in our parts and in the map's frame; Streamlit's own elements are not ours to mend."""
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run({ include: ['[class*=st-key-desk]'] }, rules)", RULES)["violations"]
    return [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]]


@pytest.mark.parametrize("size", SIZES)
def test_the_open_record(enter, axe, size):
    width, height = SIZES[size]
    page = enter(width=width, height=height)
    paste(page, f"{PAGE}\n\n{FIRE}")
    if size == "phone":
        page.get_by_role("button", name="Очередь:").click()
    pick(page, "Пожар произошёл в посёлке")
    looks_well(page, axe, size, "light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    looks_well(page, axe, size, "dark")


def looks_well(page, axe, size: str, scheme: str) -> None:
    opened(page, "Пожар произошёл")
    the_map(page)
    if size == "phone":
        expect(page.locator(".desk-queue .items")).to_be_hidden()
    width, _ = SIZES[size]
    for each in PARTS:
        box = page.locator(each).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 0.5, f"{each} is wider than the screen ({scheme})"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"desk-{size}-{scheme}.png")
    assert violations(page, axe) == [], scheme


def test_a_rerun_leaves_the_map_as_it_is(enter):
    page = enter()
    paste(page, FIRE)
    opened(page, "Пожар произошёл")
    frame = the_map(page)
    frame.locator("body").evaluate("node => { node.dataset.mark = 'same'; }")
    frame.get_by_role("button", name="Приблизить").click()
    page.wait_for_timeout(800)
    zoom = frame.locator("#map_div").get_attribute("data-zoom")
    frame.locator("#map_div").click(position={"x": 60, "y": 60})
    expect(page.get_by_label("Место проверено")).to_be_checked()
    expect(frame.locator(".desk-here.verified")).to_have_count(1)
    page.get_by_label("Место проверено").uncheck()
    expect(frame.locator(".desk-here.verified")).to_have_count(0)
    expect(frame.locator('body[data-mark="same"]')).to_have_count(1)
    assert frame.locator("#map_div").get_attribute("data-zoom") == zoom


def test_marks_tell_the_rule_that_read_them(enter):
    page = enter()
    paste(page, "Пожар произошёл в городе Тихорецке 22 ноября в 14:30. Пострадали двое, погибших нет.")
    opened(page, "Тихорецке")
    page.locator(".desk-editor mark.of-place").first.focus()
    tip = page.locator(".desk-editor .tip")
    expect(tip).to_contain_text("Тихорецке")
    expect(tip).to_contain_text("тип совпал")
    page.locator(".desk-editor mark.of-time").first.hover()
    expect(tip).to_contain_text("день")
    expect(page.locator(".desk-editor mark.of-hurt")).not_to_have_count(0)
