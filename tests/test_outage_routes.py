"""The routes of residents over HTTP: state at a minute, feeds with tags, alerts out of the history."""

from __future__ import annotations

import feedparser
import icalendar
import pytest
from lxml import etree
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.domain import Status
from kubmap.feeds.cap import NAMESPACE
from kubmap.read.cache import SnapshotCache
from kubmap.read.ledger import StoreLedger
from kubmap.store import Store
from kubmap.web.endpoint import Desk, Lane
from kubmap.web.httpcache import AnswerCache
from kubmap.web.outageroutes import OutageRoutes
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from tests.notices import EYSK, HOPE, KRYMSK, at, notice

PLANNED = (
    "РЭУ «Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов."
)
SITE = "https://karta.example"


class Clock:
    now = at(27, 7)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path}/k.sqlite")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def client(store, clock):
    snapshots = SnapshotCache(store, atlas=load_atlas(), poll_s=0)
    source = Source(load_atlas(), data_folder(), snapshots, public_url=SITE, ledger=StoreLedger(store))
    desk = Desk(lambda: source, AnswerCache(), Lane("l", threads=2, queue=64), Lane("h", threads=1, queue=4))
    endpoints = OutageRoutes(lambda: source, desk, clock=clock).endpoints()
    with TestClient(Starlette(routes=[Route(path, endpoint) for path, endpoint in endpoints.items()])) as made:
        yield made


def publish(store, text=PLANNED):
    return store.add(notice(text), actor="anna")


def test_state_follows_the_minute(client, store, clock):
    publish(store)
    found = client.get("/api/v1/outages", params={"place": KRYMSK})
    assert found.json()["at"] == "2021-11-27T07:00+03:00"
    water = found.json()["utilities"]["water"]
    assert (water["state"], water["notices"][0]["state"]) == ("off", "off")
    assert water["notices"][0]["next"]["phase"] == "recovering"
    assert found.json()["answer"].startswith("Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске")
    clock.now = at(28, 2)
    later = client.get("/api/v1/outages", params={"place": KRYMSK})
    assert later.json()["utilities"]["water"]["state"] == "recovering"
    assert later.headers["etag"] != found.headers["etag"]


def test_state_of_a_minute_that_is_asked_for(client, store):
    publish(store)
    ask = {"place": KRYMSK, "at": "2021-11-28T07:00"}
    found = client.get("/api/v1/outages", params=ask)
    assert found.json()["utilities"]["water"]["state"] == "over"
    again = client.get("/api/v1/outages", params=ask, headers={"If-None-Match": found.headers["etag"]})
    assert again.status_code == 304
    assert [day["day"] for day in found.json()["calendar"]][:2] == ["2021-11-28", "2021-11-29"]


def test_place_without_notices_is_told_so(client, store):
    publish(store)
    found = client.get("/api/v1/outages", params={"place": EYSK}).json()
    assert {each["state"] for each in found["utilities"].values()} == {"none_known"}
    assert "Это не значит, что всё включено" in found["answer"]
    assert client.get("/api/v1/outages", params={"place": HOPE}).json()["utilities"]["water"]["excepted"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/outages", 400),
        ("/api/v1/outages?place=%3Cb%3E", 400),
        ("/api/v1/outages?place=00000000000", 404),
        (f"/api/v1/outages?place={KRYMSK}&at=2021-11-31T07:00", 400),
        (f"/feeds/outages/{KRYMSK}.ics?x=1", 400),
        ("/feeds/outages/nowhere.ics", 404),
        ("/feeds/outages/nowhere.rss", 404),
        ("/feeds/cap/nothing.xml", 404),
    ],
)
def test_problems(client, path, status):
    found = client.get(path)
    assert found.status_code == status
    assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (f"/feeds/outages/{KRYMSK}.ics", "text/calendar; charset=utf-8"),
        (f"/feeds/outages/{KRYMSK}.rss", "application/rss+xml"),
        ("/feeds/incidents.rss", "application/rss+xml"),
        ("/feeds/cap/index.atom", "application/atom+xml"),
    ],
)
def test_feeds_have_tags(client, store, path, media_type):
    publish(store)
    found = client.get(path)
    assert found.headers["content-type"] == media_type
    assert client.get(path, headers={"If-None-Match": found.headers["etag"]}).status_code == 304
    assert SITE in found.text


def test_publish_elsewhere_changes_neither_bytes_nor_tag(client, store):
    publish(store)
    before = client.get(f"/feeds/outages/{KRYMSK}.ics")
    store.add(notice("27 ноября с 9:00 до 18:00 в Ейске отключат газ для ремонта.", number=2), actor="anna")
    after = client.get(f"/feeds/outages/{KRYMSK}.ics", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 304


def test_revision_and_retraction_reach_the_calendar_and_the_alert(client, store):
    made = publish(store)
    later = notice(PLANNED.replace("24:00", "23:00"))
    changes = {"ends_at": later.ends_at, "outage": later.outage, "text": later.text}
    store.update(made.id, expected_version=1, changes=changes, actor="anna")
    (event,) = icalendar.Calendar.from_ical(client.get(f"/feeds/outages/{KRYMSK}.ics").text).walk("VEVENT")
    assert (event["sequence"], event.decoded("dtend")) == (1, at(28, 5))
    root = etree.fromstring(client.get(f"/feeds/cap/{made.id}.xml").content)
    assert root.findtext(f"{{{NAMESPACE}}}msgType") == "Update"
    assert f"kubmap-{made.id}-1," in root.findtext(f"{{{NAMESPACE}}}references")
    store.retract(made.id, expected_version=2, actor="anna", reason="ошибка")
    (event,) = icalendar.Calendar.from_ical(client.get(f"/feeds/outages/{KRYMSK}.ics").text).walk("VEVENT")
    assert (event["sequence"], event["status"]) == (2, "CANCELLED")
    root = etree.fromstring(client.get(f"/feeds/cap/{made.id}.xml").content)
    assert root.findtext(f"{{{NAMESPACE}}}msgType") == "Cancel"
    assert len(root.findtext(f"{{{NAMESPACE}}}references").split(" ")) == 2
    assert client.get("/api/v1/outages", params={"place": KRYMSK}).json()["utilities"]["water"]["state"] == "none_known"


def test_draft_that_was_never_published_is_not_told(client, store):
    draft = store.add(notice(PLANNED, status=Status.DRAFT), actor="anna")
    store.retract(draft.id, expected_version=1, actor="anna", reason="не то")
    assert "VEVENT" not in client.get(f"/feeds/outages/{KRYMSK}.ics").text
    assert client.get(f"/feeds/cap/{draft.id}.xml").status_code == 404


def test_alerts_are_listed(client, store):
    made = publish(store)
    (entry,) = feedparser.parse(client.get("/feeds/cap/index.atom").content).entries
    path = entry.links[0].href.removeprefix(SITE)
    assert path == f"/feeds/cap/{made.id}.xml"
    assert client.get(path).headers["content-type"] == "application/cap+xml"


def test_routes_are_served():
    source = Source(load_atlas(), data_folder(), None)
    assert {"/api/v1/outages", "/feeds/outages/{place}.ics", "/feeds/cap/{id}.xml"} <= set(
        PublicRoutes(lambda: source).endpoints()
    )
