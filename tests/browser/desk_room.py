"""A duty desk for the tests: a server with accounts, editors in browsers of their own, texts to paste."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kubmap.domain import Role, Status
from kubmap.store.passwords import Passwords
from kubmap.store.store import Store
from kubmap.store.users import Users
from tests.accounts import CHEAP, PASSWORD, token
from tests.browser.conftest import ROOT, Served, _await, _free_port, playwright_api, publish
from tests.web_items import ITEMS

expect = type(playwright_api.expect)()
"""Patient: a run of the page is a turn of the whole script, and the machine may be busy with others."""
expect.set_options(timeout=20_000)

EDITORS = {"petrova": Role.EDITOR, "sidorov": Role.EDITOR, "glavred": Role.CHIEF, "chitatel": Role.READER}

ACCIDENT = (
    "Авария произошла 22 ноября около 5:00 на федеральной трассе Кропоткин — Краснодар. По предварительным данным,…"
)
WATER = "РЭУ «Троицкий Групповой Водопровод» 27 ноября с 6:00 до 24:00 будет проводить плановые ремонтные работы.…"
PAGE = f"""Курс продолжительностью 16 часов пройдут 600 муниципальных служащих. В Тимашевске 16 ноября состоялось одно \
из мероприятий цикла для руководителей муниципалитетов Центральной экономической зоны края.
Читайте также: на Кубани открыли 37 муниципальных центров управления.
{ACCIDENT}
Жертвами новой схемы обмана стали 230 человек. В общей сложности они лишились почти 13 млн…
{WATER}
Некоторые продукты, напитки и препараты негативно воздействуют на лекарства для сердца — они могут как…
Свод моральных принципов включает 11 правил, которые рекомендуют соблюдать краснодарцам. В Краснодаре приняли…
Смертельная авария произошла в 7:00 22 ноября на 11-м километре трассы станица Анапская — станица…"""
FIRE = "Пожар произошёл в посёлке Октябрьском 22 ноября в 14:30. Пострадали двое."
CLEAN = "Пожар произошёл в городе Тихорецке 22 ноября в 14:30. Пострадали двое, погибших нет."


def people(home: Path) -> None:
    """Accounts of the desk in a home."""
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    users = Users(store.engine, passwords=Passwords(CHEAP))
    for login, role in EDITORS.items():
        users.add(login, role, password=PASSWORD, by="test")
    store.close()


def records(home: Path, status: Status | None = None):
    """What the store of a home holds, newest first; read by another process than its server."""
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    try:
        return store.find(status=status, limit=500)
    finally:
        store.close()


class Killable:
    """A server that can be killed and started again on the same port over the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        code = f"from kubmap.web.server import serve; serve(host='127.0.0.1', port={self.port})"
        env = {**os.environ, "KUBMAP_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code], env=env, cwd=self.home, stdout=log, stderr=log
            )
        _await(f"{self.address}/healthz", self._process)

    def kill(self) -> None:
        """As a power cut: nothing is flushed, nobody is told."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=15)
            self._process = None


@contextmanager
def killable(home: Path) -> Iterator[Killable]:
    people(home)
    publish(home, ITEMS)
    server = Killable(home)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def log_in(page, login: str, path: str = "/desk") -> None:
    """Through the form, as people do; `page` stands at /login."""
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(f"**{path}*")
    if path.startswith("/desk"):
        ready(page)


def come_in(open_page, address: str, login: str, path: str = "/desk", **options):
    """A browser of one's own that sent the form without drawing it: the form in a browser is test_login's."""
    page = open_page("/healthz", base=address, **options)
    form = {"login": login, "password": PASSWORD, "token": token(page.request.get(f"{address}/login").text())}
    answer = page.request.post(f"{address}/login", form=form, headers={"Origin": address}, max_redirects=0)
    assert answer.status == 303, answer.text()
    page.goto(f"{address}{path}")
    if path.startswith("/desk"):
        ready(page)
    return page


def ready(page) -> None:
    """The desk is drawn."""
    page.locator(".desk-paste textarea").wait_for(timeout=30_000)
    page.locator(".desk-queue .tabs button").first.wait_for(timeout=30_000)


def paste(page, text: str) -> None:
    """Put the text into the box and read it by the keys."""
    box = page.get_by_label("Текст сообщения")
    box.fill(text)
    box.press("Control+Enter")
    page.locator(".desk-paste .report").wait_for(timeout=30_000)


def opened(page, words: str) -> None:
    """The open record's text holds these words."""
    expect(page.locator(".desk-editor .teaser")).to_contain_text(words, timeout=20_000)


def pick(page, words: str) -> None:
    """Open the record of the queue whose line holds these words."""
    page.locator(".desk-queue .item", has_text=words).locator("button.open").click()


def field(page, name: str):
    """A field of the form."""
    return page.locator(f'.desk-editor [name="{name}"]')


def kept(page) -> None:
    """What was typed into the form is on the server."""
    expect(page.locator(".desk-editor .under .note")).to_contain_text("сохранено ", timeout=6_000)


def toast(page):
    return page.locator(".desk-bar .toast")


def the_map(page):
    """The frame of the open record's map, drawn."""
    frame = page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    frame.locator("#map_div[data-shown]").wait_for(timeout=30_000)
    frame.locator("#map_div path.zone").first.wait_for(state="attached", timeout=30_000)
    return frame


def served(server: Killable) -> Served:
    return Served(server.address, server.home)
