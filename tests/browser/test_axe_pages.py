"""axe-core finds nothing against WCAG 2 A and AA on the pages of the menu, for readers and for the chief editor."""

from __future__ import annotations

import pytest

from tests.browser.conftest import serving
from tests.browser.desk_room import come_in, expect, people
from tests.browser.test_axe import axe, violations  # noqa: F401 -- a fixture
from tests.web_items import ITEMS

pytestmark = pytest.mark.browser

READERS = ("", "outages", "summary", "about", "desk", "login", "outages/")
CHIEFS = ("desk", "upload", "sources", "users", "logout")
LOOKS = [{"color_scheme": "light"}, {"color_scheme": "dark", "width": 360, "height": 740}]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    home = tmp_path_factory.mktemp("house")
    people(home)
    with serving(home, ITEMS) as served:
        yield served.address


def settled(page) -> None:
    page.wait_for_load_state("networkidle")
    main = page.get_by_test_id("stMainBlockContainer")
    if main.count():
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)
        main.locator("h1, h2, iframe").first.wait_for(timeout=30_000)
        page.wait_for_timeout(500)


def found(page, axe):  # noqa: F811 -- the fixture's value
    settled(page)
    return violations(page, axe)


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light", "phone-dark"])
def test_readers(open_page, house, axe, look):  # noqa: F811 -- the fixture
    page = open_page("/about", base=house, **look)
    seen = {}
    for path in READERS:
        page.goto(f"{house}/{path}")
        seen[path] = found(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert {path: each for path, each in seen.items() if each} == {}


@pytest.mark.parametrize("look", LOOKS, ids=["desktop-light", "phone-dark"])
def test_chiefs(open_page, house, axe, look):  # noqa: F811 -- the fixture
    page = come_in(open_page, house, "glavred", **look)
    seen = {}
    for path in CHIEFS:
        page.goto(f"{house}/{path}")
        seen[path] = found(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert {path: each for path, each in seen.items() if each} == {}
