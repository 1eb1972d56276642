"""RSS 2.0 with GeoRSS-Simple: outages of one place, incidents of the krai; the bytes are a function of the records."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from feedgen.feed import FeedGenerator

from kubmap.domain import MOSCOW
from kubmap.feeds import answer, words
from kubmap.feeds.xmltext import clean, markup, title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.atlas.model import Settlement
    from kubmap.domain import Incident, Moment
    from kubmap.read.residents import Notice

ITEMS = 50
"""The newest; a feed is no archive."""
_EPOCH = datetime(1970, 1, 1, tzinfo=MOSCOW)


def outages(place: Settlement, notices: Iterable[Notice], *, site: str) -> bytes:
    """The notices that concern a place; a revision is the same item with a new date."""
    address = f"{site}/outages/{place.id}"
    own = f"{site}/feeds/outages/{place.id}.rss"
    feed = _feed(f"Отключения: {place.name}", address, own, "Вода, свет, газ и тепло: опубликованные сообщения.")
    dated = [(_changed(each.incident), each) for each in notices][:ITEMS]
    for changed, notice in dated:
        entry = _entry(feed, notice.incident, changed, site)
        cancelled = "Отменено: " if notice.cancelled else ""
        when = answer.when_words(notice.course)
        narrow = answer.narrowing(notice, place)
        entry.title(title(f"{cancelled}{answer.title(notice)} — {place.name}{narrow}, {when}"))
        rows = [] if notice.cancelled else answer.facts(notice)
        text = "" if notice.cancelled else notice.incident.text
        entry.description(markup("\n".join([*(f"{name}: {value}" for name, value in rows), text]).strip() or when))
        entry.geo.point(f"{place.lat} {place.lon}")
    return _bytes(feed, [changed for changed, _ in dated])


def incidents(found: Iterable[Incident], *, site: str) -> bytes:
    """The newest incidents of the krai."""
    own = f"{site}/feeds/incidents.rss"
    feed = _feed("Происшествия Кубани", f"{site}/map", own, "Карта происшествий и отключений Краснодарского края.")
    dated = [(_changed(each), each) for each in found][:ITEMS]
    for changed, incident in dated:
        entry = _entry(feed, incident, changed, site)
        entry.title(title(words.headline(incident)))
        place = incident.location
        where = f"{place.label} ({words.precision(place)})" if place else "место не указано"
        entry.description(markup(f"{incident.text}\n{words.when(incident)}\n{where}"))
        if place is not None and place.lat is not None and place.lon is not None:
            entry.geo.point(f"{place.lat} {place.lon}")
    return _bytes(feed, [changed for changed, _ in dated])


def _feed(name: str, address: str, own: str, about: str) -> FeedGenerator:
    feed = FeedGenerator()
    feed.load_extension("geo")
    feed.title(title(name))
    feed.link(href=own, rel="self", type="application/rss+xml")
    feed.link(href=address, rel="alternate")
    feed.description(about)
    feed.language("ru")
    feed.generator("kubmap")
    feed.ttl(60)
    return feed


def _entry(feed: FeedGenerator, incident: Incident, changed: datetime, site: str) -> FeedGenerator:
    entry = feed.add_entry(order="append")
    entry.guid(f"urn:uuid:{incident.id}", permalink=False)
    entry.link(href=f"{site}/map?id={incident.id}")
    entry.pubDate(changed)
    entry.category(term=clean(words.category_name(incident.category)))
    return entry


def _changed(incident: Incident) -> datetime:
    """When this version was written, else when the source published."""
    told: Moment | None = incident.updated_at or incident.published_at or incident.starts_at
    if told is None:
        return _EPOCH
    return told if isinstance(told, datetime) else datetime.combine(told, time(), MOSCOW)


def _bytes(feed: FeedGenerator, changed: list[datetime]) -> bytes:
    feed.lastBuildDate(max(changed, default=_EPOCH))
    content: bytes = feed.rss_str(pretty=True)
    return content
