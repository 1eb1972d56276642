"""Golden files: one case a line, fields between « | », comments after #."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def cases(name: str, fields: int) -> list[list[str]]:
    """Rows of golden/`name` with exactly `fields` fields (missing last ones are empty)."""
    rows = []
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            parts = [part.strip() for part in line.split(" | ")]
            assert len(parts) <= fields, line
            rows.append(parts + [""] * (fields - len(parts)))
    return rows
