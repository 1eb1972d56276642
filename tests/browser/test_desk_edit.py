"""Work on records: fields of an outage, a new reading, search, several at once, updates, what others add."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kubmap.domain import Status
from tests.browser.desk_room import (
    Killable,
    come_in,
    expect,
    field,
    kept,
    killable,
    opened,
    paste,
    pick,
    ready,
    records,
    toast,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    """A desk for all: each test has a matter of its own."""
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def empty_room(tmp_path) -> Iterator[Killable]:
    """A desk whose queue holds what the test puts there."""
    with killable(tmp_path) as server:
        yield server


@pytest.fixture
def enter(room, open_page):
    def go(login: str = "petrova"):
        return come_in(open_page, room.address, login)

    return go


def saved(page, version: int) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text(f"сохранена версия {version}")


def test_an_outage_is_corrected_field_by_field(room, enter):
    page = enter()
    paste(page, "27 ноября с 6:00 до 24:00 в станице Динской отключат воду из-за плановых работ.")
    opened(page, "отключат воду")
    expect(field(page, "works_start")).to_have_value("27.11." + field(page, "works_start").input_value()[6:])
    expect(page.locator(".desk-editor fieldset.outage")).to_be_visible()
    year = field(page, "works_start").input_value()[6:10]
    field(page, "supply").fill(f"27.11.{year} 6:00 – 9:00\n27.11.{year} 18:00 – 24:00")
    field(page, "exceptions").fill("мкр «Надежда»")
    field(page, "streets").fill("улица Мира\nСадовая")
    field(page, "recovery").fill("4–6")
    field(page, "kind").select_option("limited_schedule")
    field(page, "why").fill("уточнил поставщик")
    kept(page)
    saved(page, 2)
    outage = next(each for each in records(room.home) if "отключат воду" in each.text).outage
    assert len(outage.supply) == 2
    assert outage.supply[1].end.hour == 0
    assert outage.exceptions == ("мкр «Надежда»",)
    assert outage.streets == ("улица Мира", "Садовая")
    assert outage.recovery_hours == (4, 6)
    assert outage.kind == "limited_schedule"
    page.get_by_role("tab", name="История").click()
    expect(page.locator(".desk-tail .version").first).to_contain_text("уточнил поставщик")
    expect(page.locator(".desk-tail .version").first).to_contain_text("кроме: мкр «Надежда»")
    field(page, "supply").fill("с утра")
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .of-supply .wrong")).to_contain_text("не читается")
    # another category: no outage any more, the fields go
    field(page, "supply").fill("")
    field(page, "category").select_option("fire")
    expect(page.locator(".desk-editor fieldset.outage")).to_be_hidden()
    saved(page, 3)
    assert next(each for each in records(room.home) if "отключат воду" in each.text).outage is None


def test_an_edited_text_is_read_anew(room, enter):
    page = enter()
    paste(page, "Пожар произошёл в городе Тихорецке 22 ноября в 14:30. Пострадали двое.")
    opened(page, "Тихорецке")
    page.get_by_role("button", name="Править текст").click()
    field(page, "text").fill("Пожар произошёл в городе Ейске 22 ноября в 15:45. Пострадали четверо.")
    page.get_by_role("button", name="Прочитать заново").click()
    expect(field(page, "injured")).to_have_value("4")
    expect(page.locator(".desk-place .label")).to_contain_text("Ейск")
    expect(page.get_by_label("Место проверено")).not_to_be_checked()
    assert next(each for each in records(room.home) if "Тихорецке" in each.text).version == 1
    saved(page, 2)
    stored = next(each for each in records(room.home) if "в городе Ейске 22 ноября в 15:45" in each.text)
    assert "Ейск" in stored.location.label
    assert stored.casualties.injured == 4
    assert not stored.location_verified
    expect(page.locator(".desk-editor mark.of-place").first).to_contain_text("Ейске")


def test_what_is_on_the_map_is_found_by_words_id_and_link(room, enter):
    page = enter()
    page.locator(".desk-queue .tabs").get_by_role("button", name="Карта").click()
    items = page.locator(".desk-queue .item")
    expect(items).to_have_count(len(records(room.home, Status.PUBLISHED)))
    search = page.get_by_label("Поиск в очереди")
    search.fill("кража Краснодар")
    search.fill("раскрыли кражу")
    expect(items).to_have_count(1)
    incident = next(each for each in records(room.home) if each.title == "В Краснодаре раскрыли кражу")
    search.fill(incident.id)
    expect(items).to_have_count(1)
    search.fill(f"https://karta.example/?id={incident.id}&z=9")
    expect(items).to_have_count(1)
    search.fill("такого нет нигде")
    expect(page.locator(".desk-queue .empty")).to_contain_text("ничего нет")


def test_all_at_once_and_back(empty_room, open_page):
    room, page = empty_room, come_in(open_page, empty_room.address, "petrova")
    towns = ("Ейске", "Тихорецке", "Армавире")
    paste(page, "\n\n".join(f"Пожар произошёл в городе {town} 22 ноября в 14:3{n}." for n, town in enumerate(towns)))
    expect(page.locator(".desk-queue .item")).to_have_count(3)
    everything = page.get_by_label("Отметить все", exact=True)
    everything.check()
    expect(page.locator(".desk-queue .bulk")).to_contain_text("Отмечено: 3")
    everything.uncheck()
    expect(page.locator(".desk-queue .bulk")).not_to_contain_text("Отмечено")
    everything.check()
    page.locator(".desk-queue .bulk").get_by_role("button", name="Опубликовать").click()
    expect(toast(page)).to_contain_text("Опубликовано: 3 записи")
    expect(page.locator(".desk-queue .item")).to_have_count(0)
    assert len([each for each in records(room.home, Status.PUBLISHED) if "Пожар произошёл" in each.text]) == 3
    toast(page).get_by_role("button", name="Вернуть").click()
    expect(page.locator(".desk-queue .item")).to_have_count(3)
    assert not [each for each in records(room.home, Status.PUBLISHED) if "Пожар произошёл" in each.text]


def test_a_later_message_updates_the_earlier_record(room, enter):
    page = enter()
    paste(page, "В Армавире 21 ноября в 16:20 на улице Мира столкнулись две машины. Пострадал один человек.")
    opened(page, "две машины")
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано")
    first = next(each for each in records(room.home, Status.PUBLISHED) if "две машины" in each.text)
    later = "В ДТП 21 ноября в 16:20 на улице Мира в Армавире, где столкнулись две машины, пострадали трое."
    paste(page, later)
    opened(page, "пострадали трое")
    page.locator(".desk-tail .twin").get_by_role("button", name="Связать как обновление").click()
    expect(toast(page)).to_contain_text("Связано")
    opened(page, "пострадали трое")
    stored = next(each for each in records(room.home, Status.PUBLISHED) if each.id == first.id)
    assert stored.version == first.version + 1
    assert stored.casualties.injured == 3


def test_what_another_editor_pastes_appears_by_itself(enter):
    one, other = enter(), enter("sidorov")
    field_text = one.get_by_label("Текст сообщения")
    field_text.fill("Недописано")
    paste(other, "Пожар произошёл в городе Кореновске 22 ноября в 14:30.")
    expect(one.locator(".desk-queue .item", has_text="Кореновске")).to_have_count(1, timeout=30_000)
    expect(field_text).to_have_value("Недописано")
    pick(one, "Кореновске")
    opened(one, "Кореновске")
    one.keyboard.press("Escape")
    expect(one.locator(".desk-editor")).to_have_count(0)
    one.reload()
    ready(one)
    expect(field_text).to_have_value("Недописано")
