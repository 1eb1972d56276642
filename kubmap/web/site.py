"""The static site as files: (path, parts of its bytes), what refers to others after them. No disk is touched here.

    index.html                          the map page; all its addresses are relative
    assets/…  api/v1/geo/*.geojson      scripts, styles, base layers
    archive/index.json                  revision, months, number of shards; the page asks for it again and again
    archive/2021-11.<print>.json        records as lists and maps say them, by the month of their first day
    archive/cards/<shard>.json          whole records; the shard is fnv1a32(id) modulo the number of shards
    archive/places.<print>.json         settlements, for the type-ahead
    api/v1/incidents.geojson  export/incidents.csv

The page filters and clusters by itself; it loads the months of the chosen period and no others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import orjson

from kubmap.feeds import geojson
from kubmap.read.snapshot import CATEGORIES
from kubmap.web import api, assets, bulk, geolayers, mappage
from kubmap.web.httpcache import tag_of
from kubmap.web.openapi import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubmap.read.snapshot import Rows, Snapshot
    from kubmap.web.source import Source

File: TypeAlias = "tuple[str, Iterable[bytes]]"
"""Path below the site's root, with slashes, and the content in parts."""

ARCHIVE = "archive/"
IN_A_SHARD = 32
"""Whole records in a file of cards, at the most twice as many: some 30 KB to open a card."""


def shard_of(incident_id: str, shards: int) -> int:
    """FNV-1a of 32 bits over the id's characters, modulo `shards`; archive.js has the same."""
    found = 0x811C9DC5
    for character in incident_id.encode():
        found = ((found ^ character) * 0x01000193) & 0xFFFFFFFF
    return found % shards


def state(source: Source, snapshot: Snapshot) -> str:
    """What all files are a function of: the records, and the page with the prints of scripts and layers in it."""
    return f"{number()} {snapshot.etag} {tag_of(_page(source, snapshot))}"


def files(source: Source, snapshot: Snapshot) -> Iterator[File]:
    """All files of the site."""
    yield from _assets()
    for name in geolayers.NAMES:
        yield f"api/v1/geo/{name}.geojson", [geolayers.layer(source, name).body]
    everything = range(len(snapshot))
    shards = _shards(len(snapshot))
    months: list[dict[str, Any]] = []
    yield from _months(snapshot, months)
    place_file = _printed("places", {"places": api.all_places(source.atlas)})
    yield place_file
    yield from _cards(snapshot, shards)
    yield "api/v1/incidents.geojson", bulk.collection(snapshot.take(everything))
    yield "export/incidents.csv", bulk.csv(snapshot.take(everything))
    index = {
        "revision": snapshot.revision, "demo": snapshot.demo, "months": months,
        "places": place_file[0].removeprefix(ARCHIVE), "cards": shards,
    }  # fmt: skip
    yield f"{ARCHIVE}index.json", [orjson.dumps(index)]
    yield "index.html", [_page(source, snapshot)]


def _assets() -> Iterator[File]:
    for bundle in assets.bundles().values():
        for name, body in bundle.files.items():
            yield assets.url(bundle.name, name).lstrip("/"), [body]


def _page(source: Source, snapshot: Snapshot) -> bytes:
    """The map page; a file server sends no policy, so it stands in the page."""
    tags = {name: geolayers.layer(source, name).tag for name in geolayers.NAMES}
    note = mappage.border_note(geolayers.quality(source.folder))
    html = mappage.page(source, snapshot, tags, note=note, addresses=mappage.Addresses(archive=ARCHIVE))
    policy, _, _ = mappage.content_security_policy("").partition("; frame-ancestors")
    first = '<meta charset="utf-8">'
    return html.replace(first, f'{first}\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1).encode()


def _printed(name: str, content: Any) -> tuple[str, list[bytes]]:
    """A file whose name holds the print of its content: it never changes."""
    body = orjson.dumps(content)
    return f"{ARCHIVE}{name}.{tag_of(body)[1:17]}.json", [body]


def _shards(count: int) -> int:
    shards = 1
    while shards * IN_A_SHARD < count:
        shards *= 2
    return shards


def _months(snapshot: Snapshot, told: list[dict[str, Any]]) -> Iterator[File]:
    """A file a month, the newest first; `told` gets what the index says of it."""
    by_month: dict[str, list[int]] = defaultdict(list)
    first_days = snapshot.columns.first_day
    for ordinal in np.unique(first_days)[::-1]:
        by_month[_month(int(ordinal))].extend(np.flatnonzero(first_days == ordinal).tolist())
    for name, rows in by_month.items():
        path, body = _printed(name, {"features": [_feature(snapshot, row) for row in sorted(rows)]})
        yield path, body
        told.append({"file": path.removeprefix(ARCHIVE), **_told_of(snapshot, np.array(rows))})


def _month(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()[:7] if ordinal else "undated"


def _day(ordinal: int) -> str | None:
    return date.fromordinal(ordinal).isoformat() if ordinal else None


def _told_of(snapshot: Snapshot, rows: Rows) -> dict[str, Any]:
    """First and last day of a month's records, and how many of each category begin on each day."""
    first, last = snapshot.columns.first_day[rows], snapshot.columns.last_day[rows]
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for ordinal, code in zip(first.tolist(), snapshot.columns.category[rows].tolist(), strict=True):
        if ordinal:
            days[date.fromordinal(ordinal).isoformat()][CATEGORIES[code].value] += 1
    return {
        "first": _day(int(first.min())),
        "last": _day(int(last.max())),
        "count": len(rows),
        "days": {day: dict(sorted(counts.items())) for day, counts in sorted(days.items())},
    }


def _feature(snapshot: Snapshot, row: int) -> dict[str, Any]:
    """The feature of lists and maps, with its first and last day."""
    found = geojson.brief(snapshot.brief(row))
    columns = snapshot.columns
    found["properties"]["days"] = [_day(int(columns.first_day[row])), _day(int(columns.last_day[row]))]
    return found


def _cards(snapshot: Snapshot, shards: int) -> Iterator[File]:
    """Whole records by shard; one that was taken back meanwhile is in none."""
    shard = np.array([shard_of(each, shards) for each in snapshot.columns.id], dtype=np.int64)
    order = np.argsort(shard, kind="stable")
    left = set(range(shards))
    for found, group in groupby(snapshot.take(order), key=lambda incident: shard_of(incident.id, shards)):
        left.discard(found)
        body = orjson.dumps({"features": {each.id: geojson.feature(each) for each in group}})
        yield f"{ARCHIVE}cards/{found}.json", [body]
    for found in sorted(left):
        yield f"{ARCHIVE}cards/{found}.json", [b'{"features":{}}']
