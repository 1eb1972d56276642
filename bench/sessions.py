"""Streamlit sessions without browsers: the page's websocket as a browser opens it, and the map in its frame."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

HOST = "127.0.0.1"
TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """Seconds until the page and its map had come, of each session that got them; how many did not."""

    seconds: tuple[float, ...]
    failed: int

    def words(self) -> str:
        times = sorted(self.seconds) or [float("nan")]
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        return f"{self.failed} failed, median {statistics.median(times):.1f} s, p95 {p95:.1f} s"


def run(port: int, count: int) -> Sessions:
    """Open so many at once."""
    return asyncio.run(_all(port, count))


async def _all(port: int, count: int) -> Sessions:
    found = await asyncio.gather(*(_timed(port) for _ in range(count)), return_exceptions=True)
    good = tuple(each for each in found if isinstance(each, float))
    return Sessions(good, count - len(good))


async def _timed(port: int) -> float:
    start = time.perf_counter()
    async with asyncio.timeout(TIMEOUT_S):
        await _get(port, "/")
        await _page(port)
        await _get(port, "/map")
    return time.perf_counter() - start


async def _page(port: int) -> None:
    """The script run to its end; an exception on the page is a failure."""
    origin: Any = f"http://{HOST}:{port}"
    protocols: Any = ["streamlit"]
    stream = connect(
        f"ws://{HOST}:{port}/_stcore/stream",
        subprotocols=protocols,
        origin=origin,
        max_size=None,
        open_timeout=TIMEOUT_S,
    )
    async with stream as socket:
        begin = BackMsg()
        begin.rerun_script.query_string = ""
        await socket.send(begin.SerializeToString())
        async for data in socket:
            message = ForwardMsg.FromString(bytes(data))
            if message.delta.new_element.HasField("exception"):
                raise RuntimeError(message.delta.new_element.exception.message)
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError("the script did not come to its end")
                return
    raise RuntimeError("the session ended before the script did")


async def _get(port: int, path: str) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.read()
    writer.close()
    if int(head[9:12]) != 200:
        raise RuntimeError(f"{path}: {head[:40]!r}")
