"""Polling: what the store has after feeds of every kind were asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy.exc import OperationalError

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Category, Status
from kubmap.geocode.reading import read_teaser
from kubmap.store import pull as module
from kubmap.store import sources
from kubmap.store.address import Guard
from kubmap.store.fetch import Fetcher
from kubmap.store.pull import ACTOR, Puller
from tests.feed_site import Site, item, rss, send, serving

CRASH = "В Кореновске 22 ноября около 5:00 столкнулись две машины, пострадали двое."
FIRE = "В Ейске 22 ноября горел склад на улице Мира."
NEWER = "В Кореновске 22 ноября около 6:00 столкнулись три машины, пострадали трое."
HOSTILE = '<script>window.pwned=1</script><b onclick="x()">Пожар</b> ${7*7} \u202eRTL'


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


@pytest.fixture
def desk(store, site, noon):
    return Polled(store, site, noon)


class Polled:
    """A store whose feeds are polled, by a clock that the test moves."""

    def __init__(self, store, site: Site, now) -> None:
        self.store, self.site, self.now = store, site, now
        fetcher = Fetcher(Guard.of("127.0.0.1/32", str(site.port)), total_s=5.0)
        read = partial(read_teaser, atlas=load_atlas())
        self.puller = Puller(store, read, fetcher, now=lambda: self.now, draw=lambda: 0.5)

    def feed(self, *items: str, path: str = "/feed", **headers: str) -> None:
        self.site.answers[path] = send(rss(items), Content_Type="application/rss+xml", **headers)

    def add(self, path: str = "/feed", name: str = "Район"):
        return sources.add(self.store.engine, url=self.site.url(path), name=name, by="editor", now=self.now)

    def pull(self, only=None):
        return tuple(self.puller.pull(only) or ())

    def source(self, path: str = "/feed"):
        return sources.find(self.store.engine, self.site.url(path))

    def records(self):
        return sorted(self.store.find(), key=lambda each: each.text)

    def edit(self, record, **changes):
        return self.store.update(record.id, expected_version=record.version, changes=changes, actor="anna")


def test_items_become_drafts_once(desk):
    desk.feed(
        item(CRASH, title="ДТП &amp; <b>пробка</b>", guid="1", link="https://news.example/1"), item(FIRE, guid="2")
    )
    desk.add()
    (done,) = desk.pull()
    assert (done.ok, done.report.added) == (True, 2)
    fire, crash = desk.records()
    assert {each.status for each in (crash, fire)} == {Status.DRAFT}
    assert (crash.title, crash.source_name, crash.source_url) == ("ДТП & пробка", "Район", "https://news.example/1")
    assert (crash.category, crash.location.municipality) == (
        Category.ROAD_ACCIDENT,
        fire and crash.location.municipality,
    )
    assert crash.location.label.startswith("Кореновск")
    assert (crash.created_by, crash.published_at.hour) == (ACTOR, 10)
    before = desk.records()
    for _ in range(2):
        (again,) = desk.pull()
        assert (again.report.added, again.report.updated, again.report.unchanged) == (0, 0, 2)
    assert desk.records() == before
    assert (desk.source().items, desk.source().error) == (2, "")


def test_what_is_unchanged_is_not_sent_again(desk):
    desk.feed(item(CRASH), ETag='"7"', Last_Modified="Mon, 22 Nov 2021 10:00:00 GMT")
    desk.add()
    desk.pull()
    assert "if-none-match" not in desk.site.seen[-1]
    desk.site.answers["/feed"] = send(b"", status=304)
    (again,) = desk.pull()
    assert desk.site.seen[-1]["if-none-match"] == '"7"'
    assert desk.site.seen[-1]["if-modified-since"] == "Mon, 22 Nov 2021 10:00:00 GMT"
    assert (again.ok, len(desk.records()), desk.source().etag) == (True, 1, '"7"')


def test_changed_words_renew_the_draft(desk):
    desk.feed(item(CRASH, guid="1"))
    desk.add()
    desk.pull()
    (draft,) = desk.records()
    desk.feed(item(NEWER, guid="1"))
    (done,) = desk.pull()
    assert (done.report.added, done.report.updated) == (0, 1)
    (new,) = desk.records()
    assert (new.id, new.text, new.version, new.starts_at.hour) == (draft.id, NEWER, 2, 6)
    assert [entry.actor for entry in desk.store.history(new.id)] == [ACTOR, ACTOR]
    assert desk.pull()[0].report.unchanged == 1


def test_what_an_editor_changed_stays(desk):
    desk.feed(item(CRASH, title="Старый заголовок", guid="1"))
    desk.add()
    desk.pull()
    (draft,) = desk.records()
    mine = desk.edit(draft, title="Заголовок редактора", category=Category.CRIME)
    desk.feed(item(NEWER, title="Новый заголовок", guid="1"))
    desk.pull()
    (new,) = desk.records()
    assert (new.title, new.category) == ("Заголовок редактора", Category.CRIME)
    assert (new.text, new.starts_at.hour) == (NEWER, 6), "the rest follows the feed"
    desk.edit(new, text="Слова редактора.")
    desk.feed(item(CRASH, title="Третий", guid="1"))
    for _ in range(2):
        assert desk.pull()[0].report.added == 0
    (last,) = desk.records()
    assert (last.text, last.title, last.version) == ("Слова редактора.", "Заголовок редактора", mine.version + 2)


def test_a_verified_place_never_moves(desk):
    desk.feed(item(CRASH, guid="1"))
    desk.add()
    desk.pull()
    (draft,) = desk.records()
    mine = replace(draft.location, lat=45.0, lon=39.0)
    desk.edit(draft, location=mine, location_verified=True)
    desk.feed(item(FIRE, guid="1"))
    desk.pull()
    (new,) = desk.records()
    assert (new.text, new.location) == (FIRE, mine)


def test_what_is_published_stays_and_its_news_is_a_draft_beside_it(desk):
    desk.feed(item(CRASH, guid="1", link="https://news.example/1"))
    desk.add()
    desk.pull()
    (draft,) = desk.records()
    shown = desk.store.publish(draft.id, expected_version=1, actor="anna")
    revision = desk.store.revision()
    desk.feed(item(CRASH, title="Другой заголовок", guid="1", link="https://news.example/1"))
    assert desk.pull()[0].report.unchanged == 1
    desk.feed(item(NEWER, guid="1", link="https://news.example/1"))
    for _ in range(2):
        desk.pull()
        assert desk.store.get(shown.id) == shown
        assert [each.text for each in desk.records() if each.status is Status.DRAFT] == [NEWER]
    assert desk.store.revision() == revision, "readers see nothing that no editor published"


def test_what_was_turned_down_stays_so(desk):
    desk.feed(item(CRASH, guid="1"))
    desk.add()
    desk.pull()
    (draft,) = desk.records()
    down = desk.edit(draft, status=Status.RETRACTED)
    for text in (CRASH, NEWER, NEWER, FIRE):
        desk.feed(item(text, guid="1"))
        assert desk.pull()[0].report.added == 0
        assert desk.records() == [down]


def test_what_was_pasted_is_known_in_the_feed(desk):
    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.domain import Role

    (pasted,) = Desk(desk.store, load_atlas()).paste(User("1", "anna", Role.EDITOR), CRASH)
    desk.feed(item(CRASH, guid="1", link="https://news.example/1"))
    desk.add()
    desk.pull()
    (record,) = desk.records()
    assert (record.id, record.source_url) == (pasted.incident.id, "https://news.example/1")
    assert desk.pull()[0].report.unchanged == 1


def test_one_id_for_several_items_is_no_id(desk):
    desk.feed(item(CRASH, guid="1"), item(FIRE, guid="1"))
    desk.add()
    desk.pull()
    desk.feed(item(NEWER, guid="1"), item(FIRE, guid="1"))
    desk.pull()
    assert {each.text for each in desk.records()} == {CRASH, FIRE, NEWER}


@pytest.mark.parametrize(
    ("status", "headers", "told", "minutes"),
    [
        (500, {}, "ошибка на сервере (500)", 5),
        (404, {}, "по этому адресу ничего нет (404)", 5),
        (429, {"Retry_After": "7200"}, "сервер просит спрашивать реже (429)", 120),
        (503, {"Retry_After": "Fri, 01 May 2026 12:00:00 GMT"}, "сервер занят (503)", 180),
        (503, {"Retry_After": "1"}, "сервер занят (503)", 5),
    ],
)
def test_a_failure_is_told_and_waited_out(desk, status, headers, told, minutes):
    desk.site.answers["/feed"] = send(b"", status=status, **headers)
    desk.add()
    (done,) = desk.pull()
    assert (done.ok, done.told) == (False, told)
    source = desk.source()
    assert (source.error, source.failures) == (told, 1)
    assert source.next_at - desk.now == timedelta(minutes=minutes)
    asked = len(desk.site.seen)
    assert desk.pull() == ()
    assert len(desk.site.seen) == asked, "it is left alone"
    desk.now += timedelta(minutes=minutes)
    desk.pull()
    assert (len(desk.site.seen), desk.source().failures) == (asked + 1, 2)
    desk.feed(item(CRASH))
    (well,) = desk.pull([desk.source()])
    assert (well.ok, desk.source().failures, desk.source().error, len(desk.records())) == (True, 0, "", 1)


def test_what_is_gone_is_asked_no_more(desk):
    desk.site.answers["/feed"] = send(b"", status=410)
    desk.add()
    (done,) = desk.pull()
    assert "410" in done.told
    assert (desk.source().enabled, "выключен" in desk.source().error) == (False, True)
    desk.now += timedelta(days=30)
    assert desk.pull() == ()


def test_a_permanent_move_counts_once_a_feed_is_there(desk):
    desk.add("/old")
    desk.site.answers["/old"] = send(b"", status=301, Location="/new")
    desk.site.answers["/new"] = send(b"<html>not a feed</html>", Content_Type="text/html")
    assert "не лента" in desk.pull()[0].told
    assert desk.source("/old").url.endswith("/old")
    desk.now += timedelta(days=1)
    desk.feed(item(CRASH), path="/new", ETag='"new"')
    desk.pull()
    assert desk.source("/new").etag == '"new"'
    desk.site.answers["/new"] = send(b"", status=302, Location="/elsewhere")
    desk.feed(item(CRASH), path="/elsewhere")
    desk.pull()
    assert desk.source("/new").failures == 0, "what is temporary is followed and not remembered"


def test_two_that_move_to_one_address_stay_two(desk):
    desk.feed(item(CRASH), path="/new")
    desk.add("/new", "Новая")
    desk.add("/old", "Старая")
    desk.site.answers["/old"] = send(b"", status=308, Location="/new")
    assert [each.ok for each in desk.pull()] == [True, True]
    assert desk.source("/old").error == ""
    assert len(desk.records()) == 1


def test_bad_feeds_stop_no_good_one(desk):
    desk.puller = replace(desk.puller, feed_s=1.0)
    desk.site.answers["/hangs"] = desk.site.hang
    desk.site.answers["/junk"] = send(bytes(range(256)) * 50, Content_Type="text/xml")
    desk.site.answers["/photo"] = send(b"\x89PNG", Content_Type="image/png")
    desk.site.answers["/empty"] = send(b"")
    desk.site.answers["/broken"] = cut
    bad = ["/hangs", "/junk", "/photo", "/empty", "/broken", "/missing", *(f"/hang{n}" for n in range(10))]
    for number in range(10):
        desk.site.answers[f"/hang{number}"] = desk.site.hang
    for path in bad:
        desk.add(path, f"Плохая {path}")
    desk.feed(item(CRASH))
    desk.add()
    outcomes = {each.source.name: each for each in desk.pull()}
    assert len(outcomes) == len(bad) + 1
    assert outcomes["Район"].ok
    assert [name for name, each in outcomes.items() if each.ok] == ["Район"]
    assert all(each.told for each in outcomes.values())
    assert "не прочиталась вовремя" in outcomes["Плохая /hangs"].told
    assert [each.text for each in desk.records()] == [CRASH]


def cut(request: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(rss([item(FIRE)])[:-40])


def test_hostile_items_are_text(desk):
    desk.feed(
        item(f"{CRASH} {HOSTILE}", title=HOSTILE, guid="1", link="javascript:alert(1)"),
        item(f"{FIRE} <![CDATA[<img src=x onerror=x()>]]>", guid="2", link="data:text/html,x"),
        item('=HYPERLINK("http://evil.example") \'; DROP TABLE incidents; --', guid="3", link="//cdn.example/a"),
        item("", guid="4"),
        item("ы" * 25_000, guid="5"),
    )
    desk.add()
    (done,) = desk.pull()
    assert (done.report.added, done.report.rejected) == (3, 2)
    assert "запись 4: " in desk.source().told
    text = {each.source_url: each for each in desk.records()}
    crash = next(each for each in desk.records() if CRASH in each.text)
    assert (crash.source_url, crash.title) == (None, "Пожар ${7*7} \u202eRTL")
    assert "<" not in "".join(each.text + (each.title or "") for each in desk.records())
    assert text["http://cdn.example/a"].text.startswith("=HYPERLINK")
    assert {*text} == {None, "http://cdn.example/a"}


def test_doubly_escaped_markup_stays_words(desk):
    desk.feed(item("В Ейске горит &lt;script&gt;alert(1)&lt;/script&gt; склад.", guid="1"))
    desk.add()
    desk.pull()
    assert [each.text for each in desk.records()] == ["В Ейске горит <script>alert(1)</script> склад."]


def test_bombs_and_foreign_entities_are_harmless(desk, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("ТАЙНА")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bombs = {
        "/laughs": rss(["<item><title>&a11;</title></item>"], before=f'<!DOCTYPE r [<!ENTITY a0 "ха">{laughs}]>'),
        "/file": rss(
            [f"<item><title>тут &e;</title><description>{FIRE} &e;</description></item>"],
            before=f'<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
        ),
        "/dtd": rss([item(CRASH)], before=f'<!DOCTYPE r SYSTEM "{desk.site.url("/evil.dtd")}">'),
    }
    for path, body in bombs.items():
        desk.site.answers[path] = send(body, Content_Type="text/xml")
        desk.add(path, path)
    desk.pull()
    told = "".join(each.text + (each.title or "") for each in desk.records())
    assert "ТАЙНА" not in told
    assert "хаха" not in told
    assert len(told) < 1_000
    assert "/evil.dtd" not in {each["path"] for each in desk.site.seen}
    assert any(CRASH in each.text for each in desk.records())


def test_an_answer_that_names_a_file_has_none_opened(desk, tmp_path):
    """feedparser opens what it is given as bytes, where a file has that name; /dev/zero would never end."""
    inside = tmp_path / "inside.xml"
    inside.write_bytes(rss([item(CRASH)]))
    desk.site.answers["/feed"] = send(str(inside).encode(), Content_Type="text/xml")
    desk.add()
    assert "не лента" in desk.pull()[0].told
    assert not desk.records()


def test_days_and_links_that_cannot_be_read(desk):
    desk.feed(item(CRASH, day="позавчера", guid="1", link="/news/1"), item(FIRE, day="", guid="2"))
    desk.add()
    desk.pull()
    assert {each.published_at for each in desk.records()} == {desk.now}
    assert {each.source_url for each in desk.records()} == {desk.site.url("/news/1"), None}
    desk.now += timedelta(days=1)
    assert desk.pull()[0].report.unchanged == 2, "told again on another day it says nothing new"


def test_a_long_feed_is_read_in_part(desk, monkeypatch):
    monkeypatch.setattr("kubmap.store.feeditems.items_of.__kwdefaults__", {"limit": 3})
    desk.feed(*(item(f"Пожар в Ейске, номер {n}.", guid=str(n)) for n in range(5)))
    desk.add()
    (done,) = desk.pull()
    assert (done.report.added, "ещё 2" in done.told) == (3, True)


def test_two_pullers_at_once(desk, make_store):
    arrived, go = threading.Event(), threading.Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        arrived.set()
        go.wait(20)
        send(rss([item(CRASH)]))(request)

    desk.site.answers["/feed"] = slow
    desk.add()
    outcomes = []
    first = threading.Thread(target=lambda: outcomes.extend(desk.pull()))
    first.start()
    assert arrived.wait(20)
    other = replace(desk.puller, store=make_store())
    assert other.pull() is None
    go.set()
    first.join()
    assert [each.ok for each in outcomes] == [True]
    again = other.pull()
    assert again is not None
    assert [each.report.unchanged for each in again] == [1]
    assert len(desk.site.seen) == 2


def test_who_lost_the_lease_stops(desk):
    for number in range(3):
        desk.feed(item(f"{CRASH} {number}"), path=f"/{number}")
        desk.add(f"/{number}", str(number))
    ticks = iter(range(0, 100_000, 1_000))
    slow = replace(desk.puller, clock=lambda: float(next(ticks)), feed_s=1e9)
    running = slow.pull()
    next(running)
    desk.now += timedelta(hours=1)  # suspended for an hour
    other = replace(desk.puller)
    theirs = other.pull()
    assert theirs is not None
    assert len(list(running)) == 0
    assert len(list(theirs)) == 3


def test_a_database_that_fails_is_told_and_the_next_poll_makes_up_for_it(desk, monkeypatch):
    desk.feed(item(CRASH), ETag='"1"')
    desk.add()

    def hiccup(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("server closed the connection"))

    with monkeypatch.context() as patch:
        patch.setattr(module, "intake", hiccup)
        (done,) = desk.pull()
    assert (done.ok, "база данных" in done.told) == (False, True)
    assert desk.source().etag is None
    (again,) = desk.pull()
    assert (again.ok, len(desk.records())) == (True, 1)


def test_a_source_removed_while_it_is_asked(desk):
    desk.feed(item(CRASH))
    made = desk.add()
    running = desk.puller.pull([made])
    sources.remove(desk.store.engine, made.id)
    assert [each.ok for each in running] == [True]
    assert sources.every(desk.store.engine) == ()


def test_an_address_inside_is_refused_unless_allowed(desk):
    desk.puller = replace(desk.puller, fetcher=Fetcher(Guard.of("", str(desk.site.port))))
    desk.feed(item(CRASH))
    desk.add()
    (done,) = desk.pull()
    assert "не из открытого интернета" in done.told
    assert desk.site.seen == []
