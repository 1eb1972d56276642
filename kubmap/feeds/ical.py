"""Outages of one place as iCalendar (RFC 5545): stable UIDs, revisions by SEQUENCE, an alarm the evening before.

The bytes are a function of the notices: no clock is read. An event reaches from the start to the latest recovery; one
without an end has none (RFC 5545, 3.6.1: it takes no time), for no end is told.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, vUri

from kubmap.domain import MOSCOW, Utility
from kubmap.feeds import answer, words
from kubmap.feeds.xmltext import clean
from kubmap.read.brief import headline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice

_ZONE = ZoneInfo("Europe/Moscow")  # its key becomes the TZID
EVENING = time(20)
"""When the alarm rings, on the day before the outage begins; Moscow time."""
REFRESH = timedelta(hours=1)
_NAMES = {Utility.WATER: "Вода", Utility.POWER: "Свет", Utility.GAS: "Газ", Utility.HEAT: "Тепло"}


def calendar(place: Settlement, notices: Iterable[Notice], *, site: str) -> bytes:
    """The calendar of a place; `site` is the address of this installation, without a slash at the end."""
    found = Calendar()
    name = f"Отключения: {place.name}"
    for key, value in (("prodid", "-//kubmap//outages//RU"), ("version", "2.0"), ("method", "PUBLISH")):
        found.add(key, value)
    found.add("x-wr-calname", name)
    found.add("name", name)
    found.add("x-wr-timezone", "Europe/Moscow")
    found.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    found.add("url", vUri(f"{site}/outages/{place.id}"))
    found.add_component(_moscow())
    for notice in notices:
        found.add_component(_event(place, notice, site))
    content: bytes = found.to_ical()
    return content


def _moscow() -> Timezone:
    """Europe/Moscow as it is since 26 October 2014: UTC+3, no daylight saving time."""
    zone = Timezone()
    zone.add("tzid", "Europe/Moscow")
    since = TimezoneStandard()
    since.add("dtstart", datetime(2014, 10, 26, 2))  # noqa: DTZ001  (local time by RFC 5545, 3.6.5)
    since.add("tzoffsetfrom", timedelta(hours=4))
    since.add("tzoffsetto", timedelta(hours=3))
    since.add("tzname", "MSK")
    zone.add_component(since)
    return zone


def _event(place: Settlement, notice: Notice, site: str) -> Event:
    incident, link = notice.incident, f"{site}/map?id={notice.incident.id}"
    event = Event()
    event.add("uid", f"{incident.id}-{place.id}@kubmap")
    event.add("sequence", incident.version - 1)
    event.add("dtstamp", _stamp(notice))
    event.add("last-modified", _stamp(notice))
    event.add("status", "CANCELLED" if notice.cancelled else "CONFIRMED")
    event.add("summary", clean(_summary(place, notice)))
    event.add("description", clean(_description(notice, link)))
    event.add("location", clean(place.name))
    event.add("geo", (place.lat, place.lon))
    event.add("categories", [_NAMES[notice.utility]])
    event.add("transp", "TRANSPARENT")
    event.add("url", vUri(f"{site}/outages/{place.id}"))
    for name, moment in _times(notice):
        event.add(name, moment)
    if not notice.cancelled and _evening(notice) > _stamp(notice):
        event.add_component(_alarm(place, notice))
    return event


def _times(notice: Notice) -> list[tuple[str, Any]]:
    """Start and end; days where no hours are told."""
    found = notice.course
    if not found.start_exact and (found.end is None or (not found.end_exact and found.over_by == found.end)):
        end = found.end or found.start + timedelta(days=1)
        return [("dtstart", found.start.date()), ("dtend", end.date())]
    start = ("dtstart", found.start.astimezone(_ZONE))
    if found.over_by is None or found.over_by <= found.start:
        return [start]
    return [start, ("dtend", found.over_by.astimezone(_ZONE))]


def _stamp(notice: Notice) -> datetime:
    """When this version was written; a record that no store dates, when it was published."""
    found = notice.incident
    if found.updated_at is not None:
        return found.updated_at.astimezone(UTC).replace(microsecond=0)
    told = found.published_at
    moment = told if isinstance(told, datetime) else datetime.combine(told or notice.course.start, time(), MOSCOW)
    return moment.astimezone(UTC)


def _summary(place: Settlement, notice: Notice) -> str:
    cancelled = "Отменено: " if notice.cancelled else ""
    return f"{cancelled}{answer.title(notice)} — {place.name}{answer.narrowing(notice, place)}"


def _description(notice: Notice, link: str) -> str:
    if notice.incident.outage is None or notice.cancelled:
        rows = [("Когда", answer.when_words(notice.course))]
    else:
        rows = answer.facts(notice)
    told = [headline(notice.incident.title, notice.incident.text)] if not notice.cancelled else []
    return "\n".join([*told, *(f"{name}: {value}" for name, value in rows), link])


def _evening(notice: Notice) -> datetime:
    """When the alarm of a notice rings; one that came later has none: an alarm of the past would ring at once."""
    return datetime.combine(notice.course.start.date() - timedelta(days=1), EVENING, MOSCOW)


def _alarm(place: Settlement, notice: Notice) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add(
        "description", clean(f"{answer.title(notice)} — {place.name}: {words.day_words(notice.course.start.date())}")
    )
    alarm.add("trigger", _evening(notice).astimezone(UTC), parameters={"VALUE": "DATE-TIME"})
    return alarm
