"""Timing that survives a noisy machine: rounds in turn and the best of each, here or in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

ROUNDS = 5


def best(call: Callable[[], Any], *, rounds: int = ROUNDS) -> float:
    """Seconds of the fastest round."""
    return min(_seconds(call) for _ in range(rounds))


def rates(calls: Sequence[Callable[[], Any]], count: int, *, rounds: int = ROUNDS) -> tuple[list[float], list[float]]:
    """Items a second of the first round and of the best one, for each call; the calls take turns.

    Seconds are of the processor, over all threads: a busy machine and a second core change nothing.
    """
    taken = [[_seconds(call, time.process_time) for call in calls] for _ in range(rounds)]
    return [count / each for each in taken[0]], [count / min(column) for column in zip(*taken, strict=True)]


def process(arguments: Sequence[str], *, given: bytes = b"", rounds: int = ROUNDS) -> float:
    """Seconds of the fastest run of `python ARGUMENTS` from start to exit."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], input=given, capture_output=True, check=True)

    return best(run, rounds=rounds)


_WATCH = """
import os, subprocess, sys
running = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(running.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024)
"""


def peak_mb(arguments: Sequence[str]) -> int:
    """Peak resident memory (MB, of the largest process) of `python ARGUMENTS`.

    A process is charged with what its parent held when it was started, so a small one starts it.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-c", _WATCH, sys.executable, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if told[0] != "0":
        raise RuntimeError(f"{arguments} exited with {told[0]}")
    return int(told[1])


def _seconds(call: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    call()
    return clock() - start
