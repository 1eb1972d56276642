"""Duplicates: building the index of similar incidents, asking it, what it takes in memory, and what it finds."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bench.retellings import Told, retellings
from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.reading import Reading, read_teaser
from kubmap.read.similar import SimilarIndex

COUNT = 100_000
ASKED = 400
Row = tuple[str, str]


def rows(count: int = COUNT) -> Iterator[Row]:
    """Name and value of each figure."""
    told = list(retellings(load_atlas(), count))
    incidents = [each.incident for each in told]
    start = time.perf_counter()
    index = SimilarIndex(incidents)
    yield f"index of {count:,} incidents, build", f"{time.perf_counter() - start:.1f} s"
    yield from _asked(index, told)
    yield from _vague(index, told)
    yield "the index in memory, incidents not counted", f"{_megabytes(told[: count // 10]) * 10:.0f} MB"


def _asked(index: SimilarIndex, told: Sequence[Told]) -> Iterator[Row]:
    sample = told[:: max(1, len(told) // ASKED)]
    times, first, same = [], 0, 0
    for each, reading in zip(sample, _readings(sample), strict=True):
        start = time.perf_counter()
        found = index.find(reading)
        times.append(time.perf_counter() - start)
        ids = [match.id for match in found]
        first += ids[:1] == [each.incident.id]
        same += any(match.id == each.incident.id and match.same_event for match in found)
    times.sort()
    yield "one retelling looked up, p50", f"{times[len(times) // 2] * 1e3:.1f} ms"
    yield "one retelling looked up, p95", f"{times[int(len(times) * 0.95)] * 1e3:.1f} ms"
    yield "the retold incident is the first found", f"{first / len(sample):.1%}"
    yield "the retold incident is found and judged the same event", f"{same / len(sample):.1%}"


def _vague(index: SimilarIndex, told: Sequence[Told]) -> Iterator[Row]:
    """Without a date and a place every incident may be meant."""
    times = []
    for each in _readings(told[:: max(1, len(told) // ASKED)]):
        assert each.teaser is not None
        vague = replace(each, starts_at=None, ends_at=None, location=None, teaser=Teaser("", each.teaser.text))
        start = time.perf_counter()
        index.find(vague)
        times.append(time.perf_counter() - start)
    yield "one without date and place looked up, p95", f"{sorted(times)[int(len(times) * 0.95)] * 1e3:.1f} ms"


def _readings(sample: Sequence[Told]) -> list[Reading]:
    atlas = load_atlas()
    return [read_teaser(each.retold, atlas) for each in sample]


def _megabytes(told: Sequence[Told]) -> float:
    gc.collect()
    tracemalloc.start()
    index = SimilarIndex(each.incident for each in told)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(index) == len(told)
    return taken / 1e6


if __name__ == "__main__":
    for name, value in rows():
        print(f"{name}: {value}")
