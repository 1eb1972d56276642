"""A real server on a free port with its own data, and a Chromium that reports everything it should not do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from kubmap.domain import Incident  # noqa: E402
from tests.browser.crowd import CROWD  # noqa: E402
from tests.web_items import ITEMS  # noqa: E402

expect = playwright_api.expect
"""Waits through the browser's protocol: page.wait_for_function polls by eval, which our pages' policy forbids."""

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results"
START_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def publish(home: Path, items: Iterable[Incident]) -> None:
    """Put records into the store of a home, as another process than its server."""
    from kubmap.store.store import Store

    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    for item in items:
        with patch("kubmap.store.incidents.uuid7", return_value=item.id):  # the tests know the items by their ids
            store.add(item, actor="test")
    store.close()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    raise AssertionError(f"the server did not start; exit status {process.poll()}")


@dataclass(frozen=True)
class Served:
    """A running server and the home that it reads."""

    address: str
    home: Path


@contextmanager
def serving(home: Path, items: Iterable[Incident]) -> Iterator[Served]:
    """`kubmap serve` over these items, on a free port."""
    publish(home, items)
    port = _free_port()
    code = f"from kubmap.web.server import serve; serve(host='127.0.0.1', port={port})"
    env = {**os.environ, "KUBMAP_HOME": str(home), "PYTHONPATH": str(ROOT)}
    log = (home / "server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-c", code], env=env, cwd=home, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _await(f"{address}/healthz", process)
        yield Served(address, home)
    finally:
        process.terminate()
        process.wait(timeout=15)
        log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the test's items."""
    with serving(tmp_path_factory.mktemp("home"), ITEMS) as served:
        yield served.address


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over so many items that they stand in clusters."""
    with serving(tmp_path_factory.mktemp("crowd"), CROWD) as served:
        yield served.address


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Served]:
    """A server of one test's own: the test may publish."""
    with serving(tmp_path, ITEMS) as served:
        yield served


class Watch:
    """What a page did that it must not do."""

    def __init__(self, page: playwright_api.Page, address: str, *, expect: int | None = None) -> None:
        self._expect = expect
        self.foreign: list[str] = []
        self.errors: list[str] = []
        host = urlsplit(address).netloc
        page.on("request", lambda request: self._request(request.url, host))
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))

    def _request(self, url: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"data", "blob"} or parts.netloc == host:
            return
        self.foreign.append(url)

    def _response(self, response: playwright_api.Response) -> None:
        # Streamlit looks for its server below the page's path before it looks at the root
        if response.status >= 400 and response.status != self._expect and "/_stcore/" not in response.url:
            self.errors.append(f"{response.status}: {response.url}")

    def _console(self, message: playwright_api.ConsoleMessage) -> None:
        if message.text.startswith("Failed to load resource"):
            return  # told with its address by _response
        if message.type == "error" or "Content Security Policy" in message.text:
            self.errors.append(f"{message.type}: {message.text}")

    def check(self) -> None:
        assert not self.foreign, f"requests to other hosts: {self.foreign}"
        assert not self.errors, f"console: {self.errors}"


@pytest.fixture
def open_page(server: str, chromium: playwright_api.Browser) -> Iterator[object]:
    """Opens an address of the server in a fresh context; at the end nothing foreign and no error may have happened."""
    contexts, watches = [], []

    def opener(
        path: str,
        *,
        width: int = 1280,
        height: int = 800,
        base: str = server,
        expect: int | None = None,
        **options: object,
    ) -> playwright_api.Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="ru-RU", **options)
        context.set_default_timeout(12_000)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, base, expect=expect))
        page.goto(base + path)
        return page

    yield opener
    for context in contexts:
        context.close()
    for watch in watches:
        watch.check()


def drawn(page: playwright_api.Page) -> playwright_api.Page:
    """The map page once it is drawn."""
    page.wait_for_selector("body[data-drawn]", timeout=30_000)
    return page
