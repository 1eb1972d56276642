"""`python -m kubmap.atlas.build.quality REFERENCE [--out data/geo]`: measure the drawn borders, keep the numbers.

Only numbers go into boundaries/quality.json, for the About page; nothing of the reference is copied.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

from kubmap.atlas.areas import AreaIndex
from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.check import Comparison, compare


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m kubmap.atlas.build.quality", description=__doc__)
    parser.add_argument("reference", type=Path, help="GeoJSON of municipalities with the property `district`")
    parser.add_argument("--out", type=Path, default=Path("data/geo"), help="folder of the atlas (default: data/geo)")
    parser.add_argument("--name", default="OpenStreetMap, январь 2024", help="what the reference is, for readers")
    parser.add_argument("--date", type=date.fromisoformat, default=None, help="day of the measurement (default: today)")
    options = parser.parse_args()
    names = {id_: municipality.name for id_, municipality in load_atlas(options.out).municipalities.items()}
    found = compare(AreaIndex.load(options.out), names, options.reference)
    day = options.date or date.today()  # noqa: DTZ011  # the day on the wall of who measures
    write(options.out, found, name=options.name, day=day)


def write(out: Path, found: Comparison, *, name: str, day: date) -> None:
    """Write boundaries/quality.json: a share (0..1), metres, what it was measured against, the day."""
    numbers = {
        "area_right": round(found.area_right, 3),
        "border_error_median_m": round(found.to_drawn.median_m, -1),
        "border_error_p90_m": round(found.to_drawn.p90_m, -1),
        "measured_against": name,
        "date": day.isoformat(),
    }
    text = json.dumps(numbers, ensure_ascii=False, indent=2)
    (out / "boundaries" / "quality.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
