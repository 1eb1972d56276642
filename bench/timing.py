"""Timing that survives a noisy machine: rounds in turn and the best of each, here or in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

ROUNDS = 5


def best(call: Callable[[], Any], *, rounds: int = ROUNDS) -> float:
    """Seconds of the fastest round."""
    return min(_seconds(call) for _ in range(rounds))


def rates(calls: Sequence[Callable[[], Any]], count: int, *, rounds: int = ROUNDS) -> tuple[list[float], list[float]]:
    """Items a second of the first round and of the best one, for each call; the calls take turns on one core."""
    with one_core():
        taken = [[_seconds(call) for call in calls] for _ in range(rounds)]
    return [count / each for each in taken[0]], [count / min(column) for column in zip(*taken, strict=True)]


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, where the system lets us."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def process(arguments: Sequence[str], *, given: bytes = b"", rounds: int = ROUNDS) -> float:
    """Seconds of the fastest run of `python ARGUMENTS` from start to exit."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], input=given, capture_output=True, check=True)

    return best(run, rounds=rounds)


def peak_mb(arguments: Sequence[str]) -> int:
    """Peak resident memory (MB, of the largest process) of `python ARGUMENTS`.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as sink:
        running = subprocess.Popen([sys.executable, *arguments], stdout=sink)
        _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"{arguments} exited with {running.returncode}")
    return usage.ru_maxrss // 1024


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
