"""Endpoint: one public route over ASGI. Kept replies first, then the handler in a thread; the event loop never waits.

A lane has a few threads and a short queue. Equal requests that come together are answered by one run; what comes beyond
the queue is told to come back, so that a rush after a publish cannot pile up work.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from kubmap.web import problems
from kubmap.web.httpcache import CORS, REVALIDATE, SECURITY, Answer, AnswerCache, Reply, Stream, gzipped, raw
from kubmap.web.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from kubmap.web.source import Source

_LOG = logging.getLogger(__name__)

SEND_S = 30.0
"""A reader that takes no part of a stream for so long is let go."""
LONGEST_QUERY = 4_096  # bytes; above the sum of what the parameters allow
METHODS = "GET, HEAD, OPTIONS"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a handler gives: the bytes, how they may be cached, and the state that they are a function of."""

    found: Answer | Stream
    cache: str = REVALIDATE
    state: str | None = None

    @property
    def size(self) -> int:
        return self.found.size


class BusyError(Exception):
    """The lane's queue is full."""


class Lane:
    """Threads for handlers of one weight."""

    def __init__(self, name: str, *, threads: int, queue: int) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=f"kubmap-{name}")
        self._most = threads + queue
        self._running: dict[Hashable, asyncio.Future[Any]] = {}
        self.streams = 0
        self.most_streams = threads

    async def run(self, key: Hashable, work: Callable[[], Sent]) -> Sent:
        """The result of `work`, shared with the requests of the same key.

        Raises:
            BusyError: too much is asked at once.
        """
        loop = asyncio.get_running_loop()
        future = self._running.get(key)
        if future is None or future.get_loop() is not loop:
            if len(self._running) >= self._most:
                raise BusyError
            future = loop.run_in_executor(self.pool, work)
            self._running[key] = future
            future.add_done_callback(lambda _: self._running.pop(key, None))
        done: Sent = await asyncio.shield(future)
        return done


@dataclass(frozen=True, slots=True)
class Desk:
    """What the endpoints of one process share."""

    open_source: Callable[[], Source]
    kept: AnswerCache[Sent]
    light: Lane
    heavy: Lane

    def state(self) -> str | None:
        """The entity tag of the state known now, without any wait; None when a thread must look."""
        snapshot = self.open_source().peek()
        return None if snapshot is None else snapshot.etag


class Endpoint:
    """GET and HEAD of one route; `live` answers change with the state, the others never."""

    def __init__(self, desk: Desk, handle: Callable[[Request], Sent], *, live: bool, heavy: bool = False) -> None:
        self._desk = desk
        self._handle = handle
        self._live = live
        self._lane = desk.heavy if heavy else desk.light

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await _other_method(scope)(scope, receive, send)
            return
        reply = self.at_once(scope)
        if reply is not None:
            await reply(scope, receive, send)
            return
        await self._slowly(scope, receive, send)

    def at_once(self, scope: Scope) -> Reply | None:
        """The reply of an equal request before, at the same state; None where there is none."""
        state = self._desk.state() if self._live else ""
        if state is None:
            return None
        kept = self._desk.kept.find((scope["path"], scope["query_string"], state))
        if kept is None or isinstance(kept.found, Stream):
            return None
        return kept.found.reply(scope, kept.cache)

    async def _slowly(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            app = self._app(scope, await self._lane.run(_asked(scope), lambda: self._handle(request)))
        except ProblemError as error:
            app = self.problem(error, scope)
        except BusyError:
            busy = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "Слишком много запросов, повторите.")
            app = self.problem(busy, scope, 1)
        except SQLAlchemyError:
            _LOG.exception("the store does not answer: %s", scope["path"])
            gone = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "База данных не отвечает, попробуйте через минуту.")
            app = self.problem(gone, scope, 30)
        except Exception:  # noqa: BLE001  (a fault of ours is told as such, in the same form; the log has the rest)
            _LOG.exception("%s?%s failed", scope["path"], scope["query_string"].decode("latin-1"))
            app = self.problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "Ошибка сервера; она записана."), scope)
        await app(scope, receive, send)

    def problem(self, error: ProblemError, scope: Scope, retry_s: int | None = None) -> ASGIApp:
        """How an error is told; pages tell it as a page."""
        return _problem(error, scope, retry_s)

    def _app(self, scope: Scope, sent: Sent) -> ASGIApp:
        if isinstance(sent.found, Stream):
            return Streaming(sent.found, sent.cache, self._desk.heavy)
        if "no-store" not in sent.cache:
            state = (sent.state or "") if self._live else ""
            self._desk.kept.put((scope["path"], scope["query_string"], state), sent)
        return sent.found.reply(scope, sent.cache)


def _asked(scope: Scope) -> tuple[str, bytes]:
    """Path and query, the names of one answer at one state."""
    if len(scope["query_string"]) > LONGEST_QUERY:
        raise ProblemError(HTTPStatus.REQUEST_URI_TOO_LONG, "Слишком длинный адрес.")
    return scope["path"], scope["query_string"]


def _problem(error: ProblemError, scope: Scope, retry_s: int | None = None) -> ASGIApp:
    retry = {} if retry_s is None else {"Retry-After": str(retry_s)}
    return problems.response(error, scope["path"], {**SECURITY, **CORS, **retry})


def _other_method(scope: Scope) -> ASGIApp:
    """Preflight of a cross-origin GET, or 405."""
    if scope["method"] == "OPTIONS":
        allowed = {
            "Allow": METHODS,
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return Reply(204, raw({**SECURITY, **CORS, **allowed}))
    error = ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, f"Метод не разрешён; можно: {METHODS}.")
    return problems.response(error, scope["path"], {**SECURITY, **CORS, "Allow": METHODS})


class Streaming:
    """Sends a stream: parts are made in the lane's threads, only while the reader takes them."""

    def __init__(self, stream: Stream, cache: str, lane: Lane) -> None:
        self._stream = stream
        self._cache = cache
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head, packs = self._stream.head(scope, self._cache)
        if head.status != HTTPStatus.OK or scope["method"] == "HEAD":
            await head(scope, receive, send)
            return
        if self._lane.streams >= self._lane.most_streams:
            busy = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "Слишком много выгрузок сразу, повторите.")
            await _problem(busy, scope, 5)(scope, receive, send)
            return
        self._lane.streams += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": head.headers})
            parts = self._stream.parts()
            await self._parts(iter(gzipped(parts) if packs else parts), receive, send)
        finally:
            self._lane.streams -= 1

    async def _parts(self, parts: Iterator[bytes], receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            while not gone.done():
                part = await loop.run_in_executor(self._lane.pool, next, parts, None)
                body = {"type": "http.response.body", "body": part or b"", "more_body": part is not None}
                await asyncio.wait_for(_sent(send(body)), SEND_S)
                if part is None:
                    return
        finally:
            gone.cancel()


async def _sent(sending: Awaitable[None]) -> None:
    await sending


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
