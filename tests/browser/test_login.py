"""The login as people meet it: the form, the corner of the pages, roles that go while a page is open, logging out."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

from kubmap.domain import Role
from kubmap.store.passwords import Passwords
from kubmap.store.store import Store
from kubmap.store.users import Users
from kubmap.web import pages
from tests.accounts import CHEAP, PASSWORD
from tests.browser import desk_room
from tests.browser.conftest import RESULTS, Served, expect, playwright_api, serving
from tests.web_items import ITEMS

pytestmark = pytest.mark.browser


def users_of(home: Path) -> Users:
    return Users(Store(f"sqlite:///{home / 'kubmap.sqlite'}").engine, passwords=Passwords(CHEAP))


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Served]:
    """A server with an account of each role and two chiefs."""
    home = tmp_path_factory.mktemp("desk")
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    store.close()
    for login, role in (("reader", "reader"), ("editor", "editor"), ("chief", "chief"), ("second", "chief")):
        users_of(home).add(login, Role(role), password=PASSWORD, by="test")
    with serving(home, ITEMS) as served:
        yield served


@pytest.fixture
def visit(desk, open_page):
    """Opens an address of the desk's server in a browser of its own."""

    def go(path: str, **options):
        return open_page(path, **{"base": desk.address, **options})

    return go


def enter(page, login: str, password: str = PASSWORD) -> None:
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль").fill(password)
    page.get_by_role("button", name="Войти").click()


def log_in(visit, login: str, path: str = "/about"):
    page = visit(f"/login?next={path}")
    enter(page, login)
    page.wait_for_url(f"**{path}")
    corner(page, login)
    return page


def corner(page, login: str | None) -> None:
    """Wait until the head of the page says who is logged in."""
    name = login or "Войти"
    expect(page.locator(".kubmap-account")).to_contain_text(name, timeout=30_000)


def test_the_form_works_without_scripts_and_says_what_is_wrong(visit, desk):
    page = visit("/login?next=/map", java_script_enabled=False, expect=403)
    enter(page, "nobody-there", "не тот пароль")
    expect(page.get_by_role("alert")).to_have_text("Логин или пароль не подходит.")
    expect(page.get_by_label("Логин")).to_have_value("nobody-there")
    expect(page.get_by_label("Пароль")).to_have_value("")
    enter(page, "editor")
    assert page.url == f"{desk.address}/map"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_form_fits(visit, width, scheme):
    page = visit("/login", width=width, height=700, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("#login")).to_be_focused()
    assert page.get_by_role("button", name="Войти").bounding_box()["height"] >= 40
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"login-{width}-{scheme}.png")


