"""axe-core finds nothing against WCAG 2 A and AA on the map page: light, dark, phone, with a card, with a dialog."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.browser.conftest import drawn
from tests.web_items import ROAD_KM

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-11-01&to=2021-11-30"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def axe():
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("axe-playwright-python is not installed")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_map(open_page, axe, scheme, size):
    page = drawn(open_page(ALL, color_scheme=scheme, **size))
    assert violations(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_clusters_groups_and_shaded_zones(open_page, crowd, axe, scheme):
    page = drawn(open_page("/map?from=2021-10-01&to=2021-12-31&by=count&category=fire,road_accident", base=crowd,
                           color_scheme=scheme))  # fmt: skip
    page.locator(".row-group").last.click()
    page.locator(".members .row").first.wait_for()
    assert violations(page, axe) == []


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_card_and_options(open_page, axe, size):
    page = drawn(open_page(f"{ALL}&id={ROAD_KM.id}", **size))
    page.locator("#card").wait_for(state="visible")
    assert violations(page, axe) == []


def test_sheet_and_search_options(open_page, axe):
    page = drawn(open_page(ALL, **PHONE))
    page.locator("#sheet-toggle").click()
    page.wait_for_timeout(400)
    page.get_by_role("combobox", name="Место или слова").press_sequentially("красн")
    page.locator("#search-options [role=option]").first.wait_for()
    assert violations(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dialog(open_page, axe, scheme):
    page = drawn(open_page(ALL, color_scheme=scheme))
    page.get_by_role("button", name="Поделиться").click()
    assert violations(page, axe) == []
