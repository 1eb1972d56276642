"""Serving: public routes from a second process, the page in Chromium beside folium and st_folium, many sessions."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from bench import drawing, sessions
from bench.load import ask
from bench.synthetic import archive
from bench.timing import best
from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.read.cache import SnapshotCache
from kubmap.store import Store
from kubmap.web import api, geolayers, mappage, params
from kubmap.web.httpcache import Answer
from kubmap.web.source import Source

Row = tuple[str, str]
ROOT = Path(__file__).parents[1]
COUNTS = (0, 1_000, 100_000)
LARGE = 100_000
RIVAL = 10_000
START_S = 120
PERIOD = {"from": "2016-01-01", "to": "2026-12-31"}
"""All of the made-up archive."""


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def memory(self) -> str:
        """Resident memory of the largest process of the server, now and at its highest."""
        now, highest = max((_status(pid, "VmRSS"), _status(pid, "VmHWM")) for pid in (self.pid, *_children(self.pid)))
        return f"{now} MB, {highest} MB at its highest"


def rows() -> Iterator[Row]:
    """Name and value of each figure."""
    with TemporaryDirectory() as folder:
        homes = {count: home_of(Path(folder), count) for count in COUNTS}
        yield from _http(homes[LARGE])
        yield from _page(homes)
        yield from _built(homes[LARGE])
        yield from drawing.rivals(Path(folder))
        yield from _sessions(homes[LARGE])


def home_of(folder: Path, count: int) -> Path:
    """A home with so many incidents, made in the folder."""
    home = folder / f"home-{count}"
    home.mkdir()
    if count:
        shutil.copy(archive(count), home / "kubmap.sqlite")
    return home


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Server]:
    """`kubmap serve` over a home until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {**os.environ, "KUBMAP_HOME": str(home), "KUBMAP_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "kubmap", "serve", "--port", str(port), *options]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        try:
            _await(f"http://127.0.0.1:{port}/healthz", process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no server at {url}")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for task in tasks for each in task.read_text().split()]


def _status(pid: int, name: str) -> int:
    """A size in MB out of what the kernel says of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) // 1024
    return 0


def _http(home: Path) -> Iterator[Row]:
    with serving(home, "--public") as server:
        address = f"/api/v1/view?{urlencode({'bbox': '36.6,43.4,41.8,46.9', 'zoom': 8})}"
        with urllib.request.urlopen(_packed(server, address), timeout=60) as answer:
            tag = answer.headers["ETag"]
            size = len(answer.read())
        same = ask(server.port, [f"{address}\t{tag}"])
        whole = ask(server.port, [address])
        yield f"view, {LARGE:,} incidents, one process, with ETag (bound 1,500)", f"{same.rate:,.0f} requests/s"
        yield "the same, p50 and p95 at 16 connections", f"{same.p50_ms:.1f} and {same.p95_ms:.1f} ms"
        yield f"without ETag, {size / 1000:.1f} kB gzipped", f"{whole.rate:,.0f} requests/s, p95 {whole.p95_ms:.1f} ms"
        for zoom in (7, 9, 11, 13):
            new = ask(server.port, _never_asked(zoom), connections=1)
            told = f"p50 {new.p50_ms:.1f}, p95 {new.p95_ms:.1f} ms, at the most {new.largest / 1000:.1f} kB"
            yield f"view never asked for before, zoom {zoom}, one connection", told
        yield f"memory of a worker with {LARGE:,} incidents after that (bound 500)", server.memory()


def _packed(server: Server, path: str) -> urllib.request.Request:
    return urllib.request.Request(server.address(path), headers={"Accept-Encoding": "gzip"})


def _never_asked(zoom: int, *, count: int = 5_000) -> list[str]:
    """Frames of 1,280 x 800 pixels somewhere in the krai, no two of them equal."""
    random = Random(zoom)
    width, height = (360 / 256 / 2**zoom * pixels for pixels in (1_280, 570))
    frames = []
    for _ in range(count):
        lon, lat = random.uniform(37, 41), random.uniform(43.5, 46.5)
        sides = (lon - width / 2, lat - height / 2, lon + width / 2, lat + height / 2)
        frames.append(f"/api/v1/view?{urlencode({'bbox': ','.join(f'{side:.4f}' for side in sides), 'zoom': zoom})}")
    return frames


def _page(homes: dict[int, Path]) -> Iterator[Row]:
    """Time to the drawn map, all days shown; the servers are up together and asked in turn."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(home, "--public")) for home in homes.values()]
        found = drawing.ours([server.address(f"/map?{urlencode(PERIOD)}") for server in servers])
    for count, drawn in zip(homes, found, strict=True):
        yield f"page with {count:,} incidents: time to drawn map", drawn.words()
    yield f"ratio of {LARGE:,} to 0 (bound 1.25)", f"{found[-1].milliseconds / found[0].milliseconds:.2f}"


def _built(home: Path) -> Iterator[Row]:
    """What a first reader costs: the page and its first view, built and gzipped; beside folium's page."""
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    source = Source(load_atlas(), data_folder(), SnapshotCache(store))
    now = source.now()
    tags = {name: geolayers.layer(source, name).tag for name in geolayers.NAMES}
    asked = {"bbox": "36.6,43.4,41.8,46.9", "zoom": "8", **PERIOD}
    answers: list[Answer] = []

    def build() -> None:
        values = params.read(asked.items(), params.VIEW)
        answers[:] = [mappage.answer_page(source, now, tags, note=""), api.view(source, now, values)]

    seconds, size = best(build), sum(len(each.body) for each in answers)
    theirs, html = drawing.built(drawing.cluster_map, RIVAL)
    yield f"page and first view, {LARGE:,} incidents", f"built in {1000 * seconds:.1f} ms, {size / 1000:.0f} kB"
    told = f"{theirs / seconds:,.0f} times the build time, {len(html.encode()) / size:,.0f} times the bytes"
    yield f"folium MarkerCluster of {RIVAL:,} points beside it (bound 20 times)", told
    store.close()


def _sessions(home: Path) -> Iterator[Row]:
    with serving(home) as server:
        sessions.run(server.port, 1)  # the first one compiles the scripts
        for count in (30, 100):
            found = sessions.run(server.port, count)
            yield f"{count} Streamlit sessions opening the map page at once", found.words()
        yield f"memory of the Streamlit process with {LARGE:,} incidents after that (bound 500)", server.memory()
