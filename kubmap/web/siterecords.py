"""The records of the static site: by month as lists say them and whole, and whole in shards for the cards.

Each whole record is read from the store once a run, and only where its month or its shard has changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import orjson

from kubmap.feeds import geojson, table
from kubmap.read.snapshot import CATEGORIES
from kubmap.web.bulk import PART
from kubmap.web.sitefile import File, print_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubmap.domain import Incident
    from kubmap.read.snapshot import Rows, Snapshot
    from kubmap.web.sitefile import Written

ARCHIVE, EXPORT = "archive/", "export/"
IN_A_SHARD = 32
"""Whole records in a file of cards, at the most twice as many: some 30 KB to open a card."""
COLLECTION = (b'{"type":"FeatureCollection","features":[', b"]}")
HEAD = table.table(table.HEADER, ()).encode()


def shard_of(incident_id: str, shards: int) -> int:
    """FNV-1a of 32 bits over the id's characters, modulo `shards`; archive.js has the same."""
    found = 0x811C9DC5
    for character in incident_id.encode():
        found = ((found ^ character) * 0x01000193) & 0xFFFFFFFF
    return found % shards


def shards_of(count: int) -> int:
    """How many files of cards so many records have."""
    shards = 1
    while shards * IN_A_SHARD < count:
        shards *= 2
    return shards


@dataclass(frozen=True, slots=True)
class Month:
    """The rows whose first day is in it, newest first; "undated" those without a day."""

    name: str
    rows: Rows

    @property
    def csv(self) -> str:
        return f"{EXPORT}{self.name}.csv"

    @property
    def geojson(self) -> str:
        return f"{EXPORT}{self.name}.geojson"


class SiteRecords:
    """The files of one snapshot; `base` is the print of what all of them depend on (the program, the borders)."""

    def __init__(self, snapshot: Snapshot, base: str, spool: IO[bytes] | None = None) -> None:
        self._snapshot = snapshot
        self._base = base
        self._spool = spool or TemporaryFile()  # noqa: SIM115  (lives as long as the run; the system removes it)
        self._spooled: dict[str, tuple[int, int]] = {}
        self._last: tuple[str, bytes, bytes] = ("", b"", b"")
        self.months = list(_months(snapshot))
        self.shards = shards_of(len(snapshot))

    def brief(self, month: Month) -> File:
        """What lists and maps say of a month's records, under a name that changes with them."""
        given = self._given(month.rows)
        return File(f"{ARCHIVE}{month.name}.{given}.json", partial(self._briefs, month), given)

    def whole(self, month: Month) -> Iterator[File]:
        """The month's records whole, as GeoJSON and as CSV."""
        given = self._given(month.rows)
        yield File(month.geojson, lambda: [COLLECTION[0], self._month(month)[0], COLLECTION[1]], given)
        yield File(month.csv, lambda: [HEAD, self._month(month)[1]], given)

    def everything(self, written: Written) -> Iterator[File]:
        """All months in one file, out of the files of the months."""
        given = self._given(slice(None))
        yield File("api/v1/incidents.geojson", partial(_all_features, self.months, written), given)
        yield File(f"{EXPORT}incidents.csv", partial(_all_lines, self.months, written), given)

    def cards(self) -> Iterator[File]:
        """Whole records by shard; one that was taken back meanwhile is in none."""
        ids = self._snapshot.columns.id
        shard = np.array([shard_of(each, self.shards) for each in ids], dtype=np.int64)
        order = np.argsort(shard, kind="stable")
        edges = np.searchsorted(shard[order], np.arange(self.shards + 1))
        for number in range(self.shards):
            rows = order[edges[number] : edges[number + 1]]
            yield File(f"{ARCHIVE}cards/{number}.json", partial(self._shard, rows), self._given(rows))

    def _given(self, rows: Any) -> str:
        columns = self._snapshot.columns
        return print_of(self._base, columns.id.raw[rows].tobytes(), columns.version[rows].tobytes())

    def _briefs(self, month: Month) -> Iterator[bytes]:
        yield orjson.dumps({"features": [_feature(self._snapshot, int(row)) for row in month.rows]})

    def _month(self, month: Month) -> tuple[bytes, bytes]:
        """Features and CSV lines; GeoJSON and CSV of a month are asked for one after the other."""
        if self._last[0] != month.name:
            parts = [self._read(chunk) for chunk in _chunks(self._snapshot.take(month.rows))]
            features, lines = zip(*parts, strict=True) if parts else ((), ())
            self._last = (month.name, b",".join(features), b"".join(lines))
        return self._last[1:]

    def _read(self, incidents: list[Incident]) -> tuple[bytes, bytes]:
        features = [self._kept(each) for each in incidents]
        return b",".join(features), table.incidents_csv(incidents).encode().removeprefix(HEAD)

    def _kept(self, incident: Incident) -> bytes:
        feature = orjson.dumps(geojson.feature(incident))
        self._spooled[incident.id] = (self._spool.seek(0, 2), len(feature))
        self._spool.write(feature)
        return feature

    def _shard(self, rows: Rows) -> Iterator[bytes]:
        ids = [self._snapshot.columns.id[row] for row in rows]
        if any(each not in self._spooled for each in ids):
            for incident in self._snapshot.take(rows):
                self._kept(incident)
        found = (orjson.dumps(each) + b":" + self._again(each) for each in ids if each in self._spooled)
        yield b'{"features":{' + b",".join(found) + b"}}"

    def _again(self, incident_id: str) -> bytes:
        at, length = self._spooled[incident_id]
        self._spool.seek(at)
        return self._spool.read(length)


def _months(snapshot: Snapshot) -> Iterator[Month]:
    """The newest first."""
    first_days = snapshot.columns.first_day
    days, number = np.unique(first_days, return_inverse=True)
    names = [_month(int(day)) for day in days]
    months = list(dict.fromkeys(names))
    of_row = np.array([months.index(name) for name in names], dtype=np.intp)[number]
    for at in reversed(range(len(months))):
        yield Month(months[at], np.flatnonzero(of_row == at))


def _month(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()[:7] if ordinal else "undated"


def _day(ordinal: int) -> str | None:
    return date.fromordinal(ordinal).isoformat() if ordinal else None


def told_of(snapshot: Snapshot, month: Month) -> dict[str, Any]:
    """First and last day of a month's records, and how many of each category begin on each day."""
    columns, rows = snapshot.columns, month.rows
    first, last = columns.first_day[rows], columns.last_day[rows]
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for ordinal, code in zip(first.tolist(), columns.category[rows].tolist(), strict=True):
        if ordinal:
            days[date.fromordinal(ordinal).isoformat()][CATEGORIES[code].value] += 1
    return {
        "name": month.name,
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


def _chunks(incidents: Iterable[Incident]) -> Iterator[list[Incident]]:
    left = iter(incidents)
    while chunk := list(islice(left, PART)):
        yield chunk


def _all_features(months: Iterable[Month], written: Written) -> Iterator[bytes]:
    before, comma = COLLECTION[0], b""
    yield before
    for month in months:
        features = written.read(month.geojson)[len(before) : -len(COLLECTION[1])]
        if features:
            yield comma + features
            comma = b","
    yield COLLECTION[1]


def _all_lines(months: Iterable[Month], written: Written) -> Iterator[bytes]:
    yield HEAD
    for month in months:
        yield written.read(month.csv).removeprefix(HEAD)
