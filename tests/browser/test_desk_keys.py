"""The desk without a mouse: every key that the help names does what it says, in a Russian layout too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kubmap.domain import Status
from tests.browser.desk_room import (
    FIRE,
    PAGE,
    Killable,
    come_in,
    expect,
    field,
    killable,
    opened,
    paste,
    records,
    the_map,
    toast,
)

pytestmark = pytest.mark.browser

CURRENT = ".desk-queue .item.current"


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def page(room, open_page):
    return come_in(open_page, room.address, "petrova")


def current(page) -> str:
    return page.locator(CURRENT).inner_text()


def test_keys(room, page):
    paste(page, f"{PAGE}\n\n{FIRE}")
    items = page.locator(".desk-queue .item .headline")
    opened(page, "Курс продолжительностью")
    expect(items.nth(2)).to_be_visible()
    order = items.all_inner_texts()

    page.keyboard.press("Escape")
    expect(page.locator(".desk-editor")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("id="))
    expect(page.locator(CURRENT)).to_have_count(0)  # the queue hears of it last

    page.keyboard.press("ArrowDown")
    expect(page.locator(CURRENT)).to_contain_text(order[0][:20])
    opened(page, order[0][:20].rstrip("…"))
    page.keyboard.press("j")
    expect(page.locator(CURRENT)).to_contain_text(order[1][:20])
    page.keyboard.press("ArrowDown")
    expect(page.locator(CURRENT)).to_contain_text(order[2][:20])
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    expect(page.locator(CURRENT)).to_contain_text(order[0][:20])
    opened(page, order[0][:20].rstrip("…"))

    # in a Russian layout the same key writes another letter
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'о', code: 'KeyJ', bubbles: true }))")
    expect(page.locator(CURRENT)).to_contain_text(order[1][:20])
    opened(page, order[1][:20].rstrip("…"))

    # letters are letters in a field
    field(page, "title").focus()
    page.keyboard.type("jk?x")
    expect(field(page, "title")).to_have_value("jk?x")
    expect(page.locator(CURRENT)).to_contain_text(order[1][:20])
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement ?? null") is None
    expect(page.locator(".desk-editor")).to_have_count(1)

    page.keyboard.press("x")
    expect(page.locator(".desk-queue .bulk")).to_contain_text("Отмечено: 1")
    page.keyboard.press("x")

    page.keyboard.press("/")
    expect(page.get_by_label("Поиск в очереди")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.get_by_label("Текст сообщения")).to_be_focused()
    page.keyboard.press("Escape")

    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Клавиши")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Клавиши")).to_be_hidden()
    expect(page.locator(".desk-editor")).to_have_count(1)

    field(page, "title").fill("Исправлено")
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text("сохранена версия 2")


def test_ctrl_enter_on_the_map_publishes_too(room, page):
    text = "Пожар произошёл в городе Тимашёвске 21 ноября в 10:05."
    paste(page, text)
    opened(page, "Тимашёвске")
    frame = the_map(page)
    frame.locator("#map_div").click(position={"x": 90, "y": 90})
    expect(page.get_by_label("Место проверено")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    assert any(each.text.startswith(text[:30]) for each in records(room.home, Status.PUBLISHED))


def test_a_pin_that_was_clicked_just_before_is_published_with_it(room, page):
    text = "Пожар произошёл в городе Тихорецке 21 ноября в 10:15."
    paste(page, text)
    opened(page, "10:15")
    the_map(page).locator("#map_div").click(position={"x": 90, "y": 90})
    page.keyboard.press("Control+Enter")  # before the map has told of the click
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    stored = next(each for each in records(room.home, Status.PUBLISHED) if each.text.startswith(text[:-1]))
    assert stored.location_verified
    assert stored.location.label != "Тихорецк"


def test_ctrl_enter_in_the_paste_box_never_publishes_what_is_open(room, page):
    paste(page, "Пожар произошёл в городе Армавире 20 ноября в 9:25.")
    opened(page, "Армавире")
    box = page.get_by_label("Текст сообщения")

    # what is refused leaves the cursor in the box, and the record that is open is drawn anew
    box.fill("Пожар в станице\0 Динской")
    box.press("Control+Enter")
    expect(page.locator(".desk-paste .problem")).to_contain_text("U+0000")
    box.fill("Пожар произошёл в станице Динской 20 ноября в 9:40.")
    box.press("Control+Enter")
    expect(page.locator(".desk-paste .report")).to_contain_text("Новых: 1 черновик")
    opened(page, "Динской")

    box.press("Control+Enter")
    expect(page.locator(".desk-paste .bar .note")).to_have_text("вставьте текст сообщения")

    # nor from the fields beside it
    box.fill("Пожар произошёл в городе Кореновске 20 ноября в 9:55.")
    page.locator(".desk-paste summary", has_text="Источник").click()
    link = page.locator(".desk-paste").get_by_label("Ссылка")
    link.fill("https://kubnews.ru/1")
    link.press("Control+Enter")
    opened(page, "Кореновске")
    live = [each.text for each in records(room.home, Status.PUBLISHED)]
    assert not [text for text in live if any(word in text for word in ("Армавире 20", "Динской", "Кореновске"))]
