"""A whole day of the duty desk: paste a page, correct a pin, publish, a reader sees it, merge, retract, log out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kubmap.domain import Status
from tests.browser.conftest import RESULTS, drawn
from tests.browser.desk_room import (
    FIRE,
    PAGE,
    Killable,
    come_in,
    expect,
    field,
    kept,
    killable,
    log_in,
    opened,
    paste,
    pick,
    ready,
    records,
    the_map,
    toast,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    with killable(tmp_path_factory.mktemp("desk")) as server:
        yield server


@pytest.fixture
def editor(room, open_page):
    """Logs somebody in and opens the desk, in a browser of their own."""

    def enter(login: str = "petrova", path: str = "/desk", **options):
        return come_in(open_page, room.address, login, path, **options)

    return enter


def test_the_whole_day(room, open_page):
    page = open_page("/login?next=/desk", base=room.address)
    log_in(page, "petrova")
    reader = drawn(open_page("/map?from=2020-01-01&to=2030-12-31", base=room.address))

    paste(page, f"{PAGE}\n\n{FIRE}")
    expect(page.locator(".desk-paste .report")).to_contain_text("Новых: 8 черновиков")
    expect(page.locator(".desk-paste .left")).to_contain_text("Не стало черновиком: 1 кусок")
    expect(page.locator(".desk-queue .item")).to_have_count(8)
    expect(page.get_by_label("Текст сообщения")).to_have_value("")

    # the least sure comes first; homonyms stand on the map as numbered pins
    pick(page, "Пожар произошёл в посёлке")
    opened(page, "Пожар произошёл")
    frame = the_map(page)
    expect(frame.locator(".desk-other")).not_to_have_count(0)
    frame.locator('.desk-other[title^="3."]').click()
    expect(page.locator(".desk-place .label")).to_contain_text("Октябрьский")
    expect(page.get_by_label("Место проверено")).to_be_checked()
    before = page.locator(".desk-place .where .note").first.inner_text()

    # a click beside all pins sets a point; the municipality follows
    frame.locator("#map_div").click(position={"x": 150, "y": 330})
    expect(page.locator(".desk-place .where .note").first).not_to_have_text(before)
    expect(page.locator(".desk-place .where")).to_contain_text("экономическая зона")
    frame.locator('.desk-other[title^="1."]').click()
    expect(page.locator(".desk-place .label")).to_have_text("хутор Октябрьский")
    expect(page.locator(".desk-place .where")).to_contain_text("Краснодарская агломерация")

    field(page, "title").fill("Пожар в Октябрьском")
    kept(page)
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    expect(reader.locator(".row", has_text="Пожар в Октябрьском")).to_have_count(1, timeout=15_000)
    stored = next(each for each in records(room.home) if each.title == "Пожар в Октябрьском")
    assert stored.status is Status.PUBLISHED
    assert stored.location_verified
    assert stored.location is not None
    assert stored.location.label == "хутор Октябрьский"

    # the next of the queue is open already; what is no news is turned down, and brought back
    expect(page.locator(".desk-editor .status")).to_have_text("черновик")
    pick(page, "Свод моральных принципов")
    opened(page, "Свод моральных принципов")
    page.get_by_role("button", name="Отклонить", exact=True).click()
    expect(toast(page)).to_contain_text("Отклонено: 1 запись")
    expect(page.locator(".desk-queue .item")).to_have_count(6)
    toast(page).get_by_role("button", name="Вернуть").click()
    expect(page.locator(".desk-queue .item")).to_have_count(7)

    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / "desk-day.png", full_page=True)

    # several at once
    page.locator(".desk-queue .item", has_text="Некоторые продукты").get_by_role("checkbox").check()
    page.locator(".desk-queue .item", has_text="Свод моральных").get_by_role("checkbox").check()
    page.locator(".desk-queue .bulk").get_by_role("button", name="Отклонить").click()
    expect(toast(page)).to_contain_text("Отклонено: 2 записи")
    expect(page.locator(".desk-queue .item")).to_have_count(5)

    # what is on the map is found by its words, retracted with a reason, and restored
    page.locator(".desk-queue .tabs").get_by_role("button", name="Карта").click()
    page.get_by_label("Поиск в очереди").fill("Октябрьском")
    pick(page, "Пожар в Октябрьском")
    expect(page.locator(".desk-editor .status")).to_have_text("на карте")
    page.get_by_role("button", name="Снять с карты").click()
    page.get_by_label("Почему снимаем").fill("сообщение не подтвердилось")
    page.get_by_role("button", name="Снять", exact=True).click()
    expect(page.locator(".desk-editor .status")).to_have_text("снято")
    expect(reader.locator(".row", has_text="Пожар в Октябрьском")).to_have_count(0, timeout=5_000)
    page.get_by_role("tab", name="История").click()
    expect(page.locator(".desk-tail .version").first).to_contain_text("сообщение не подтвердилось")
    page.get_by_role("button", name="Вернуть эту версию").first.click()
    expect(page.locator(".desk-editor .status")).to_have_text("на карте")
    expect(reader.locator(".row", has_text="Пожар в Октябрьском")).to_have_count(1, timeout=5_000)
    page.get_by_role("button", name="Открыть", exact=True).last.click()
    expect(page.locator(".desk-tail .old")).to_contain_text("черновик")

    page.locator(".kubmap-account a").click()
    page.get_by_role("button", name="Выйти", exact=True).first.click()
    page.goto(f"{room.address}/desk")
    expect(page.get_by_role("link", name="Войти в редакцию")).to_be_visible(timeout=30_000)


def test_three_actions_from_paste_to_map(room, editor):
    page = editor()
    text = "Пожар произошёл в городе Тихорецке 23 ноября в 9:15. Пострадал один человек."
    page.get_by_label("Текст сообщения").fill(text)  # 1: paste
    page.keyboard.press("Control+Enter")  # 2: read
    opened(page, "Тихорецке")
    page.keyboard.press("Control+Enter")  # 3: publish
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    stored = next(each for each in records(room.home, Status.PUBLISHED) if each.text.startswith(text[:40]))
    assert stored.casualties.injured == 1


def test_likely_duplicates_stand_side_by_side_and_merge(room, editor):
    page = editor()
    paste(
        page,
        "ДТП произошло 21 ноября в 16:20 на улице Мира в Армавире: столкнулись два автомобиля, пострадал водитель.",
    )
    opened(page, "Армавире")
    paste(page, "В Армавире 21 ноября в 16:20 на улице Мира столкнулись две машины. Пострадал один человек, водитель.")
    opened(page, "две машины")
    twin = page.locator(".desk-tail .twin")
    expect(twin).to_have_count(1)
    expect(twin.locator("tr.differs")).not_to_have_count(0)
    twin.get_by_role("button", name="Объединить").click()
    expect(toast(page)).to_contain_text("Объединено")
    expect(page.locator(".desk-tail .twin")).to_have_count(0)
    absorbed = [each for each in records(room.home, Status.RETRACTED) if each.duplicate_of]
    assert len(absorbed) == 1
    assert "столкнулись два автомобиля" in absorbed[0].text
    toast(page).get_by_role("button", name="Вернуть").click()
    expect(page.locator(".desk-tail .twin")).to_have_count(1)
    page.get_by_role("button", name="Не дубликат").click()
    expect(toast(page)).to_contain_text("разные события")
    expect(page.locator(".desk-tail .twin")).to_have_count(0)
    page.reload()
    ready(page)
    opened(page, "две машины")
    expect(page.locator(".desk-tail .twin")).to_have_count(0)


def test_a_draft_is_merged_into_what_readers_see(room, editor):
    """The pin and its address stay; the draft leaves the queue, its source is kept."""
    page = editor()
    paste(page, "ДТП произошло 19 ноября в 8:20 на улице Ленина в Белореченске: столкнулись два автомобиля.")
    opened(page, "Белореченске")
    page.keyboard.press("Control+Enter")
    expect(toast(page)).to_contain_text("Опубликовано: 1 запись")
    page.get_by_text("Источник, ссылка и день публикации").click()
    page.locator(".desk-paste").get_by_label("Источник").fill("Юга")
    paste(page, "В Белореченске 19 ноября в 8:20 на улице Ленина столкнулись две машины. Пострадал один человек.")
    opened(page, "две машины")
    twin = page.locator(".desk-tail .twin")
    expect(twin.locator(".takes")).to_contain_text("взять у открытой:")
    twin.get_by_label("Пострадавшие").check()
    twin.get_by_role("button", name="Объединить").click()
    expect(toast(page)).to_contain_text("Объединено")
    opened(page, "столкнулись два автомобиля")
    expect(page.locator(".desk-editor .status")).to_have_text("на карте")
    told = [each for each in records(room.home) if "Белореченске" in each.text]
    kept = next(each for each in told if each.status is Status.PUBLISHED)
    assert (kept.casualties.injured, [each.source_name for each in kept.sources]) == (1, ["Юга"])
    assert [each.duplicate_of for each in told if each is not kept] == [kept.id]


def test_the_place_by_name_and_by_kilometre(room, editor):
    page = editor()
    paste(page, "Автомобиль съехал в кювет 24 ноября в 7:40, сообщили в полиции края. Никто не пострадал.")
    opened(page, "съехал в кювет")
    search = page.get_by_label("Найти место")
    search.fill("гайдук")
    page.get_by_role("option", name="Гайдук").first.wait_for()
    search.press("Enter")
    expect(page.locator(".desk-place .label")).to_contain_text("Гайдук")
    expect(page.locator(".desk-place .where")).to_contain_text("Новороссийск")
    road = page.locator(".desk-place select")
    road.select_option(label=next(each for each in road.locator("option").all_text_contents() if "М-4" in each))
    page.get_by_label("Километр", exact=True).fill("1362")
    page.get_by_role("button", name="Поставить").click()
    expect(page.locator(".desk-place .label")).to_contain_text("1362-й км")
    page.get_by_label("Километр", exact=True).fill("99999")
    page.get_by_role("button", name="Поставить").click()
    expect(page.locator(".desk-place .said")).not_to_be_empty()
    expect(page.locator(".desk-place .label")).to_contain_text("1362-й км")


def test_a_reader_of_the_public_may_not(room, open_page):
    page = come_in(open_page, room.address, "chitatel", "/about")
    page.goto(f"{room.address}/desk")
    expect(page.get_by_role("link", name="Войти в редакцию")).to_be_visible(timeout=30_000)
    expect(page.locator(".desk-paste")).to_have_count(0)


def test_a_chief_purges_with_a_reason(room, editor):
    page = editor("glavred")
    paste(page, "Пожар произошёл в станице Каневской 20 ноября в 3:10, сгорел сарай по такому-то адресу.")
    opened(page, "Каневской")
    page.get_by_role("button", name="Удалить навсегда").click()
    page.get_by_role("textbox", name="Удалить запись").fill("персональные данные")
    page.locator(".desk-editor .ask").get_by_role("button", name="Удалить навсегда").click()
    expect(toast(page)).to_contain_text("удалены навсегда")
    assert not [each for each in records(room.home) if "Каневской" in each.text]


def test_an_editor_is_offered_no_purge(room, editor):
    page = editor()
    paste(page, "Пожар произошёл в станице Брюховецкой 20 ноября в 4:10.")
    opened(page, "Брюховецкой")
    expect(page.get_by_role("button", name="Удалить навсегда")).to_have_count(0)
