"""Everything out: JSON lines (whole, to be read in again), CSV and XLSX (tables), GeoJSON; all of it streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import orjson
from openpyxl import Workbook

from kubmap.desk.rejects import sheet_cell
from kubmap.domain import Incident, Interval
from kubmap.errors import InputError
from kubmap.feeds import geojson
from kubmap.feeds.table import BOM, HEADER, guarded, plain_row
from kubmap.feeds.words import iso
from kubmap.store import codec, records
from kubmap.store.store import Store

Form: TypeAlias = Literal["jsonl", "csv", "xlsx", "geojson"]
FORMS: Final[tuple[Form, ...]] = ("jsonl", "csv", "xlsx", "geojson")
TYPES: Final[Mapping[Form, str]] = {
    "jsonl": "application/x-ndjson; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json; charset=utf-8",
}
FURTHER: Final = (
    "status", "version", "created_by", "created_at", "updated_at", "location_verified", "duplicate_of", "method",
    "utility", "outage_kind", "works_start", "works_end", "supply", "recovery_hours", "places", "exceptions", "streets",
    "cause", "provider", "withdrawn", "geometry", "alternatives", "reasons", "sources",
)  # fmt: skip
"""Columns beside those of the readers' table (`feeds.table.HEADER`); what is nested is JSON."""
SHEET_ROWS: Final = 1_048_575
"""Rows below the header that a sheet can hold."""

_PART = 256


def form_of(path: Path) -> Form:
    """The form of a file by its name. Raises InputError."""
    found = next((form for form in FORMS if path.suffix.lower() == f".{form}"), None)
    if found is None:
        raise InputError(f"{path.name}: нужен файл .jsonl, .csv, .xlsx или .geojson")
    return found


def write(store: Store, path: Path, *, drafts: bool = False, history: bool = False) -> int:
    """Write all records of one consistent state to a file; how many they were. Raises InputError, OSError."""
    form = form_of(path)
    counted = _Counted(_lines(store, form, drafts=drafts, history=history))
    if form == "xlsx":
        _write_book(counted, path)
        return counted.number
    with path.open("wb") as file:
        for part in _encoded(form, counted):
            file.write(part)
    return counted.number


def parts(store: Store, form: Form, *, drafts: bool = False, history: bool = False) -> Iterator[bytes]:
    """The bytes of an export in parts of some hundred records; XLSX cannot be made so. Raises InputError."""
    if form == "xlsx":
        raise InputError("XLSX пишется только в файл")
    return _encoded(form, _lines(store, form, drafts=drafts, history=history))


class _Counted:
    """An iterator that knows how many it gave."""

    def __init__(self, values: Iterator[dict[str, Any]]) -> None:
        self._values = values
        self.number = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for value in self._values:
            self.number += 1
            yield value


def _lines(store: Store, form: Form, *, drafts: bool, history: bool) -> Iterator[dict[str, Any]]:
    if history and form != "jsonl":
        raise InputError("история выгружается только в .jsonl")
    return records.lines(store, drafts=drafts, history=history)


def _encoded(form: Form, values: Any) -> Iterator[bytes]:
    encode = {"jsonl": _json_lines, "csv": _csv, "geojson": _collection}[form]
    return encode(values)


def _chunks(values: Any) -> Iterator[list[dict[str, Any]]]:
    left = iter(values)
    while chunk := list(islice(left, _PART)):
        yield chunk


def _json_lines(values: Any) -> Iterator[bytes]:
    for chunk in _chunks(values):
        yield b"".join(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in chunk)


def _csv(values: Any) -> Iterator[bytes]:
    yield f"{BOM}{','.join((*HEADER, *FURTHER))}\r\n".encode()
    for chunk in _chunks(values):
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows([guarded(cell) for cell in _cells(value)] for value in chunk)
        yield out.getvalue().encode("utf-8", "replace")


def _collection(values: Any) -> Iterator[bytes]:
    before = b'{"type":"FeatureCollection","features":['
    for chunk in _chunks(values):
        yield before + orjson.dumps([_feature(value) for value in chunk])[1:-1]
        before = b","
    yield b"]}" if before == b"," else before + b"]}"


def _feature(value: Mapping[str, Any]) -> dict[str, Any]:
    """The readers' feature, with what only editors see beside its properties."""
    incident = codec.from_json(value)
    feature = geojson.feature(incident)
    own = {"status": incident.status.value, "location_verified": incident.location_verified}
    return {**feature, "properties": {**feature["properties"], **own, "duplicate_of": incident.duplicate_of}}


def _write_book(values: Any, path: Path) -> None:
    book = Workbook(write_only=True)
    names = (*HEADER, *FURTHER)
    sheet, left = None, 0
    for value in values:
        if sheet is None or left == 0:
            sheet, left = book.create_sheet(f"kubmap {len(book.worksheets) + 1}"), SHEET_ROWS
            sheet.append([sheet_cell(sheet, name) for name in names])
        sheet.append([sheet_cell(sheet, cell) for cell in _cells(value)])
        left -= 1
    if sheet is None:
        sheet = book.create_sheet("kubmap")
        sheet.append([sheet_cell(sheet, name) for name in names])
    book.save(path)


def _cells(value: Mapping[str, Any]) -> tuple[object, ...]:
    """The cells of HEADER and FURTHER."""
    incident = codec.from_json(value)
    return (*plain_row(incident), *_further(incident, value))


def _further(incident: Incident, value: Mapping[str, Any]) -> tuple[object, ...]:
    outage, location = incident.outage, incident.location
    works = outage.works if outage else None
    told = value.get("outage") or {}
    return (
        incident.status.value, incident.version, incident.created_by, iso(incident.created_at),
        iso(incident.updated_at), incident.location_verified, incident.duplicate_of, location and location.method,
        outage and outage.utility.value, outage and outage.kind.value, iso(works.start) if works else None,
        iso(works.end) if works else None, "; ".join(map(_span, outage.supply)) if outage else None,
        "–".join(f"{hours:g}" for hours in (outage.recovery_hours or ())) if outage else None,
        *("; ".join(told.get(name) or ()) or None for name in ("places", "exceptions", "streets")),
        outage and outage.cause, outage and outage.provider, outage.withdrawn if outage else None,
        _json(location.geometry if location else None),
        *(_json(value.get(name)) for name in ("alternatives", "reasons", "sources")),
    )  # fmt: skip


def _span(interval: Interval) -> str:
    return f"{iso(interval.start) or ''}/{iso(interval.end) or ''}"


def _json(value: Any) -> str | None:
    return None if value is None else codec.dumps(value)
