"""A real server on a free port with its own data, and a Chromium that reports everything it should not do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
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
TIMEOUT_MS = 12_000
TABS = 20


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


class Reader:
    """A browser of one reader at a time, clean for the next: its first tab keeps the process that has our scripts."""

    def __init__(self, chromium: playwright_api.Browser) -> None:
        self.context = chromium.new_context(locale="ru-RU")
        self.context.set_default_timeout(TIMEOUT_MS)
        self._first = self.context.new_page()
        self._site = ""
        self._tabs = 0

    @property
    def is_tired(self) -> bool:
        """Whether its process has grown with what closed tabs left."""
        return self._tabs > TABS

    def tab(self, base: str, width: int, height: int, scheme: str = "light") -> playwright_api.Page:
        """A new tab of a size."""
        if base != self._site:
            self._first.goto(f"{base}/healthz")
            self._site = base
        self._tabs += 1
        with self.context.expect_page() as waiting:
            self._first.evaluate("void window.open('about:blank')")  # in the process of the first tab
        page = waiting.value
        page.goto("about:blank")  # a page to go back to, as in any tab
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        return page

    def forget(self) -> None:
        """Close all tabs but the first; no cookie, no storage, no worker of the site is left."""
        for page in self.context.pages:
            if page is not self._first:
                page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
        session = self.context.new_cdp_session(self._first)
        session.send("Storage.clearDataForOrigin", {"origin": self._site, "storageTypes": "all"})
        session.detach()

    def leave(self) -> None:
        self.context.close()


@pytest.fixture(scope="session")
def readers(chromium: playwright_api.Browser) -> Iterator[list[Reader]]:
    """Readers that nobody needs now."""
    free: list[Reader] = []
    yield free
    for reader in free:
        reader.leave()


@pytest.fixture
def new_reader(chromium: playwright_api.Browser, readers: list[Reader]) -> Iterator[Callable[[], Reader]]:
    """Readers for one test, each with a browser of their own."""
    taken: list[Reader] = []

    def come() -> Reader:
        taken.append(readers.pop() if readers else Reader(chromium))
        return taken[-1]

    yield come
    for each in taken:
        if each.is_tired:
            each.leave()
        else:
            each.forget()
            readers.append(each)


@pytest.fixture
def open_page(
    server: str, chromium: playwright_api.Browser, new_reader: Callable[[], Reader]
) -> Iterator[Callable[..., playwright_api.Page]]:
    """Opens an address of the server as a new reader; at the end nothing foreign and no error may have happened."""
    watches: list[Watch] = []
    pages: list[playwright_api.Page] = []
    contexts: list[playwright_api.BrowserContext] = []

    def context(size: dict[str, int], options: dict[str, object]) -> playwright_api.BrowserContext:
        contexts.append(chromium.new_context(viewport=size, locale="ru-RU", **options))
        contexts[-1].set_default_timeout(TIMEOUT_MS)
        return contexts[-1]

    def opener(
        path: str,
        *,
        width: int = 1280,
        height: int = 800,
        base: str = server,
        expect: int | None = None,
        color_scheme: str = "light",
        **options: object,
    ) -> playwright_api.Page:
        if options:  # of a context, not of a page
            size = {"width": width, "height": height}
            page = context(size, {"color_scheme": color_scheme, **options}).new_page()
        else:
            page = new_reader().tab(base, width, height, color_scheme)
        pages.append(page)
        watches.append(Watch(page, base, expect=expect))
        page.goto(base + path)
        return page

    yield opener
    for each in (*pages, *contexts):
        each.close()
    for watch in watches:
        watch.check()


def drawn(page: playwright_api.Page) -> playwright_api.Page:
    """The map page once it is drawn."""
    page.wait_for_selector("body[data-drawn]", timeout=30_000)
    return page
