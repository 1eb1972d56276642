"""«Ленты» as an editor meets it: a trial reading, a poll, errors in words, hostile titles as text."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kubmap.domain import Role
from kubmap.store.store import Store
from tests.accounts import PASSWORD
from tests.browser.conftest import RESULTS, Served, expect, serving
from tests.browser.test_login import enter, users_of
from tests.feed_site import Site, item, rss, send
from tests.feed_site import serving as serving_feeds
from tests.web_items import HOSTILE

pytestmark = pytest.mark.browser

CRASH = "В Кореновске 22 ноября около 5:00 столкнулись две машины, пострадали двое."
LONG = "Очень_длинное_слово_без_пробелов" * 4


@pytest.fixture(scope="module")
def feeds() -> Iterator[Site]:
    with serving_feeds() as site:
        site.answers["/rss"] = send(
            rss(
                [
                    item(CRASH, title=HOSTILE, guid="a1", link="https://news.example/1"),
                    item(
                        f"В Ейске горит склад. {HOSTILE}",
                        title="**Пожар** $x$ :red[y]",
                        guid="a2",
                        link="javascript:x()",
                    ),
                    item("", guid="a3"),
                ],
                title=f"{HOSTILE} {LONG}",
            ),
            Content_Type="application/rss+xml",
        )
        yield site


@pytest.fixture(scope="module")
def office(tmp_path_factory, feeds) -> Iterator[Served]:
    """A server with an editor and a reader who has an account, which may fetch from this machine."""
    home = tmp_path_factory.mktemp("feeds")
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    store.close()
    for login, role in (("reader", Role.READER), ("editor", Role.EDITOR)):
        users_of(home).add(login, role, password=PASSWORD, by="test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBMAP_FETCH_ALLOW", "127.0.0.1/32")
        patch.setenv("KUBMAP_FETCH_PORTS", str(feeds.port))
        with serving(home, ()) as served:
            yield served


@pytest.fixture
def editor(office, open_page):
    """The page, logged in, at a width."""

    def go(**options):
        page = open_page("/login?next=/sources", base=office.address, **options)
        enter(page, "editor")
        page.get_by_role("heading", name="Ленты").wait_for(timeout=30_000)
        return page

    return go


def settled(page) -> None:
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)


def shot(page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.wait_for_timeout(400)
    page.screenshot(path=RESULTS / f"sources-{name}.png", full_page=True)


def try_address(page, url: str) -> None:
    page.get_by_label("Адрес ленты").fill(url)
    page.get_by_role("button", name="Прочитать для пробы").click()


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_feed_from_trial_to_the_queue(editor, office, feeds):
    page = editor(height=1000)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("Лент пока нет.")
    try_address(page, feeds.url("/rss"))
    expect(main).to_contain_text("Так будут прочитаны первые сообщения", timeout=30_000)
    expect(main).to_contain_text(CRASH)
    expect(main).to_contain_text("Кореновск")
    expect(main).to_contain_text("нет текста")
    shot(page, "trial")
    page.get_by_label("Как называть источник").fill(f"Район {HOSTILE}")
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(main).to_contain_text("опрашивается", timeout=30_000)
    expect(main).to_contain_text("Ещё не прочитана")
    page.get_by_role("button", name="Опросить сейчас", exact=True).click()
    expect(main).to_contain_text("новых 2", timeout=60_000)
    expect(main).to_contain_text("не принято 1: запись 3: нет текста")
    expect(main).to_contain_text("<script>window.pwned=1</script>")  # as text
    shot(page, "read")
    assert page.evaluate("window.pwned") is None

    feeds.answers["/rss"] = send(b"", status=503, Retry_After="7200")
    page.get_by_role("button", name="Опросить все сейчас").click()
    expect(main).to_contain_text("Сервер занят (503). Снова", timeout=60_000)
    expect(main).to_contain_text("не отвечает, попыток: 1")
    shot(page, "failed")

    page.goto(f"{office.address}/desk")
    expect(page.get_by_role("list", name="Очередь")).to_contain_text("Кореновск", timeout=30_000)
    assert page.evaluate("window.pwned") is None
    reply = page.request.get(f"{office.address}/api/v1/desk/queue")
    found = json.loads(reply.text())["items"]
    assert {each["incident"]["source_name"] for each in found} == {f"Район {' '.join(HOSTILE.split())}"}
    assert {each["incident"].get("source_url") for each in found} == {"https://news.example/1", None}


def test_on_a_phone_with_errors_switches_and_a_removal(editor, feeds):
    feeds.answers["/second"] = send(rss([item(CRASH, guid="b1")], title=LONG), Content_Type="text/xml")
    page = editor(width=360, height=800)
    main = page.get_by_test_id("stMain")
    try_address(page, "http://127.0.0.1:1/rss")
    expect(main).to_contain_text("Порт 1 не разрешён", timeout=30_000)
    expect(page.get_by_label("Адрес ленты")).to_have_value("http://127.0.0.1:1/rss")
    try_address(page, feeds.url("/nothing"))
    expect(main).to_contain_text("Сервер ответил 404 вместо ленты", timeout=30_000)
    try_address(page, feeds.url("/second"))
    expect(main).to_contain_text("всего в ленте 1", timeout=30_000)
    assert fits(page)
    page.get_by_role("button", name="Добавить", exact=True).click()
    box = page.locator('[class*="st-key-source-"]').filter(has_text="/second").first
    expect(box).to_contain_text("опрашивается", timeout=30_000)
    box.get_by_role("button", name="Выключить").click()
    expect(box).to_contain_text("выключена", timeout=30_000)
    expect(box.get_by_role("button", name="Опросить сейчас")).to_be_disabled()
    box.get_by_role("button", name="Включить").click()
    expect(box).to_contain_text("опрашивается", timeout=30_000)
    box.get_by_role("button", name="Назвать иначе").click()
    page.get_by_label("Название").fill("Вторая лента")
    page.get_by_role("button", name="Сохранить").click()
    expect(box).to_contain_text("Вторая лента", timeout=30_000)
    page.keyboard.press("Escape")
    assert fits(page)
    settled(page)
    shot(page, "360")
    try_address(page, feeds.url("/second"))
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(main).to_contain_text("Такая лента уже есть", timeout=30_000)
    box.get_by_role("button", name="Удалить").click()
    box.get_by_role("button", name="Да, удалить").click()
    expect(box).to_have_count(0, timeout=30_000)


@pytest.mark.parametrize("login", [None, "reader"])
def test_who_may_not(office, open_page, login):
    page = open_page("/login?next=/sources" if login else "/sources", base=office.address)
    if login:
        enter(page, login)
    expect(page.get_by_text("нужна роль «редактор»" if login else "Войдите, чтобы сделать это.")).to_be_visible(
        timeout=30_000
    )
    assert page.get_by_label("Адрес ленты").count() == 0
    assert page.get_by_role("link", name="Ленты").count() == 0
