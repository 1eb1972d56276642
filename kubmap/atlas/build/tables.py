"""CSV tables of the build: read inputs kept in the package, write outputs in one stable form (UTF-8, LF, comma)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as dicts."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_input(name: str) -> list[dict[str, str]]:
    """Rows of build/input/<name>.csv: lists kept by hand."""
    return read(HERE / "input" / f"{name}.csv")


def read_facts(name: str) -> list[dict[str, str]]:
    """Rows of build/facts/<name>.csv: collected facts with confidence and source."""
    return read(HERE / "facts" / f"{name}.csv")


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write `rows` in the order given; a missing or None value is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else str(value)
