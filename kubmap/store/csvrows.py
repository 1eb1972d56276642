"""CSV of teasers: «;», «,» or tab; UTF-8, UTF-16 with a mark or Windows-1251; header names in either language."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TextIO

from kubmap.errors import InputError
from kubmap.store.rows import MAX_ROW_BYTES, AnyRow, BadRow, bad, checked
from kubmap.store.sheets import HEAD, MAX_COLUMNS, AnyRecord, Header, Record, Score, Sheet, header_of

COLUMNS: Mapping[str, str] = {
    "id": "id",
    "text": "text",
    "текст": "text",
    "title": "title",
    "заголовок": "title",
    "published": "published",
    "дата": "published",
    "source_url": "source_url",
    "ссылка": "source_url",
    "source_name": "source_name",
    "источник": "source_name",
}
"""Header (in lower case) -> field of a teaser; other columns are passed over."""

_DELIMITERS = ";,\t"
_MAX_LINES = 200  # of one record: a quote that is never closed must not swallow the file
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_REASONS = {
    "unexpected end of data": "кавычка не закрыта",
    "expected after": "после закрывающей кавычки стоит лишнее: кавычки внутри текста удваивают",
    "larger than field limit": "строка длиннее 1 МБ",
}


class _Tape:
    """Lines for csv.reader; keeps those of the record that is being read."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0
        self.lines: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.lines) >= _MAX_LINES or sum(map(len, self.lines)) > MAX_ROW_BYTES:
            raise csv.Error("unexpected end of data")
        line = self._file.readline(MAX_ROW_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.lines.append(line)
        return line


def csv_rows(path: Path) -> Iterator[AnyRow]:
    """Raises InputError when the encoding is unknown or no column holds the text."""
    with path.open(encoding=encoding_of(path), newline="") as file:
        tape = _Tape(file)
        delimiter, fields = _header(path.name, tape)
        for each in _read(tape, delimiter):
            yield each if isinstance(each, BadRow) else _row(each.line, fields, list(each.cells), each.raw)


def open_csv(path: Path, score: Score) -> Sheet:
    """Any CSV as a table: the delimiter and the header are found by what its first records look like.

    Raises InputError when the encoding is unknown or there is no record.
    """
    encoding = encoding_of(path)
    heads = [(delimiter, *_head(path, encoding, delimiter, score)) for delimiter in _DELIMITERS]
    delimiter, header, _ = max(heads, key=lambda each: each[2])
    if header is None:
        raise InputError(f"{path.name}: в таблице нет ни одной заполненной строки", line=1)
    if len(header.cells) > MAX_COLUMNS:
        raise InputError(f"{path.name}: столбцов больше {MAX_COLUMNS}")
    return Sheet(
        path.name, "csv", header.cells, header.last, partial(_records, path, encoding, delimiter, len(header.cells)),
        delimiter, encoding,
    )  # fmt: skip


def _head(path: Path, encoding: str, delimiter: str, score: Score) -> tuple[Header | None, tuple[float, int, int]]:
    """The header that this delimiter gives, and how likely it is: columns named, records as wide as it, columns."""
    with path.open(encoding=encoding, newline="") as file:
        found = [each for each in islice(_read(_Tape(file), delimiter), HEAD) if isinstance(each, Record)]
    try:
        header = header_of(found, score)
    except InputError:
        return None, (-1, 0, 0)
    width = len(header.cells)
    alike = sum(1 for each in found if each.line > header.last and len(each.cells) == width)
    return header, (score(header.cells), alike if width > 1 else 0, width)


def _records(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[AnyRecord]:
    with path.open(encoding=encoding, newline="") as file:
        for each in _read(_Tape(file), delimiter):
            if isinstance(each, Record) and any(each.cells[width:]):
                reason = f"ячеек {len(each.cells)}, а столбцов {width}: возьмите текст в кавычки"
                yield bad(each.line, reason, each.raw)
            else:
                yield each


def _read(tape: _Tape, delimiter: str) -> Iterator[AnyRecord]:
    """The records of a tape; a blank one is passed over."""
    csv.field_size_limit(MAX_ROW_BYTES)  # of the process, but no other code of ours reads CSV
    while True:
        tape.lines.clear()
        start = tape.number + 1
        try:
            cells = next(csv.reader(tape, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            yield bad(start, _reason(error), "".join(tape.lines))
            continue
        if any(map(str.strip, cells)):
            yield Record(start, tuple(map(str.strip, cells)), "".join(tape.lines).rstrip("\r\n"))


def encoding_of(path: Path) -> str:
    """Name of the encoding of a text file. Raises InputError."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "cp1251") and _looks_russian(path):
        return "cp1251"
    raise InputError(f"{path.name}: кодировка не распознана; сохраните файл в UTF-8 (в Excel — «CSV UTF-8»)")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 16):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_russian(path: Path) -> bool:
    """In Russian text small letters outnumber capitals; KOI8-R read as Windows-1251 turns that upside down."""
    with path.open("rb") as file:
        text = file.read(1 << 16).decode("cp1251", "replace")
    small = sum("а" <= char <= "я" for char in text)
    return small > sum(not char.isascii() for char in text) / 2


def _header(name: str, tape: _Tape) -> tuple[str, list[str | None]]:
    try:
        line = next(tape)
    except StopIteration:
        raise InputError(f"{name}: файл пуст", line=1) from None
    for delimiter in _DELIMITERS:
        cells = next(csv.reader([line], delimiter=delimiter))
        fields = [COLUMNS.get(cell.strip().lower()) for cell in cells]
        if "text" in fields:
            return delimiter, fields
    raise InputError(f"{name}: в первой строке нет столбца text (текст)", line=1, field="text")


def _row(line: int, fields: list[str | None], cells: list[str], raw: str) -> AnyRow:
    if len(cells) > len(fields):
        return bad(line, f"ячеек {len(cells)}, а столбцов {len(fields)}: возьмите текст в кавычки", raw)
    value = {field: cell.strip() for field, cell in zip(fields, cells, strict=False) if field}
    return checked(line, value, raw)


def _reason(error: csv.Error) -> str:
    message = str(error)
    return next((reason for part, reason in _REASONS.items() if part in message), f"строка CSV не читается: {message}")
