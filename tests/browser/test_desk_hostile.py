"""Hostile text through every field of the desk: it is shown as text everywhere, nothing of it runs, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kubmap.domain import Status
from tests.browser.conftest import drawn
from tests.browser.desk_room import (
    Killable,
    come_in,
    expect,
    field,
    kept,
    killable,
    opened,
    paste,
    ready,
    records,
    the_map,
    toast,
)
from tests.web_items import HOSTILE, HOSTILE_CELL

pytestmark = pytest.mark.browser

CORPUS = {
    "script": "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>",
    "template": "${window.pwned=1} `${window.pwned=1}` {{ window.pwned=1 }} {% raw %}",
    "markdown": "[жми](javascript:window.pwned=1) ![x](x) :material/home: $x^2$ **жирно** # заголовок",
    "closing": '</script></textarea></style></title>--><svg onload="window.pwned=1">',
    "rtl": "\u202eовтсьлетироткеп\u202c и \u2066изолят\u2069",
    "zero": "Крас\u200bно\u200dдар\ufeff и \u00adпереносы",
    "sql": "'; DROP TABLE incidents; -- \" OR 1=1",
    "formula": HOSTILE_CELL,
}


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def page(room, open_page):
    page = come_in(open_page, room.address, "petrova")
    page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError(f"a dialog: {dialog.message}")))
    return page


def unharmed(page) -> None:
    """Nothing ran, and no element of the corpus came to be, in the page, its shadow roots or the map's frame."""
    for frame in page.frames:
        assert frame.evaluate("window.pwned ?? null") is None
    assert page.locator('img[src="x"]').count() == 0
    assert page.locator("svg[onload]").count() == 0
    assert page.frame_locator("iframe").locator('img[src="x"], svg[onload]').count() == 0


def test_hostile_text_is_text_everywhere(room, page):
    for name, nasty in CORPUS.items():
        page.goto(f"{room.address}/desk")
        ready(page)
        is_text_everywhere(room, page, name, nasty)


def is_text_everywhere(room, page, name, nasty):
    text = f"Пожар произошёл в посёлке Октябрьском 22 ноября, сообщили {name}: {nasty} Пострадали двое."
    paste(page, text)
    opened(page, "Пожар произошёл")
    assert page.locator(".desk-editor .teaser").evaluate("node => node.textContent").count(nasty.strip()) == 1
    for each in ("title", "source_name", "cause", "why"):
        field(page, each).evaluate(
            "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", nasty
        )
    kept(page)
    the_map(page)
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text("сохранена версия 2")
    for tab in ("История", "Похожие", "Почему так прочитано"):
        page.get_by_role("tab", name=tab).click()
        unharmed(page)
    page.get_by_role("tab", name="История").click()
    page.get_by_role("button", name="Открыть", exact=True).first.click()
    expect(page.locator(".desk-tail .old")).to_contain_text("Пожар произошёл")
    unharmed(page)
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    page.locator(".desk-queue .tabs").get_by_role("button", name="Карта").click()
    page.locator(".desk-queue .item").first.wait_for()
    unharmed(page)
    stored = next(each for each in records(room.home, Status.PUBLISHED) if name in each.text)
    assert nasty.strip() in stored.text
    assert stored.title == nasty.strip()
    assert stored.source_name == nasty.strip()


def test_a_reader_sees_it_as_text(room, page, open_page):
    paste(page, f"Пожар произошёл в городе Тихорецке 22 ноября в 19:30. {HOSTILE}")
    opened(page, "Тихорецке")
    field(page, "title").fill(HOSTILE)
    kept(page)
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    reader = drawn(open_page("/map?from=2020-01-01&to=2030-12-31", base=room.address))
    expect(reader.locator(".row", has_text="<script>window.pwned=1</script>").first).to_be_visible()
    assert reader.evaluate("window.pwned ?? null") is None


def test_a_bad_link_is_refused_in_words_and_kept(page):
    paste(page, "Пожар произошёл в городе Тимашёвске 22 ноября в 20:30.")
    opened(page, "Тимашёвске")
    field(page, "source_url").fill("javascript:window.pwned=1")
    field(page, "starts_at").fill("вчера вечером")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".desk-editor .of-starts_at .wrong")).to_contain_text("пишите 22.11.2021")
    field(page, "starts_at").fill("22.11.2021 20:30")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".desk-editor .of-source_url .wrong")).to_contain_text("http")
    expect(field(page, "source_url")).to_have_value("javascript:window.pwned=1")
    expect(page.locator(".desk-editor .status")).to_have_text("черновик")


def test_a_megabyte_is_kept_while_it_is_refused(page):
    huge = "Пожар произошёл в городе Ейске 22 ноября, горел сарай у дома. " * 17_000
    assert len(huge) >= 1_000_000
    box = page.get_by_label("Текст сообщения")
    box.evaluate("(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }", huge)
    box.focus()
    box.press("Control+Enter")
    expect(page.locator(".desk-paste .problem")).to_be_visible(timeout=60_000)
    assert len(box.input_value()) == len(huge)
    unharmed(page)
