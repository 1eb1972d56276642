"""Reading: start-up, memory, and how far many processes help `kubmap parse`; where the time goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import hotspots
from bench.timing import best, peak_mb, process
from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.reading import read_teaser, reading_json
from kubmap.workers import cores

GOLD = Path(__file__).parent.parent / "tests" / "gold" / "dev.jsonl"
LINES = 10_000
Row = tuple[str, str]


def texts() -> list[str]:
    return [json.loads(line)["teaser"] for line in GOLD.read_text("utf-8").splitlines()]


def rows() -> Iterator[Row]:
    """Name and value of each figure."""
    yield from _starts(texts()[0])
    with TemporaryDirectory() as folder:
        yield from _large(Path(folder))


def profile() -> Iterator[Row]:
    """Shares of a teaser's time."""
    atlas = load_atlas()
    day = date(2021, 11, 23)
    return hotspots.rows(lambda text: reading_json(read_teaser(Teaser("", text, published=day), atlas)), texts())


def _starts(text: str) -> Iterator[Row]:
    line = json.dumps({"id": "1", "text": text, "published": "2021-11-23"}).encode()
    yield "`kubmap parse` of one teaser, whole process", f"{process(['-m', 'kubmap', 'parse', '-'], given=line):.2f} s"
    load = "import time; t = time.perf_counter(); from kubmap.atlas.atlas import load_atlas; load_atlas()"
    yield "python that only imports and loads the atlas, whole process", f"{process(['-c', load]):.2f} s"
    yield "python that does nothing, whole process", f"{process(['-c', '']):.2f} s"


def _large(folder: Path) -> Iterator[Row]:
    """One process and all cores on a file of many teasers, no two of them equal."""
    source, told = folder / "in.jsonl", texts()
    rows = ({"id": str(n), "text": f"{told[n % len(told)]} № {n}", "published": "2021-11-23"} for n in range(LINES))
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    alone = _parse(source, 1)
    yield f"`kubmap parse` of {LINES:,} teasers, one process, whole", f"{LINES / best(alone, rounds=2):,.0f} a second"
    together = LINES / best(_parse(source, cores()), rounds=2)
    yield f"the same with {cores()} processes", f"{together:,.0f} a second"
    yield "peak memory of one process", f"{_peak(source, 1)} MB"
    yield f"peak memory of the largest of {cores()} processes", f"{_peak(source, cores())} MB"


def _arguments(source: Path, jobs: int) -> list[str]:
    return ["-m", "kubmap", "parse", str(source), "-j", str(jobs), "-o", str(source.with_suffix(".out"))]


def _parse(source: Path, jobs: int) -> Callable[[], float]:
    return lambda: process(_arguments(source, jobs), rounds=1)


def _peak(source: Path, jobs: int) -> int:
    return peak_mb(_arguments(source, jobs))
