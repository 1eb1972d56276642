"""The one source of a process: opened once, however many threads ask at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from kubmap.web import source as module


def test_threads_that_ask_at_once_share_one_source(monkeypatch):
    opened = []

    def slowly():
        opened.append(object())
        time.sleep(0.05)
        return opened[-1]

    monkeypatch.setattr(module, "open_source", slowly)
    module._opened.cache_clear()
    try:
        with ThreadPoolExecutor(8) as pool:
            found = {id(each) for each in pool.map(lambda _: module.source(), range(16))}
    finally:
        module._opened.cache_clear()
    assert (len(opened), len(found)) == (1, 1)
