"""Public bytes over HTTP: strong ETag, 304, gzip made once, Cache-Control, security headers.

An answer is a pure function of (store revision, query), so it is built once and kept under that key. What is sent of it
(status, header list, body) is laid out once too: a repeated request costs two look-ups and no work.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

RawHeaders = list[tuple[bytes, bytes]]

SMALL = 500  # bytes; below it gzip costs more than it saves. Streamlit's own gzip starts there too: none is done twice
FIRM, BRISK = 6, 4
"""Levels of gzip: for what is made once and sent often, and for what somebody waits for.

The second takes half the time for a twenty-fifth more bytes.
"""
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "public, max-age=0, must-revalidate"
LIVE = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=600"
"""For what changes with a publish: browsers ask each time (304), a CDN asks once a second and bridges an outage.

Short enough for a publish to reach everybody in about 2 s; long enough for the origin to see one request a second.
"""
COMPRESSIBLE = ("text/", "application/json", "application/geo+json", "application/javascript", "image/svg+xml")

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
ON_304 = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
"""Of an answer's own headers those that a 304 repeats; the reader's copy has the rest (RFC 9110, 15.4.5)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body, ready to be sent: an ASGI application."""

    status: int
    headers: RawHeaders
    body: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})


@dataclass(frozen=True, slots=True)
class Variants:
    """The replies of one answer under one Cache-Control."""

    plain: Reply
    packed: Reply
    same_plain: Reply
    same_packed: Reply


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Bytes ready to be sent: plain and gzipped (None where that does not pay), with a strong tag of each."""

    body: bytes
    packed: bytes | None
    tag: str
    media_type: str
    headers: Mapping[str, str]
    status: int = 200
    _laid: dict[str, Variants] = field(default_factory=dict, repr=False)

    @property
    def packed_tag(self) -> str:
        return _packed(self.tag)

    @property
    def size(self) -> int:
        """Bytes that keeping it takes, about."""
        return len(self.body) + len(self.packed or b"") + 2_048

    def reply(self, scope: Scope, cache: str) -> Reply:
        """What this request gets: 304, gzip or plain."""
        variants = self._laid.get(cache) or self._laid.setdefault(cache, self._lay(cache))
        packs, tags = _asked(scope)
        if tags is not None and self.status == HTTPStatus.OK and _matches(tags, self.tag):
            return variants.same_packed if packs else variants.same_plain
        return variants.packed if packs else variants.plain

    def _lay(self, cache: str) -> Variants:
        plain = _headers(self.tag, cache, self.headers, self.media_type)
        length = (b"content-length", str(len(self.body)).encode())
        whole = Reply(self.status, [*plain, length], self.body)
        same = Reply(304, _headers(self.tag, cache, _of_304(self.headers)))
        if self.packed is None:
            return Variants(whole, whole, same, same)
        head = _headers(self.packed_tag, cache, self.headers, self.media_type)
        length = (b"content-length", str(len(self.packed)).encode())
        packed = Reply(self.status, [*head, _GZIPPED, length], self.packed)
        return Variants(whole, packed, same, Reply(304, _headers(self.packed_tag, cache, _of_304(self.headers))))


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """An answer too large to be kept: its parts are made while they are sent. `tag` names the state and the query."""

    parts: Callable[[], Iterable[bytes]]
    tag: str
    media_type: str
    headers: Mapping[str, str]

    @property
    def size(self) -> int:
        return sys.maxsize  # never kept

    def head(self, scope: Scope, cache: str) -> tuple[Reply, bool]:
        """Status and headers of what this request gets, and whether the body is to be gzipped."""
        packs, tags = _asked(scope)
        tag = _packed(self.tag) if packs else self.tag
        if tags is not None and _matches(tags, self.tag):
            return Reply(304, _headers(tag, cache, _of_304(self.headers))), packs
        headers = _headers(tag, cache, self.headers, self.media_type)
        return Reply(200, [*headers, _GZIPPED] if packs else headers), packs


_GZIPPED = (b"content-encoding", b"gzip")


def answer(
    body: bytes, media_type: str, headers: Mapping[str, str] | None = None, *, status: int = 200, level: int = FIRM
) -> Answer:
    """The body with its tag and its gzipped form (mtime 0: the same bytes every time)."""
    packed = None
    if len(body) >= SMALL and media_type.startswith(COMPRESSIBLE):
        packed = gzip.compress(body, compresslevel=level, mtime=0)
    return Answer(body, packed, tag_of(body), media_type, dict(headers or {}), status)


def tag_of(content: bytes) -> str:
    """A strong entity tag."""
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as one gzip stream, some 64 KB at a time."""
    squeeze = zlib.compressobj(level=FIRM, wbits=31)
    held = bytearray()
    for part in parts:
        held += squeeze.compress(part)
        if len(held) >= 65_536:
            yield bytes(held)
            held.clear()
    yield bytes(held) + squeeze.flush()


def raw(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _headers(tag: str, cache: str, own: Mapping[str, str], media_type: str | None = None) -> RawHeaders:
    common = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if media_type is None:
        return raw({**own, **common})
    return raw({"Content-Type": media_type, **SECURITY, **own, **common})


def _of_304(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in ON_304}


def _packed(tag: str) -> str:
    return f'{tag[:-1]}-gz"'


def _asked(scope: Scope) -> tuple[bool, bytes | None]:
    """Whether the request takes gzip, and its If-None-Match; a repeated header is one list (RFC 9110, 5.2)."""
    packs, tags = b"", None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            packs = packs + b"," + value if packs else value
        elif name == b"if-none-match":
            tags = value if tags is None else tags + b"," + value
    return _wants_gzip(packs), tags


@lru_cache(maxsize=256)
def _wants_gzip(accepts: bytes) -> bool:
    weights: dict[str, bool] = {}
    for part in accepts.decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").rstrip("0").rstrip(".") not in {"q=", "q=0"}
    return weights.get("gzip", weights.get("*", False))


def _matches(tags: bytes, tag: str) -> bool:
    """Whether If-None-Match names the tag, plain or packed: both are the same state (weak comparison)."""
    if tags.strip() == b"*":
        return True
    core = tag[1:-1].encode()
    given = {each.strip().removeprefix(b"W/") for each in tags.split(b",")}
    return bool(given & {b'"%b"' % core, b'"%b-gz"' % core})


class Sized(Protocol):
    """What can be kept: it knows about how many bytes it takes."""

    @property
    def size(self) -> int: ...


K = TypeVar("K", bound=Sized)


class AnswerCache(Generic[K]):
    """The last answers, least recently used first out, within a number of bytes."""

    def __init__(self, *, max_bytes: int = 16 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, K] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> K | None:
        """The kept answer."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: Hashable, found: K) -> None:
        """Keep an answer; one that would take half of the room is not kept."""
        if found.size > self._max_bytes // 2:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = found
            self._bytes += found.size
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.size

    def get(self, key: Hashable, build: Callable[[], K]) -> K:
        """The kept answer, or a new one."""
        found = self.find(key)
        if found is None:
            found = build()
            self.put(key, found)
        return found
