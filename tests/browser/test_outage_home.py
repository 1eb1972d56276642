"""The page «Отключения» as a resident meets it: find the place, read the answer, come back by the link."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import expect, serving
from tests.browser.outage_items import ABINSK, ANAPA, EYSK, HOPE, KRASNODAR, KRYMSK, NOTICES
from tests.browser.test_axe import RULES, axe  # noqa: F401 -- a fixture
from tests.web_items import HOSTILE

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
IN_KRYMSK = {"latitude": 44.93, "longitude": 37.99}
MORNING = "2021-11-27T07:30"
PATIENT_MS = 30_000
"""A page of Streamlit is drawn late on a busy machine."""
LISTEN = """() => {
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    window.sent.push(typeof data === "string" ? data : new TextDecoder("latin1").decode(data));
    return send.call(this, data);
  };
}"""
"""Keeps what Streamlit's socket sends from now on."""
AWAY = """ms => {
  const now = Date.now();
  Date.now = () => now + ms;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""The reader comes back to the page after so long."""
ASIDE = "node => node.scrollWidth - node.clientWidth"


@pytest.fixture(scope="module")
def residents(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("residents"), NOTICES) as served:
        yield served.address


@pytest.fixture
def visit(open_page, residents):
    def visit(query="", **options):
        page = open_page(f"/outages{query}", base=residents, **options)
        page.get_by_role("combobox").wait_for(timeout=PATIENT_MS)
        page.locator(".outage > *").first.wait_for(timeout=PATIENT_MS)
        return page

    return visit


def answered(page):
    """The first sentence of the answer."""
    return page.locator(".answer .lead")


def place_of(page):
    return parse_qs(urlsplit(page.url).query).get("place", [None])[0]


def type_in(page, text):
    field = page.get_by_role("combobox")
    field.click()
    field.press_sequentially(text, delay=15)
    return page.get_by_role("listbox").get_by_role("option")


def test_options_follow_the_letters_and_forgive_slips(visit):
    page = visit(f"?at={MORNING}")
    options = type_in(page, "кры")
    expect(options.first).to_contain_text("Крымск")
    page.get_by_role("combobox").fill("")
    expect(page.get_by_role("listbox")).to_be_hidden()
    options = type_in(page, "Кырмск")
    expect(options.first).to_contain_text("город, Крымский район")
    page.keyboard.press("Enter")
    expect(answered(page)).to_contain_text("Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске")
    expect(page.get_by_role("combobox")).to_have_value("Крымск")
    assert place_of(page) == KRYMSK


def test_keyboard_alone_finds_a_homonym_by_its_district(visit):
    page = visit(f"?at={MORNING}", **PHONE)
    options = type_in(page, "октябрьский")
    expect(options.nth(1)).to_contain_text("Октябрьский")
    abouts = options.filter(has_text="Октябрьский посёлок").locator(".pf-about").all_inner_texts()
    assert len(set(abouts)) == len(abouts) > 10
    field = page.get_by_role("combobox")
    field.press("ArrowUp")  # from the first round to the last, which comes into sight
    expect(options.last).to_be_in_viewport()
    field.press_sequentially(" ейс", delay=15)
    expect(options).to_have_count(1)
    field.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    field.press("Enter")
    expect(answered(page)).to_contain_text("Завтра, 28 ноября, с 9:00 до 17:00 в посёлке Октябрьском")
    expect(page.locator(".home-kind")).to_have_text("посёлок, Ейский район")


def test_the_other_homonym_knows_nothing_and_says_so(visit):
    page = visit(f"?at={MORNING}")
    type_in(page, "октябрьский северский").first.click()
    expect(answered(page)).to_contain_text("В посёлке Октябрьском сведений об отключениях нет")
    expect(page.locator(".answer")).to_contain_text("Это не значит, что всё включено")
    expect(page.locator(".tile.none")).to_have_count(4)


def test_yo_and_case_do_not_matter_and_what_is_no_place_is_said(visit):
    page = visit()
    expect(type_in(page, "ТИМАШЕВСК").first).to_contain_text("Тимашёвск")
    page.get_by_role("combobox").fill("")
    type_in(page, "ъъъъъъъъ")
    expect(page.get_by_role("status").first).to_contain_text("такого места не нашлось")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_an_exception_inside_a_served_town(visit):
    page = visit(f"?at=2021-11-27T12:00&place={KRYMSK}")
    expect(answered(page)).to_contain_text("кроме: мкр «Надежда»")
    assert page.locator("svg.area").first.locator("circle.except").count() == 1
    page.get_by_role("link", name="Надежда").click()
    expect(page.locator(".home-head h1")).to_have_text("Надежда")
    expect(page.locator(".answer")).to_contain_text("отключения воды быть не должно")
    expect(page.locator('.tile[data-category="outage_water"]')).to_contain_text("отключать не должны")
    assert place_of(page) == HOPE
    expect(page.locator(".home-head h1")).to_be_focused()
    expect(page.locator(".home-head h1")).to_be_in_viewport()  # the link stood far below
    page.get_by_role("link", name="Крымск целиком").click()
    expect(page.locator(".home-head h1")).to_have_text("Крымск")


