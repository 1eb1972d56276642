"""`make bench`: measure, print and write bench/RESULTS.md with versions and date."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import duplicates, outages, reading, readmodel, serving, zoo

RESULTS = Path(__file__).parent / "RESULTS.md"
ZOO = (
    "One thread, processor seconds, the labelled teasers of tests/gold: speed on the texts alone, accuracy "
    "(tests/gold/score.py) with titles and dates as given. The naive pipeline is natasha's NER, the first name that "
    "the gazetteer knows, dateparser's search_dates, and categories by keywords (bench/naive.toml)."
)
PROFILE = (
    "Shares of a cProfile run. A stage counts with all that it calls; a module with the built-ins that it calls itself."
)
READ_MODEL = "In process, processor time, on a synthetic archive of ten years made from the atlas (bench/synthetic.py)."
SERVING = "Over HTTP on this machine, from a second process; pages in headless Chromium; folium's maps in the same run."
PACKAGES = ("streamlit", "folium", "shapely", "natasha", "dateparser")


def main() -> None:
    zoo_rows = iter(zoo.table())
    parts = [
        _head(),
        _table("Reading beside what one would otherwise build", zoo_rows, header=next(zoo_rows), note=ZOO),
        _table("Start, memory, many processes", reading.rows()),
        _table("Duplicates", duplicates.rows()),
        _table("The read model with 100,000 incidents", readmodel.rows(), note=READ_MODEL),
        _table("Residents' questions with 10,000 outages", outages.rows()),
        _table("Serving", serving.rows(), note=SERVING),
        _table("Where the time of a teaser goes", reading.profile(), header=("what", "share"), note=PROFILE),
    ]
    RESULTS.write_text("\n".join(parts), "utf-8")
    print(RESULTS.read_text("utf-8"))


def _head() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        "# Results\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make bench`: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {packages}. Ratios are of one run; absolute figures vary with the machine.\n"
    )


def _table(
    title: str, rows: Iterable[Sequence[str]], *, header: Sequence[str] = ("what", "figure"), note: str = ""
) -> str:
    lines = [_line(header), _line(["---"] * len(header)), *(_line(row) for row in rows)]
    return "\n".join([f"## {title}\n", *([f"{note}\n"] if note else []), *lines, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
