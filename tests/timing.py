"""Time by length, in processor seconds of this thread: ratios of one run, because machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def seconds(call: Callable[[], Any], *, rounds: int = 2) -> float:
    """Processor seconds of the fastest of some rounds."""
    return min(_once(call) for _ in range(rounds))


def growth(read: Callable[[str], Any], unit: str, *, short: int = 60_000, times: int = 10) -> float:
    """How many times longer a text that is `times` as long takes; about `times` where time is linear in length."""
    text = unit * (short // len(unit))
    read(text)  # what is cached or compiled at the first use
    return seconds(lambda: read(text * times)) / max(seconds(lambda: read(text)), 1e-3)


def _once(call: Callable[[], Any]) -> float:
    start = time.thread_time()
    call()
    return time.thread_time() - start
