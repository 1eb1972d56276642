"""What an import set aside, in the shape of its file with a column «Ошибка» more: to mend there and import again.

While an import runs its rejects are spooled as JSON lines, so that a run that was broken off can go on; the file that
editors get is made of them. Cells that a spreadsheet could take for formulas are guarded.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from kubmap.desk import pasted
from kubmap.desk.plan import ERROR, Form, Opened
from kubmap.feeds.table import guarded
from kubmap.store.rows import BadRow, Rejects

MAX_CELL = 32_767
"""Characters that a cell of a spreadsheet holds."""

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Spool:
    """The rejects of a run as JSON lines; `mark` bytes of them are of rows that were counted. A context manager."""

    def __init__(self, path: Path, *, mark: int = 0) -> None:
        self.path = path
        self._mark = mark
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        self._file.truncate(self._mark)
        self._file.seek(self._mark)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def __call__(self, row: BadRow) -> None:
        assert self._file is not None, "entered"
        line = {"line": row.line, "reason": row.reason, "raw": row.raw, "cells": row.cells, "fields": _flat(row)}
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def mark(self) -> int:
        """Bytes written so far, and on disk."""
        assert self._file is not None, "entered"
        self._file.flush()
        return self._file.tell()


def spooled(path: Path) -> Iterator[BadRow]:
    """The rejects of a spool, in order."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            value = orjson.loads(line)
            yield BadRow(value["line"], value["reason"], value["raw"], value["fields"], tuple(value["cells"]))


def suffix_of(path: Path, form: Form) -> str:
    """How the name of the file of rejects of a file ends."""
    if form != "table":
        return ".txt" if form == "paste" else ".jsonl"
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            return ".xlsx"
    return ".jsonl" if path.suffix.lower() in {".jsonl", ".ndjson"} else ".csv"


def write(opened: Opened, rejected: Iterator[BadRow], target: Path) -> None:
    """The file of rejects, in the shape of `opened`; as lines (line, reason, raw) where a .jsonl is asked for."""
    if target.suffix.lower() == ".jsonl" and opened.sheet is not None and opened.sheet.form != "jsonl":
        with Rejects(target) as keep:
            for row in rejected:
                keep(row)
    elif opened.form == "paste":
        _write_text(rejected, target)
    elif opened.sheet is None or opened.sheet.form == "jsonl":
        _write_json(rejected, target)
    elif opened.sheet.form == "xlsx":
        _write_sheet(_table(opened.header, rejected), target)
    else:
        _write_csv(_table(opened.header, rejected), target, opened.sheet.delimiter)


def sheet_cell(sheet: Any, value: object) -> Any:
    """A cell of a spreadsheet that is text, whatever it looks like; numbers and None as they are."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("\ufffd", guarded(value))[:MAX_CELL])
    cell.data_type = "s"
    return cell


def _table(header: Sequence[str], rejected: Iterator[BadRow]) -> Iterator[Sequence[str]]:
    names = [name for name in header if name != ERROR]
    places = [at for at, name in enumerate(header) if name != ERROR]
    yield [*names, ERROR]
    for row in rejected:
        cells = row.cells or (row.raw.strip(),)
        kept = [cells[at] if at < len(cells) else "" for at in places]
        yield [*kept, f"строка {row.line}: {row.reason}"]


def _write_csv(rows: Iterator[Sequence[str]], target: Path, delimiter: str) -> None:
    with target.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([guarded(cell) for cell in row] for row in rows)


def _write_sheet(rows: Iterator[Sequence[str]], target: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Не загружено")
    for row in rows:
        sheet.append([sheet_cell(sheet, cell) for cell in row])
    book.save(target)


def _write_json(rejected: Iterator[BadRow], target: Path) -> None:
    with target.open("wb") as file:
        for row in rejected:
            file.write(orjson.dumps({**_object(row), ERROR: f"строка {row.line}: {row.reason}"}))
            file.write(b"\n")


def _write_text(rejected: Iterator[BadRow], target: Path) -> None:
    with target.open("w", encoding="utf-8", errors="replace") as file:
        for row in rejected:
            file.write(f"{pasted.ERROR} строка {row.line}: {row.reason}\n{row.raw.strip()}\n\n")


def _object(row: BadRow) -> dict[str, Any]:
    """The object of a JSON line as it stood; what was none is kept as text."""
    try:
        value = orjson.loads(row.raw)
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {**row.as_dict()}


def _flat(row: BadRow) -> dict[str, Any]:
    return {name: value for name, value in row.fields.items() if isinstance(value, str | int | float | None)}
