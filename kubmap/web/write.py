"""Write: one route that changes something. Checked before any handler runs, in this order.

    method                       405
    our own page sent it         403   Origin or Sec-Fetch-Site, and the header `X-Kubmap: 1`, which no form can send
    somebody is logged in        401   the session cookie, see `kubmap.web.auth`
    their role is enough         403
    not too many writes          429
    a JSON object of a fair size 400, 408, 413, 415

There is no CORS and nothing is cached. Errors are application/problem+json with Russian words. Handlers run in threads;
the event loop never waits. Every route of the app that writes is a `Write` (a test goes through the route table).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from kubmap.desk.access import User, require
from kubmap.errors import AccessError, ConflictError, InputError, KubmapError, NotFoundError
from kubmap.web import auth, origin, problems
from kubmap.web.httpcache import SECURITY
from kubmap.web.problems import Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from kubmap.domain import Role

    Handler = Callable[["Asked"], Any]
    Who = Callable[[Mapping[str, str]], User | None]
    Counts = Callable[["Asked"], bool]

_LOG = logging.getLogger(__name__)

HEADER: Final = "x-kubmap"
LIMIT: Final = 2 * 1024 * 1024
"""Bytes of a body."""
BODY_S: Final = 30.0
"""Time for a body to come."""
THREADS, QUEUE = 6, 128
PRIVATE: Final = {
    **SECURITY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a handler gets: who asks, the parameters of the path and of the query, the JSON object of the body."""

    who: User
    path: Mapping[str, Any]
    query: Mapping[str, str]
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """An answer with a status of its own; a handler that returns anything else answers 200 with it as JSON."""

    data: Any
    status: HTTPStatus = HTTPStatus.OK


class Rate:
    """A bucket of `most` tokens a user, filled again by `per_s`; the users of a newsroom, so few are kept."""

    def __init__(self, *, most: float = 240, per_s: float = 20, users: int = 1_000) -> None:
        self._most, self._per_s, self._users = most, per_s, users
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, user: str, now: float) -> bool:
        """Whether the user may write once more at `now` (seconds of a monotonic clock)."""
        with self._lock:
            left, then = self._left.pop(user, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_s)
            may = left >= 1
            self._left[user] = (left - may, now)
            while len(self._left) > self._users:
                self._left.popitem(last=False)
        return may


_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="kubmap-write")
_RATE = Rate()


class Guarded:
    """One method of one route for those who have `role`; `Write` and `Private` are its two kinds.

    `counts` says whether a request is a use of the session: what a page sends by a clock is none, or a page that was
    left open would never log out.
    """

    writes = True

    def __init__(  # noqa: PLR0913  (two are for tests)
        self,
        role: Role,
        handle: Handler,
        *,
        method: str,
        limit: int = LIMIT,
        counts: Counts = lambda _: True,
        who: Who = auth.user_of,
        used: Callable[[Mapping[str, str]], None] = auth.used,
        rate: Rate = _RATE,
    ) -> None:
        self.role = role
        self.method = method
        self._handle = handle
        self._limit = limit
        self._counts = counts
        self._who = who
        self._used = used
        self._rate = rate
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  (every fault is told in the same form)
            response = told(error, scope["path"])
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != self.method:
            raise _MethodError(self.method)
        if self.writes:
            _ours(request)
        who = require(await self._in_thread(self._who, request.cookies), self.role)
        if not self._rate.take(who.id, time.monotonic()):
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "Слишком много действий подряд: подождите минуту.")
        data = await read_json(request, self._limit) if self.writes else {}
        asked = Asked(who, request.path_params, request.query_params, data)
        if self.writes and self._counts(asked):
            await self._in_thread(self._used, request.cookies)
        return _sent(await self._in_thread(self._handle, asked))

    async def _in_thread(self, work: Callable[[Any], Any], value: object) -> Any:
        if self._running >= QUEUE:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "Сервер занят, повторите.")
        self._running += 1
        future = asyncio.get_running_loop().run_in_executor(_POOL, work, value)
        future.add_done_callback(self._ended)
        return await asyncio.shield(future)  # who goes away does not stop half of a write

    def _ended(self, _: object) -> None:
        self._running -= 1


class Write(Guarded):
    """A route that changes something: POST, PUT, PATCH or DELETE."""

    def __init__(self, role: Role, handle: Handler, *, method: str = "POST", **options: Any) -> None:
        super().__init__(role, handle, method=method, **options)


