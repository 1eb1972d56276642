"""The residents' pages in a browser: without a script, with one, without a network, by eye, ear and on paper."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import expect, serving
from tests.browser.test_axe import axe, violations  # noqa: F401  (a fixture)
from tests.notices import ANAPA, EYSK, HOPE, KRASNODAR, KRYMSK, notice

pytestmark = pytest.mark.browser

PLANNED = (
    "РЭУ «Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов."
)
SCHEDULE = (
    "Плановые работы на водопроводе 28 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда». Вода будет подаваться по "
    "графику: с 6:00 до 9:00 и с 18:00 до 21:00; выход на режим в течение 4 (6) часов."
)
ACCIDENT = "В Краснодаре из-за аварии отключили воду 25 ноября в 10:00 на ул. Заполярной, 35 и ул. Алуштинской."
HOSTILE = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>${window.pwned=1}'
TEXTS = (
    PLANNED,
    SCHEDULE,
    ACCIDENT,
    "27 ноября с 9:00 до 18:00 в Ейске отключат газ для ремонта газопровода.",
    "Отключение электроэнергии в Анапе пройдёт с 22:00 26 ноября до 14:00 27 ноября.",
    "В Ейске 27 ноября с 10:00 до 14:00 отключат воду для плановых работ.",
    "Плановое отключение воды 27 ноября в Усть-Лабинске отменено.",
)
UST_LABINSK = "03657101001"
AT = "?at=2021-11-27T12:00"
PHONE = {"width": 360, "height": 740}


def notices():
    for number, text in enumerate(TEXTS, 1):
        yield notice(text, number=number, source_name=HOSTILE, title=HOSTILE, source_url="javascript:window.pwned=1")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("town"), notices()) as served:
        yield served.address


@pytest.fixture
def opened(open_page, town):
    return lambda path, **options: open_page(path, base=town, **options)


def test_without_a_script(opened):
    page = opened("/outages/", java_script_enabled=False, **PHONE)
    expect(page.get_by_role("button", name="Моё местоположение")).to_have_count(0)
    page.get_by_role("searchbox").fill("Кримск")
    page.get_by_role("button", name="Найти").click()
    page.get_by_role("link", name=re.compile("Крымск.*город, Крымский район")).click()
    assert page.url.endswith(f"/outages/{KRYMSK}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Крымск")
    expect(page.locator(".copy")).to_be_hidden()
    expect(page.get_by_role("button", name="Напечатать")).to_have_count(0)


def test_answer_without_a_script(opened):
    page = opened(f"/outages/{KRYMSK}{AT}", java_script_enabled=False, **PHONE)
    expect(page.locator(".lead")).to_contain_text(
        "Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске плановое отключение воды"
    )
    expect(page.locator("svg.area").first).to_be_visible()
    expect(page.get_by_text("время задано в адресе")).to_be_visible()


MOMENTS = (
    (KRYMSK, "2021-11-26T12:00", "Вода", "отключат завтра с 6:00"),
    (KRYMSK, "2021-11-27T12:00", "Вода", "отключена до 24:00"),
    (KRYMSK, "2021-11-28T03:00", "Вода", "возвращается до 6:00"),
    (KRYMSK, "2021-11-28T10:00", "Вода", "по графику: нет, дадут в 18:00"),
    (KRYMSK, "2021-11-29T07:00", "Вода", "срок вышел в 6:00"),
    (HOPE, "2021-11-28T10:00", "Вода", "отключать не должны"),
    (ANAPA, "2021-11-26T23:00", "Свет", "отключён до 14:00 27 ноября"),
    (KRASNODAR, "2021-11-25T12:00", "Вода", "отключена, срок не назван"),
    (KRASNODAR, "2021-11-27T01:00", "Вода", "сведения устарели"),
    (EYSK, "2021-11-27T12:00", "Газ", "отключён до 18:00"),
    (EYSK, "2021-11-27T12:00", "Вода", "отключена до 14:00"),
    (EYSK, "2021-11-27T12:00", "Тепло", "сведений нет"),
    (UST_LABINSK, "2021-11-26T12:00", "Вода", "отключение отменили"),
)


def test_moments(opened, town):
    page = opened("/outages/", java_script_enabled=False, **PHONE)
    for place, at, utility, told in MOMENTS:
        page.goto(f"{town}/outages/{place}?at={at}")
        expect(page.locator(".tile").filter(has_text=utility), f"{place} at {at}").to_contain_text(told)


def test_type_ahead_tells_homonyms_apart(opened):
    page = opened("/outages/", **PHONE)
    field = page.get_by_role("combobox")
    field.press_sequentially("октябрьский")
    options = page.get_by_role("option")
    expect(options.get_by_text("посёлок, Ейский район", exact=True)).to_have_count(1)
    expect(options.get_by_text("посёлок, Северский район", exact=True)).to_have_count(1)
    first = options.first.inner_text()
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page.locator(".kind")).to_contain_text(first.partition("\n")[2])
    expect(page.get_by_role("link", name=re.compile("другие «Октябрьский»"))).to_be_visible()


def test_position_stays_in_the_browser(opened, town):
    page = opened(
        "/outages/", geolocation={"latitude": 44.93, "longitude": 37.99}, permissions=["geolocation"], **PHONE
    )
    asked = []
    page.on("request", lambda request: asked.append((request.url, request.post_data)))
    page.get_by_role("button", name="Моё местоположение").click()
    expect(page.locator("#nearest a").first).to_contain_text("Крымск")
    own = [url.removeprefix(town) for url, _ in asked if "/assets/" not in url]
    assert own == ["/outages/places.json"]
    assert not any("44.9" in f"{url}{body}" for url, body in asked)
    page.locator("#nearest a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_position_that_is_refused_leaves_the_search(opened):
    page = opened("/outages/", **PHONE)
    page.get_by_role("button", name="Моё местоположение").click()
    expect(page.locator("#near-note")).to_contain_text("Найдите место по названию")


def test_the_list_of_what_was_looked_at_is_of_this_browser(opened):
    page = opened(f"/outages/{KRYMSK}", **PHONE)
    page.get_by_role("link", name="Отключения на Кубани").click()
    expect(page.locator("#saved-list a")).to_contain_text("Крымск")
    page.get_by_role("button", name="Забыть").click()
    expect(page.locator("#saved")).to_be_hidden()


def test_streamlit_page_and_plain_pages_live_side_by_side(opened):
    page = opened("/outages", width=900, height=700)
    expect(page.get_by_test_id("stApp")).to_be_visible(timeout=30_000)
    page = opened("/outages/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Есть ли у меня вода, свет, газ и тепло?")


def test_text_of_people_is_text(opened):
    for place in (KRYMSK, HOPE, KRASNODAR):
        page = opened(f"/outages/{place}{AT}")
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        assert page.evaluate("window.pwned") is None
        assert page.locator("main img").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0
    assert HOSTILE[:30] in page.locator("main").inner_text()


@pytest.mark.parametrize(
    "path", [f"/outages/{KRYMSK}{AT}", f"/outages/{HOPE}{AT}", f"/outages/{EYSK}", "/outages/?q=октябрьский"]
)
def test_axe_and_width(opened, axe, path):  # noqa: F811
    page = opened(path, **PHONE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        assert violations(page, axe) == [], scheme
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], scheme


def test_axe_with_options_open(opened, axe):  # noqa: F811
    page = opened("/outages/", **PHONE)
    page.get_by_role("combobox").press_sequentially("крас")
    page.get_by_role("option").first.wait_for()
    assert violations(page, axe) == []


def test_missing_place(opened):
    page = opened("/outages/00000000000", expect=404, **PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Такой страницы нет")
    page.get_by_role("combobox").fill("ейск")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ейск")


def test_on_paper(opened):
    page = opened(f"/outages/{KRYMSK}{AT}", width=794, height=1123)
    page.emulate_media(media="print")
    expect(page.locator(".lead")).to_be_visible()
    expect(page.locator(".only-print")).to_contain_text(f"/outages/{KRYMSK}")
    for hidden in (".top", ".subscribe", ".find", ".tools"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.pdf().startswith(b"%PDF")


def kept(page):
    """Wait until the worker has put the page away."""
    expect(page.locator("html")).to_have_attribute("data-worker", "ready")
    expect(page.locator("html[data-kept]")).to_have_count(1)


def test_last_answer_without_a_server(open_page, tmp_path):
    with serving(tmp_path, notices()) as served:
        page = open_page(f"/outages/{KRYMSK}", base=served.address, expect=503, **PHONE)
        kept(page)
        lead = page.locator(".lead").inner_text()
        page.reload()
        expect(page.locator(".copy")).to_be_hidden()
    page.reload()
    expect(page.locator(".copy")).to_be_visible()
    expect(page.locator(".copy")).to_contain_text(
        re.compile(r"Так было в \d+:\d\d .*\((меньше минуты|\d+ мин) назад\)")
    )
    assert page.locator(".lead").inner_text() == lead
    assert page.locator(".answer").evaluate("each => getComputedStyle(each).borderLeftWidth") == "5px", "its style too"
    page.goto(f"{served.address}/outages/{EYSK}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Нет связи")
    page.wait_for_timeout(1_200)  # an answer of the last second counts as new: stale-while-revalidate=1
    page.get_by_role("link", name="Крымск").click()
    expect(page.locator(".copy")).to_be_visible()


def test_copy_gives_way_when_the_server_is_back(open_page, town):
    page = open_page(f"/outages/{KRYMSK}", base=town, **PHONE)
    kept(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".copy")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".copy")).to_be_hidden(timeout=40_000)


def test_open_page_asks_again_when_its_answer_is_over(opened):
    page = opened(f"/outages/{KRYMSK}", **PHONE)
    page.clock.install()
    page.reload()
    page.locator("#at").evaluate("each => { each.dateTime = '2020-01-01T00:00+03:00'; each.textContent = 'OLD'; }")
    page.clock.run_for(21_000)
    expect(page.locator("#at")).not_to_have_text("OLD")
    expect(page.locator(".lead")).to_be_visible()
