"""One Chromium a worker: playwright's synchronous interface can be started once in a thread; how workers share work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler.protocol import Scheduling

CHROMIUM = os.environ.get("KUBMAP_CHROMIUM", "/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=ru-RU"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


WHOLE = (
    "tests/browser/",
    "tests/test_boundaries.py",
    "tests/test_crash.py",
    "tests/test_public.py",
    "tests/test_wheel.py",
)
"""Files whose tests share what is dear to start (servers, mostly): one worker runs the whole file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names that another process would give otherwise: workers that collect different names run nothing."""
    for item in items:
        if "set({" in item.name or " at 0x" in item.name:
            raise pytest.UsageError(f"{item.nodeid}: a name made of a set or an address; give ids= of your own")


def _unit(nodeid: str) -> str:
    """What one worker runs in one go: a file, or a single test."""
    return nodeid.partition("::")[0] if nodeid.startswith(WHOLE) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Instead of groups by marks, which pytest-xdist 3.8 no longer finds under pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _unit(nodeid)

    return Scheduler(config, log) if config.getoption("dist") == "loadgroup" else None
