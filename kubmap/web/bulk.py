"""Large exports in parts of some hundred records: the whole of an archive never stands in memory twice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from kubmap.feeds import geojson, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubmap.domain import Incident

PART = 256
"""Records in a part: some 300 KB of GeoJSON."""


def _chunks(incidents: Iterable[Incident]) -> Iterator[list[Incident]]:
    left = iter(incidents)
    while chunk := list(islice(left, PART)):
        yield chunk


def collection(incidents: Iterable[Incident], further: Mapping[str, Any] | None = None) -> Iterator[bytes]:
    """A FeatureCollection of whole records, with `further` members at its end."""
    before = b'{"type":"FeatureCollection","features":['
    for chunk in _chunks(incidents):
        yield before + orjson.dumps([geojson.feature(each) for each in chunk])[1:-1]
        before = b","
    end = b"]," + orjson.dumps(further)[1:] if further else b"]}"
    yield end if before == b"," else before + end


def csv(incidents: Iterable[Incident]) -> Iterator[bytes]:
    """The CSV table of the records."""
    head = table.table(table.HEADER, ())
    yield head.encode()
    for chunk in _chunks(incidents):
        yield table.incidents_csv(chunk).removeprefix(head).encode()
