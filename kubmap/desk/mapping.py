"""What the columns of a file mean: guessed from their names in Russian and English, corrected by an editor, checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from kubmap.atlas.words import fold
from kubmap.errors import InputError
from kubmap.store.sheets import Record

Kind: TypeAlias = Literal["teasers", "notices"]
KINDS: tuple[Kind, ...] = ("teasers", "notices")

VALUES: Mapping[Kind, tuple[str, ...]] = {
    "notices": ("utility", "district", "place", "provider", "source_name", "source_url", "published"),
    "teasers": ("published", "source_name", "source_url", "category"),
}
"""Fields that an editor may set for a whole file; a column that has something in it goes first."""

_WHOLE, _PART = 100.0, 10.0


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a column may hold; `label` is what editors call it, `many` allows several columns."""

    name: str
    label: str
    patterns: tuple[re.Pattern[str], ...]
    many: bool = False

    def fits(self, column: str) -> float:
        """How well the folded name of a column fits; 0: not at all."""
        for at, pattern in enumerate(self.patterns):
            if pattern.fullmatch(column):
                return _WHOLE - at
            if pattern.search(column):
                return _PART - at
        return 0.0


@dataclass(frozen=True)
class Columns:
    """The fields of the columns, in the order of the header (None: passed over), and values for the whole file."""

    kind: Kind
    header: tuple[str, ...]
    fields: tuple[str | None, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    def of(self, record: Record) -> dict[str, str]:
        """The filled cells of a record by field; cells of one field are joined by a comma."""
        found: dict[str, str] = {}
        for name, cell in zip(self.fields, record.cells, strict=False):
            if name and cell:
                plain = unguarded(cell)
                found[name] = f"{found[name]}, {plain}" if name in found else plain
        return {**{name: value for name, value in self.values.items() if value}, **found}

    def column(self, name: str | None) -> str:
        """«столбец «Дата»» of a field: where an editor looks."""
        at = next((each for each, known in zip(self.header, self.fields, strict=False) if known == name), None)
        return f"столбец «{at}»" if at else label_of(self.kind, name or "")


def fields_of(kind: Kind) -> Mapping[str, Field]:
    """All fields of a kind, in the order in which editors are shown them."""
    return _fields()[kind]


def label_of(kind: Kind, name: str) -> str:
    found = fields_of(kind).get(name)
    return f"«{found.label}»" if found else name


def guess(kind: Kind, header: Sequence[str]) -> tuple[str | None, ...]:
    """A field for each column that speaks of one; the best column gets it where several do."""
    scored = [
        (score, -at, each)
        for at, column in enumerate(header)
        for each in fields_of(kind).values()
        if (score := each.fits(_plain(column)))
    ]
    chosen: dict[int, str] = {}
    for _, at, each in sorted(scored, key=lambda row: row[:2], reverse=True):
        if -at not in chosen and (each.many or each.name not in chosen.values()):
            chosen[-at] = each.name
    return tuple(chosen.get(at) for at in range(len(header)))


def score(kind: Kind | None = None) -> Any:
    """How many columns a record names, for `kubmap.store.sheets`; of either kind where `kind` is None."""
    kinds = KINDS if kind is None else (kind,)

    def scored(cells: tuple[str, ...]) -> float:
        if any(len(cell) > 200 for cell in cells):
            return 0.0
        return max(sum(_named(each, cell) for cell in cells if cell) for each in kinds)

    return scored


def kind_of(header: Sequence[str]) -> Kind:
    """Notices where the columns speak of outages, else teasers."""
    told = {kind: {name for name in guess(kind, header) if name} for kind in KINDS}
    speaks = told["notices"] & {"place", "address", "street", "utility"}
    return "notices" if speaks and len(told["notices"]) >= len(told["teasers"]) else "teasers"


def checked(columns: Columns) -> Columns:
    """The same columns when a row can be made of them. Raises InputError that says which is missing."""
    known = fields_of(columns.kind)
    for name in (*columns.fields, *columns.values):
        if name and name not in known:
            raise InputError(f"нет поля «{name}»; есть {', '.join(known)}", field=name)
    single = [name for name in columns.fields if name and not known[name].many]
    twice = next((name for name in single if single.count(name) > 1), None)
    if twice:
        raise InputError(f"поле {label_of(columns.kind, twice)} выбрано для двух столбцов: оставьте одно", field=twice)
    for told in _needed(columns.kind):
        if not any(name in told for name in (*columns.fields, *(n for n, v in columns.values.items() if v))):
            labels = " или ".join(label_of(columns.kind, name) for name in told)
            raise InputError(f"укажите, в каком столбце {labels}", field=told[0])
    return columns


def parsed(
    kind: Kind,
    header: Sequence[str],
    rules: Mapping[str, str],
    *,
    values: Mapping[str, str],
    fields: Sequence[str | None],
) -> Columns:
    """The columns with an editor's rules {column's name: field} over `fields`; "" or "-" for none.

    Raises InputError for a column that is not there.
    """
    fields = list(fields)
    names = [_plain(name) for name in header]
    for column, name in rules.items():
        if _plain(column) not in names:
            raise InputError(f"нет столбца «{column}»; есть {', '.join(f'«{each}»' for each in header)}", field=column)
        at = names.index(_plain(column))
        wanted = None if name in {"", "-"} else name
        if wanted and not fields_of(kind).get(wanted, _ANY).many:
            fields = [None if each == wanted else each for each in fields]
        fields[at] = wanted
    return checked(Columns(kind, tuple(header), tuple(fields), values))


def unguarded(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking text for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@", "\t", "\r"} else cell


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Patterns of the cells that hold one of a few answers, over folded text."""
    data = _data()
    return {
        name: {answer: re.compile(pattern) for answer, pattern in data[name].items()}
        for name in ("utilities", "planned", "withdrawn", "called_off")
    }


_ANY = Field("", "", (), many=True)


def _needed(kind: Kind) -> tuple[tuple[str, ...], ...]:
    return (("text",),) if kind == "teasers" else (("place", "address", "text"), ("start", "start_time", "text"))


def _named(kind: Kind, cell: str) -> float:
    best = max((each.fits(_plain(cell)) for each in fields_of(kind).values()), default=0.0)
    return 1.0 if best > _PART else 0.6 if best and len(cell) < 60 else 0.0


def _plain(column: str) -> str:
    return " ".join(fold(column).replace("_ ", " ").split()).strip(" .:*")


@cache
def _fields() -> Mapping[Kind, Mapping[str, Field]]:
    data = _data()
    return {kind: {name: _field(name, row) for name, row in data[kind].items()} for kind in KINDS}


def _field(name: str, row: Mapping[str, Any]) -> Field:
    return Field(name, row["label"], tuple(map(re.compile, row["words"])), row.get("many", False))


def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("kubmap.desk").joinpath("columns.toml").read_text(encoding="utf-8"))
