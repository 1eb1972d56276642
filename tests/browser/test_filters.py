"""Filters: counts, days in Russian, zones; the view stays; what is elsewhere is offered."""

from __future__ import annotations

import pytest

from kubmap.atlas.atlas import load_atlas
from tests.browser.conftest import drawn, expect
from tests.browser.crowd import CROWD, NORTH_COUNT
from tests.web_items import ROAD

pytestmark = pytest.mark.browser

ALL = "/map?from=2021-10-01&to=2021-12-31"


@pytest.fixture
def crowded(open_page, crowd):
    return lambda path, **options: drawn(open_page(path, base=crowd, **options))


def view(page):
    query = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    return {name: query[name] for name in ("lat", "lon", "z")}


def test_counts_stay_when_a_category_is_chosen_and_so_does_the_view(crowded):
    page = crowded(f"{ALL}&lat=44.5&lon=39.2&z=8.5")
    before = view(page)
    fires = page.locator('.chip[data-category="fire"]')
    count = int(fires.locator(".count").inner_text())
    accidents = page.locator('.chip[data-category="road_accident"] .count').inner_text()
    fires.click()
    expect(page.locator("#status")).to_contain_text(f"из {count}")
    assert page.locator('.chip[data-category="road_accident"] .count').inner_text() == accidents
    assert fires.get_attribute("aria-pressed") == "true"
    assert view(page) == before


def test_days_are_written_as_here(crowded):
    page = crowded(ALL)
    field = page.locator('[name="from"]')
    assert field.input_value() == "01.10.2021"
    field.fill("15.11.2021")
    field.press("Enter")
    expect(page.locator(".time-words")).to_have_text("15 ноября — 31 декабря 2021")
    assert "from=2021-11-15" in page.url


def test_a_wrong_day_is_told_and_changes_nothing(crowded):
    page = crowded(ALL)
    problem, field = page.locator("#period-problem"), page.locator('[name="from"]')
    for wrong in ("31.02.2021", "вчера", "<b>", "01.01.2030"):
        field.fill(wrong)
        field.press("Enter")
        expect(problem, wrong).to_be_visible()
        assert "from=2021-10-01" in page.url, wrong
        assert str(len(CROWD)) in page.locator("#status").inner_text(), wrong
        field.fill("01.10.2021")
        field.press("Enter")
        expect(problem).to_be_hidden()


def test_zone_of_the_panel_and_of_the_legend_are_one(crowded):
    page = crowded(ALL)
    page.locator('[name="where"]').select_option("zone:sochi-agglomeration")
    row = page.locator('#zones [data-zone="sochi-agglomeration"]')
    expect(row).to_have_attribute("aria-pressed", "true")
    row.click()
    expect(page.locator('[name="where"]')).to_have_value("")


def test_a_municipality_is_chosen_in_the_place_of_a_zone(crowded):
    page = crowded(f"{ALL}&zone=sochi-agglomeration&lat=45.2&lon=39&z=7.5")
    before = view(page)
    page.locator('[name="where"]').select_option(label="Ейский район")
    expect(page.locator("#status")).to_have_text(f"{NORTH_COUNT} событий · Ейский район")
    assert page.evaluate("new URLSearchParams(location.search).get('zone')") is None
    assert view(page) == before
    page.locator('#zones [data-zone="sochi-agglomeration"]').click()
    expect(page.locator('[name="where"]')).to_have_value("zone:sochi-agglomeration")
    assert page.evaluate("new URLSearchParams(location.search).get('municipality')") is None


def test_an_address_names_a_municipality_by_name_or_id(crowded, crowd):
    town = next(each for each in load_atlas().municipalities.values() if each.name == "Ейский район")
    page = crowded(ALL)
    for name in (town.name, town.id):
        page.goto(f"{crowd}{ALL}&municipality={name}")
        drawn(page)
        expect(page.locator('[name="where"]'), name).to_have_value(f"municipality:{town.id}")
        expect(page.locator("#status"), name).to_have_text(f"{NORTH_COUNT} событий · Ейский район")


def test_a_record_of_several_zones_opens_without_losing_the_filter(open_page):
    page = drawn(open_page("/map?from=2021-11-01&to=2021-11-30&zone=eastern"))
    row = page.locator(f'#list .row[data-id="{ROAD.id}"]')
    row.click()
    expect(page.locator("#card-title")).to_be_visible()
    expect(page.locator('[name="where"]')).to_have_value("zone:eastern")
    assert page.evaluate("new URLSearchParams(location.search).get('zone')") == "eastern"


def test_nothing_in_these_days_shows_how_many_there_are_on_others(crowded):
    page = crowded("/map?from=2021-11-29&to=2021-11-29&category=outage_power")
    expect(page.locator("#nothing")).to_be_visible()
    button = page.locator("#other-days")
    expect(button).to_contain_text("12 событий")
    button.click()
    expect(page.locator("#status")).to_have_text("12 событий")
    expect(button).to_be_hidden()


def test_nothing_on_any_day_offers_no_other_days(crowded):
    page = crowded("/map?from=2021-11-29&to=2021-11-29&q=абракадабра")
    expect(page.locator("#nothing")).to_be_visible()
    page.wait_for_timeout(600)
    expect(page.locator("#other-days")).to_be_hidden()


def test_nothing_here_shows_where_there_is(crowded):
    page = crowded(f"{ALL}&category=outage_power&lat=43.6&lon=39.8&z=10")
    assert page.locator("#status").inner_text() == "Здесь ничего не найдено"
    button = page.locator("#elsewhere")
    assert "12 событий" in button.inner_text()
    button.click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    expect(page.locator(".spot").first).to_be_attached()


def test_at_most_one_view_is_on_its_way(crowded):
    page = crowded(ALL)
    asked, done = [], []
    page.on("request", lambda request: "/view?" in request.url and asked.append(request.url))
    page.on("requestfinished", lambda request: "/view?" in request.url and done.append(request.url))
    page.on("requestfailed", lambda request: "/view?" in request.url and done.append(request.url))
    page.evaluate("for (const chip of document.querySelectorAll('.chip')) chip.click()")
    page.wait_for_timeout(800)
    assert len(asked) == 1  # twelve changes at once are one question
    assert asked == done


def test_what_is_drawn_already_is_not_drawn_anew(crowded):
    page = crowded(f"{ALL}&lat=45.035&lon=38.975&z=11")
    page.locator(".spot").first.evaluate("node => { node.dataset.mark = 'same'; }")
    page.locator(".row").last.evaluate("node => { node.dataset.mark = 'same'; }")
    page.locator("#map").press("ArrowRight")
    page.wait_for_timeout(700)
    expect(page.locator('.spot[data-mark="same"]')).to_have_count(1)
    expect(page.locator('.row[data-mark="same"]')).to_have_count(1)
