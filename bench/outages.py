"""Residents' questions with 10,000 outages: the index, the state of a place, feeds cold and kept; in process.

Times are processor seconds; "a second" of kept feeds is through the ASGI endpoint with If-None-Match, over all threads.
"""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time, thread_time
from typing import Any

import numpy as np

from bench.load import ask
from bench.serving import Server, serving
from kubmap.atlas.atlas import Atlas, data_folder, load_atlas
from kubmap.atlas.cases import where
from kubmap.domain import MOSCOW, Category, Incident, Interval, Location, Outage, OutageKind, Precision, Status, Utility
from kubmap.feeds import answer, georss, ical
from kubmap.read.residents import OutageIndex, grown
from kubmap.read.snapshot import Snapshot, build
from kubmap.store.light import Published
from kubmap.store.store import Store
from kubmap.web.endpoint import Desk, Lane
from kubmap.web.httpcache import AnswerCache
from kubmap.web.outagejson import state_json
from kubmap.web.outageroutes import OutageRoutes
from kubmap.web.source import Source

COUNT = 10_000
PLACES = 500
NOW = datetime(2021, 11, 27, 12, tzinfo=MOSCOW)
SITE = "https://kubmap.example"
_UTILITIES = {
    Category.OUTAGE_WATER: Utility.WATER,
    Category.OUTAGE_POWER: Utility.POWER,
    Category.OUTAGE_GAS: Utility.GAS,
    Category.OUTAGE_HEAT: Utility.HEAT,
}
Row = tuple[str, str]


@dataclass
class Fixed:
    """One snapshot for ever."""

    snapshot: Snapshot

    def current(self) -> Snapshot:
        return self.snapshot

    peek = current


def outages(atlas: Atlas, count: int = COUNT, seed: int = 5) -> list[Incident]:
    """Made-up notices of towns, lists of villages and districts, over the two months around NOW."""
    random = Random(seed)
    places = [each for each in atlas.settlements.values() if each.municipality]
    weights = [(each.population or 50) ** 0.5 for each in places]
    made: list[Incident] = []
    for number in range(count):
        category, utility = random.choice(list(_UTILITIES.items()))
        start = NOW + timedelta(hours=random.randrange(-900, 300))
        end = start + timedelta(hours=random.randrange(2, 20))
        named = random.choices(places, weights, k=random.choice((1, 1, 1, 3, 6)))
        homes = {each.municipality for each in named}
        home = atlas.municipalities[named[0].municipality].name if len(homes) == 1 else None
        points = [[round(each.lon, 5), round(each.lat, 5)] for each in named]
        location = Location(
            named[0].lat, named[0].lon, Precision.AREA if len(named) > 1 else Precision.SETTLEMENT, 3_000,
            ", ".join(each.name for each in named), home,
            geometry={"type": "MultiPoint", "coordinates": points} if len(named) > 1 else None,
        )  # fmt: skip
        outage = Outage(
            utility, random.choice(list(OutageKind)), Interval(start, end),
            recovery_hours=random.choice((None, (4.0, 6.0))), places=tuple(each.name for each in named),
            cause="ремонт сетей", provider="МУП «Водоканал»",
        )  # fmt: skip
        made.append(
            Incident(
                id=f"017d4a00-0000-7000-8000-{number:012d}",
                version=1,
                status=Status.PUBLISHED,
                category=category,
                title=None,
                text=f"Плановые работы {start:%d.%m с %H:%M} до {end:%H:%M}: {location.label}.",
                published_at=start - timedelta(days=2),
                starts_at=start,
                ends_at=end,
                is_scheduled=True,
                location=location,
                outage=outage,
            )
        )
    return made


def rows(count: int = COUNT) -> Iterator[Row]:
    """Name and value of each figure."""
    atlas = load_atlas()
    snapshot = build(Published(1, 1, demo=False, incidents=tuple(outages(atlas, count))), atlas)
    started = thread_time()
    index = grown(snapshot, atlas)
    yield f"index of {count:,} outages, from nothing", f"{thread_time() - started:.2f} s"
    started = thread_time()
    index = grown(snapshot, atlas, index)
    yield "the same after a publish", f"{thread_time() - started:.3f} s"
    yield from _in_process(atlas, index)
    yield from asyncio.run(_kept(atlas, snapshot))
    yield from _http(atlas, count)


