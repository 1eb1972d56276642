"""From the commit of a publish in one process to the view that another process sends over HTTP; and in an open page."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.drawing import TIMEOUT_MS, chromium
from bench.serving import LARGE, PERIOD, Server, home_of, serving
from kubmap.domain import Category, Outage, Status, Utility
from kubmap.geocode.precision import krai_wide
from kubmap.read.details import StoreDetails
from kubmap.store import Store

Row = tuple[str, str]
PUBLISHES, IN_PAGES = 20, 8
VIEW = "/api/v1/view?bbox=36.6,43.4,41.8,46.9&zoom=8"
WAIT_S = 30.0


def rows(count: int = LARGE) -> Iterator[Row]:
    """Name and value of each figure."""
    with TemporaryDirectory() as folder:
        home = home_of(Path(folder), count)
        with serving(home, "--public") as server:
            publish = publisher(home)
            taken = [_until(publish, _Shown(server.port).look) for _ in range(PUBLISHES)]
            yield f"until the view of another process shows it, {count:,} incidents (bound 2 s)", _told(taken)
            taken = _in_page(server, publish)
            yield "until an open page has drawn it, nobody touching it (bound 2 s)", _told(taken)


def _told(taken: list[float]) -> str:
    times = f"median {statistics.median(taken):.2f} s, at the most {max(taken):.2f} s"
    return f"{times}, of {len(taken)} publishes"


def publisher(home: Path, category: Category = Category.ROAD_ACCIDENT) -> Callable[[], str]:
    """Publishes one more incident of the whole krai from this process; its id."""
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    with store.reading() as reader:
        newest = max(row.id for row in reader.light())
    example = StoreDetails(store).whole([newest], reasons=False)[newest]
    outage = Outage(Utility(category.value.removeprefix("outage_"))) if category.is_outage else None
    example = replace(example, category=category, outage=outage, is_scheduled=None, location=krai_wide("krai"))

    def publish() -> str:
        return store.add(replace(example, status=Status.PUBLISHED, text="Только что"), actor="bench").id

    return publish


class _Shown:
    """Whether the view counts more than it did at first."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        self._before = self._total()

    def look(self) -> bool:
        return self._total() > self._before

    def _total(self) -> int:
        self._connection.request("GET", VIEW)
        return int(json.loads(self._connection.getresponse().read())["total"])


def _until(publish: Callable[[], str], shown: Callable[[], bool]) -> float:
    """Seconds from the commit; the pauses between publishes fall at any time of the server's poll."""
    time.sleep(0.37)
    publish()
    start = time.monotonic()
    while not shown():
        if time.monotonic() - start > WAIT_S:
            raise TimeoutError
        time.sleep(0.01)
    return time.monotonic() - start


def _in_page(server: Server, publish: Callable[[], str]) -> list[float]:
    """Seconds until the open page has drawn the new state."""
    query = "&".join(f"{name}={day}" for name, day in PERIOD.items())
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.address(f"/map?{query}"))
        page.wait_for_selector("body[data-drawn]", timeout=TIMEOUT_MS, state="attached")
        taken = []
        for _ in range(IN_PAGES):
            before = page.get_attribute("body", "data-revision")
            taken.append(_until(publish, lambda: page.get_attribute("body", "data-revision") != before))  # noqa: B023
        return taken