BEFORE_AND_AFTER = (
    ("2021-11-26T12:00", "Завтра, 27 ноября, с 6:00 до 24:00 в Крымске вода подаётся по графику", "завтра с 6:00"),
    ("2021-11-27T07:30", "сейчас вода есть, до 9:00", "есть до 9:00"),
    ("2021-11-27T12:00", "сейчас воды нет, подача с 18:00 до 21:00", "дадут в 18:00"),
    ("2021-11-28T01:00", "подача воды восстанавливается, выход на режим до 6:00 28 ноября", "возвращается до 6:00"),
    (
        "2021-11-28T07:00",
        "должно было закончиться к 6:00 28 ноября (сегодня); новых сообщений нет",
        "отключат 30 ноября",
    ),
)
NIGHT = (
    ("2021-11-26T20:00", "отключат сегодня с 22:00", 2),
    ("2021-11-26T23:00", "отключён до 6:00 27 ноября", 2),
    ("2021-11-27T05:59", "отключён до 6:00", 1),
)


def test_before_during_in_recovery_and_after(visit, residents):
    page = visit()
    for at, said, tile in BEFORE_AND_AFTER:
        page.goto(f"{residents}/outages?at={at}&place={KRYMSK}")
        expect(page.locator(".answer"), at).to_contain_text(said, timeout=PATIENT_MS)
        expect(page.locator('.tile[data-category="outage_water"]'), at).to_contain_text(tile)


def test_a_night_lies_on_two_days(visit, residents):
    page = visit()
    for at, tile, days in NIGHT:
        page.goto(f"{residents}/outages?at={at}&place={ANAPA}")
        expect(page.locator('.tile[data-category="outage_power"]'), at).to_contain_text(tile, timeout=PATIENT_MS)
        expect(page.locator(".strip > li"), at).to_have_count(14)
        expect(page.locator(".strip > li.busy"), at).to_have_count(days)


def test_several_notices_at_one_time(visit):
    page = visit(f"?at=2021-11-27T10:30&place={EYSK}", **PHONE)
    expect(answered(page)).to_contain_text("отключение")
    expect(page.locator('.tile[data-category="outage_water"]')).to_contain_text("отключена до 12:00")
    expect(page.locator('.tile[data-category="outage_gas"]')).to_contain_text("отключён до 18:00")
    expect(page.locator("article.card")).to_have_count(3)


def test_an_accident_without_an_end_goes_stale(visit, residents):
    page = visit(f"?at=2021-11-25T12:00&place={KRASNODAR}")
    expect(answered(page)).to_contain_text("срок не назван")
    expect(page.locator(".tile.bad")).to_contain_text("отключена, срок не назван")
    page.goto(f"{residents}/outages?at=2021-11-27T12:00&place={KRASNODAR}")
    expect(answered(page)).to_contain_text("новостей больше суток нет: сведения устарели", timeout=PATIENT_MS)


