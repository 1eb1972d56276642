"""The published static site works from a plain file server under a sub-path: no server of ours behind it."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.read.cache import SnapshotCache
from kubmap.store.store import Store
from kubmap.web.publish import publish as write_site
from kubmap.web.source import Source
from tests.browser.conftest import drawn, expect, publish
from tests.browser.crowd import CITY_COUNT, CROWD
from tests.web_items import ITEMS, ROAD_KM

pytestmark = pytest.mark.browser


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a folder of a file server; the site is in `kuban/` of it."""
    home, out = tmp_path_factory.mktemp("static"), tmp_path_factory.mktemp("www")
    publish(home, [*ITEMS, *CROWD])
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    write_site(Source(load_atlas(), data_folder(), SnapshotCache(store)), out / "kuban")
    store.close()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/kuban"
        server.shutdown()


@pytest.fixture
def opened(open_page, site):
    return lambda query="", **options: drawn(open_page(f"/index.html{query}", base=site, **options))


def test_all_is_there(opened):
    page = opened("?from=2021-10-01&to=2021-12-31")
    assert str(len(ITEMS) + len(CROWD)) in page.locator("#status").inner_text()
    assert page.locator(".spot-cluster").count() >= 2
    assert page.locator("path.zone").count() == 7
    assert page.locator("#timeline .bar").count() > 30


def test_filters_and_counts(opened):
    page = opened("?from=2021-11-20&to=2021-11-30")
    page.locator('.chip[data-category="fraud"]').click()
    expect(page.locator("#list .row")).to_have_count(1)
    page.locator("#show-all").click()
    page.locator('[name="where"]').select_option("zone:northern")
    expect(page.locator("#status")).to_have_text("13 событий")


def test_cards_open(opened):
    page = opened(f"?from=2021-11-01&to=2021-11-30&id={ROAD_KM.id}")
    page.locator("#card").wait_for(state="visible")
    assert "11-й км" in page.locator("#card").inner_text()
    assert "погибли: 1" in page.locator("#card").inner_text()


def test_rings_list_their_members(opened):
    page = opened("?from=2021-10-01&to=2021-12-31&lat=45.035&lon=38.975&z=11")
    page.locator(".row-group", has_text="Краснодар").first.click()
    rows = page.locator("#list .members:not([hidden]) .row")
    expect(rows).to_have_count(20)
    page.get_by_role("button", name="Показать ещё").click()
    expect(rows).to_have_count(40)
    page.get_by_role("button", name="Показать ещё").click()
    assert CITY_COUNT <= rows.count() <= CITY_COUNT + 1


def test_places_are_found(opened):
    page = opened(reduced_motion="reduce")
    page.get_by_role("combobox", name="Место или слова").press_sequentially("тимашевс")
    page.locator("#search-options .option", has_text="Тимашёвск").first.click()
    expect(page.locator(".place-name")).to_have_text("Тимашёвск")
