"""`python -m kubmap.atlas.build [--out data/geo] [part ...]`: make data/geo from the pinned packages."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

PARTS = ("gazetteer", "boundaries", "roads")


def main() -> None:
    """Run the parts in order; a later part may read what an earlier one wrote."""
    parser = argparse.ArgumentParser(prog="python -m kubmap.atlas.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/geo"), help="folder to write to (default: data/geo)")
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"which parts: {', '.join(PARTS)} (default: all)")
    options = parser.parse_args()
    for part in options.parts:
        import_module(f"kubmap.atlas.build.{part}").build(options.out)


if __name__ == "__main__":
    main()
