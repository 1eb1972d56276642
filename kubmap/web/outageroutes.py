"""The routes of residents: the state of a place, calendars, RSS and CAP, around the index of the source.

Feeds are functions of the notices that they tell: a publish elsewhere changes neither their bytes nor their tag, and
the bytes kept of them stay good. Only /api/v1/outages knows the minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from kubmap.domain import MOSCOW
from kubmap.feeds import cap, georss, ical
from kubmap.web import params
from kubmap.web.api import json_answer
from kubmap.web.endpoint import Desk, Endpoint, Sent
from kubmap.web.httpcache import BRISK, CORS, LIVE, Answer, AnswerCache, answer
from kubmap.web.outagejson import state_json
from kubmap.web.problems import not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request

    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice, OutageIndex
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

ICS, RSS, ATOM = "text/calendar; charset=utf-8", "application/rss+xml", "application/atom+xml"
FEEDS_BYTES = 64 * 1024 * 1024
"""Room for the bytes of feeds: those of some 14,000 places that have a few notices each."""
TOLD = 60
"""Notices of a calendar and of a feed, the last to begin."""


def moscow_now() -> datetime:
    """The clock of the routes."""
    return datetime.now(MOSCOW)


@dataclass(frozen=True, slots=True)
class MinuteDesk(Desk):
    """A desk whose state changes with each minute."""

    clock: Callable[[], datetime] = moscow_now

    def state(self) -> str | None:
        known = Desk.state(self)
        return None if known is None else minutely(known, self.clock())


def minutely(state: str, now: datetime) -> str:
    """The name of a state at a minute."""
    return f"{state}@{now:%Y-%m-%dT%H:%M}"


class OutageRoutes:
    """Handlers over one source; `clock` gives the time of /api/v1/outages."""

    def __init__(
        self, open_source: Callable[[], Source], desk: Desk, *, clock: Callable[[], datetime] = moscow_now
    ) -> None:
        self._open = open_source
        self._desk = desk
        self._clock = clock
        self._feeds: AnswerCache[Answer] = AnswerCache(max_bytes=FEEDS_BYTES)

    def source(self) -> Source:
        """Where all of it comes from."""
        return self._open()

    def look(self) -> tuple[Source, Snapshot, OutageIndex]:
        """Source, snapshot and index of now; pages build on these."""
        source = self._open()
        now = source.now()
        return source, now, source.outages.of(source, now)

    def outages(self, request: Request) -> Sent:
        """GET /api/v1/outages."""
        values = _values(request, params.OUTAGES)
        source, snapshot, index = self.look()
        minute = self._clock().astimezone(MOSCOW).replace(second=0, microsecond=0)
        at = values["at"] or minute
        place = _place(source, values["place"])
        body = state_json(index.state(place, at), index.calendar(place, at.date()), source.atlas)
        body |= {"revision": snapshot.revision, "demo": snapshot.demo}
        return Sent(json_answer(body, level=BRISK), LIVE, minutely(snapshot.etag, minute))

    def calendar(self, request: Request) -> Sent:
        """GET /feeds/outages/{place}.ics."""
        source, now, place, notices = self._subscribed(request)
        build = partial(ical.calendar, place, notices, site=source.public_url)
        headers = {**CORS, "Content-Disposition": f'inline; filename="kubmap-{place.id}.ics"'}
        return self._feed(("ics", place.id, _print(notices)), now, lambda: answer(build(), ICS, headers))

    def rss(self, request: Request) -> Sent:
        """GET /feeds/outages/{place}.rss."""
        source, now, place, notices = self._subscribed(request)
        build = partial(georss.outages, place, notices, site=source.public_url)
        return self._feed(("rss", place.id, _print(notices)), now, lambda: answer(build(), RSS, CORS))

    def incidents(self, request: Request) -> Sent:
        """GET /feeds/incidents.rss."""
        _values(request, ())
        source = self._open()
        now = source.now()
        build = partial(_newest, source, now)
        return self._feed(("incidents", now.etag), now, lambda: answer(build(), RSS, CORS))

    def alerts(self, request: Request) -> Sent:
        """GET /feeds/cap/index.atom."""
        _values(request, ())
        source, now, index = self.look()
        build = partial(cap.index, (*index.notices.values(), *index.taken_back.values()), _site(source, now))
        return self._feed(("alerts", now.etag), now, lambda: answer(build(), ATOM, CORS))

    def alert(self, request: Request) -> Sent:
        """GET /feeds/cap/{id}.xml."""
        _values(request, ())
        source, now, index = self.look()
        notice = _known(index, request.path_params["id"])
        incident = notice.incident
        build = partial(_alert, source, now, notice)
        key = ("alert", incident.id, incident.version, now.epoch, now.demo)
        return self._feed(key, now, lambda: answer(build(), cap.MEDIA_TYPE, CORS))

    def _subscribed(self, request: Request) -> tuple[Source, Snapshot, Settlement, list[Notice]]:
        _values(request, ())
        source, now, index = self.look()
        place = _place(source, request.path_params["place"])
        return source, now, place, index.subscribed(place)[:TOLD]

    def _feed(self, key: object, now: Snapshot, build: Callable[[], Answer]) -> Sent:
        return Sent(self._feeds.get(key, build), LIVE, now.etag)

    def endpoints(self) -> dict[str, Endpoint]:
        """By path."""
        desk = self._desk
        minute = MinuteDesk(desk.open_source, desk.kept, desk.light, desk.heavy, self._clock)
        live: dict[str, Callable[[Request], Sent]] = {
            "/feeds/outages/{place}.ics": self.calendar,
            "/feeds/outages/{place}.rss": self.rss,
            "/feeds/incidents.rss": self.incidents,
            "/feeds/cap/index.atom": self.alerts,
            "/feeds/cap/{id}.xml": self.alert,
        }
        return {
            "/api/v1/outages": Endpoint(minute, self.outages, live=True),
            **{path: Endpoint(desk, handle, live=True) for path, handle in live.items()},
        }


def _values(request: Request, wanted: tuple[params.Param, ...]) -> dict[str, Any]:
    return params.read(request.query_params.multi_items(), wanted)


def _place(source: Source, place_id: str) -> Settlement:
    found = source.atlas.settlements.get(place_id)
    if found is None:
        raise not_found("Такого населённого пункта нет: его id берут из ответа /api/v1/places.")
    return found


def _known(index: OutageIndex, incident_id: str) -> Notice:
    found = index.notices.get(incident_id) or index.taken_back.get(incident_id)
    if found is None:
        raise not_found("Такого сообщения об отключении нет.")
    return found


def _print(notices: Iterable[Notice]) -> tuple[tuple[str, int], ...]:
    """What the bytes of a feed depend on: the versions of what it tells."""
    return tuple((each.incident.id, each.incident.version) for each in notices)


def _newest(source: Source, now: Snapshot) -> bytes:
    found = now.take(range(min(georss.ITEMS, len(now))), reasons=False)
    return georss.incidents(found, site=source.public_url)


def _site(source: Source, now: Snapshot) -> cap.Site:
    return cap.Site(source.public_url, demo=now.demo)


def _alert(source: Source, now: Snapshot, notice: Notice) -> bytes:
    issues = source.ledger.issues(notice.incident.id) if source.ledger else ()
    return cap.alert(notice, issues, source.atlas, _site(source, now))