class Private(Guarded):
    """A route that only tells, to those who have the role: GET."""

    writes = False

    def __init__(self, role: Role, handle: Handler, **options: Any) -> None:
        super().__init__(role, handle, method="GET", **options)


class Methods:
    """Several methods at one path, each a `Write` or a `Private` of its own."""

    def __init__(self, *guarded: Guarded) -> None:
        self.by_method = {each.method: each for each in guarded}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.by_method.get(scope["method"])
        app = found or told(_MethodError(*self.by_method), scope["path"])
        await app(scope, receive, send)


def route(path: str, *guarded: Guarded) -> Route:
    """The route of these methods; whatever else is asked there is 405."""
    return Route(path, guarded[0] if len(guarded) == 1 else Methods(*guarded))


def _ours(request: Request) -> None:
    """Raises ProblemError for what a page of another site may have sent."""
    if request.headers.get(HEADER) != "1" or not origin.is_ours(request):
        raise ProblemError(HTTPStatus.FORBIDDEN, "Запрос пришёл не со страницы редакции: обновите её и повторите.")


async def read_body(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises ProblemError for a longer or a late one."""
    too_long = ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Слишком большой запрос: можно {limit // 1024} КБ.")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > limit:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    raise too_long
    except TimeoutError:
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "Запрос не пришёл целиком, повторите.") from None
    return bytes(body)


async def read_json(request: Request, limit: int = LIMIT) -> dict[str, Any]:
    """The JSON object of the body; {} when there is no body."""
    body = await read_body(request, limit)
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Нужен JSON (Content-Type: application/json).")
    found: Any = None
    with suppress(orjson.JSONDecodeError):
        found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "Нужен один объект JSON.")
    return found


def _sent(result: Any) -> Response:
    done = result if isinstance(result, Done) else Done(result)
    body = orjson.dumps(done.data, default=str)
    return Response(body, int(done.status), PRIVATE, "application/json")


class _MethodError(Exception):
    """Another method than those of the route."""

    def __init__(self, *methods: str) -> None:
        super().__init__(", ".join(methods))


def told(error: Exception, path: str) -> Response:
    """The error as problem+json; one of ours may carry further members in `problem`, a mapping."""
    problem, more = _problem(error, path)
    content = {**problems.body(problem, path), **more, **getattr(error, "problem", {})}
    headers = {**PRIVATE, **_headers(error, problem)}
    return Response(orjson.dumps(content, default=str), int(problem.status), headers, problems.MEDIA_TYPE)


def _headers(error: Exception, problem: ProblemError) -> dict[str, str]:
    if isinstance(error, _MethodError):
        return {"Allow": str(error)}
    waits = {HTTPStatus.TOO_MANY_REQUESTS: "60", HTTPStatus.SERVICE_UNAVAILABLE: "5"}
    return {"Retry-After": waits[problem.status]} if problem.status in waits else {}


def _problem(error: Exception, path: str) -> tuple[ProblemError, dict[str, Any]]:
    """What to say of the error, and further members."""
    if isinstance(error, ProblemError):
        return error, {}
    if isinstance(error, KubmapError):
        return _of_ours(error)
    if isinstance(error, _MethodError):
        return ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, f"Метод не разрешён; можно: {error}."), {}
    _LOG.error("%s failed", path, exc_info=error)
    if isinstance(error, SQLAlchemyError):
        return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "База данных не отвечает, попробуйте через минуту."), {}
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "Ошибка сервера; она записана."), {}


_STATUSES: Final = {
    ConflictError: HTTPStatus.CONFLICT,
    NotFoundError: HTTPStatus.NOT_FOUND,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AccessError: HTTPStatus.FORBIDDEN,
}


def _of_ours(error: KubmapError) -> tuple[ProblemError, dict[str, Any]]:
    status = next((each for kind, each in _STATUSES.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    faults: tuple[Fault, ...] = ()
    more: dict[str, Any] = {}
    if isinstance(error, AccessError):
        status = HTTPStatus.UNAUTHORIZED if error.anonymous else status
        more = {"role": error.role}
    elif isinstance(error, ConflictError):
        more = {"expected": error.expected, "found": error.found}
    elif isinstance(error, InputError) and error.field:
        faults = (Fault(error.field, str(error)),)
    return ProblemError(status, str(error), faults), more
