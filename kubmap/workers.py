"""JSON lines over several processes, in order: chunks go out, answers come back as they were sent.

Workers are spawned, not forked: the caller may have threads. A worker that dies is an error, never a hang; one whose
parent dies goes too. No more than a few chunks are under way, so memory does not depend on the size of the input.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process

from kubmap.errors import KubmapError
from kubmap.geocode.batch import Done, Handle, Reject, encode, process

Make = Callable[[], Handle]
"""A function of a module (so that a worker can import it) that gives what handles a line."""

CHUNK_LINES, CHUNK_BYTES = 64, 512 * 1024
SMALL_LINES, SMALL_BYTES = 2_000, 1024 * 1024
"""Less than this is read before a second process would have loaded the atlas."""
UNDER_WAY, UNDER_WAY_BYTES = 3, 24 * 1024 * 1024
"""Chunks sent for every worker, and bytes of lines sent in all, before the first answer is waited for."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of some lines: encoded answers in order, and the lines set aside."""

    good: bytes
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that are handled together; `first` is the number of the first one (1-based)."""

    first: int
    lines: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(lines: Iterable[bytes], make: Make, *, jobs: int, size: int | None = None) -> Iterator[Answers]:
    """Answers to `lines` in order. `size` is that of the input in bytes, None where it cannot be known.

    A small input is handled in this process, and so is the beginning of one of unknown size, line by line.

    Raises:
        KubmapError: a worker died.
    """
    numbered = enumerate(lines, start=1)
    if jobs == 1 or (size is not None and size < SMALL_BYTES):
        yield from _here(numbered, make())
        return
    if size is None:
        yield from _here(islice(numbered, SMALL_LINES), make())
    rest = _chunks(numbered)
    first = next(rest, None)
    if first is not None:
        yield from _spread(first, rest, make, jobs)


def _here(numbered: Iterable[tuple[int, bytes]], handle: Handle) -> Iterator[Answers]:
    for number, line in numbered:
        yield _answers(Chunk(number, (line,)), handle)


def _answers(chunk: Chunk, handle: Handle) -> Answers:
    items = list(process(chunk.lines, handle, first=chunk.first))
    good = b"".join(encode(item.answer) for item in items if isinstance(item, Done))
    return Answers(good, tuple(item for item in items if isinstance(item, Reject)))


def _chunks(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Chunk]:
    """Neighbouring lines together: so many, or so many bytes and the line that reaches them."""
    first, lines, size = 0, list[bytes](), 0
    for number, line in numbered:
        first = first if lines else number
        lines.append(line)
        size += len(line)
        if len(lines) == CHUNK_LINES or size >= CHUNK_BYTES:
            yield Chunk(first, tuple(lines))
            lines, size = [], 0
    if lines:
        yield Chunk(first, tuple(lines))


def _spread(first: Chunk, rest: Iterator[Chunk], make: Make, jobs: int) -> Iterator[Answers]:
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (make,))
    waiting: deque[tuple[int, Future[Answers]]] = deque()
    under_way = 0
    try:
        for chunk in _chain(first, rest):
            waiting.append((chunk.size, pool.submit(_work, chunk)))
            under_way += chunk.size
            while len(waiting) >= UNDER_WAY * jobs or (waiting and under_way > UNDER_WAY_BYTES):
                size, answers = waiting.popleft()
                under_way -= size
                yield answers.result()
        while waiting:
            yield waiting.popleft()[1].result()
    except BrokenProcessPool:
        raise KubmapError("a worker process died (killed, or out of memory); --jobs 1 uses none") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _chain(first: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from rest


# in a worker

_handle: Handle | None = None


def _start(make: Make) -> None:
    """Get ready: an interrupt is the parent's to answer, and its death ends this process."""
    global _handle  # noqa: PLW0603  a worker has one task, given once
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _handle = make()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(chunk: Chunk) -> Answers:
    if _handle is None:
        raise RuntimeError("the worker was not started")
    return _answers(chunk, _handle)


# what the commands run


def parsing() -> Handle:
    """`kubmap parse`."""
    from kubmap.atlas.atlas import load_atlas  # noqa: PLC0415  a parent that only shares work out loads no atlas
    from kubmap.geocode.reading import read_teaser, reading_json, teaser_from_json  # noqa: PLC0415

    atlas = load_atlas()
    gc.freeze()  # the atlas stays: full collections need not look through it again
    return lambda row: reading_json(read_teaser(teaser_from_json(row), atlas))


def comparing() -> Handle:
    """`kubmap compare`."""
    from kubmap.atlas.atlas import load_atlas  # noqa: PLC0415
    from kubmap.geocode.compare import compare_json  # noqa: PLC0415

    atlas = load_atlas()
    return lambda row: compare_json(row, atlas)
