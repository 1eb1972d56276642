"""`make bench`: measure, print and write bench/RESULTS.md with versions and dates; all of it takes half an hour.

`make bench BENCH="--without million"` leaves a section as it was; `--only visible static` measures those alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from bench import duplicates, outages, reading, readmodel, serving, static, visible, zoo

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
VISIBLE = "One process publishes, another serves; the page in headless Chromium asks by itself."
STATIC = "`kubmap publish` in a process of its own, 100,000 incidents."
MILLION = 1_000_000
PACKAGES = ("streamlit", "folium", "shapely", "natasha", "dateparser")


def sections() -> dict[str, Callable[[], str]]:
    """What is measured, by name, in the order of the report."""
    return {
        "zoo": _zoo,
        "reading": lambda: _table("Start, memory, many processes", reading.rows()),
        "duplicates": lambda: _table("Duplicates", duplicates.rows()),
        "readmodel": lambda: _table("The read model with 100,000 incidents", readmodel.rows(), note=READ_MODEL),
        "million": lambda: _table("The read model with 1,000,000 incidents", readmodel.rows(MILLION), note=READ_MODEL),
        "outages": lambda: _table("Residents' questions with 10,000 outages", outages.rows()),
        "serving": lambda: _table("Serving", serving.rows(), note=SERVING),
        "visible": lambda: _table("From a publish to readers", visible.rows(), note=VISIBLE),
        "static": lambda: _table("The static site", static.rows(), note=STATIC),
        "profile": lambda: _table(
            "Where the time of a teaser goes", reading.profile(), header=("what", "share"), note=PROFILE
        ),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write; `--only` and `--without` name sections, those not measured stay as they were."""
    known = sections()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    about = ", ".join(known)
    parser.add_argument("--only", nargs="+", choices=[*known], default=[*known], metavar="SECTION", help=about)
    parser.add_argument("--without", nargs="+", choices=[*known], default=[], metavar="SECTION")
    wanted = parser.parse_args(arguments)
    before = _before(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    parts = {}
    for name, measure in known.items():
        if name in wanted.only and name not in wanted.without:
            parts[name] = _marked(name, measure())
        elif name in before:
            parts[name] = before[name]
    RESULTS.write_text("\n".join([_head(), *parts.values()]), "utf-8")
    print(RESULTS.read_text("utf-8"))


def _marked(name: str, text: str) -> str:
    """With a mark by which a later run finds the section, and the day."""
    title, _, rest = text.partition("\n\n")
    between = "\n\n" if rest.startswith("|") else " "
    return f"<!-- {name} -->\n{title}\n\nMeasured on {datetime.now(UTC):%Y-%m-%d}.{between}{rest}"


def _before(text: str) -> dict[str, str]:
    """The sections of a report by name."""
    parts = re.split(r"^<!-- (\w+) -->$", text, flags=re.MULTILINE)[1:]
    return {name: f"<!-- {name} -->{body.rstrip()}\n" for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _zoo() -> str:
    rows = iter(zoo.table())
    return _table("Reading beside what one would otherwise build", rows, header=next(rows), note=ZOO)


def _head() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(name))
    return (
        "# Results\n\n"
        f"Measured by `make bench`: Python {platform.python_version()}, "
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
