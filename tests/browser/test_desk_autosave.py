"""What is typed is kept, on the server in seconds, in the browser at once: a killed server loses nothing."""

from __future__ import annotations

import time

import pytest

from tests.browser.desk_room import CLEAN, FIRE, come_in, expect, field, kept, killable, log_in, opened, paste, ready

pytestmark = pytest.mark.browser

SOON_S = 3.0


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with killable(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def server(room):
    if not room.runs:  # a test that failed may have left it dead
        room.start()
    return room


@pytest.fixture
def person(server, new_reader):
    """An editor's browser; what its console says of a dead server is no fault."""

    def tab(path: str, *, base: str):
        page = new_reader().tab(base, 1280, 900)
        page.set_default_timeout(15_000)
        page.goto(base + path)
        return page

    return lambda path="/desk": come_in(tab, server.address, "petrova", path)


def fire(minute: int) -> str:
    """A text of one test's own."""
    return FIRE.replace("14:30", f"14:{minute}")


def copies(server, key: str) -> dict:
    """What the store keeps of an editor's unsaved text."""
    from kubmap.store import working
    from kubmap.store.engine import reading
    from kubmap.store.store import Store

    store = Store(f"sqlite:///{server.home / 'kubmap.sqlite'}")
    with reading(store.engine) as connection:
        found = working.get(connection, "petrova", key)
    store.close()
    return dict(found.content) if found else {}


def until(condition, *, within: float) -> float:
    """Seconds until it holds; fails after `within`."""
    start = time.monotonic()
    while time.monotonic() - start < within:
        if condition():
            return time.monotonic() - start
        time.sleep(0.05)
    raise AssertionError(f"not within {within} s")


def test_what_is_typed_reaches_the_server_while_typing_goes_on(server, person):
    page = person()
    box = page.get_by_label("Текст сообщения")
    box.press_sequentially("Ночью в Крымске ", delay=5)
    until(lambda: "Ночью" in copies(server, "paste").get("text", ""), within=SOON_S)
    # without a pause between keys nothing waits for one
    box.press_sequentially("горел склад, пожарные тушили его до утра, пострадавших нет", delay=60)
    assert "горел склад" in copies(server, "paste")["text"]
    expect(page.locator("#paste-note")).to_contain_text("сохранено ")

    paste(page, fire(31))
    opened(page, "14:31")
    incident = page.url.partition("id=")[2]
    field(page, "title").press_sequentially("Пожар", delay=5)
    field(page, "starts_at").fill("22.11.20")  # half a date is kept too
    until(lambda: copies(server, incident).get("starts_at") == "22.11.20", within=SOON_S)
    assert copies(server, incident)["title"] == "Пожар"


def test_a_reload_and_a_closed_tab_lose_nothing(server, person):
    page = person()
    paste(page, fire(32))
    opened(page, "14:32")
    field(page, "title").fill("Заголовок до перезагрузки")
    page.reload()  # at once: the words are in this browser only, or on their way
    ready(page)
    expect(field(page, "title")).to_have_value("Заголовок до перезагрузки")
    field(page, "source_name").fill("Кубань Информ")
    address, context = page.url, page.context
    kept(page)
    page.close()
    other = context.new_page()
    other.goto(address)
    ready(other)
    expect(field(other, "title")).to_have_value("Заголовок до перезагрузки")
    expect(field(other, "source_name")).to_have_value("Кубань Информ")


def test_a_killed_server_loses_nothing_typed(server, person):
    page = person()
    paste(page, fire(33))
    opened(page, "14:33")
    field(page, "title").fill("Сохранено до падения")
    kept(page)
    server.kill()
    field(page, "title").fill("Набрано, когда сервера уже нет")
    field(page, "injured").fill("7")
    page.get_by_label("Текст сообщения").fill("Недописанное сообщение", force=True)
    expect(page.locator(".desk-editor .under .note")).to_contain_text("нет связи, текст хранится в этом браузере")
    expect(page.locator("#paste-note")).to_contain_text("нет связи, текст хранится в этом браузере")
    server.start()
    page.goto(page.url)
    ready(page)
    expect(field(page, "title")).to_have_value("Набрано, когда сервера уже нет")
    expect(field(page, "injured")).to_have_value("7")
    expect(page.get_by_label("Текст сообщения")).to_have_value("Недописанное сообщение")
    kept(page)
    incident = page.url.partition("id=")[2]
    until(lambda: copies(server, incident).get("injured") == "7", within=SOON_S)


def test_the_server_alone_keeps_what_was_acknowledged(server, person):
    """Killed without a warning; another browser of the same editor finds what was typed seconds before."""
    page = person()
    paste(page, fire(34))
    opened(page, "14:34")
    incident = page.url.partition("id=")[2]
    field(page, "title").fill("Набрано за секунды до конца")
    until(lambda: copies(server, incident).get("title") == "Набрано за секунды до конца", within=SOON_S)
    server.kill()
    server.start()
    other = person(f"/desk?id={incident}")
    expect(field(other, "title")).to_have_value("Набрано за секунды до конца")


def test_nothing_of_a_saved_text_comes_back(server, person):
    page = person()
    paste(page, CLEAN)
    opened(page, "Тихорецк")
    incident = page.url.partition("id=")[2]
    field(page, "title").fill("Пожар в Тихорецке")
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text("сохранена версия 2")
    page.wait_for_timeout(2_500)
    assert copies(server, incident) == {}
    assert copies(server, "paste") == {}
    page.reload()
    ready(page)
    expect(field(page, "title")).to_have_value("Пожар в Тихорецке")
    expect(page.locator(".desk-editor .field.changed")).to_have_count(0)


def test_an_ended_session_keeps_the_text_and_says_so(server, person):
    page = person()
    paste(page, fire(35))
    opened(page, "14:35")
    page.context.clear_cookies()
    field(page, "title").fill("Набрано после выхода")
    expect(page.locator(".desk-editor .under .note")).to_contain_text("вход закончился")
    address = page.url
    page.goto(f"{server.address}/login?next=/desk")
    log_in(page, "petrova", "/desk")
    page.goto(address)
    ready(page)
    expect(field(page, "title")).to_have_value("Набрано после выхода")


def test_what_is_typed_outlives_a_version_that_comes_back(server, person):
    page = person()
    paste(page, fire(36))
    opened(page, "14:36")
    field(page, "title").fill("Сохранённый заголовок")
    page.keyboard.press("Control+s")
    expect(page.locator(".desk-editor .under .note")).to_contain_text("сохранена версия 2")
    page.reload()
    ready(page)
    page.get_by_role("tab", name="История").click()
    page.route("**/api/v1/desk/autosave", lambda route: route.abort())  # typed and clicked at once: none of it is sent
    field(page, "source_name").fill("Кубань 24")
    page.get_by_role("button", name="Вернуть эту версию").click()
    expect(page.locator(".desk-bar .toast")).to_contain_text("Восстановлена версия 1")
    expect(field(page, "title")).to_have_value("")
    expect(field(page, "source_name")).to_have_value("Кубань 24")
    page.unroute("**/api/v1/desk/autosave")
    kept(page)
    page.reload()
    ready(page)
    expect(field(page, "source_name")).to_have_value("Кубань 24")
