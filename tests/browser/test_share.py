"""Sharing, embedding and downloading what is shown."""

from __future__ import annotations

import json
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.conftest import drawn, expect
from tests.web_items import CITY

pytestmark = pytest.mark.browser

FIRES = "/map?from=2021-11-01&to=2021-11-30&category=fire"


def test_link_and_code_of_this_view(open_page):
    page = drawn(open_page(FIRES, permissions=["clipboard-read", "clipboard-write"]))
    page.get_by_role("button", name="Поделиться").click()
    dialog = page.get_by_role("dialog", name="Поделиться картой")
    link = dialog.get_by_label("Ссылка на этот вид").input_value()
    for part in ("category=fire", "from=2021-11-01", "to=2021-11-30", "lat=", "lon=", "z="):
        assert part in link
    code = dialog.get_by_label("Код для вставки").input_value()
    assert code.startswith("<iframe ")
    assert unescape(code.split('"')[1]) == link
    dialog.get_by_role("button", name="Копировать").first.click()
    expect(dialog.get_by_role("status")).to_have_text("Скопировано")
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#share-open")).to_be_focused()


@pytest.fixture
def newspaper():
    """Serves an article from another origin (a page made by the browser may not frame this machine's servers)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Article) as other:
        Thread(target=other.serve_forever, daemon=True).start()

        def address(html):
            other.html = html.encode()
            return f"http://localhost:{other.server_port}/"

        yield address
        other.shutdown()


class Article(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.html)

    def log_message(self, *args):
        pass


def test_code_works_in_an_article(open_page, newspaper):
    page = drawn(open_page(f"{FIRES}&q=%22%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E"))
    page.get_by_role("button", name="Поделиться").click()
    code = page.get_by_label("Код для вставки").input_value()
    page.get_by_role("button", name="Закрыть", exact=True).click()
    article = page.context.new_page()
    article.goto(newspaper(f"<h1>Статья</h1>{code}"))
    article.frame_locator("iframe").locator("body[data-drawn]").wait_for(timeout=30_000)
    assert article.evaluate("window.pwned") is None
    assert article.locator("iframe").count() == 1


def test_the_period_of_a_link_is_written_out(open_page):
    page = drawn(open_page("/map"))
    page.get_by_role("button", name="Поделиться").click()
    link = page.get_by_label("Ссылка на этот вид").input_value()
    assert "from=" in link
    assert "to=" in link


def test_files_hold_what_is_shown(open_page):
    page = drawn(open_page("/map?from=2021-11-01&to=2021-11-30"))
    page.locator('.chip[data-category="crime"]').click()
    expect(page.locator("#list .row")).to_have_count(1)
    with page.expect_download() as found:
        page.get_by_role("link", name="GeoJSON").click()
    records = json.loads(found.value.path().read_text(encoding="utf-8"))["features"]
    assert [record["id"] for record in records] == [CITY.id]
    with page.expect_download() as found:
        page.get_by_role("link", name="CSV").click()
    lines = found.value.path().read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert CITY.id in lines[1]
