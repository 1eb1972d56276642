"""«Загрузка» as an editor meets it: a table with headers of its own, its columns, its rejects, residents told."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from kubmap.domain import Role
from kubmap.store.store import Store
from tests.accounts import PASSWORD
from tests.browser.conftest import RESULTS, Served, expect, serving
from tests.browser.test_axe import RULES
from tests.browser.test_login import enter, users_of
from tests.web_items import HOSTILE, ITEMS

pytestmark = pytest.mark.browser

HEADER = ["Где нет", "Какие улицы", "Когда", "Чего нет", "Из-за чего"]
ROWS = [
    ["ст. Северская", "ул. Ленина, 1–20", "27.11.2031 с 9 до 17", "электроэнергия", "ремонт линии"],
    ["Неведомск", "ул. Мира", "27.11.2031 с 9 до 17", "вода", f"=cmd|' /C calc'!A0 {HOSTILE}"],
    ["Гайдук", "", "27.11.2031 6:00–24:00", "вода", "замена труб"],
]
FIELDS = {
    "Где нет": "Населённый пункт",
    "Какие улицы": "Улицы",
    "Когда": "Начало (дата, дата и время или весь срок)",
    "Чего нет": "Что отключают",
    "Из-за чего": "Причина",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Served]:
    """A server with an editor and a reader who has an account."""
    home = tmp_path_factory.mktemp("office")
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    store.close()
    for login, role in (("reader", Role.READER), ("editor", Role.EDITOR)):
        users_of(home).add(login, role, password=PASSWORD, by="test")
    with serving(home, ITEMS) as served:
        yield served


@pytest.fixture
def editor(office, open_page):
    """The page, logged in, at a width."""

    def go(**options):
        page = open_page("/login?next=/upload", base=office.address, **options)
        enter(page, "editor")
        page.get_by_role("heading", name="Загрузка").wait_for(timeout=30_000)
        return page

    return go


def csv_of(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def give(page, name: str, content: bytes) -> None:
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("heading", name="Что в файле").wait_for(timeout=30_000)


def choose(page, column: str, field: str) -> None:
    """Pick in a select box of Streamlit: type and take."""
    page.get_by_role("combobox", name=column, exact=False).first.click()
    page.get_by_role("option", name=field, exact=True).click()
    settled(page)


def settled(page) -> None:
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)


def run(page, told: str) -> None:
    page.get_by_role("button", name="Загрузить", exact=True).click()
    expect(page.get_by_test_id("stMain")).to_contain_text(told, timeout=30_000)


def shot(page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"upload-{name}.png", full_page=True)


def answered(office, place: str, words: str) -> str:
    """What the public interface says of the outages of a place, once it says `words`."""
    deadline = time.monotonic() + 20
    while words not in (told := _answered(office, place)):
        assert time.monotonic() < deadline, told
        time.sleep(0.3)
    return told


def _answered(office, place: str) -> str:
    name = urllib.parse.quote(place)
    with urllib.request.urlopen(f"{office.address}/api/v1/places?q={name}", timeout=10) as reply:
        found = json.load(reply)["places"][0]
    with urllib.request.urlopen(f"{office.address}/api/v1/outages?place={found['id']}", timeout=10) as reply:
        return json.dumps(json.load(reply), ensure_ascii=False)


def test_a_table_of_notices_from_upload_to_residents(editor, office):
    page = editor(height=1100)
    give(page, "график.csv", csv_of([HEADER, *ROWS]))
    page.get_by_text("Объявления об отключениях").click()
    settled(page)
    for column, field in FIELDS.items():
        choose(page, column, field)
    page.get_by_text("Опубликовать сразу").click()
    settled(page)
    expect(page.get_by_text("Первые строки: 3, с ошибками: 1")).to_be_visible()
    page.wait_for_timeout(500)
    shot(page, "preview")
    run(page, "добавлено 2, не загружено 1")
    shot(page, "done")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Скачать незагруженное (1)").click()
    rejects = waiting.value.path().read_bytes()
    table = list(csv.reader(io.StringIO(rejects.decode("utf-8-sig")), delimiter=";"))
    assert table[0] == [*HEADER, "Ошибка"]
    assert "«Неведомск»" in table[1][-1]
    assert table[1][4].startswith("'=cmd")  # no formula, once a spreadsheet opens it
    answered(office, "Северская", "ремонт линии")

    table[1][0] = "Кореновск"
    give(page, "график исправленный.csv", csv_of(table))
    expect(page.get_by_text("Столбцы запомнены")).to_be_visible()
    page.get_by_text("Опубликовать сразу").click()
    settled(page)
    expect(page.get_by_text("Первые строки: 1, с ошибками: 0")).to_be_visible()
    run(page, "добавлено 1")
    told = answered(office, "Кореновск", "ул. Мира")
    assert "<script>window.pwned=1</script>" in told  # as text
    page.goto(f"{office.address}/outages")
    assert page.evaluate("window.pwned") is None

    page.goto(f"{office.address}/upload")
    give(page, "второй график.csv", csv_of([HEADER, ROWS[0], ["Анапа", "", "28.11.2031 с 9 до 12", "газ", ""]]))
    expect(page.get_by_text("Столбцы запомнены")).to_be_visible()
    expect(page.get_by_text("Первые строки: 2, с ошибками: 0")).to_be_visible()
    run(page, "добавлено 1, без изменений 1")


def test_the_uploader_speaks_russian(editor):
    page = editor()
    uploader = page.get_by_test_id("stFileUploader")
    expect(uploader.get_by_role("button", name="Выбрать файл")).to_be_visible()
    expect(uploader.get_by_text("Upload", exact=True)).to_have_css("font-size", "0px")
    for english in uploader.get_by_text(re.compile("Upload|per file")).all():
        expect(english).to_be_hidden()
    assert "до 100 МБ" in after(page.get_by_test_id("stFileUploaderDropzoneInstructions"))
    assert after(uploader) == "none"
    page.locator('input[type="file"]').set_input_files({"name": "a.exe", "mimeType": "text/csv", "buffer": b"x"})
    expect(uploader.get_by_test_id("stFileChip")).to_have_attribute("aria-invalid", "true")
    assert "не подходит" in after(uploader)
    shot(page, "uploader")


def after(element) -> str:
    """What the style writes after the element."""
    return str(element.evaluate("element => getComputedStyle(element, '::after').content"))


def test_pasted_notices_are_told_apart_by_settlement(editor, office):
    page = editor(width=360, height=800)
    page.get_by_role("radio", name="Текст объявлений").click()
    box = page.get_by_label("Объявления, одно или несколько подряд")
    box.fill(
        "27 ноября 2031 года с 9:00 до 17:00 из-за ремонта линии отключат свет:\n"
        "ст. Тбилисская: ул. Красная, 1–20;\nх. Северин: ул. Ленина."
    )
    page.get_by_role("button", name="Показать, как прочитано").click()
    expect(page.get_by_text("Первые строки: 2, с ошибками: 0")).to_be_visible(timeout=30_000)
    page.get_by_text("Опубликовать сразу").click()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.wait_for_timeout(500)
    shot(page, "paste-360")
    run(page, "добавлено 2")
    told = answered(office, "Тбилисская", "ул. Красная, 1–20")
    assert "ул. Ленина" not in told
    answered(office, "Северин", "ул. Ленина")


def test_progress_goes_on_when_the_tab_is_closed(editor, office, open_page):
    rows = [["Текст", "Дата"], *([f"В станице Динской сгорел дом № {n}.", "23.11.2031"] for n in range(1500))]
    page = editor()
    give(page, "много.csv", csv_of(rows))
    page.get_by_role("button", name="Загрузить", exact=True).click()
    page.get_by_role("progressbar").first.wait_for(timeout=30_000)
    shot(page, "progress")
    page.close()
    again = editor()
    expect(again.get_by_test_id("stMain")).to_contain_text("добавлено 1500", timeout=90_000)


@pytest.mark.parametrize("login", [None, "reader"])
def test_who_may_not(office, open_page, login):
    page = open_page("/login?next=/upload" if login else "/upload", base=office.address)
    if login:
        enter(page, login)
    expect(page.get_by_text("нужна роль «редактор»" if login else "Войдите, чтобы сделать это.")).to_be_visible(
        timeout=30_000
    )
    assert page.locator('input[type="file"]').count() == 0
    assert page.get_by_role("link", name="Загрузка").count() == 0
    status = page.request.get(f"{office.address}/desk/export.jsonl").status
    assert status == (403 if login else 401)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_of_columns_are_text_and_the_page_is_accessible(editor, scheme):
    """Headers are people's words: no markup, no formula, no image, no colour of Streamlit's."""
    names = [HOSTILE[:90], "**жирный** $x$ :red[а]", "[сюда](http://evil.example)", "Текст"]
    page = editor(color_scheme=scheme, width=900, height=1200)
    give(page, "<img src=x onerror=alert(1)> **a**.csv", csv_of([names, ["<b>1</b>", "`2`", "# 3", HOSTILE]]))
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("**жирный** $x$ :red[а]")
    expect(main).to_contain_text("[сюда](http:\u2060//evil.example)")
    assert page.evaluate("window.pwned") is None
    made = main.locator('img, script, .katex, a[href*="evil"]').evaluate_all("all => all.map(each => each.outerHTML)")
    assert made == []
    own = '[data-testid="stMain"]'
    page.evaluate(_axe())
    found = page.evaluate("([within, rules]) => axe.run(within, rules)", [own, RULES])["violations"]
    assert [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]] == []


def _axe() -> str:
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("axe-playwright-python is not installed")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
