"""A guarded GET of a feed: http(s) only, public addresses only and pinned, per hop; bounded in time, size and hops.

Nothing of the answer is trusted: neither its length, nor its encoding, nor where it redirects to.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore

from kubmap.errors import FetchError
from kubmap.store.address import Guard

MAX_BYTES = 5 * 1024 * 1024
"""Of the answer, after unpacking."""
MAX_HOPS = 5
TOTAL_S = 20.0
STEP_S = 10.0  # one connect or one read
MAX_URL = 2_000
AGENT = "kubmap (incident map; RSS reader)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_TYPES = ("xml", "rss", "atom", "text/plain", "text/html", "octet-stream")
"""Words of content types that a feed may come as; servers often send another than they should."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: `content` is empty for 304; `retry_after` is the header as it came."""

    status: int
    url: str
    content: bytes = b""
    etag: str | None = None
    last_modified: str | None = None
    retry_after: str | None = None
    moved: bool = False
    """Only permanent redirects (301, 308) led to `url`, at least one."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches within the limits; `clock` gives seconds that only grow."""

    guard: Guard = field(default_factory=Guard)
    total_s: float = TOTAL_S
    max_bytes: int = MAX_BYTES
    clock: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """The answer of the last hop.

        Raises FetchError, in Russian, for whatever goes wrong (an answer of status 4xx or 5xx is an answer).
        """
        deadline = self.clock() + self.total_s
        permanent: list[bool] = []
        for _ in range(MAX_HOPS + 1):
            parts = checked(url)
            found = self._hop(parts, deadline, _conditions(etag, last_modified))
            if isinstance(found, Fetched):
                moved = bool(permanent) and all(permanent)
                return Fetched(
                    found.status, url, found.content, found.etag, found.last_modified, found.retry_after, moved
                )
            status, target = found
            permanent.append(status in {301, 308})
            url = urljoin(url, target)
        raise FetchError(f"больше {MAX_HOPS} перенаправлений подряд")

    def _hop(self, parts: SplitResult, deadline: float, conditions: Mapping[str, str]) -> Fetched | tuple[int, str]:
        """The answer of one address, or the status and target of a redirect."""
        backend = _Pinning(self.guard, deadline, self.clock)
        asked = {"timeout": {"connect": STEP_S, "read": STEP_S, "write": STEP_S, "pool": STEP_S}}
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, ssl_context=self.tls) as pool,
                pool.stream("GET", parts.geturl(), headers=_headers(conditions), extensions=asked) as got,
            ):
                return self._answer(parts, got, deadline)
        except httpcore.TimeoutException as error:
            raise FetchError("сервер не ответил вовремя") from error
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol, ssl.SSLError) as error:
            raise FetchError(f"нет связи с сервером: {str(error)[:200]}") from error

    def _answer(self, parts: SplitResult, got: httpcore.Response, deadline: float) -> Fetched | tuple[int, str]:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in got.headers}
        if got.status in _REDIRECTS and "location" in headers:
            return got.status, headers["location"]
        content = b""
        if got.status == 200:
            _check_type(headers.get("content-type", ""))
            content = self._content(got, headers.get("content-encoding", "").strip().lower(), deadline)
        return Fetched(
            got.status, parts.geturl(), content,
            headers.get("etag"), headers.get("last-modified"), headers.get("retry-after"),
        )  # fmt: skip

    def _content(self, got: httpcore.Response, encoding: str, deadline: float) -> bytes:
        parts, size = [], 0
        for part in _unpacked(self._in_time(got.iter_stream(), deadline), encoding, self.max_bytes):
            size += len(part)
            if size > self.max_bytes:
                raise FetchError(f"ответ больше {self.max_bytes // 1024 // 1024} МБ")
            parts.append(part)
        return b"".join(parts)

    def _in_time(self, parts: Iterable[bytes], deadline: float) -> Iterator[bytes]:
        for part in parts:
            if self.clock() > deadline:
                raise FetchError("сервер отвечал слишком долго")
            yield part


def checked(url: str) -> SplitResult:
    """The parts of an address that may be asked for. Raises FetchError that says what is wrong."""
    if len(url) > MAX_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise FetchError("адрес ленты слишком длинный или с пробелами")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError) as error:
        raise FetchError("адрес ленты не читается") from error
    if parts.scheme not in _PORTS:
        raise FetchError("адрес ленты начинается с http:// или https://")
    if not host or parts.username is not None or parts.password is not None:
        raise FetchError("в адресе ленты нужно имя сайта, без логина и пароля")
    place = f"[{host}]" if ":" in host else host
    path = "".join(letter if letter.isascii() else _quoted(letter) for letter in parts.path or "/")
    query = "".join(letter if letter.isascii() else _quoted(letter) for letter in parts.query)
    return SplitResult(parts.scheme, place if port is None else f"{place}:{port}", path, query, "")


def _quoted(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Headers of a conditional GET; what came from another server goes back only if it is plain."""
    told = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in told.items() if value and value.isascii() and value.isprintable()}


def _headers(conditions: Mapping[str, str]) -> dict[bytes | str, bytes | str]:
    found: dict[bytes | str, bytes | str] = {
        "User-Agent": AGENT,
        "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    found.update(conditions.items())
    return found


def _check_type(told: str) -> None:
    kind = told.split(";", maxsplit=1)[0].strip().lower()
    if kind and not any(word in kind for word in _TYPES):
        raise FetchError(f"это не лента: сервер прислал {kind[:60]}")


def _unpacked(parts: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The bytes behind the content encoding; never more than a little above `limit` at once, however well packed."""
    if encoding in {"", "identity"}:
        yield from parts
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(f"неизвестное сжатие ответа: {encoding[:30]}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        for part in parts:
            data = part
            while data:
                yield unpack.decompress(data, limit + 1)
                data = unpack.unconsumed_tail
        yield unpack.flush()
        if not unpack.eof:
            raise FetchError("сжатый ответ повреждён: он не до конца")
    except zlib.error as error:
        raise FetchError("сжатый ответ повреждён") from error


class _Pinning(httpcore.NetworkBackend):
    """Connects to the address that was checked, whatever the name resolves to a moment later."""

    def __init__(self, guard: Guard, deadline: float, clock: Callable[[], float]) -> None:
        self._guard = guard
        self._left = _Left(deadline, clock)
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        address = self._guard.pinned(host, port)
        stream = self._real.connect_tcp(address, port, self._left(timeout), local_address, socket_options)
        return _Timed(stream, self._left)

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:  # noqa: ARG002
        raise FetchError("адрес ленты не читается")

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, self._left(seconds)))


@dataclass(frozen=True, slots=True)
class _Left:
    """The time for one step: no more than what is left in all."""

    deadline: float
    clock: Callable[[], float]

    def __call__(self, wanted: float | None) -> float:
        left = self.deadline - self.clock()
        if left <= 0:
            raise FetchError("сервер отвечал слишком долго")
        return min(left, STEP_S if wanted is None else wanted)


class _Timed(httpcore.NetworkStream):
    """A stream whose every step ends before the deadline: a server that sends a byte a second gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, left: _Left) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
