"""A second process that asks: `python -m bench.load PORT SECONDS CONNECTIONS < addresses`; only of this machine.

Every line of standard input is an address, with an entity tag after a tab where one is to be sent. Connections stay
open; each asks for its next address when the answer before has come. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

HOST = "127.0.0.1"
MOST_SECONDS, MOST_REQUESTS = 30.0, 200_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests a second, latency in ms, bytes of the largest body; `statuses` counts answers."""

    rate: float
    p50_ms: float
    p95_ms: float
    largest: int
    statuses: dict[str, int]


def ask(port: int, lines: Sequence[str], *, seconds: float = 3.0, connections: int = 16) -> Figures:
    """Let a process of its own ask for so long; the addresses in turn."""
    arguments = [sys.executable, "-m", "bench.load", str(port), str(seconds), str(connections)]
    done = subprocess.run(arguments, input="\n".join(lines).encode(), capture_output=True, check=True, timeout=120)
    return Figures(**json.loads(done.stdout))


async def _asking(port: int, requests: list[bytes], until: float, found: list[tuple[float, int, int]]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for request in cycle(requests):
        start = time.perf_counter()
        if start > until or len(found) > MOST_REQUESTS:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, size = int(head[9:12]), _length(head)
        if status != 304 and size:
            await reader.readexactly(size)
        found.append((time.perf_counter() - start, status, size))
    writer.close()


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return 0 if at < 0 else int(head[at + 15 : head.index(b"\r\n", at)])


def _request(line: str) -> bytes:
    address, _, tag = line.partition("\t")
    match = f"If-None-Match: {tag}\r\n" if tag else ""
    return f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n{match}\r\n".encode()


async def _run(port: int, seconds: float, connections: int, lines: list[str]) -> dict[str, object]:
    found: list[tuple[float, int, int]] = []
    requests = [_request(line) for line in lines]
    start = time.perf_counter()
    shares = [requests[number % len(requests) :] + requests[: number % len(requests)] for number in range(connections)]
    await asyncio.gather(*(_asking(port, share, start + seconds, found) for share in shares))
    taken = time.perf_counter() - start
    times = sorted(each[0] for each in found)
    statuses: dict[str, int] = {}
    for _, status, _ in found:
        statuses[str(status)] = statuses.get(str(status), 0) + 1
    return {
        "rate": len(found) / taken,
        "p50_ms": 1000 * times[len(times) // 2],
        "p95_ms": 1000 * times[int(len(times) * 0.95)],
        "largest": max(each[2] for each in found),
        "statuses": statuses,
    }


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        pass
    else:
        uvloop.install()
    given = [line for line in sys.stdin.read().splitlines() if line]
    wanted = (int(sys.argv[1]), min(float(sys.argv[2]), MOST_SECONDS), int(sys.argv[3]))
    print(json.dumps(asyncio.run(_run(*wanted, given))))
