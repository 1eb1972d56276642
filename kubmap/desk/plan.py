"""How a file is read: its kind, its columns, what an editor chose; and its rows, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from kubmap.desk import mapping, notices, pasted, teasers
from kubmap.desk.mapping import Columns, Kind
from kubmap.errors import InputError
from kubmap.store.csvrows import encoding_of
from kubmap.store.records import is_record
from kubmap.store.rows import AnyRow, rows
from kubmap.store.sheets import Record, Sheet, open_sheet

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

Form: TypeAlias = Literal["table", "paste", "records", "feed"]
ERROR = "Ошибка"
"""The column that the file of rejects has beside those of the file; not a column when it comes back."""

_FEEDS = {".xml", ".rss", ".atom"}
_NAMES: Mapping[Form, str] = {
    "table": "таблица",
    "paste": "текст объявлений",
    "records": "выгрузка kubmap",
    "feed": "лента RSS или Atom",
}


@dataclass(frozen=True)
class Plan:
    """What to do with a file. `fields` are those of its columns; `values` hold for all of its rows (`mapping.VALUES`).

    `today` is the day of the import: the year of «27 ноября», and the day of publication where none is told.
    """

    form: Form
    kind: Kind
    today: date
    fields: tuple[str | None, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    publish: bool = False
    revise: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "form": self.form, "kind": self.kind, "today": self.today.isoformat(), "fields": list(self.fields),
            "values": dict(self.values), "publish": self.publish, "revise": self.revise,
        }  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """A file that can be read; `sheet` where it is a table. `kind` is guessed from the header."""

    path: Path
    form: Form
    kind: Kind
    sheet: Sheet | None = None

    @property
    def header(self) -> tuple[str, ...]:
        return self.sheet.header if self.sheet else ()

    @property
    def name(self) -> str:
        """What it is, in words."""
        return _NAMES[self.form]


def plan_of(value: Mapping[str, Any]) -> Plan:
    """The inverse of `Plan.as_json`."""
    return Plan(
        form=value["form"], kind=value["kind"], today=date.fromisoformat(value["today"]),
        fields=tuple(value["fields"]), values=value["values"], publish=value["publish"], revise=value["revise"],
    )  # fmt: skip


def open_file(path: Path, kind: Kind | None = None) -> Opened:
    """The table, text, export or feed in a file. Raises InputError, OSError."""
    if path.suffix.lower() in _FEEDS:
        return Opened(path, "feed", "teasers")
    if path.suffix.lower() == ".txt" and not _is_table(path):
        return Opened(path, "paste", "notices")
    sheet = open_sheet(path, mapping.score(kind))
    first = next((each for each in islice(sheet.records(), 20) if isinstance(each, Record)), None)
    if sheet.form == "jsonl" and first is not None and is_record(first.value):
        return Opened(path, "records", "teasers", sheet)
    return Opened(path, "table", kind or mapping.kind_of(sheet.header), sheet)


def columns_of(opened: Opened, plan: Plan) -> Columns:
    """The columns of a table as the plan reads them. Raises InputError when no row could be made of them."""
    known = [None if name == ERROR else each for name, each in zip(opened.header, _fitted(plan, opened), strict=True)]
    return mapping.checked(Columns(plan.kind, opened.header, tuple(known), plan.values))


def rows_of(opened: Opened, plan: Plan, atlas: Atlas) -> Iterator[AnyRow]:
    """The rows of a file in order, always the same for the same plan. Raises InputError."""
    if opened.form == "paste":
        yield from pasted.rows_of(text_of(opened.path), plan.values, atlas, today=plan.today)
    elif opened.form == "feed" or opened.sheet is None:
        yield from rows(opened.path)
    else:
        columns = columns_of(opened, plan)
        for record in opened.sheet.records():
            if not isinstance(record, Record):
                yield record
            elif plan.kind == "notices":
                yield from notices.rows_of(record, columns, atlas, today=plan.today)
            else:
                yield teasers.row_of(record, columns, atlas, today=plan.today)


def count(opened: Opened) -> int | None:
    """About how many rows there are."""
    if opened.form == "paste":
        return len(pasted.blocks(text_of(opened.path)))
    return opened.sheet.count() if opened.sheet else None


def text_of(path: Path) -> str:
    """A text file of notices. Raises InputError."""
    if path.stat().st_size > pasted.MAX_BYTES * 2:
        raise InputError("текст больше 1 МБ: вставьте его по частям", field="text")
    return path.read_text(encoding=encoding_of(path)).replace("\0", "")


def restored(header: Sequence[str], fields: Sequence[str | None]) -> tuple[str | None, ...]:
    """Remembered fields (of the columns without that of errors) for a header that may have it."""
    left = iter(fields)
    return tuple(None if name == ERROR else next(left, None) for name in header)


def _fitted(plan: Plan, opened: Opened) -> list[str | None]:
    """A field or None for each column, however long the plan's list is."""
    missing = len(opened.header) - len(plan.fields)
    return [*plan.fields[: len(opened.header)], *([None] * max(0, missing))]


def _is_table(path: Path) -> bool:
    """Whether a .txt is a table after all: it has columns with known names."""
    try:
        sheet = open_sheet(path, mapping.score())
    except InputError:
        return False
    return len(sheet.header) > 1 and cast("float", mapping.score()(sheet.header)) >= 2
