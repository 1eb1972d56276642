"""The feeds of the static site, and pages without a script: of the newest records, of each place with outages.

The bytes are those of the same addresses of a server; what a place's outages are at this minute only a server says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import orjson

from kubmap.domain import Category
from kubmap.feeds import answer, cap, georss, ical, words
from kubmap.web import assets
from kubmap.web.outagepage import templates
from kubmap.web.outageroutes import TOLD
from kubmap.web.sitefile import File, print_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubmap.atlas.model import Settlement
    from kubmap.read.residents import Notice, OutageIndex
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.sitefile import Written
    from kubmap.web.source import Source

NEWEST = 300
"""Records of the page without a script."""


@dataclass(frozen=True, slots=True)
class SiteFeeds:
    """Of one snapshot; `base` is the print of what all files depend on. Feeds link to the public address."""

    source: Source
    snapshot: Snapshot
    base: str

    def files(self, written: Written) -> Iterator[File]:
        """All of them; what refers to others after them."""
        index = self.source.outages.of(self.source, self.snapshot)
        notices = {**index.taken_back, **index.notices}.values()
        told = self._given("places", *_style(""), *(f"{each.incident.id} {each.incident.version}" for each in notices))
        same = list(self._same_places(written)) if told == written.given(PLACES) else []
        yield from same if same and all(each.given for each in same) else self._places(index, told)
        yield from self._alerts(index)
        rows = range(min(georss.ITEMS, len(self.snapshot)))
        yield File("feeds/incidents.rss", lambda: [self._incidents(rows)], self._given("rss", self.snapshot.etag))
        yield File("plain.html", lambda: [self._plain()], self._given("plain", self.snapshot.etag, *_style("")))

    def _given(self, *told: str) -> str:
        return print_of(self.base, self.source.public_url, str(self.snapshot.demo), *told)

    def _incidents(self, rows: Iterable[int]) -> bytes:
        return georss.incidents(self.snapshot.take(rows, reasons=False), site=self.source.public_url)

    def _same_places(self, written: Written) -> Iterator[File]:
        """No outage has changed: nothing is looked up."""
        known = written.before(PLACES)
        for place in orjson.loads(known)["places"]:
            for path in _paths(place):
                yield File(path, list, written.given(path))
        yield File(PLACES, lambda: [known], written.given(PLACES))

    def _places(self, index: OutageIndex, told: str) -> Iterator[File]:
        site, ids = self.source.public_url, []
        for place in self.source.atlas.settlements.values():
            notices = index.subscribed(place)[:TOLD]
            if not notices:
                continue
            given = self._given(place.id, *(f"{each.incident.id} {each.incident.version}" for each in notices))
            ics, rss, page = _paths(place.id)
            yield File(ics, _one(partial(ical.calendar, place, notices, site=site)), given)
            yield File(rss, _one(partial(georss.outages, place, notices, site=site)), given)
            yield File(page, _one(partial(self._place, place, notices)), print_of(given, *_style("")))
            ids.append(place.id)
        yield File(PLACES, lambda: [orjson.dumps({"places": ids})], told)

    def _alerts(self, index: OutageIndex) -> Iterator[File]:
        """The alerts that the index names, then the index."""
        known = {**index.taken_back, **index.notices}
        site = cap.Site(self.source.public_url, demo=self.snapshot.demo)
        listed = cap.index(known.values(), site)
        for incident_id in dict.fromkeys(_ALERT.findall(listed.decode())):
            incident = known[incident_id].incident
            given = self._given(incident.id, str(incident.version), incident.status.value)
            yield File(f"feeds/cap/{incident.id}.xml", _one(partial(self._alert, known[incident_id], site)), given)
        yield File("feeds/cap/index.atom", lambda: [listed])

    def _alert(self, notice: Notice, site: cap.Site) -> bytes:
        ledger = self.source.ledger
        return cap.alert(notice, ledger.issues(notice.incident.id) if ledger else (), self.source.atlas, site)

    def _plain(self) -> bytes:
        found = list(self.snapshot.take(range(min(NEWEST, len(self.snapshot))), reasons=False))
        rows = [
            {
                "id": each.id,
                "kind": words.category_name(each.category),
                "title": words.headline(each),
                "when": words.when(each),
                "where": each.location.label if each.location else "место не указано",
                "text": each.text if each.title else "",
                "source": each.source_name,
                "link": words.safe_link(each.source_url),
            }
            for each in found
        ]
        page = templates().get_template("plain.html")
        return page.render(
            root="", rows=rows, total=len(self.snapshot), demo=self.snapshot.demo, style=_style(""),
            outages=any(each.category in OUTAGES for each in found),
        ).encode()  # fmt: skip

    def _place(self, place: Settlement, notices: Sequence[Notice]) -> bytes:
        told = [
            {
                "title": answer.title(each), "cancelled": each.cancelled, "facts": answer.facts(each),
                "text": each.incident.text, "id": each.incident.id,
            }
            for each in notices
        ]  # fmt: skip
        page = templates().get_template("plainplace.html")
        return page.render(
            root="../../", place=place, notices=told, demo=self.snapshot.demo, style=_style("../../")
        ).encode()


PLACES = "feeds/outages/places.json"
"""Ids of the places that have feeds."""
_ALERT = re.compile(r"/feeds/cap/([^/\"<]+)\.xml")
OUTAGES = frozenset(each for each in Category if each.is_outage)


def _paths(place: str) -> tuple[str, str, str]:
    return f"feeds/outages/{place}.ics", f"feeds/outages/{place}.rss", f"outages/{place}/index.html"


def _one(make: partial[bytes]) -> partial[list[bytes]]:
    return partial(_list, make)


def _list(make: partial[bytes]) -> list[bytes]:
    return [make()]


def _style(root: str) -> tuple[str, ...]:
    return tuple(root + assets.url("kubmap", name).lstrip("/") for name in ("palette.css", "map.css", "plain.css"))
