"""The static site as files, what refers to others after them. No disk is touched here.

    index.html  map/index.html          the map page; all its addresses are relative
    plain.html  outages/<place>/        the newest records, a place's outages; without a script
    assets/…  api/v1/geo/*.geojson      scripts, styles, base layers
    archive/index.json                  revision, months, number of shards; the page asks for it again and again
    archive/2021-11.<print>.json        records as lists and maps say them, by the month of their first day
    archive/cards/<shard>.json          whole records; the shard is fnv1a32(id) modulo the number of shards
    archive/places.<print>.json         settlements, for the type-ahead
    export/2021-11.csv  .geojson        whole records of a month; incidents.csv and api/v1/incidents.geojson are all
    feeds/…                             incidents.rss, outages/<place>.ics and .rss where there are any, cap/

The page filters and clusters by itself; it loads the months of the chosen period and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubmap.web import api, assets, geolayers, mappage
from kubmap.web.httpcache import tag_of
from kubmap.web.openapi import number
from kubmap.web.sitefeeds import SiteFeeds
from kubmap.web.sitefile import File, print_of
from kubmap.web.siterecords import ARCHIVE, SiteRecords, told_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubmap.read.snapshot import Snapshot
    from kubmap.web.sitefile import Written
    from kubmap.web.source import Source

FORMAT = "2"
"""Of what the files say; another one has all of them made again."""


def state(source: Source, snapshot: Snapshot) -> str:
    """What all files are a function of: the records, and the page with the prints of scripts and layers in it."""
    return f"{FORMAT} {number()} {snapshot.etag} {source.public_url} {tag_of(_page(source, snapshot))}"


def files(source: Source, snapshot: Snapshot, written: Written) -> Iterator[File]:
    """All files of the site; `written` is what the folder has."""
    base = _base(source)
    yield from _assets()
    for name in geolayers.NAMES:
        yield _now(f"api/v1/geo/{name}.geojson", geolayers.layer(source, name).body)
    records = SiteRecords(snapshot, base)
    briefs = []
    for month in records.months:
        briefs.append(records.brief(month))
        yield briefs[-1]
        yield from records.whole(month)
    places = _printed("places", {"places": api.all_places(source.atlas)})
    yield places
    yield from records.cards()
    yield from records.everything(written)
    yield from SiteFeeds(source, snapshot, base).files(written)
    told = [
        {"file": _below(brief), **told_of(snapshot, month)} for brief, month in zip(briefs, records.months, strict=True)
    ]
    index = {
        "revision": snapshot.revision, "demo": snapshot.demo, "months": told, "places": _below(places),
        "cards": records.shards,
    }  # fmt: skip
    yield _now(f"{ARCHIVE}index.json", orjson.dumps(index))
    yield _now("map/index.html", _page(source, snapshot, root="../"))
    yield _now("index.html", _page(source, snapshot))


def _base(source: Source) -> str:
    """The print of what the files of records depend on beside them: the program, and the borders that they name."""
    layers = (geolayers.layer(source, name).tag for name in geolayers.NAMES)
    return print_of(FORMAT, number(), *layers)


def _now(path: str, body: bytes) -> File:
    return File(path, lambda: [body])


def _below(file: File) -> str:
    return file.path.removeprefix(ARCHIVE)


def _assets() -> Iterator[File]:
    for bundle in assets.bundles().values():
        for name, body in bundle.files.items():
            yield _now(assets.url(bundle.name, name).lstrip("/"), body)


def _page(source: Source, snapshot: Snapshot, *, root: str = "") -> bytes:
    """The map page; a file server sends no policy, so it stands in the page."""
    tags = {name: geolayers.layer(source, name).tag for name in geolayers.NAMES}
    note = mappage.border_note(geolayers.quality(source.folder))
    addresses = mappage.Addresses(root=root, archive=root + ARCHIVE)
    html = mappage.page(source, snapshot, tags, note=note, addresses=addresses)
    policy, _, _ = mappage.content_security_policy("").partition("; frame-ancestors")
    first = '<meta charset="utf-8">'
    return html.replace(first, f'{first}\n<meta http-equiv="Content-Security-Policy" content="{policy}">', 1).encode()


def _printed(name: str, content: Any) -> File:
    """A file whose name holds the print of its content: it never changes."""
    body = orjson.dumps(content)
    return _now(f"{ARCHIVE}{name}.{tag_of(body)[1:17]}.json", body)
