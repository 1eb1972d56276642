"""Files of teasers, row by row: JSON lines, CSV, RSS or Atom. A row is a teaser or a reason why it is not one.

Reasons are in Russian, since editors mend the rows; a file that cannot be read at all raises InputError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeAlias

import orjson

from kubmap.domain import MOSCOW, Incident, Moment, Teaser
from kubmap.errors import InputError

MAX_ROW_BYTES = 1024 * 1024
"""A longer row is not a teaser."""

FIELDS = ("id", "text", "title", "published", "source_url", "source_name")
"""Fields of a teaser in a file."""

_FLAT = str | int | float | None
_RAW_CHARS = 10_000  # of an oversized row the rejects keep the beginning; the file has the rest
_YEARS = range(1900, 2200)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """A teaser and where it stands: the line that it begins on or, in a feed, the number of the item (1-based).

    `given` puts in what the file tells as facts, once the teaser was read; `cells` are those of its table. `undated`:
    the file does not tell when it was published, and the day of the import stands there. `formerly`: an item of a feed
    that is polled, and the key of the record that it was before (empty: of none); such a row only renews drafts.
    """

    line: int
    teaser: Teaser
    raw: str = ""
    given: Callable[[Incident], Incident] | None = None
    cells: tuple[str, ...] = ()
    undated: bool = False
    formerly: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is set aside: `reason` for the editor, `raw` as it stands in the file, `fields` where they could be told.

    `cells` are those of its table.
    """

    line: int
    reason: str
    raw: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """A line of the rejects file; once its fields (or `raw`, without fields) are mended it can be imported."""
        known = {name: value for name, value in self.fields.items() if name in FIELDS and isinstance(value, _FLAT)}
        return {**known, "line": self.line, "reason": self.reason, "raw": self.raw}


AnyRow: TypeAlias = Row | BadRow


def rows(path: Path) -> Iterator[AnyRow]:
    """The rows of FILE.jsonl, FILE.csv or a feed in FILE.xml, streamed (a feed is read whole).

    Raises InputError for another kind of file, or one that cannot be read as its kind.
    """
    from kubmap.store import csvrows, feedrows  # noqa: PLC0415  they need the values above

    readers = {
        ".jsonl": jsonl_rows,
        ".ndjson": jsonl_rows,
        ".csv": csvrows.csv_rows,
        ".xml": feedrows.feed_rows,
        ".rss": feedrows.feed_rows,
        ".atom": feedrows.feed_rows,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name}: нужен файл .jsonl, .csv или .xml (RSS, Atom)")
    return reader(path)


def jsonl_rows(path: Path) -> Iterator[AnyRow]:
    """One object a line, as `kubmap parse` takes them; blank lines are passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(bounded(file), start=1):
            content = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
            if content.strip():
                yield _json_row(number, content)


def teaser_of(value: Mapping[str, Any], *, line: int) -> Teaser:
    """The teaser of a row; the line is its id when it has none.

    Raises InputError that names the field.
    """
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InputError("нет текста (text)", line=line, field="text")
    url = _optional(value, "source_url")
    if url and not url.lower().startswith(("http://", "https://")):
        raise InputError("source_url: нужен адрес, который начинается с http:// или https://", field="source_url")
    return Teaser(
        id=str(value.get("id") or line),
        text=plain_text("text", text),
        title=_optional(value, "title"),
        published=moment_of(value.get("published")),
        source_url=url,
        source_name=_optional(value, "source_name"),
    )


def moment_of(value: Any) -> Moment | None:
    """A day or a moment: ISO 8601 or «23.11.2021 05:00»; Moscow time where no offset is told. Raises InputError."""
    if value is None or value == "":
        return None
    try:
        moment = _moment(str(value).strip())
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise InputError(f"дата не читается: {str(value)[:40]}; пишите 2021-11-23", field="published") from None
    return moment


def bad(line: int, error: Exception | str, raw: str, fields: Mapping[str, Any] | None = None) -> BadRow:
    """A row set aside; what cannot be written as UTF-8 is replaced."""
    kept = raw if len(raw) <= MAX_ROW_BYTES else raw[:_RAW_CHARS]
    return BadRow(line, str(error), kept.encode("utf-8", "replace").decode(), fields or {})


def checked(line: int, value: Mapping[str, Any], raw: str) -> AnyRow:
    """The row of a mapping, or the reason why it is none."""
    try:
        return Row(line, teaser_of(value, line=line), raw)
    except InputError as error:
        return bad(line, error, raw, value)


class Rejects:
    """A file of JSON lines (line, reason, raw), made only when there is something to write; a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def __call__(self, row: BadRow) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        self._file.write(orjson.dumps(row.as_dict(), option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()


def _json_row(number: int, line: bytes) -> AnyRow:
    raw = line.decode("utf-8", "replace")
    if len(line) > MAX_ROW_BYTES:
        return bad(number, "строка длиннее 1 МБ", raw)
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return bad(number, not_json(line, error), raw)
    if not isinstance(value, dict):
        return bad(number, "нужен объект JSON: {…}", raw)
    if {"reason", "raw"} <= value.keys() and "text" not in value:  # from a rejects file
        return _json_row(number, str(value["raw"]).encode("utf-8", "replace"))
    return checked(number, value, raw)


def not_json(line: bytes, error: orjson.JSONDecodeError) -> str:
    """Why a line is no JSON, in Russian; the parser's own words are English."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return "не JSON: строка не в кодировке UTF-8"
    return f"не JSON: ошибка в знаке {error.colno}; проверьте кавычки, запятые и скобки"


def bounded(file: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long only the beginning, so that memory stays bounded."""
    while line := file.readline(MAX_ROW_BYTES + 2):
        yield line
        rest = line
        while len(rest) == MAX_ROW_BYTES + 2 and not rest.endswith(b"\n"):
            rest = file.readline(MAX_ROW_BYTES + 2)


def _moment(text: str) -> Moment | None:
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year, hour, minute = found.groups()
        on = date(int(year), int(month), int(day))
        return on if hour is None else datetime.combine(on, time(int(hour), int(minute)), MOSCOW)
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    if len(text) == len("2021-11-23"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=MOSCOW) if moment.tzinfo is None else moment.astimezone(MOSCOW)


def _optional(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise InputError(f"{name}: нужна строка", field=name)
    return plain_text(name, found) or None


def plain_text(name: str, text: str) -> str:
    """Without the spaces around it. Raises InputError for characters that no text may hold."""
    if "\0" in text:
        raise InputError(f"{name}: в тексте нулевой символ (NUL)", field=name)
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(f"{name}: в тексте недопустимые символы", field=name)
    return text.strip()
