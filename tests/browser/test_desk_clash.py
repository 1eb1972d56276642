"""Two editors at once: who else is there, what merges by itself, what is asked about; nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import RESULTS
from tests.browser.desk_room import CLEAN, Killable, come_in, expect, field, kept, killable, opened, paste, records

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def two(room, open_page):
    """The same fresh draft open in two browsers; and its id."""

    def enter(text: str):
        one = come_in(open_page, room.address, "petrova")
        paste(one, text)
        opened(one, text[:30])
        incident = one.url.partition("id=")[2]
        other = come_in(open_page, room.address, "sidorov", f"/desk?id={incident}")
        opened(other, text[:30])
        return one, other, incident

    return enter


def saved(page, version: int) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text(f"сохранена версия {version}")


def test_who_else_has_it_open(two):
    one, other, _ = two(CLEAN)
    field(one, "title").fill("Пожар")
    expect(other.locator(".desk-editor .others").first).to_contain_text("petrova", timeout=20_000)
    field(other, "source_name").fill("Кубань 24")
    expect(one.locator(".desk-editor .others").first).to_contain_text("sidorov", timeout=20_000)


def test_different_fields_merge_and_nobody_is_asked(room, two):
    one, other, incident = two("Пожар произошёл в станице Динской 22 ноября в 15:00. Пострадали трое.")
    field(one, "title").fill("Пожар в Динской")
    field(other, "source_name").fill("Кубань 24")
    kept(other)
    saved(one, 2)
    saved(other, 3)
    stored = next(each for each in records(room.home) if each.id == incident)
    assert (stored.title, stored.source_name) == ("Пожар в Динской", "Кубань 24")


def test_the_same_field_is_asked_about(room, two):
    one, other, incident = two("Пожар произошёл в городе Ейске 22 ноября в 16:00. Пострадали четверо.")
    field(one, "title").fill("Заголовок Петровой")
    field(one, "injured").fill("5")
    field(other, "title").fill("Заголовок Сидорова")
    field(other, "injured").fill("6")
    field(other, "source_name").fill("Кубань 24")
    kept(other)
    saved(one, 2)
    other.keyboard.press("Control+s")
    clash = other.locator(".desk-clash")
    expect(clash).to_contain_text("Запись изменили, пока вы её правили")
    expect(clash).to_contain_text("Остальное соединится само: Источник")
    row = clash.locator("tr", has_text="Заголовок")
    for words in ("пусто", "Заголовок Петровой", "Заголовок Сидорова"):
        expect(row).to_contain_text(words)
    other.screenshot(path=RESULTS / "desk-clash.png")
    save = clash.get_by_role("button", name="Сохранить выбранное")
    expect(save).to_be_disabled()
    assert next(each for each in records(room.home) if each.id == incident).title == "Заголовок Петровой"
    row.get_by_role("radio", name="Взять моё").check()
    clash.locator("tr", has_text="Пострадавшие").get_by_role("radio", name="Оставить").check()
    save.click()
    expect(clash).to_have_count(0)
    stored = next(each for each in records(room.home) if each.id == incident)
    assert stored.title == "Заголовок Сидорова"
    assert stored.casualties.injured == 5
    assert stored.source_name == "Кубань 24"
    expect(field(other, "title")).to_have_value("Заголовок Сидорова")
    expect(field(other, "injured")).to_have_value("5")
    expect(other.locator(".desk-editor .field.changed")).to_have_count(0)


def test_a_clash_put_off_loses_nothing(room, two):
    one, other, _ = two("Пожар произошёл в городе Абинске 22 ноября в 17:00. Пострадал один.")
    field(one, "title").fill("Раз")
    field(other, "title").fill("Два")
    kept(other)
    saved(one, 2)
    other.keyboard.press("Control+s")
    other.locator(".desk-clash").get_by_role("button", name="Решу позже").click()
    expect(other.locator(".desk-clash")).to_have_count(0)
    other.reload()
    expect(field(other, "title")).to_have_value("Два", timeout=30_000)
    expect(other.locator(".desk-editor .others", has_text="Пока вы правили")).to_contain_text("petrova")
    other.get_by_role("button", name="Отбросить правки").click()
    other.locator(".desk-editor .ask").get_by_role("button", name="Отбросить").click()
    expect(field(other, "title")).to_have_value("Раз")


def test_publishing_what_somebody_rejected_is_asked_about(room, two):
    one, other, incident = two("Пожар произошёл в городе Курганинске 22 ноября в 18:00.")
    field(other, "title").fill("Пожар в Курганинске")
    kept(other)
    one.get_by_role("button", name="Отклонить", exact=True).click()
    expect(one.locator(".desk-bar .toast")).to_contain_text("Отклонено")
    other.keyboard.press("Control+Enter")
    clash = other.locator(".desk-clash")
    expect(clash).to_contain_text("Состояние")
    clash.get_by_role("button", name="Везде их").click()
    clash.get_by_role("button", name="Сохранить выбранное").click()
    expect(clash).to_have_count(0)
    stored = next(each for each in records(room.home) if each.id == incident)
    assert stored.status == "retracted"
    assert stored.title == "Пожар в Курганинске"


def test_no_version_comes_back_over_one_that_was_not_seen(room, two):
    one, other, incident = two("Пожар произошёл в городе Лабинске 22 ноября в 19:00.")
    field(one, "title").fill("Раз")
    saved(one, 2)
    other.reload()
    opened(other, "Лабинске")
    other.get_by_role("tab", name="История").click()
    back = other.get_by_role("button", name="Вернуть эту версию")
    expect(back).to_have_count(1)
    field(one, "title").fill("Два")
    saved(one, 3)
    back.click()
    expect(other.locator(".desk-bar .toast")).to_contain_text("вы видели версию 2, сейчас 3")
    assert next(each for each in records(room.home) if each.id == incident).title == "Два"
    expect(back).to_have_count(2)
    back.last.click()
    expect(other.locator(".desk-bar .toast")).to_contain_text("Восстановлена версия 1")
    assert next(each for each in records(room.home) if each.id == incident).title is None


def test_no_record_is_joined_as_it_was_not_seen(room, two):
    """The later telling would overwrite what another editor has just put right in the earlier one."""
    one, other, incident = two("Пожар произошёл в городе Туапсе 20 ноября в 19:10 на улице Мира: горел склад.")
    paste(other, "На улице Мира в Туапсе 20 ноября в 19:10 произошёл пожар: горит склад, пострадал один человек.")
    opened(other, "горит склад")
    twin = other.locator(".desk-tail .twin")
    expect(twin).to_have_count(1)
    field(one, "title").fill("Проверено: склад пуст")
    saved(one, 2)
    twin.get_by_role("button", name="Связать как обновление").click()
    expect(other.locator(".desk-bar .toast")).to_contain_text("вы видели версию 1, сейчас 2")
    assert next(each for each in records(room.home) if each.id == incident).title == "Проверено: склад пуст"
    expect(twin).to_contain_text("Проверено: склад пуст")
    field(one, "source_name").fill("Кубань 24")
    saved(one, 3)
    twin.get_by_role("button", name="Объединить").click()
    expect(other.locator(".desk-bar .toast")).to_contain_text("вы видели версию 2, сейчас 3")
    expect(twin).to_have_count(1)
    assert not [each for each in records(room.home) if each.duplicate_of]
