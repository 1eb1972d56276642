"""The time slider: histogram, handles, keys, play and pause, motion that is not wanted."""

from __future__ import annotations

from datetime import date

import pytest

from tests.browser.conftest import drawn, expect, serving
from tests.web_items import CITY, incident

pytestmark = pytest.mark.browser

WEEK = "/map?from=2021-10-01&to=2021-10-07"


@pytest.fixture
def crowded(open_page, crowd):
    return lambda path, **options: drawn(open_page(path, base=crowd, **options))


def period(page):
    days = (page.locator(f'[name="{name}"]').input_value().split(".") for name in ("from", "to"))
    return tuple("-".join(reversed(parts)) for parts in days)


def test_histogram_marks_the_chosen_days(crowded):
    page = crowded(WEEK)
    bars = page.locator("#timeline .bar")
    assert bars.count() > 50
    assert page.locator("#timeline .bar.on").count() == 7


def test_keys_move_a_handle_and_say_the_day(crowded):
    page = crowded(WEEK)
    handle = page.get_by_role("slider", name="Конец периода")
    assert handle.get_attribute("aria-valuetext") == "7 октября 2021"
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "8 октября 2021")
    expect(page.locator('[name="to"]')).to_have_value("08.10.2021")
    assert period(page) == ("2021-10-01", "2021-10-08")


def test_handles_do_not_cross(crowded):
    page = crowded(WEEK)
    page.get_by_role("slider", name="Начало периода").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".time-words")).to_have_text("10 октября 2021")
    for name in ("from", "to"):
        expect(page.locator(f'[name="{name}"]')).to_have_value("10.10.2021")


def test_step_moves_the_window(crowded):
    page = crowded(WEEK)
    page.locator('[data-part="step"]').select_option("week")
    page.get_by_role("button", name="На шаг вперёд").click()
    expect(page.locator(".time-words")).to_have_text("8–14 октября 2021")
    page.get_by_role("button", name="На шаг назад").click()
    expect(page.locator(".time-words")).to_have_text("1–7 октября 2021")


def test_play_moves_on_pause_stays(crowded):
    page = crowded(WEEK)
    page.locator('[data-part="speed"]').select_option("4")
    page.get_by_role("button", name="Показать ход времени").click()
    expect(page.locator(".time-words")).not_to_have_text("1–7 октября 2021")
    page.get_by_role("button", name="Пауза").click()
    stopped = period(page)
    assert stopped > ("2021-10-01", "2021-10-07")
    page.wait_for_timeout(900)
    assert period(page) == stopped
    page.go_back()  # frames are no steps of the history: one step back leaves the page
    assert "/map" not in page.url


def test_play_ends_at_the_last_day(crowded):
    page = crowded("/map?from=2021-11-27&to=2021-11-28")
    page.locator('[data-part="speed"]').select_option("4")
    page.get_by_role("button", name="Показать ход времени").click()
    expect(page.locator("#timeline.playing")).to_have_count(0, timeout=5000)
    assert period(page) == ("2021-11-28", "2021-11-29")


def test_where_motion_is_unwelcome_play_makes_one_step(crowded):
    page = crowded(WEEK, reduced_motion="reduce")
    page.get_by_role("button", name="Показать ход времени").click()
    expect(page.locator(".time-words")).to_have_text("2–8 октября 2021")
    page.wait_for_timeout(1500)
    expect(page.locator(".time-words")).to_have_text("2–8 октября 2021")


def test_presets(crowded):
    page = crowded(WEEK)
    page.get_by_role("button", name="7 дней").click()
    expect(page.locator(".time-words")).to_have_text("23–29 ноября 2021")
    page.get_by_role("button", name="Всё время").click()
    expect(page.locator(".time-words")).to_have_text("Всё время")


@pytest.fixture(scope="module")
def decade(tmp_path_factory):
    """A record a month for ten years, and one a day in November 2021."""
    days = [date(2012 + n // 12, 1 + n % 12, 5) for n in range(120)] + [date(2021, 11, n) for n in range(1, 31)]
    items = [incident(5_000 + n, starts_at=day, published_at=day, location=CITY.location) for n, day in enumerate(days)]
    with serving(tmp_path_factory.mktemp("decade"), items) as served:
        yield served.address


def test_a_short_window_of_a_long_archive_has_a_scale_of_its_own(open_page, decade):
    page = drawn(open_page("/map?from=2021-11-10&to=2021-11-16", base=decade))
    window = page.locator(".time-window")
    assert window.bounding_box()["width"] > 40  # seven of 3,600 days were less than two pixels
    assert page.locator("#timeline .bar.on").count() == 7
    page.get_by_role("button", name="вся шкала").click()
    expect(page.locator('[data-part="first"]')).to_have_text("05.01.2012")
    assert window.bounding_box()["width"] < 10
    assert period(page) == ("2021-11-10", "2021-11-16")
    page.get_by_role("button", name="приблизить шкалу").click()
    expect(page.locator('[data-part="first"]')).not_to_have_text("05.01.2012")
    assert window.bounding_box()["width"] > 40


def test_the_scale_goes_with_the_window(open_page, decade):
    page = drawn(open_page("/map?from=2016-03-01&to=2016-03-30", base=decade))
    page.locator('[data-part="step"]').select_option("month")
    for _ in range(5):
        page.get_by_role("button", name="На шаг вперёд").click()
    expect(page.locator(".time-words")).to_have_text("29 июля — 27 августа 2016")
    track, box = (page.locator(each).bounding_box() for each in (".time-inner", ".time-window"))
    assert track["x"] <= box["x"]
    assert box["x"] + box["width"] <= track["x"] + track["width"] + 1
    page.get_by_role("button", name="Всё время").click()
    expect(page.locator('[data-part="first"]')).to_have_text("05.01.2012")
    expect(page.locator(".time-words")).to_have_text("Всё время")


def test_play_goes_through_the_whole_archive(open_page, decade):
    page = drawn(open_page("/map?from=2021-11-10&to=2021-11-16", base=decade))
    page.locator('[data-part="speed"]').select_option("4")
    page.locator('[data-part="step"]').select_option("month")
    page.get_by_role("button", name="Показать ход времени").click()
    expect(page.locator("#timeline.playing")).to_have_count(0, timeout=9000)
    assert period(page)[1] == "2021-12-05"


def test_dragging_the_window_keeps_its_length(crowded):
    page = crowded("/map?from=2021-10-01&to=2021-10-15")
    box = page.locator(".time-window").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 150, box["y"] + 8, steps=4)
    page.mouse.up()
    first, last = period(page)
    assert first > "2021-10-05"
    assert (int(last[8:]) - int(first[8:])) % 30 in {13, 14, 15, 16}  # 14 days, over a month's end or not
