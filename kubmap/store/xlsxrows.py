"""XLSX as a table: values as they were computed last (formulas are never run), dates as dates, bounded in memory."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from kubmap.errors import InputError
from kubmap.store.rows import MAX_ROW_BYTES, BadRow, bad
from kubmap.store.sheets import HEAD, MAX_COLUMNS, MAX_ROWS, AnyRecord, Record, Score, Sheet, header_of

MAX_PART_BYTES = 600 * 1024 * 1024
"""Of one unpacked part: a sheet of a million rows; it is read as a stream."""
MAX_HELD_BYTES = 80 * 1024 * 1024
"""Of the unpacked parts that are held in memory: shared texts, styles."""
MAX_BLANK = 10_000
"""So many empty rows in a row are the end of a sheet."""

_STREAMED = "xl/worksheets/"
_BROKEN = "файл XLSX не читается: он повреждён; откройте его в Excel и сохраните заново"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's day 0 has no zone


def open_xlsx(path: Path, score: Score) -> Sheet:
    """The first sheet that holds a table. Raises InputError."""
    _check_size(path)
    with _book(path) as book:
        name = _filled_sheet(book)
        expected = book[name].max_row
        head = [each for each in islice(_rows(book[name]), HEAD) if isinstance(each, Record)]
    try:
        header = header_of(head, score)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    known = expected if expected and expected > header.last else None
    return Sheet(path.name, "xlsx", header.cells, header.last, partial(_records, path, name), expected=known)


def text_of(value: Any) -> str:
    """A cell as an editor sees it: «27.11.2021», «27.11.2021 06:00», «06:00», «24:00», «5»."""
    shown = _SHOWN.get(type(value))
    return "" if value is None else shown(value) if shown else str(value).strip()


def _moment(value: datetime) -> str:
    if value.year < 1901:  # a clock time of 24 hours or more
        return _clock(value - _EPOCH)
    value += timedelta(seconds=30)  # 5:59:59.999 is how a spreadsheet keeps 6:00
    return f"{value:%d.%m.%Y}" if (value.hour, value.minute) == (0, 0) else f"{value:%d.%m.%Y %H:%M}"


def _clock(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 10))


_SHOWN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "да" if value else "нет",
    datetime: _moment,
    date: lambda value: f"{value:%d.%m.%Y}",
    time: lambda value: f"{value:%H:%M}",
    timedelta: _clock,
    float: _number,
}


def _check_size(path: Path) -> None:
    """What unpacks to more than memory or patience hold is refused before it is unpacked (a zip bomb, too)."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(f"{path.name}: {_BROKEN}") from None
    held = sum(each.file_size for each in parts if not each.filename.startswith(_STREAMED))
    if held > MAX_HELD_BYTES or any(each.file_size > MAX_PART_BYTES for each in parts) or len(parts) > 5_000:
        raise InputError(f"{path.name}: файл XLSX слишком велик в распакованном виде; сохраните лист как CSV")


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """The workbook, read as a stream. Whatever a broken one makes openpyxl raise is one InputError."""
    book = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that do not matter here
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            yield book
    except InputError:
        raise
    except Exception as error:  # the parser meets whatever people upload
        raise InputError(f"{path.name}: {_BROKEN}") from error
    finally:
        if book is not None:
            book.close()


def _filled_sheet(book: Any) -> str:
    """The first visible sheet with something in it."""
    sheets = [each for each in book.worksheets if each.sheet_state == "visible"] or list(book.worksheets)
    for each in sheets:
        if any(row.filled for row in islice(_rows(each), HEAD) if isinstance(row, Record)):
            return str(each.title)
    raise InputError("в книге нет ни одного листа с таблицей")


def _records(path: Path, name: str) -> Iterator[AnyRecord]:
    with _book(path) as book:
        yield from _rows(book[name])


def _rows(sheet: Any) -> Iterator[AnyRecord]:
    """The rows that hold anything; the size that a sheet tells of itself is not believed."""
    sheet.reset_dimensions()
    blank = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = tuple(map(_cell, row[:MAX_COLUMNS]))
        if not any(cells):
            blank += 1
            if blank > MAX_BLANK or number > MAX_ROWS + MAX_BLANK:
                return
            continue
        blank = 0
        yield _row(number, cells)


def _cell(cell: Any) -> str:
    """A midnight is a day, unless the cell shows a clock time."""
    value = cell.value
    text = text_of(value)
    if isinstance(value, datetime) and len(text) == len("27.11.2021") and "h" in str(cell.number_format).lower():
        return f"{text} 00:00"
    return text


def _row(number: int, cells: tuple[str, ...]) -> Record | BadRow:
    if sum(map(len, cells)) * 2 > MAX_ROW_BYTES:
        return bad(number, "строка длиннее 1 МБ", "\t".join(cells)[:10_000])
    return Record(number, cells)
