"""`make bench`: measure, print and write bench/RESULTS.md with versions and date."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import reading

RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = ("streamlit", "folium", "shapely", "natasha", "dateparser")


def main() -> None:
    parts = [_head(), _table("Reading", reading.rows())]
    RESULTS.write_text("\n".join(parts), "utf-8")
    print(RESULTS.read_text("utf-8"))


def _head() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        "# Results\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make bench`: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {packages}. Ratios are of one run; absolute figures vary with the machine.\n"
    )


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join([f"## {title}\n", "| what | figure |", "| --- | --- |", *lines, ""])


if __name__ == "__main__":
    main()
