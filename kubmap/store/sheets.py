"""Any table that an editor loads, record by record: CSV, XLSX, JSON lines; cells are text as it was read.

What is a header and what a field means is decided elsewhere (`kubmap.desk.mapping`). Messages are in Russian: editors
mend the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from kubmap.errors import InputError
from kubmap.store.rows import BadRow

MAX_ROWS = 1_000_000
"""Records of one file; what is beyond is told, not read."""
MAX_COLUMNS = 300
HEAD = 12
"""Records at the beginning among which the header is looked for."""
TITLE_CELLS = 2
"""A header has at least so many cells, where any record has."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_NEEDED = "нужен файл .csv, .xlsx или .jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a table: where it stands (1-based line, or row of a sheet), its cells and how it was written.

    `value` is the object of a JSON line.
    """

    line: int
    cells: tuple[str, ...]
    raw: str = ""
    value: Mapping[str, Any] | None = None

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if cell)


AnyRecord: TypeAlias = Record | BadRow
Records: TypeAlias = Callable[[], Iterator[AnyRecord]]
Score: TypeAlias = Callable[[tuple[str, ...]], float]
"""How much a record looks like a header: the number of columns that it names."""


@dataclass(frozen=True)
class Sheet:
    """A table whose header is known. `form` is "csv", "xlsx" or "jsonl"; `last` the line of the header's last record.

    `delimiter` and `encoding` are those of a CSV, to write the rejects alike.
    """

    name: str
    form: str
    header: tuple[str, ...]
    last: int
    _records: Records = field(repr=False)
    delimiter: str = ";"
    encoding: str = "utf-8-sig"
    expected: int | None = None
    """Records that a spreadsheet says it has."""

    def records(self) -> Iterator[AnyRecord]:
        """The records below the header, streamed; at most MAX_ROWS of them, and a BadRow that says so."""
        below = (each for each in self._records() if each.line > self.last)
        for number, each in enumerate(below):
            if number == MAX_ROWS:
                yield BadRow(each.line, f"в файле больше {MAX_ROWS} строк: остальные не прочитаны, разделите файл", "")
                return
            yield each

    def count(self) -> int:
        """How many records there are, or are said to be."""
        if self.expected is not None:
            return max(0, min(self.expected - self.last, MAX_ROWS))
        return sum(1 for _ in islice(self.records(), MAX_ROWS))


def open_sheet(path: Path, score: Score) -> Sheet:
    """The table of FILE.csv, FILE.xlsx or FILE.jsonl, its header found by `score`.

    Raises InputError for a file that cannot be read as a table at all, OSError.
    """
    from kubmap.store import csvrows, jsonrows, xlsxrows  # noqa: PLC0415  they need the values above

    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise InputError(f"{path.name}: файл пуст", line=1)
    if head.startswith(_OLD_EXCEL):
        raise InputError(f"{path.name}: это старый Excel (.xls); откройте его и сохраните как .xlsx или CSV")
    suffix = path.suffix.lower()
    if head.startswith(_ZIP) or suffix == ".xlsx":
        return xlsxrows.open_xlsx(path, score)
    if suffix in {".jsonl", ".ndjson"}:
        return jsonrows.open_jsonl(path)
    if suffix in {".csv", ".tsv", ".txt"}:
        return csvrows.open_csv(path, score)
    raise InputError(f"{path.name}: {_NEEDED}")


@dataclass(frozen=True, slots=True)
class Header:
    """`cells` name the columns, each differently; the last of its records stands on `last`."""

    cells: tuple[str, ...]
    last: int


def header_of(head: Iterable[Record], score: Score) -> Header:
    """The header among the first records: the one that names most columns, else the first that could be one.

    Titles above it are passed over; a second record below groups («Время» over «начала», «окончания») is joined.
    Raises InputError where there is no record.
    """
    rows = [each for each in islice(head, HEAD) if each.filled]
    if not rows:
        raise InputError("в таблице нет ни одной заполненной строки", line=1)
    wide = min(TITLE_CELLS, max(each.filled for each in rows))
    fit = [at for at, each in enumerate(rows) if each.filled >= wide]
    best = max(fit, key=lambda at: (score(rows[at].cells), -at))
    chosen, below = rows[best], rows[best + 1] if best + 1 < len(rows) else None
    if below is not None and _completes(below.cells, chosen.cells):
        return Header(_named(_joined(chosen.cells, below.cells)), below.line)
    return Header(_named(chosen.cells), chosen.line)


def _completes(below: tuple[str, ...], groups: tuple[str, ...]) -> bool:
    """Whether a record names the parts of groups: only below merged cells, in words."""
    said = {at for at, cell in enumerate(below) if cell}
    blank = {at for at, cell in enumerate(groups) if not cell and at < len(below)}
    heads = {at for at, cell in enumerate(groups) if cell and at + 1 in blank}
    wordy = all(any(char.isalpha() for char in below[at]) for at in said)
    return bool(said & blank) and said <= blank | heads and wordy and len(said) > 1


def _joined(groups: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
    names, group = [], ""
    for at in range(max(len(groups), len(below))):
        own = groups[at] if at < len(groups) else ""
        part = below[at] if at < len(below) else ""
        group = own or group
        names.append(f"{group} {part}".strip() if part else own)
    return tuple(names)


def _named(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Every column by a name of its own: «Дата», «Дата (2)», «столбец 3»."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for at, cell in enumerate(_trimmed(cells), start=1):
        name = " ".join(cell.split())[:100] or f"столбец {at}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]
