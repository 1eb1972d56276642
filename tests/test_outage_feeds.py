"""iCalendar, RSS and CAP of outages, each read again by somebody else's parser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import feedparser
import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Category, Precision, Status
from kubmap.feeds import cap, georss, ical
from kubmap.feeds.affected import affected
from kubmap.read.issue import Issue
from tests import web_items
from tests.notices import HOPE, KRASNODAR, KRYMSK, at, indexed, notice, place

SITE = "https://karta.example"
CAP_SITE = cap.Site(SITE)
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "cap12.xsd"))
NS = {"c": cap.NAMESPACE}
PLANNED = (
    "РЭУ «Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов."
)
ACCIDENT = "В Краснодаре из-за аварии отключили воду 25 ноября в 10:00 на ул. Заполярной, 35 и ул. Алуштинской."
WRITTEN = datetime(2021, 11, 25, 9, 30, 1, 5, tzinfo=UTC)


def ics(*incidents, where=KRYMSK, **options):
    index = indexed(*incidents, **options)
    return ical.calendar(place(where), index.subscribed(place(where)), site=SITE)


def only_event(content):
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def test_calendar_of_a_planned_outage():
    event = only_event(ics(notice(PLANNED, updated_at=WRITTEN)))
    assert event["uid"] == f"017d4a00-0000-7000-8000-000000000001-{KRYMSK}@kubmap"
    assert event.decoded("dtstart") == at(27, 6)
    assert event.decoded("dtend") == at(28, 6), "the end of the latest recovery, not of the works"
    assert str(event["dtstart"].params["TZID"]) == "Europe/Moscow"
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert event.decoded("dtstamp") == WRITTEN.replace(microsecond=0)
    assert event["summary"] == "Плановое отключение воды — Крымск"
    assert "выход на режим ещё 4–6 ч" in event["description"]


def test_calendar_by_another_reader():
    content = ics(notice(PLANNED))
    read = vobject.readOne(content.decode())
    assert read.vevent.dtstart.value.astimezone(UTC) == at(27, 3 + 3).astimezone(UTC)
    assert read.vtimezone.tzid.value == "Europe/Moscow"
    assert read.vevent.summary.value == "Плановое отключение воды — Крымск"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_time_zone_is_defined_without_daylight_saving_time():
    (zone,) = icalendar.Calendar.from_ical(ics(notice(PLANNED))).walk("VTIMEZONE")
    assert [part.name for part in zone.subcomponents] == ["STANDARD"]
    assert zone.subcomponents[0].decoded("tzoffsetto") == timedelta(hours=3)


def test_alarm_rings_the_evening_before():
    (alarm,) = only_event(ics(notice(PLANNED))).walk("VALARM")
    assert alarm.decoded("trigger") == at(26, 20)


def test_no_alarm_for_what_came_after_the_evening_before():
    assert not only_event(ics(notice(ACCIDENT), where=KRASNODAR)).walk("VALARM")
    late = notice(PLANNED, updated_at=at(26, 21), version=2)
    assert not only_event(ics(late)).walk("VALARM")


def test_titles_say_where_the_place_itself_is_not_named():
    assert only_event(ics(notice("Свет отключат 27 ноября с 8:00 до 12:00 в Крымском районе.")))["summary"].endswith(
        "— Крымск (по району в целом)"
    )
    assert only_event(ics(notice(ACCIDENT), where=KRASNODAR))["summary"].endswith("— Краснодар (часть улиц)")
    hope = notice("27 ноября с 9:00 до 18:00 без воды останется микрорайон Надежда в Крымске.")
    assert only_event(ics(hope))["summary"].endswith("— Крымск (только часть)")


def test_a_name_that_many_bear_is_no_area_and_its_bearers_are_told_so():
    untold = notice("В посёлке Октябрьском 27 ноября с 6:00 до 9:00 отключат газ.")
    (bearer, *others) = next(iter(indexed(untold).notices.values())).served.homonyms
    assert others
    summary = only_event(ics(untold, where=bearer))["summary"]
    assert summary.endswith("— Октябрьский (или другое место с этим названием)")
    assert not icalendar.Calendar.from_ical(ics(untold)).walk("VEVENT")
    root = alert(untold)
    assert text(root, "areaDesc") == "Октябрьский (мест с таким названием в крае несколько)"
    assert not root.findall(".//c:circle", NS) + root.findall(".//c:geocode", NS)


def test_event_leads_to_the_answer():
    assert only_event(ics(notice(PLANNED)))["url"] == f"{SITE}/outages/{KRYMSK}"


def test_revision_keeps_the_uid_and_counts():
    first, second = notice(PLANNED), notice(PLANNED.replace("24:00", "23:00"), version=4)
    before, after = only_event(ics(first)), only_event(ics(replace(second, version=4)))
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 3)


def test_called_off_and_taken_back():
    called_off = notice("Плановое отключение воды 27 ноября в Крымске отменено.")
    event = only_event(ics(called_off))
    assert event["status"] == "CANCELLED"
    assert not event.walk("VALARM")
    retracted = notice(PLANNED, status=Status.RETRACTED)
    event = only_event(ics(taken_back=[retracted]))
    assert (event["status"], event["summary"]) == ("CANCELLED", "Отменено: Плановое отключение воды — Крымск")
    assert "Троицк" not in event["description"], "what was taken back is not told again"


def test_exception_gets_no_event_and_open_end_has_none():
    assert not icalendar.Calendar.from_ical(ics(notice(PLANNED), where=HOPE)).walk("VEVENT")
    event = only_event(ics(notice(ACCIDENT), where=KRASNODAR))
    assert "dtend" not in event
    assert "duration" not in event


def test_day_without_hours_is_an_all_day_event():
    event = only_event(ics(notice("27 ноября в Крымске отключат газ для ремонта газопровода.")))
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2021, 11, 27), date(2021, 11, 28))


def test_rss_of_a_place():
    index = indexed(notice(PLANNED, updated_at=WRITTEN), notice("27 ноября в Крымске отключат газ.", number=2))
    content = georss.outages(place(KRYMSK), index.subscribed(place(KRYMSK)), site=SITE)
    read = feedparser.parse(content)
    assert not read.bozo
    assert len(read.entries) == 2
    entry = next(each for each in read.entries if each.id.endswith("1"))
    assert entry.id == "urn:uuid:017d4a00-0000-7000-8000-000000000001"
    assert entry.title.startswith("Плановое отключение воды — Крымск, 27 ноября 2021")
    assert entry.where["coordinates"] == pytest.approx((place(KRYMSK).lon, place(KRYMSK).lat))
    assert entry.link == f"{SITE}/map?id=017d4a00-0000-7000-8000-000000000001"
    assert content == georss.outages(place(KRYMSK), index.subscribed(place(KRYMSK)), site=SITE)


def test_rss_of_the_krai_and_hostile_text():
    content = georss.incidents(web_items.ITEMS, site=SITE)
    read = feedparser.parse(content, sanitize_html=False)
    assert not read.bozo
    assert len(read.entries) == len(web_items.ITEMS)
    hostile = next(each for each in read.entries if each.id.endswith(web_items.HOSTILE_ITEM.id))
    assert "<" not in hostile.title
    assert "\u202e" not in content.decode()
    assert b"<script" not in content


def issued(*versions):
    return [Issue(version, WRITTEN + timedelta(hours=n), shown) for n, (version, shown) in enumerate(versions)]


def alert(incident, issues=(), site=CAP_SITE):
    found = indexed(incident, taken_back=[incident] if incident.status is Status.RETRACTED else [])
    content = cap.alert(found.notices[incident.id], issues, load_atlas(), site)
    root = etree.fromstring(content)
    SCHEMA.assertValid(root)
    return root


def text(root, name):
    return root.findtext(f".//c:{name}", namespaces=NS)


def test_alert_is_valid_and_tells_the_served_area():
    root = alert(notice(PLANNED, updated_at=WRITTEN))
    assert [each.tag for each in root.iter(f"{{{cap.NAMESPACE}}}info")].__len__() == 1
    assert (text(root, "msgType"), text(root, "status"), text(root, "language")) == ("Alert", "Actual", "ru-RU")
    assert text(root, "sent") == "2021-11-25T12:30:01+03:00"
    assert (text(root, "onset"), text(root, "expires")) == ("2021-11-27T06:00:00+03:00", "2021-11-28T06:00:00+03:00")
    assert text(root, "urgency") == "Future"
    circles = [each.text for each in root.iterfind(".//c:circle", NS)]
    assert len(circles) > 20
    town = place(KRYMSK)
    assert f"{town.lat:.4f},{town.lon:.4f} {town.radius_m / 1000:.1f}" in circles
    assert not any(each.startswith(f"{place(HOPE).lat:.4f},{place(HOPE).lon:.4f} ") for each in circles)


def test_update_refers_to_what_was_sent():
    root = alert(notice(PLANNED, version=3), issued((1, True), (2, True), (3, True)))
    assert text(root, "msgType") == "Update"
    name = f"kubmap-{notice(PLANNED).id}"
    assert text(root, "references") == (
        f"{CAP_SITE.sender},{name}-1,2021-11-25T12:30:01+03:00 {CAP_SITE.sender},{name}-2,2021-11-25T13:30:01+03:00"
    )
    assert text(root, "identifier") == f"{name}-3"


def test_cancel():
    called_off = notice("Плановое отключение воды 27 ноября в Крымске отменено.", version=2)
    root = alert(called_off, issued((1, True), (2, True)))
    assert (text(root, "msgType"), text(root, "responseType")) == ("Cancel", "AllClear")
    assert text(root, "references")


def test_demonstration_is_no_actual_alert():
    assert text(alert(notice(PLANNED), site=cap.Site(SITE, demo=True)), "status") == "Exercise"


def test_district_is_a_closed_polygon():
    made = web_items.incident(
        1, category=Category.OUTAGE_POWER, starts_at=at(27, 6), text="Свет отключат в Крымском районе.",
        location=web_items.place(
            None, None, Precision.DISTRICT, label="Крымский район", municipality="Крымский район"
        ),
    )  # fmt: skip
    for polygon in alert(made).iterfind(".//c:polygon", NS):
        points = polygon.text.split(" ")
        assert points[0] == points[-1]
        assert len(points) >= 4


@settings(max_examples=60, deadline=None)
@given(words=st.text(min_size=1, max_size=120), day=st.dates(date(2001, 1, 1), date(2100, 1, 1)))
def test_any_text_makes_valid_feeds(words, day):
    made = web_items.incident(
        1, category=Category.OUTAGE_GAS, text=words, title=words, source_name=words, starts_at=day,
        location=web_items.place(45.0, 39.0, Precision.KRAI, label="край", method="krai"),
    )  # fmt: skip
    alert(made)
    assert len(icalendar.Calendar.from_ical(ics(made)).walk("VEVENT")) == 1
    assert not feedparser.parse(georss.incidents([made], site=SITE)).bozo
    found = indexed(made)
    etree.fromstring(cap.index(found.notices.values(), CAP_SITE))


def test_index_of_alerts():
    found = indexed(notice(PLANNED, updated_at=WRITTEN), notice(ACCIDENT, number=2))
    read = feedparser.parse(cap.index(found.notices.values(), CAP_SITE))
    assert not read.bozo
    assert [each.links[0].href for each in read.entries] == [
        f"{SITE}/feeds/cap/017d4a00-0000-7000-8000-{n:012d}.xml" for n in (1, 2)
    ]
    assert read.entries[0].links[0].type == "application/cap+xml"


def test_area_for_a_small_map():
    (found,) = indexed(notice(PLANNED)).notices.values()
    features = {each["id"]: each for each in affected(found, load_atlas())["features"]}
    assert features[KRYMSK]["properties"]["role"] == "served"
    assert features[HOPE]["properties"] | {"radius_m": 0} == {
        "role": "exception", "name": "Надежда", "type": "микрорайон", "radius_m": 0,
    }  # fmt: skip
    assert features[KRYMSK]["geometry"]["coordinates"] == [place(KRYMSK).lon, place(KRYMSK).lat]


def test_area_of_a_district_is_its_outline():
    made = web_items.DISTRICT
    ((feature,),) = [affected(each, load_atlas())["features"] for each in indexed(made).notices.values()]
    assert (feature["properties"]["ref"], feature["geometry"]) == ("municipality:krymsky", None)
