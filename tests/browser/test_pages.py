"""Every page of the menu opens without an error and without another host."""

from __future__ import annotations

import pytest

from tests.browser.conftest import RESULTS, expect
from tests.web_items import HOSTILE

pytestmark = pytest.mark.browser

PAGES = {"": "map", "outages": "outages", "desk": "desk", "summary": "summary", "about": "about"}


def test_pages_open(open_page, server):
    page = open_page("/healthz", height=900)
    RESULTS.mkdir(exist_ok=True)
    for path, name in PAGES.items():
        page.goto(f"{server}/{path}")
        page.wait_for_selector('[data-testid="stMainBlockContainer"]', timeout=30_000)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)
        if name == "summary":
            page.locator('[data-testid="stVegaLiteChart"] :is(canvas, svg)').nth(5).wait_for(timeout=30_000)
        page.wait_for_timeout(800)
        assert page.locator('[data-testid="stException"]').count() == 0, path
        if name == "map":
            frame = page.frame_locator("iframe")
            frame.locator("body[data-drawn]").wait_for(timeout=30_000)
        page.screenshot(path=RESULTS / f"page-{name}.png", full_page=True)


def test_desk_reads_a_teaser_and_marks_what_it_read(open_page):
    page = open_page("/desk", height=1000)
    box = page.get_by_label("Текст сообщения")
    box.fill(f"Авария произошла 22 ноября около 5:00 на трассе М-4 «Дон» в Краснодаре. {HOSTILE}")
    page.get_by_role("button", name="Прочитать").click()
    page.locator(".teaser mark").first.wait_for(timeout=30_000)
    text = page.locator(".teaser").evaluate("node => node.textContent")
    assert "<script>window.pwned=1</script>" in text
    assert page.locator(".teaser img, .teaser script").count() == 0
    assert page.evaluate("window.pwned") is None
    page.wait_for_timeout(1500)
    page.screenshot(path=RESULTS / "page-desk-read.png", full_page=True)


def test_a_link_to_the_page_is_a_link_to_the_view(open_page):
    page = open_page("/?category=fire&from=2021-11-01&to=2021-11-30&unknown=%22%3E")
    frame = page.frame_locator("iframe")
    frame.locator("body[data-drawn]").wait_for(timeout=30_000)
    expect(frame.locator("#list .row")).to_have_count(1)
    assert "unknown" not in page.locator("iframe").get_attribute("src")


def test_numbers_below_the_map_follow_their_filters_and_the_address(open_page):
    page = open_page("/?kinds=%D0%94%D0%A2%D0%9F", height=900)
    metrics = page.get_by_test_id("stMetricValue")
    expect(metrics.nth(0)).to_have_text("2", timeout=30_000)
    expect(metrics.nth(3)).to_have_text("1")
    frame = page.frame_locator("iframe")
    frame.locator("body[data-drawn]").wait_for(timeout=30_000)
    frame.locator("body").evaluate("node => { node.dataset.mark = 'same'; }")
    page.get_by_test_id("stButtonGroup").get_by_text("Пожары").click()
    expect(metrics.nth(0)).to_have_text("3")
    page.get_by_test_id("stButtonGroup").get_by_text("ДТП").click()
    expect(metrics.nth(0)).to_have_text("1")
    expect(metrics.nth(3)).to_have_text("не указано")  # not 0: nobody counted is not nobody
    assert "kinds=" in page.url
    expect(frame.locator('body[data-mark="same"]')).to_have_count(1)  # a rerun leaves the map as it is


@pytest.mark.parametrize("height", [700, 1400])
def test_the_map_and_the_numbers_below_it_do_not_overlap(open_page, height):
    page = open_page("/", height=height)
    metric = page.get_by_test_id("stMetric").first
    metric.wait_for(timeout=30_000)
    page.frame_locator("iframe").locator("body[data-drawn]").wait_for(timeout=30_000)
    frame, block = page.locator("iframe").bounding_box(), page.locator('[data-testid="stElementContainer"]:has(iframe)')
    below = frame["y"] + frame["height"]
    assert block.bounding_box()["height"] == pytest.approx(frame["height"], abs=16)
    assert below <= metric.bounding_box()["y"]


def test_the_period_of_the_summary_is_in_its_address(open_page):
    page = open_page("/summary?period=2021-11-22&period=2021-11-23", height=900)
    told = page.get_by_test_id("stMarkdown").filter(has_text="Событий за период").first
    expect(told).to_be_visible(timeout=30_000)
    some = told.inner_text()
    whole = open_page("/summary", height=900)
    told = whole.get_by_test_id("stMarkdown").filter(has_text="Событий за период").first
    expect(told).to_be_visible(timeout=30_000)
    assert told.inner_text() != some