def _http(atlas: Atlas, count: int) -> Iterator[Row]:
    """From a second process, on two cores shared with whatever else runs."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/kubmap.sqlite")
        store.migrate()
        with store.writing() as writer:
            for each in outages(atlas, count):
                writer.add(each, actor="bench")
        store.close()
        places = Random(1).sample(sorted(atlas.settlements), PLACES)
        with serving(Path(folder), "--public") as server:
            feeds = [f"/feeds/outages/{each}.ics" for each in places]
            tags = {each: urllib.request.urlopen(server.address(each), timeout=60).headers["ETag"] for each in feeds}
            same = ask(server.port, [f"{each}\t{tags[each]}" for each in feeds])
            state = ask(server.port, [f"/api/v1/outages?place={each}&at=2021-11-27T12:00" for each in places])
            yield f"{PLACES} different feeds over HTTP with ETag (aim 1,000)", f"{same.rate:,.0f} requests/s"
            told = f"p50 {state.p50_ms:.1f}, p95 {state.p95_ms:.1f} ms at 16 connections, {state.rate:,.0f} requests/s"
            yield "state of a place over HTTP, asked again and again", told
            minutes = [f"2021-11-28T{n % 24:02d}:{n % 60:02d}" for n in range(99)]
            new = [f"/api/v1/outages?place={each}&at={minute}" for minute in minutes for each in places]
            fresh = ask(server.port, new, connections=1)
            yield "the same never asked for before, one connection (bound 15)", f"p95 {fresh.p95_ms:.1f} ms"
            yield from _pages(server, places)


def _pages(server: Server, places: list[str]) -> Iterator[Row]:
    """The residents' page: the first answers of a process, then other minutes, then the same again."""
    first = ask(server.port, [f"/outages/{each}?at=2021-11-27T12:00" for each in places], seconds=2, connections=1)
    told = f"p50 {first.p50_ms:.1f}, p95 {first.p95_ms:.1f} ms"
    yield "answer page, its maps not drawn yet, one connection (bound 15)", told
    later = [f"/outages/{each}?at=2021-11-27T{n % 24:02d}:{n % 60:02d}" for n in range(99) for each in places]
    fresh = ask(server.port, later, connections=1)
    told = f"p50 {fresh.p50_ms:.1f}, p95 {fresh.p95_ms:.1f} ms"
    yield "answer page never asked for before, one connection (bound 15)", told
    again = ask(server.port, [f"/outages/{each}?at=2021-11-27T12:00" for each in places])
    told = f"p50 {again.p50_ms:.1f}, p95 {again.p95_ms:.1f} ms at 16 connections, {again.rate:,.0f} requests/s"
    yield "answer page asked again and again", told


def _in_process(atlas: Atlas, index: OutageIndex) -> Iterator[Row]:
    places = Random(1).sample(list(atlas.settlements.values()), PLACES)
    questions = {
        "state and sentence of a place": lambda p: answer.answer(index.state(p, NOW), where(p, atlas.names)),
        "state, sentence and calendar as JSON": lambda p: state_json(
            index.state(p, NOW), index.calendar(p, NOW.date()), atlas
        ),
        "calendar feed, made anew": lambda p: ical.calendar(p, index.subscribed(p)[:60], site=SITE),
        "RSS feed, made anew": lambda p: georss.outages(p, index.subscribed(p)[:60], site=SITE),
    }
    for name, question in questions.items():
        times = []
        for place in places:
            started = thread_time()
            question(place)
            times.append(thread_time() - started)
        p50, p95 = np.percentile(times, [50, 95]) * 1000
        yield name, f"{p50:.2f} ms, p95 {p95:.2f} ms"


async def _kept(atlas: Atlas, snapshot: Snapshot) -> list[Row]:
    """Different feeds, each asked with its tag: just after a publish elsewhere, and again."""
    source = Source(atlas, data_folder(), Fixed(snapshot), public_url=SITE)
    desk = Desk(lambda: source, AnswerCache(), Lane("light", threads=4, queue=256), Lane("heavy", threads=1, queue=4))
    feed = OutageRoutes(lambda: source, desk).endpoints()["/feeds/outages/{place}.ics"]
    places = Random(1).sample(sorted(atlas.settlements), PLACES)
    tags = {each: (await _get(feed, each))[1] for each in places}
    found: list[Row] = []
    for name in ("kept feeds with a tag, state known", "the same, first after a publish elsewhere"):
        started = process_time()
        for each in places:
            status, _ = await _get(feed, each, tags[each])
            assert status == 304, status
        found.append((name, f"{PLACES / (process_time() - started):,.0f} a second"))
        desk.kept._kept.clear()  # noqa: SLF001
    return found


async def _get(feed: Any, place: str, tag: str | None = None) -> tuple[int, str]:
    headers = [(b"if-none-match", tag.encode())] if tag else []
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    path = f"/feeds/outages/{place}.ics"
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers,
        "path_params": {"place": place},
    }  # fmt: skip
    await feed(scope, receive, send)
    tags = [value.decode() for name, value in sent[0]["headers"] if name == b"etag"]
    return sent[0]["status"], tags[0]


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=": ")
