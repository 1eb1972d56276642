"""The desk below a path of its host: every page, script, map and link is found, and nothing is asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import expect
from tests.browser.desk_room import FIRE, Killable, killable, log_in, opened, paste, pick, the_map

pytestmark = pytest.mark.browser

BASE = "/news/kuban"


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Killable]:
    home = tmp_path_factory.mktemp("below")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text(f'[server]\nbaseUrlPath = "{BASE}"\n')
    with killable(home) as server:
        yield server


def test_an_editor_comes_in_works_and_leaves(room, open_page):
    page = open_page(f"{BASE}/desk", base=room.address)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Войти в редакцию").click()
    page.wait_for_url(f"{room.address}{BASE}/login?next=/desk")
    log_in(page, "petrova", f"{BASE}/desk")
    cookie = next(each for each in page.context.cookies() if each["name"] == "kubmap_session")
    assert cookie["path"] == BASE
    paste(page, FIRE)
    pick(page, "Пожар")
    opened(page, "Пожар произошёл")
    the_map(page)
    assert any("/api/v1/desk/" in each for each in asked), "what is typed is kept"
    page.get_by_role("link", name="Загрузка").first.click()
    page.wait_for_url(f"{room.address}{BASE}/upload")
    expect(page.locator(".kubmap-exports a").first).to_have_attribute("href", f"{BASE}/desk/export.jsonl?history=1")
    page.locator(".kubmap-account a").click()
    page.wait_for_url(f"{room.address}{BASE}/logout?next=/upload")
    expect(page.get_by_role("link", name="Продолжить работу")).to_have_attribute("href", "./upload")
    page.get_by_role("button", name="Выйти", exact=True).click()
    page.wait_for_url(f"{room.address}{BASE}/login?out=1")
    page.get_by_role("link", name="Кубань: происшествия").click()
    page.wait_for_url(f"{room.address}{BASE}/")
    elsewhere = [each for each in asked if each.startswith("http") and not urlsplit(each).path.startswith(f"{BASE}/")]
    assert elsewhere == []
