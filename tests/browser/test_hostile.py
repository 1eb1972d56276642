"""The hostile corpus as people meet it, on every page: shown as text, nothing of it runs, nothing of it calls anybody.

One server over one archive (tests/hostile.py); tests/test_hostile.py looks at the same in feeds, files and answers.
"""

from __future__ import annotations

from functools import partial
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.desk.bulk import Bulk
from kubmap.desk.desk import Desk
from kubmap.read.cache import SnapshotCache
from kubmap.store.store import Store
from kubmap.web.publish import publish as write_site
from kubmap.web.source import Source
from tests.browser.conftest import drawn, serving
from tests.browser.desk_room import come_in, expect, opened, people, pick, the_map
from tests.browser.test_static import Quiet
from tests.hostile import ANN, NOW, PLACES, TAKEN, archive, folded, town, withdrawn

pytestmark = pytest.mark.browser

PERIOD = "from=2021-11-01&to=2021-12-31"
FOREIGN = (
    'img[src="x"], svg[onload], details[ontoggle], [onerror], [onfocus], [onmouseover], [href^="http://evil" i], '
    '[href^="https://evil" i], [href^="//" i], [src*="evil" i], [href^="javascript:" i], [src^="javascript:" i], '
    '[href^="data:text" i], mark h1'
)
"""Elements and attributes that only the corpus could have made."""
WALK = """(selector) => {
  const seen = [];
  const walk = (root) => {
    seen.push(...root.querySelectorAll(selector));
    for (const node of root.querySelectorAll("*")) if (node.shadowRoot) walk(node.shadowRoot);
  };
  walk(document);
  return [window.pwned ?? null, seen.map((node) => node.outerHTML.slice(0, 200))];
}"""
LETTERS = str.maketrans("", "", "".join(map(chr, [*range(9), *range(14, 32), 0xFFFE, 0xFFFF])))
DRAFTS = TAKEN[::3]


class Desktop:
    """The server's home, filled: published, drafts, taken back, a file with bad rows."""

    def __init__(self, home) -> None:
        people(home)
        store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
        self.records = archive(store, load_atlas())
        desk = Desk(store, load_atlas(), now=lambda: NOW)
        self.gone = withdrawn(desk, TAKEN[0])
        for case in DRAFTS:
            (found, *_) = desk.paste(ANN, f"Пожар в Тихорецке 22 ноября ({case.name}): {case.text}", published=NOW)
            changes = {"title": case.text, "source_name": case.text}
            desk.save(ANN, found.incident.id, base_version=1, changes=changes, reason=case.text)
        bulk = Bulk(store, load_atlas(), home, now=lambda: NOW)
        rows = "\n".join(f'"{case.words.replace(chr(34), chr(34) * 2)}";когда-нибудь' for case in TAKEN)
        path = bulk.receive(ANN, "<img src=x onerror=window.pwned=1>.csv", f"Текст;Дата публикации\n{rows}".encode())
        look = bulk.look(ANN, path)
        bulk.run(bulk.begin(ANN, look.opened, bulk.plan(look.opened, fields=look.fields)).id)
        store.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    home = tmp_path_factory.mktemp("house")
    filled = Desktop(home)
    with serving(home, ()) as served:
        yield served, filled


@pytest.fixture
def visit(house, open_page):
    """Opens a page that must stay quiet: no dialog, no error, no other host (`open_page` looks at the end)."""

    def go(path, **options):
        page = open_page(path, **{"base": house[0].address, **options})
        page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError(f"a dialog: {dialog.message}")))
        return page

    return go


def unharmed(page) -> None:
    for frame in page.frames:
        assert frame.evaluate(WALK, FOREIGN) == [None, []], frame.url


def text_of(case) -> str:
    return folded(case.text.translate(LETTERS))


def told(page, selector: str) -> str:
    """The text of all such nodes, as the document holds it."""
    found = page.locator(selector).evaluate_all("nodes => nodes.map((node) => node.textContent)")
    return folded(" ".join(found).translate(LETTERS))


def unfold(page) -> None:
    """Open every group of the list and all pages of its members."""
    for group in page.locator("#list .row-group").all():
        group.click()
        page.locator(f"[id='{group.get_attribute('aria-controls')}'] .row").first.wait_for()  # the server is asked
    while (more := page.locator("#list .more:visible")).count():
        before = page.locator("#list .members .row").count()
        more.first.click()
        expect(page.locator("#list .members .row")).not_to_have_count(before)


def listed(page) -> None:
    unfold(page)
    text = told(page, "#list")
    assert [case.name for case in TAKEN if text_of(case)[:40] not in text] == []
    unharmed(page)


