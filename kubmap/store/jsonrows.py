"""JSON lines as a table: the names of the objects' members are its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from kubmap.errors import InputError
from kubmap.store.rows import MAX_ROW_BYTES, BadRow, bad, bounded, not_json
from kubmap.store.sheets import MAX_COLUMNS, AnyRecord, Record, Sheet

_LOOKED_AT = 200
"""Lines whose members name the columns."""


def open_jsonl(path: Path) -> Sheet:
    """Raises InputError when no line at the beginning is an object."""
    names: dict[str, None] = {}
    for each in islice(_objects(path), _LOOKED_AT):
        if isinstance(each, Record) and each.value is not None:
            names |= dict.fromkeys(each.value)
    if not names:
        raise InputError(f"{path.name}: ни одна из первых строк не объект JSON ({{…}})", line=1)
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{path.name}: полей больше {MAX_COLUMNS}")
    header = tuple(names)
    return Sheet(path.name, "jsonl", header, 0, partial(_records, path, header))


def cell_of(value: Any) -> str:
    """A member as a cell: text as it is, yes and no in words, what is nested as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "да" if value else "нет"
    return orjson.dumps(value, default=str).decode()


def _records(path: Path, header: tuple[str, ...]) -> Iterator[AnyRecord]:
    for each in _objects(path):
        if isinstance(each, Record) and each.value is not None:
            cells = tuple(cell_of(each.value.get(name)) for name in header)
            yield Record(each.line, cells, each.raw, each.value)
        else:
            yield each


def _objects(path: Path) -> Iterator[AnyRecord]:
    with path.open("rb") as file:
        for number, line in enumerate(bounded(file), start=1):
            content = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
            if content.strip():
                yield _object(number, content)


def _object(number: int, line: bytes) -> Record | BadRow:
    raw = line.decode("utf-8", "replace")
    if len(line) > MAX_ROW_BYTES:
        return bad(number, "строка длиннее 1 МБ", raw)
    try:
        value: Mapping[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return bad(number, not_json(line, error), raw)
    if not isinstance(value, dict):
        return bad(number, "нужен объект JSON: {…}", raw)
    if {"reason", "raw"} <= value.keys() and "text" not in value:  # from a file of rejects
        return _object(number, str(value["raw"]).encode("utf-8", "replace"))
    return Record(number, (), raw, value)