def test_text_of_people_is_text(visit):
    page = visit(f"?at=2021-11-27T10:30&place={ABINSK}")
    expect(page.locator("article.card")).to_contain_text("<script>window.pwned=1</script>")
    page.locator("details.text summary").click()
    assert page.locator("details.text p").inner_text() == HOSTILE
    assert page.locator(".outage script, .outage img, .outage [onerror], .outage a[href^='javascript']").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_position_stays_in_the_browser(visit):
    page = visit(f"?at={MORNING}", geolocation=IN_KRYMSK, permissions=["geolocation"], **PHONE)
    expect(page.get_by_text("Положение не покидает этот телефон")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    page.evaluate(LISTEN)
    page.get_by_role("button", name="Моё местоположение").click()
    near = page.locator(".pf-chip")
    expect(near.first).to_contain_text("Крымск 600 м")
    near.first.press("Enter")
    expect(answered(page)).to_contain_text("в Крымске")
    assert place_of(page) == KRYMSK
    sent = page.evaluate("window.sent.join()")
    assert KRYMSK in sent
    assert not re.search(r"44[.,]9|37[.,]9", sent + "".join(asked))


def test_a_position_that_is_denied_or_far_away_is_said(visit):
    page = visit(**PHONE)
    page.get_by_role("button", name="Моё местоположение").click()
    expect(page.get_by_role("status").first).to_contain_text("доступ запрещён")
    page = visit(geolocation={"latitude": 55.75, "longitude": 37.6}, permissions=["geolocation"])
    page.get_by_role("button", name="Моё местоположение").click()
    expect(page.get_by_role("status").first).to_contain_text("Рядом нет населённых пунктов Краснодарского края")


def test_the_link_of_a_place_survives_a_reload_and_the_way_back(visit):
    page = visit(f"?place={KRYMSK}&at=2021-11-27T12:00")
    expect(answered(page)).to_contain_text("сейчас воды нет")
    page.reload()
    expect(answered(page)).to_contain_text("сейчас воды нет")
    expect(page.get_by_role("combobox")).to_have_value("Крымск")
    type_in(page, "ейск").first.click()
    expect(page.locator(".home-head h1")).to_have_text("Ейск")
    page.go_back()
    expect(page.locator(".home-head h1")).to_have_text("Крымск")
    expect(page.get_by_role("combobox")).to_have_value("Крымск")


def test_a_browser_remembers_its_places_and_clearing_shows_the_krai(visit):
    page = visit(f"?place={KRYMSK}&at={MORNING}")
    page.get_by_role("button", name="Очистить").click()
    expect(page.get_by_role("heading", name="Отключено сейчас")).to_be_visible()
    assert place_of(page) is None
    page.locator(".pf-chip", has_text="Крымск").click()
    expect(answered(page)).to_contain_text("в Крымске")


def test_the_krai_without_a_place(visit):
    page = visit("?at=2021-11-27T10:30", **PHONE)
    expect(page.get_by_role("heading", name="Отключено сейчас 6")).to_be_visible()
    expect(page.get_by_role("heading", name="В ближайшие 7 дней 2")).to_be_visible()
    expect(page.locator(".krai-part").first).to_contain_text("Абинск")
    page.get_by_text("Без новостей больше суток").click()
    expect(page.locator(".krai-stale .krai-part")).to_contain_text("сведения устарели")
    page.locator(".krai-part a", has_text="Тихорецк").click()
    expect(page.locator(".home-head h1")).to_have_text("Тихорецк")
    expect(page.locator(".tile.bad")).to_contain_text("отключено до 16:00")


def test_subscriptions_say_what_they_do_and_lead_to_feeds(visit, residents):
    page = visit(f"?place={KRYMSK}&at={MORNING}")
    expect(page.get_by_text("Календарь телефона напомнит вечером накануне")).to_be_visible()
    calendar = page.get_by_role("link", name="Добавить в календарь").get_attribute("href")
    assert re.fullmatch(rf"webcal://[^/]+/feeds/outages/{KRYMSK}\.ics", calendar)
    for name, kind in (
        ("Файл .ics", "text/calendar"),
        ("RSS", "application/rss+xml"),
        ("Простая страница", "text/html"),
    ):
        path = page.get_by_role("link", name=name).get_attribute("href")
        found = page.request.get(residents + path)
        assert (found.status, found.headers["content-type"].partition(";")[0]) == (200, kind)


def test_a_stale_link_and_a_moment_that_cannot_be_read_are_said(visit, residents):
    page = visit("?place=nowhere")
    expect(page.get_by_role("status").first).to_contain_text("ссылка устарела или неполна")
    page.goto(f"{residents}/outages?place={KRYMSK}&at=soon")
    expect(page.get_by_role("alert")).to_contain_text("Время в адресе не читается", timeout=PATIENT_MS)


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("query", [f"?at={MORNING}&place={KRYMSK}", "?at=2021-11-27T10:30"], ids=["place", "krai"])
def test_axe_and_no_sideways_scrolling(visit, axe, size, query):  # noqa: F811
    page, papers = visit(query, **size), set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        page.locator(".outage > *").first.wait_for(timeout=PATIENT_MS)
        papers.add(page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).backgroundColor"))
        if "place" not in query:
            type_in(page, "октябрьский")
            page.get_by_role("option").first.wait_for()
        page.evaluate(axe)
        found = page.evaluate("rules => axe.run('[data-testid=\"stMainBlockContainer\"]', rules)", RULES)["violations"]
        told = [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]]
        assert told == [], scheme
        assert page.get_by_test_id("stMain").evaluate(ASIDE) <= 0, scheme
    assert len(papers) == 2


def test_a_page_that_was_away_asks_again(visit):
    page = visit(f"?place={KRYMSK}")
    page.evaluate(LISTEN)
    page.evaluate(AWAY, 30_000)
    page.wait_for_timeout(500)
    assert page.evaluate("window.sent.length") == 0
    page.evaluate(AWAY, 90_000)
    page.wait_for_function("window.sent.length > 0")
    expect(page.locator(".home-head h1")).to_have_text("Крымск")
