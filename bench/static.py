"""The static site: written at first, again when nothing and when one incident was published."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.serving import LARGE, ROOT, home_of
from bench.visible import publisher
from kubmap.domain import Category

Row = tuple[str, str]


def rows(count: int = LARGE) -> Iterator[Row]:
    """Name and value of each figure."""
    with TemporaryDirectory() as folder:
        home, site = home_of(Path(folder), count), Path(folder) / "site"
        yield "the first time", _run(home, site)
        yield "nothing published since", _run(home, site)
        publisher(home)()
        yield "one accident published since", _run(home, site)
        publisher(home, Category.OUTAGE_POWER)()
        yield "one outage of the whole krai published since: every calendar changes", _run(home, site)


def _run(home: Path, site: Path) -> str:
    env = {**os.environ, "KUBMAP_HOME": str(home), "KUBMAP_LOG_LEVEL": "WARNING"}
    start = time.perf_counter()
    command = [sys.executable, "-m", "kubmap", "publish", str(site)]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, check=True, text=True)
    return f"{time.perf_counter() - start:.1f} s; {done.stdout.strip()}"
