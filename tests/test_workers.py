"""Many processes are one: the same bytes in the same order, bounded memory, no hang, nobody left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kubmap.errors import InputError, KubmapError
from kubmap.geocode.batch import Handle
from kubmap.workers import CHUNK_LINES, SMALL_LINES, UNDER_WAY, Answers, run

TEXTS = (
    "Авария произошла 22 ноября около 5:00 на федеральной трассе Кропоткин — Краснодар.",
    "В Тимашевске 27 ноября с 9:00 до 16:00 отключат воду в микрорайоне Садовод.",
    "На 1362-м км М-4 «Дон» столкнулись три автомобиля, двое пострадали.",
)
RSS_MB = 300


def teasers(count: int) -> Iterator[bytes]:
    """Lines to parse; every 50th is broken one way or another."""
    broken = (b"{oops\n", b'{"id": 1}\n', b"\n", b'["text"]\n')
    for n in range(count):
        row = {"id": f"т{n}", "text": f"{TEXTS[n % 3]} Сообщение № {n}. {'—' * 60}", "published": "2021-11-23"}
        yield broken[n // 50 % 4] if n % 50 == 49 else json.dumps(row, ensure_ascii=False).encode() + b"\n"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "in.jsonl"
    path.write_bytes(b"".join(teasers(5_000)))
    assert path.stat().st_size > 1024 * 1024
    return path


def start(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    """A group of its own that hears interrupts, even where the shell of the tests has them ignored (a job behind &)."""
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command = [sys.executable, "-m", "kubmap", *args]
    return subprocess.Popen(command, start_new_session=True, preexec_fn=hear, **options)  # noqa: PLW1509  no threads here


WATCH = """
import os, subprocess, sys
running = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(running.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024)
"""


def finished(source: Path, jobs: int, folder: Path) -> tuple[int, int, bytes, bytes]:
    """Exit status, peak RSS (MB, of the largest process), answers and rejects.

    A small process starts it: the system charges a process with what its parent held.
    """
    good, bad = folder / f"good{jobs}", folder / f"bad{jobs}"
    command = [sys.executable, "-m", "kubmap", "parse", str(source), "-o", str(good), "--rejects", str(bad)]
    watched = subprocess.run(
        [sys.executable, "-c", WATCH, *command, "-j", str(jobs)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    status, peak = map(int, watched.stdout.split())
    return status, peak, good.read_bytes(), bad.read_bytes()


def test_two_processes_write_the_bytes_of_one_in_order_and_in_bounded_memory(large: Path, tmp_path: Path) -> None:
    alone, together = (finished(large, jobs, tmp_path) for jobs in (1, 2))
    assert alone[0] == together[0] == 1
    assert alone[2:] == together[2:]
    assert max(alone[1], together[1]) <= RSS_MB
    ids = [json.loads(line)["id"] for line in together[2].splitlines()]
    assert ids == [f"т{n}" for n in range(5_000) if n % 50 != 49]
    aside = [json.loads(line)["line"] for line in together[3].splitlines()]
    assert aside == [n + 1 for n in range(5_000) if n % 50 == 49 and n // 50 % 4 != 2]


# the pool by itself, with tasks that cost nothing


def echoing() -> Handle:
    return echo


def echo(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row.get("bad"):
        raise InputError("bad", field="bad")
    return {**row, "pid": os.getpid()}


def dying() -> Handle:
    return lambda _: os._exit(9)


def failing() -> Handle:
    return lambda _: 1 // 0  # type: ignore[return-value]


def unable() -> Handle:
    raise OSError("no atlas here")


def numbers(count: int) -> Iterator[bytes]:
    return (b'{"n": %d, "bad": %s}\n' % (n, b"true" if n % 7 == 0 else b"false") for n in range(count))


def rows(answers: Iterator[Answers]) -> tuple[list[dict[str, Any]], list[int]]:
    found = list(answers)
    good = [json.loads(line) for each in found for line in each.good.splitlines()]
    return good, [item.line for each in found for item in each.rejects]


def test_an_input_of_unknown_size_starts_here_and_goes_on_in_others() -> None:
    count = SMALL_LINES + 10 * CHUNK_LINES + 5
    good, bad = rows(run(numbers(count), echoing, jobs=2))
    assert [row["n"] for row in good] == [n for n in range(count) if n % 7]
    assert bad == [n + 1 for n in range(count) if n % 7 == 0]
    assert {row["pid"] for row in good if row["n"] < SMALL_LINES} == {os.getpid()}
    assert os.getpid() not in {row["pid"] for row in good if row["n"] >= SMALL_LINES}


@pytest.mark.parametrize("size", [None, 5_000])
def test_a_small_input_needs_no_other_process(size: int | None) -> None:
    good, _ = rows(run(numbers(100), echoing, jobs=8, size=size))
    assert {row["pid"] for row in good} == {os.getpid()}


def test_no_more_is_read_than_a_few_chunks_ahead() -> None:
    read = 0

    def counted() -> Iterator[bytes]:
        nonlocal read
        for line in numbers(100 * CHUNK_LINES):
            read += 1
            yield line

    answers = run(counted(), echoing, jobs=2, size=10**9)
    for done in range(1, 20):
        next(answers)
        assert read <= (done + 2 * UNDER_WAY + 1) * CHUNK_LINES
    answers.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("make", "error"), [(dying, KubmapError), (unable, KubmapError), (failing, ZeroDivisionError)])
def test_a_worker_that_dies_or_fails_is_an_error_and_not_a_hang(make: Any, error: type[Exception]) -> None:
    began = time.monotonic()
    with pytest.raises(error):
        list(run(numbers(1_000), make, jobs=2, size=10**9))
    assert time.monotonic() - began < 60


def gone(group: int, seconds: float = 30) -> bool:
    """Whether every process of a group ends in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


@pytest.mark.parametrize("to_group", [True, False], ids=["terminal", "parent"])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_or_killed_it_leaves_nobody_behind(tmp_path: Path, sent: signal.Signals, *, to_group: bool) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(teasers(5_000)) * 20)
    running = start("parse", str(source), "-o", str(output), "-j", "2", stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (output.exists() and output.stat().st_size) and time.monotonic() < until:
        time.sleep(0.1)
    assert running.poll() is None
    (os.killpg if to_group else os.kill)(running.pid, sent)
    assert running.wait(120) != 0  # a busy machine takes its time to wind up
    assert gone(running.pid)
