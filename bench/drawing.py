"""Time to the drawn map in Chromium: our page, and what one would otherwise build with folium and streamlit-folium.

The rivals' pages load Leaflet and its plugins from CDNs; here those addresses are answered with the same files out of
the XStatic packages, at no cost of a network, and everything else of other hosts (icons, tiles) with nothing.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import folium
from folium.plugins import FastMarkerCluster, MarkerCluster
from playwright.sync_api import Browser, Page, Route, sync_playwright
from xstatic.pkg import leaflet, leaflet_markercluster

Row = tuple[str, str]
CHROMIUM = os.environ.get("KUBMAP_CHROMIUM", "/usr/bin/chromium")
ROUNDS = 9
TIMEOUT_MS = 120_000
SIZES = (1_000, 10_000)
SCRIPT = Path(__file__).parent / "rival_page.py"
LOCAL = {
    "leaflet.js": Path(leaflet.BASE_DIR) / "leaflet.js",
    "leaflet.css": Path(leaflet.BASE_DIR) / "leaflet.css",
    "leaflet.markercluster.js": Path(leaflet_markercluster.BASE_DIR) / "leaflet.markercluster.js",
    "MarkerCluster.css": Path(leaflet_markercluster.BASE_DIR) / "MarkerCluster.css",
    "MarkerCluster.Default.css": Path(leaflet_markercluster.BASE_DIR) / "MarkerCluster.Default.css",
}
JQUERY = """window.$ = window.jQuery = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [holder.content.firstElementChild];
};"""
"""All that folium's popups use of jQuery, and lighter than it."""
AWESOME = "L.AwesomeMarkers = { icon: () => new L.Icon.Default() };"
"""All that FastMarkerCluster uses of it."""


class NothingDrawnError(Exception):
    """No marker came in time."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Median milliseconds from the navigation to the drawn map, and bytes that came without scripts and styles."""

    milliseconds: float
    size: int

    def words(self) -> str:
        return f"{self.milliseconds:,.0f} ms, {self.size / 1000:,.1f} kB of page and data"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def ours(urls: Sequence[str]) -> list[Drawn]:
    """Our page at each address; it tells itself when it has drawn."""

    def drawn(page: Page) -> float:
        page.wait_for_selector("body[data-drawn]", timeout=TIMEOUT_MS, state="attached")
        return float(page.get_attribute("body", "data-drawn") or "nan")

    with chromium() as browser:
        return _measured(browser, urls, drawn)


def _measured(
    browser: Browser, urls: Sequence[str], drawn: Callable[[Page], float], *, count: int = ROUNDS
) -> list[Drawn]:
    """Rounds in turn, in fresh contexts without a cache; the first round warms the servers and does not count."""
    rounds = [[_once(browser, url, drawn) for url in urls] for _ in range(count + 1)][1:]
    return [
        Drawn(statistics.median(each[0] for each in column), int(statistics.median(each[1] for each in column)))
        for column in zip(*rounds, strict=True)
    ]


def _once(browser: Browser, url: str, drawn: Callable[[Page], float]) -> tuple[float, int]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.route(_foreign, _answer)
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(_bytes(response)))
    page.goto(url, wait_until="commit", timeout=TIMEOUT_MS)
    taken = drawn(page)
    context.close()
    return taken, sum(sizes)


def _bytes(response: Any) -> int:
    """Bytes on the wire of pages and data; scripts, styles and pictures are the same for any number of incidents."""
    if response.request.resource_type not in {"document", "fetch", "xhr"} or "/api/v1/geo/" in response.url:
        return 0
    return int(response.headers.get("content-length") or 0)


def _foreign(url: str) -> bool:
    return url.startswith("http") and not url.startswith("http://127.0.0.1")


def _answer(route: Route) -> None:
    name = route.request.url.partition("?")[0].rsplit("/", 1)[-1]
    if name in LOCAL:
        route.fulfill(path=LOCAL[name])
    elif name.startswith(("jquery", "leaflet.awesome-markers.js")):
        route.fulfill(body=JQUERY if name.startswith("jquery") else AWESOME, content_type="text/javascript")
    else:
        route.fulfill(body="")


def points(count: int) -> list[tuple[float, float, str]]:
    """The same made-up points for every rival: latitude, longitude, a title."""
    random = Random(count)
    return [(random.uniform(43.6, 46.6), random.uniform(37, 41.3), f"ДТП № {number}") for number in range(count)]


def cluster_map(count: int) -> folium.Map:
    """What the documentation of folium shows: a marker with a popup for each."""
    found = folium.Map(location=(45.2, 39), zoom_start=8)
    group = MarkerCluster().add_to(found)
    for lat, lon, title in points(count):
        folium.Marker((lat, lon), popup=title).add_to(group)
    return found


def fast_map(count: int) -> folium.Map:
    """The quick way: bare points, markers made in the browser, no popups."""
    found = folium.Map(location=(45.2, 39), zoom_start=8)
    FastMarkerCluster([(lat, lon) for lat, lon, _ in points(count)]).add_to(found)
    return found


def built(build: Callable[[int], folium.Map], count: int) -> tuple[float, str]:
    """Seconds to build, and the page."""
    start = time.perf_counter()
    html = build(count).get_root().render()
    return time.perf_counter() - start, html


def rivals(folder: Path) -> Iterator[Row]:
    """Build time, bytes and time to drawn map of each rival and size."""
    for name, build in (("folium MarkerCluster", cluster_map), ("folium FastMarkerCluster", fast_map)):
        for count in SIZES:
            seconds, html = built(build, count)
            path = folder / f"{build.__name__}-{count}.html"
            path.write_text(html, "utf-8")
            with chromium() as browser:
                (found,) = _measured(browser, [path.as_uri()], _marked)
            size = len(html.encode()) / 1000
            told = f"built in {seconds:.2f} s, {size:,.0f} kB, drawn after {found.milliseconds:,.0f} ms"
            yield f"{name}, {count:,} points", told
    for count in SIZES:
        yield f"st_folium of that MarkerCluster, {count:,} points", _streamlit(count)


def _marked(page: Page) -> float:
    """Milliseconds from the navigation to the first cluster or marker in any frame."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while time.monotonic() < deadline:
        for frame in page.frames:
            if frame.query_selector(".leaflet-marker-icon"):
                return float(page.evaluate("performance.now()"))
        time.sleep(0.02)
    raise NothingDrawnError


def _streamlit(count: int) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *options, "--", str(count)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        with chromium() as browser:
            (found,) = _measured(browser, [f"http://127.0.0.1:{port}/"], _marked, count=2)
    except NothingDrawnError:
        return f"not drawn within {TIMEOUT_MS // 1000} s"
    finally:
        process.terminate()
        process.wait(timeout=30)
    return f"drawn after {found.milliseconds:,.0f} ms, built and sent anew for every session and rerun"


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("streamlit did not start")
