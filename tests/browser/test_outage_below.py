"""The page «Отключения» below a path of its host: its field, its links and its feeds are found there and only there."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from tests.browser.conftest import expect, serving
from tests.browser.outage_items import KRYMSK, NOTICES
from tests.browser.test_outage_home import IN_KRYMSK, MORNING, PATIENT_MS, answered, type_in

pytestmark = pytest.mark.browser

BASE = "/news/kuban"
FOUND = {"Простая страница": "text/html", "Файл .ics": "text/calendar", "RSS": "application/rss+xml"}


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    home = tmp_path_factory.mktemp("below")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text(f'[server]\nbaseUrlPath = "{BASE}"\n')
    with serving(home, NOTICES) as served:
        yield served.address


def address(page, link):
    return urljoin(page.url, link.get_attribute("href"))


def test_a_resident_finds_everything(below, open_page):
    here = {"geolocation": IN_KRYMSK, "permissions": ["geolocation"]}
    page = open_page(f"{BASE}/outages?at={MORNING}", base=below, **here)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("combobox").wait_for(timeout=PATIENT_MS)
    expect(type_in(page, "кырмск").first).to_contain_text("Крымск")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Моё местоположение").click()
    page.locator(".pf-chip", has_text="Крымск").first.click()
    expect(answered(page)).to_contain_text("в Крымске", timeout=PATIENT_MS)
    for name, kind in FOUND.items():
        url = address(page, page.get_by_role("link", name=name, exact=True))
        assert urlsplit(url).path.startswith(f"{BASE}/")
        found = page.request.get(url)
        assert (found.status, found.headers["content-type"].partition(";")[0]) == (200, kind), name
    for link in page.get_by_role("link", name="На карте происшествий").all():
        assert urlsplit(address(page, link)).path == f"{BASE}/map"
    assert urlsplit(address(page, page.locator("a.permalink"))).path == f"{BASE}/outages/{KRYMSK}"
    elsewhere = [each for each in asked if each.startswith("http") and not urlsplit(each).path.startswith(f"{BASE}/")]
    assert elsewhere == []


def test_the_plain_page_stays_below_the_path(below, open_page):
    page = open_page(f"{BASE}/outages/{KRYMSK}?at={MORNING}", base=below)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(answered(page)).to_contain_text("в Крымске")
    own = [each for each in page.locator("a").all() if not each.get_attribute("href").startswith(("http", "webcal"))]
    assert len(own) > 8
    for link in own:
        assert urlsplit(address(page, link)).path.startswith(f"{BASE}/"), link.inner_text()
    page.locator("#q").fill("Надежда")
    page.get_by_role("button", name="Найти").click()
    page.wait_for_url(f"{below}{BASE}/outages/**")
    assert [each for each in asked if not urlsplit(each).path.startswith(f"{BASE}/")] == []