def test_the_form_is_accessible(visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("/login", bypass_csp=True)
    assert Axe().run(page).response["violations"] == []


def test_a_login_survives_a_reload_and_another_tab_and_no_script_sees_its_cookie(visit):
    page = log_in(visit, "editor")
    assert "kubmap" not in page.evaluate("document.cookie")
    cookie = next(each for each in page.context.cookies() if each["name"] == "kubmap_session")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    page.reload()
    corner(page, "editor")
    tab = page.context.new_page()
    tab.goto(page.url)
    corner(tab, "editor")


def test_logging_out_is_a_form_and_ends_the_session_in_every_tab(visit, desk):
    page = log_in(visit, "editor", "/summary")
    tab = page.context.new_page()
    tab.goto(f"{desk.address}/about")
    corner(tab, "editor")
    stolen = next(each["value"] for each in page.context.cookies() if each["name"] == "kubmap_session")
    page.locator(".kubmap-account a").click()
    page.get_by_role("button", name="Выйти", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Вы вышли.")
    tab.get_by_role("link", name="О данных").first.click()  # a rerun over the socket that had the old cookie
    corner(tab, None)
    thief = visit("/login")
    thief.context.add_cookies([{"name": "kubmap_session", "value": stolen, "url": desk.address}])
    thief.goto(f"{desk.address}/about")
    corner(thief, None)


def test_logging_out_everywhere_reaches_other_browsers_at_their_next_rerun(visit, desk):
    other, page = log_in(visit, "editor"), desk_room.come_in(visit, desk.address, "editor", "/logout")
    page.get_by_role("button", name="Выйти на всех устройствах").click()
    expect(page.get_by_role("status")).to_have_text("Вы вышли.")
    page.wait_for_timeout(1100)
    other.get_by_role("link", name="О данных").first.click()
    corner(other, None)


def test_a_hidden_page_can_be_asked_for_and_checks_by_itself(visit, desk):
    page = visit("/users")
    page.get_by_text("Войдите, чтобы сделать это.").wait_for(timeout=30_000)
    page = desk_room.come_in(visit, desk.address, "editor", "/users")
    page.get_by_text("нужна роль «главный редактор»").wait_for(timeout=30_000)
    assert page.get_by_role("button", name="Новый пароль").count() == 0
    assert page.get_by_role("link", name="Пользователи").count() == 0


PUBLIC = {"", "outages", "desk", "summary", "about", "account"}
"""Pages for everybody; of the desk readers see another one, without drafts (tests of the desk)."""


def guarded_pages() -> list[str]:
    """All other pages of the menu, from its source: running it needs a browser."""
    source = (Path(pages.__file__).parent / "menu.py").read_text("utf-8")
    named = re.findall(r"url_path=(?:\"([^\"]*)\"|(\w+)\.PATH)", source)
    assert len(named) == source.count("st.Page(")
    paths = [plain if not module else import_module(f"kubmap.web.pages.{module}").PATH for plain, module in named]
    return sorted(set(paths) - PUBLIC)


PARTS = ("stFileUploader", "stDataFrame", "stForm", "stButton", "stTextArea", "stTextInput")


@pytest.mark.parametrize(("who", "said"), [(None, "Войдите"), ("reader", "нужна роль")])
def test_a_page_of_the_desk_shows_nothing_to_readers(visit, desk, who, said):
    page = visit("/healthz") if who is None else desk_room.come_in(visit, desk.address, who, "/about")
    for path in guarded_pages():
        page.goto(f"{desk.address}/{path}")
        page.get_by_test_id("stMainBlockContainer").get_by_text(said).first.wait_for(timeout=30_000)
        for part in PARTS:
            assert page.get_by_test_id(part).count() == 0, f"{path}: {part}"


def test_a_role_that_is_gone_does_nothing_more_in_a_page_that_is_open(visit, desk):
    page = desk_room.come_in(visit, desk.address, "second", "/users")
    page.get_by_role("combobox", name=re.compile("Пользователь")).click()
    page.get_by_role("option", name="editor").click()
    button = page.get_by_role("button", name="Новый пароль")
    button.wait_for(timeout=30_000)
    users = users_of(desk.home)
    before = users.events()
    users.set_role("second", Role.EDITOR, by="test")
    page.wait_for_timeout(1100)
    with suppress(playwright_api.TimeoutError):  # a run in between may have taken the button away already
        button.click(timeout=5_000)
    page.get_by_text("нужна роль «главный редактор»").first.wait_for()
    assert len(users.events()) == len(before) + 1
    users.set_role("second", Role.CHIEF, by="test")


def test_the_chief_adds_an_editor_who_logs_in_and_bars_them(visit, desk):
    page = desk_room.come_in(visit, desk.address, "chief", "/users")
    page.get_by_label("Логин", exact=True).fill("Новый.Редактор")
    page.get_by_role("button", name="Добавить").click()
    once = page.locator(".st-key-users-once")
    once.wait_for()
    password = once.locator("code").inner_text().strip()
    page.screenshot(path=RESULTS / "users.png", full_page=True)
    editor = visit("/login?next=/about")
    enter(editor, "новый.редактор", password)
    corner(editor, "новый.редактор")
    page.get_by_role("combobox", name=re.compile("Пользователь")).click()
    page.get_by_role("option", name="новый.редактор").click()
    page.get_by_role("button", name="Отключить").click()
    page.get_by_text("новый.редактор: отключён").wait_for()
    expect(once).to_have_count(0)
    editor.wait_for_timeout(1100)
    editor.get_by_role("link", name="О данных").first.click()
    corner(editor, None)
    told = [(each.actor, each.action) for each in users_of(desk.home).events()[:2]]
    assert told == [("chief", "disable"), ("chief", "add")]


def test_the_chief_s_own_password_is_changed_where_the_old_one_is_asked_for(visit, desk):
    page = desk_room.come_in(visit, desk.address, "chief", "/users")
    page.get_by_role("combobox", name=re.compile("Пользователь")).click()
    page.get_by_role("option", name="chief").click()
    page.get_by_role("link", name="Сменить свой пароль").click()
    expect(page.get_by_label("Нынешний пароль")).to_be_visible()


def test_the_corner_fits_a_phone(visit):
    page = visit("/about", width=360, height=640)
    corner(page, None)
    box = page.locator(".kubmap-account a").bounding_box()
    assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize(("origin", "status"), [("https://evil.example", b"403"), (None, b"101")])
def test_a_page_of_another_site_cannot_open_the_socket(desk, origin, status):
    """Streamlit's pages act over a socket: one that another site opens with the editor's cookie is refused."""
    host = desk.address.removeprefix("http://")
    head = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin or desk.address}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=10) as line:
        line.sendall(head.encode())
        assert line.recv(64).split()[1] == status


def test_another_address_cannot_be_feigned_without_a_trusted_proxy(desk):
    """Failed logins from one machine that names another each time still count for that machine."""
    seen = []
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    for number in range(24):
        page = opener.open(f"{desk.address}/login").read().decode()
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        body = urllib.parse.urlencode({"login": f"nobody{number}", "password": "не тот", "token": token}).encode()
        request = urllib.request.Request(f"{desk.address}/login", body, {"X-Forwarded-For": f"203.0.113.{number}"})
        try:
            opener.open(request)
        except urllib.error.HTTPError as error:
            seen.append(error.code)
            if error.code == 429:
                break
    assert seen[:10] == [403] * 10
    assert 429 in seen, json.dumps(seen)
