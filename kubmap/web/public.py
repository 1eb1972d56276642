"""`kubmap serve --public`: the map page and the public routes without Streamlit, in several processes, behind a proxy.

Each process has its own snapshot and follows the store's revision in a thread. SIGHUP replaces the processes one after
another, each when its successor serves; SIGTERM ends them when what they are sending is sent.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route
from uvicorn.supervisors import Multiprocess

from kubmap.read.cache import POLL_S
from kubmap.settings import settings
from kubmap.web import problems
from kubmap.web.httpcache import CORS, SECURITY
from kubmap.web.memory import frugal
from kubmap.web.problems import ProblemError
from kubmap.web.protocol import GuardedProtocol
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from kubmap.web.source import Source

_LOG = logging.getLogger(__name__)

CONNECTIONS = 2_000
"""Open connections of one process; beyond them readers get 503 at once."""
IDLE_S = 65  # longer than a proxy keeps a connection (nginx: 60 s), so that it is the proxy that closes
SHUTDOWN_S = 10
READY_S = 120  # a new process may load an archive of a million for so long before it is given up


class Follower(threading.Thread):
    """Asks for the snapshot again and again, so that a publish is loaded before a reader asks for it."""

    def __init__(self, found: Source, *, poll_s: float = POLL_S) -> None:
        super().__init__(name="kubmap-follower", daemon=True)
        self._source = found
        self._poll_s = poll_s
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._poll_s):
            try:
                self._source.now()
            except SQLAlchemyError:
                _LOG.exception("the store does not answer")

    def stop(self) -> None:
        self._over.set()


def warm(routes: PublicRoutes, found: Source) -> None:
    """Load and lay out what the first readers will ask for."""
    found.now()
    routes.warm()
    gc.collect()
    gc.freeze()  # an archive of 100,000 records is not looked through again at each full collection


def build(open_source: Callable[[], Source]) -> ASGIApp:
    """The application over a source: the paths without parameters are found in one step, the others by Starlette."""
    public = PublicRoutes(open_source)
    endpoints = public.endpoints()
    routes = [Route("/", _home), *(Route(path, endpoint) for path, endpoint in endpoints.items())]
    handlers: Any = {HTTPStatus.NOT_FOUND: _missing}
    rest = Starlette(routes=routes, exception_handlers=handlers, lifespan=lambda _: _life(public, open_source))
    exact = {path: endpoint for path, endpoint in endpoints.items() if "{" not in path}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = exact.get(scope["path"], rest) if scope["type"] == "http" else rest
        await endpoint(scope, receive, send)

    return app


@asynccontextmanager
async def _life(public: PublicRoutes, open_source: Callable[[], Source]) -> AsyncIterator[None]:
    found = await asyncio.to_thread(open_source)
    with suppress(SQLAlchemyError):  # a database that is away now is told by 503, and asked again
        await asyncio.to_thread(warm, public, found)
    follower = Follower(found)
    follower.start()
    try:
        yield
    finally:
        follower.stop()


async def _home(_request: Request) -> Response:
    return RedirectResponse("map", headers=SECURITY)


async def _missing(request: Request, _error: Exception) -> Response:
    error = ProblemError(HTTPStatus.NOT_FOUND, "Здесь ничего нет; карта по адресу /map.")
    return problems.response(error, request.url.path, {**SECURITY, **CORS})


def application() -> ASGIApp:
    """The application of one process over the settings."""
    _more_files()
    frugal()
    return build(source)


def _more_files() -> None:
    """Let the process open as many connections as it accepts, where the system has such limits."""
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def config(*, host: str, port: int, workers: int, trusted: str | None = None) -> uvicorn.Config:
    """Uvicorn's options. `trusted` are the proxies (addresses or networks, by comma) whose X-Forwarded-* count."""
    return uvicorn.Config(
        "kubmap.web.public:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,  # the proxy has one
        log_level=settings().log_level.lower(),
        server_header=False,
        proxy_headers=trusted is not None,
        forwarded_allow_ips=trusted,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        timeout_worker_healthcheck=READY_S,
    )


def serve(*, host: str, port: int, workers: int, trusted: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT; one process too has a supervisor, for SIGHUP and for its death."""
    chosen = config(host=host, port=port, workers=workers, trusted=trusted)
    Multiprocess(chosen, sockets=[chosen.bind_socket()]).run()
