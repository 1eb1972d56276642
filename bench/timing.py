"""Timing that survives a noisy machine: the best of several rounds, in this process or in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any


def best(call: Callable[[], Any], *, rounds: int = 5) -> float:
    """Seconds of the fastest round."""
    return min(_seconds(call) for _ in range(rounds))


def process(arguments: Sequence[str], *, given: bytes = b"", rounds: int = 5) -> float:
    """Seconds of the fastest run of `python ARGUMENTS` from start to exit."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], input=given, capture_output=True, check=True)

    return best(run, rounds=rounds)


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