def card(page, incident_id: str, case) -> None:
    """Open a record's card as «back» to its address does."""
    page.evaluate(
        "query => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')); }",
        f"?{PERIOD}&id={incident_id}",
    )
    expect(page.locator("#card")).to_contain_text(f"({case.name})")


def test_list_clusters_and_cards_of_the_map(visit, house):
    page = drawn(visit(f"/map?{PERIOD}"))
    listed(page)
    for case in TAKEN:
        card(page, house[1].records[case.name].id, case)
        assert told(page, "#card").count(text_of(case)) >= 3, case.name  # title, text, source
    hrefs = page.locator("#card a").evaluate_all("nodes => nodes.map((node) => node.protocol)")
    assert set(hrefs) <= {"http:", "https:"}
    unharmed(page)


def test_a_phone_in_the_dark(visit):
    page = drawn(visit(f"/map?{PERIOD}", width=360, height=740, color_scheme="dark"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    unfold(page)
    assert page.locator("#list").evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    unharmed(page)


def test_search_takes_every_string(visit):
    page = drawn(visit(f"/map?{PERIOD}"))
    box = page.get_by_role("combobox", name="Место или слова")
    for case in TAKEN[::4]:
        box.fill(case.words[:80])
        page.wait_for_timeout(150)
    unharmed(page)
    box.press("Enter")
    unharmed(page)


def test_link_to_what_was_taken_back(visit, house):
    page = visit(f"/map?{PERIOD}&id={house[1].gone.id}", expect=410)
    drawn(page)
    expect(page.locator("body")).to_contain_text(TAKEN[0].text)
    unharmed(page)


@pytest.mark.parametrize("place", PLACES)
def test_pages_of_residents(visit, place):
    here = [case for case in TAKEN if town(case) == place]
    page = visit(f"/outages/{PLACES[place]}?at=2021-11-27T12:00")
    text = told(page, "main")
    assert [case.name for case in here if text_of(case) not in text] == []
    unharmed(page)
    page = visit(f"/outages?place={PLACES[place]}&at=2021-11-27T12:00")
    page.locator(".outage .answer").first.wait_for(timeout=30_000)
    text = told(page, ".outage")
    assert [case.name for case in here if text_of(case) not in text] == []
    unharmed(page)


@pytest.mark.parametrize("path", ["", "summary", "about", "outages?at=2021-11-27T12:00"])
def test_pages_of_readers(visit, path):
    page = visit(f"/{path}")
    page.get_by_test_id("stMainBlockContainer").wait_for(timeout=30_000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=30_000)
    if not path:
        page.frame_locator("iframe").locator("body[data-drawn]").wait_for(timeout=30_000)
    page.wait_for_timeout(500)
    assert page.get_by_test_id("stException").count() == 0
    unharmed(page)


def test_the_desk(visit, house):
    page = come_in(visit, house[0].address, "petrova")
    queue = page.locator(".desk-queue")
    expect(queue.locator(".item")).to_have_count(len(DRAFTS), timeout=20_000)
    text = told(page, ".desk-queue")
    assert [case.name for case in DRAFTS if text_of(case)[:40] not in text] == []
    unharmed(page)
    for case in DRAFTS[:4]:
        pick(page, text_of(case)[:30])
        opened(page, f"({case.name})")
        the_map(page)
        for tab in ("История", "Похожие", "Почему так прочитано"):
            page.get_by_role("tab", name=tab).click()
            unharmed(page)
    for tab in ("Карта", "Снятые"):
        queue.locator(".tabs").get_by_role("button", name=tab).click()
        queue.locator(".item").first.wait_for()
        unharmed(page)


def test_loads_and_users(visit, house):
    page = come_in(visit, house[0].address, "glavred", "/upload")
    expect(page.get_by_test_id("stMainBlockContainer")).to_contain_text("img src", timeout=30_000)
    unharmed(page)
    page.goto(page.url.replace("/upload", "/users"))
    expect(page.get_by_test_id("stMainBlockContainer")).to_contain_text("petrova", timeout=30_000)
    unharmed(page)


@pytest.fixture(scope="module")
def static(house, tmp_path_factory):
    """The site of files of the same archive, from a plain file server."""
    out = tmp_path_factory.mktemp("www")
    store = Store(f"sqlite:///{house[0].home / 'kubmap.sqlite'}")
    write_site(Source(load_atlas(), data_folder(), SnapshotCache(store)), out / "kuban")
    store.close()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/kuban"
        server.shutdown()


def test_the_static_site(visit, static, house):
    page = drawn(visit(f"/index.html?{PERIOD}", base=static))
    listed(page)
    for case in TAKEN[::5]:
        card(page, house[1].records[case.name].id, case)
    unharmed(page)
