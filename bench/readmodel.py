"""The read model on a made-up archive: building, a publish, views at each zoom, search, memory; in process.

Times are processor seconds of the thread: what a reader waits for on a machine that is not busy with others.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any

import numpy as np

from bench.synthetic import archive
from kubmap.atlas.atlas import Atlas, data_folder, load_atlas
from kubmap.domain import Category, Status
from kubmap.read.cache import SnapshotCache
from kubmap.read.snapshot import Filter
from kubmap.read.summary import summarise
from kubmap.store import Store
from kubmap.web import api
from kubmap.web.params import FILTERS
from kubmap.web.source import Source

Row = tuple[str, str]
COUNT = 100_000
SCREEN = (1_400, 900)
"""Pixels of the map in a wide window."""
VIEWS = 60
"""At each zoom, over towns by population; a third of them all, a third two categories, a third since a day."""
ZOOMS = (0, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18)
QUERIES = (
    "пожар",
    "авария красная",
    "ейск",
    "сгорел склад тимашевск",
    "элекричества",
    "водоканал",
    "крснодар дтп",
    "а",
)


def rows(count: int = COUNT) -> Iterator[Row]:
    """Name and value of each figure; measured in a process of its own."""
    archive(count)
    command = [sys.executable, "-m", "bench.readmodel", str(count)]
    told = subprocess.run(command, capture_output=True, check=True, text=True, cwd=Path(__file__).parent.parent)
    yield from (tuple(row) for row in json.loads(told.stdout))


def measured(count: int) -> Iterator[Row]:
    """The same in this process."""
    atlas = load_atlas()
    with TemporaryDirectory() as folder:
        path = shutil.copy(archive(count), Path(folder) / "store.sqlite")
        store = Store(f"sqlite:///{path}")
        store.migrate()  # the archive may be kept from an older version
        cache = SnapshotCache(store, atlas=atlas, poll_s=0)
        before = _rss_mb()
        yield f"building the snapshot of {count:,} incidents", f"{_seconds(cache.current):.1f} s"
        yield "making the search index", f"{_seconds(cache.current().learn):.1f} s"
        cache.current().prepare()
        yield "memory that snapshot and index add", f"{_rss_mb() - before} MB"
        yield from _publishing(store, cache)
        source = Source(atlas, data_folder(), cache)
        yield from _views(source, atlas)
        yield from _searches(source)
        yield "the summary page's counts", _ms([_seconds(lambda: _summary(source)) for _ in range(10)])
        yield "resident memory of the process, highest", f"{_peak_mb()} MB"


def _publishing(store: Store, cache: SnapshotCache) -> Iterator[Row]:
    """From the commit of one incident to a snapshot that holds it, ready to answer."""
    taken = []
    example = next(cache.current().take([0]))
    for number in range(8):
        new = store.add(replace(example, status=Status.PUBLISHED, text=f"Новое событие {number}"), actor="bench")
        taken.append(_seconds(partial(_shown, cache, new.id)))
    yield "one more incident published: until a view and a search show it", _ms(taken)


def _shown(cache: SnapshotCache, incident_id: str) -> None:
    snapshot = cache.current()
    snapshot.prepare()
    assert incident_id in snapshot.rows


def _views(source: Source, atlas: Atlas) -> Iterator[Row]:
    random = Random(7)
    towns = sorted(atlas.settlements.values(), key=lambda each: each.id)
    weights = [(each.population or 60) ** 0.8 for each in towns]
    for zoom in ZOOMS:
        taken, sizes = [], []
        for number, town in enumerate(random.choices(towns, weights, k=VIEWS)):
            values = {**_values(number % 3), "zoom": zoom, "bbox": _frame(town.lon, town.lat, zoom)}
            start = thread_time()
            answer = api.view(source, source.now(), values)
            taken.append(thread_time() - start)
            sizes.append(len(answer.packed or answer.body) / 1024)
        yield f"view at zoom {zoom}, bytes ready to be sent", f"{_ms(taken)}; {max(sizes):.1f} KB gzip at most"


def _values(turn: int) -> dict[str, Any]:
    values: dict[str, Any] = {param.name: param.default for param in FILTERS}
    if turn == 1:
        values["category"] = (Category.FIRE, Category.ROAD_ACCIDENT)
    if turn == 2:
        values["from"] = next(param for param in FILTERS if param.name == "from").read("2019-01-01")
    return values


def _frame(lon: float, lat: float, zoom: int) -> tuple[float, float, float, float]:
    """What a screen shows around a point; degrees, no farther than the world goes."""
    width, height = (pixels * 360 / 2 ** (zoom + 8) / 2 for pixels in SCREEN)
    height *= float(np.cos(np.radians(lat)))
    return max(lon - width, -180), max(lat - height, -85), min(lon + width, 180), min(lat + height, 85)


def _searches(source: Source) -> Iterator[Row]:
    snapshot = source.now()
    taken = [_seconds(partial(snapshot.select, Filter(text=q))) for _ in range(10) for q in QUERIES]
    yield f"search of words ({len(QUERIES)} queries, slips among them)", _ms(taken)


def _summary(source: Source) -> None:
    atlas = source.atlas
    summarise(
        source.now(), Filter(), zones=atlas.zones.values(), municipalities=atlas.municipalities.values(),
        names=dict.fromkeys(Category, ""),
    )  # fmt: skip


def _seconds(call: Callable[[], Any]) -> float:
    start = thread_time()
    call()
    return thread_time() - start


def _ms(taken: list[float]) -> str:
    half, most = np.percentile(taken, [50, 95]) * 1000
    return f"{half:.1f} ms median, {most:.1f} ms p95"


def _rss_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() // 2**20


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    print(json.dumps(list(measured(int(sys.argv[1]))), ensure_ascii=False))
