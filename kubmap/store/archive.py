"""The archive of a store: a zip of JSON lines, a file a table, with a manifest that says what must be in it.

Portable: what SQLite wrote PostgreSQL reads, and the other way round. A reader trusts nothing before it was checked.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeAlias

import orjson

from kubmap.errors import InputError

FORMAT = 1
MANIFEST = "manifest.json"
MAX_LINE = 64 * 1024 * 1024
"""Bytes of one row; a record and its longest text are far below."""
MAX_MANIFEST = 1024 * 1024
_FILES = 100
_BROKEN = (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error)
"""What reading a damaged zip raises."""

Row: TypeAlias = dict[str, Any]
Progress: TypeAlias = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the archive: its columns in order, how many rows, and the digest of its file."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the archive holds; `schema` is the revision of the migrations that it was written at."""

    schema: str
    made_at: datetime
    sheets: tuple[Sheet, ...]

    @property
    def rows(self) -> int:
        return sum(sheet.rows for sheet in self.sheets)

    def as_json(self) -> bytes:
        tables = [
            {"name": each.name, "columns": each.columns, "rows": each.rows, "sha256": each.sha256}
            for each in self.sheets
        ]
        value = {"format": FORMAT, "schema": self.schema, "made_at": self.made_at.isoformat(), "tables": tables}
        return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def write(
    path: Path, schema: str, made_at: datetime, tables: Iterable[tuple[str, tuple[str, ...], Iterable[Row]]]
) -> Manifest:
    """The archive at `path`, which must not be there. Raises OSError."""
    sheets = []
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=6) as file:
        for name, columns, rows in tables:
            sheets.append(_write_sheet(file, name, columns, rows))
        manifest = Manifest(schema, made_at, tuple(sheets))
        file.writestr(MANIFEST, manifest.as_json())
    return manifest


def _write_sheet(file: zipfile.ZipFile, name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> Sheet:
    digest, count = hashlib.sha256(), 0
    with file.open(_member(name), "w", force_zip64=True) as out:
        for row in rows:
            line = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)
            count += 1
    return Sheet(name, columns, count, digest.hexdigest())


def _member(name: str) -> str:
    return f"tables/{name}.jsonl"


class Archive:
    """An archive that was opened and whose manifest can be read; a context manager.

    Raises InputError, in Russian, for a file that is no archive of ours.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(f"{path.name}: это не копия kubmap или файл повреждён ({error})") from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a table; InputError at the end, or on the way, if they are not those of the manifest."""
        digest, count = hashlib.sha256(), 0
        for line in self._lines(sheet):
            count += 1
            digest.update(line)
            yield _row(sheet, count, line)
        if count != sheet.rows or digest.hexdigest() != sheet.sha256:
            raise InputError(f"{sheet.name}: копия повреждена (контрольная сумма не сходится)")

    def check(self) -> None:
        """Read everything once. Raises InputError."""
        for sheet in self.manifest.sheets:
            for _ in self.rows(sheet):
                pass

    def _lines(self, sheet: Sheet) -> Iterator[bytes]:
        try:
            with self._file.open(_member(sheet.name)) as file:
                while line := file.readline(MAX_LINE + 1):
                    if len(line) > MAX_LINE:
                        raise InputError(f"{sheet.name}: в копии слишком длинная строка")
                    yield line
        except _BROKEN as error:
            raise InputError(f"{sheet.name}: копия повреждена ({str(error)[:100]})") from error

    def _manifest(self) -> Manifest:
        names = self._file.namelist()
        if MANIFEST not in names or len(names) > _FILES or self._file.getinfo(MANIFEST).file_size > MAX_MANIFEST:
            raise InputError("в файле нет описи: это не копия kubmap")
        try:
            value = orjson.loads(self._file.read(MANIFEST))
            found = _manifest(value)
        except InputError:
            raise
        except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, RuntimeError, zlib.error) as error:
            raise InputError("опись копии не читается: файл повреждён") from error
        extra = set(names) - {MANIFEST, *(_member(each.name) for each in found.sheets)}
        if extra:
            raise InputError(f"в копии лишние файлы: {', '.join(sorted(extra))[:200]}")
        return found


def _manifest(value: Mapping[str, Any]) -> Manifest:
    if value["format"] != FORMAT:
        raise InputError("копия сделана другой версией kubmap: обновите kubmap")
    sheets = tuple(
        Sheet(str(each["name"]), tuple(map(str, each["columns"])), int(each["rows"]), str(each["sha256"]))
        for each in value["tables"]
    )
    return Manifest(str(value["schema"]), datetime.fromisoformat(value["made_at"]), sheets)


def _row(sheet: Sheet, number: int, line: bytes) -> Row:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise InputError(f"{sheet.name}, строка {number}: копия повреждена") from error
    if not isinstance(value, dict) or tuple(value) != sheet.columns:
        raise InputError(f"{sheet.name}, строка {number}: не те столбцы")
    return value
