"""Public bytes over HTTP: strong ETag, 304, gzip made once, Cache-Control, security headers.

An answer is a pure function of (store revision, query), so it is built once and kept under that key.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from starlette.requests import Request

SMALL = 500  # bytes; below it gzip costs more than it saves. Streamlit's own gzip starts there too: none is done twice
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "public, max-age=0, must-revalidate"
COMPRESSIBLE = ("text/", "application/json", "application/geo+json", "application/javascript", "image/svg+xml")

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes ready to be sent: plain and gzipped (None where that does not pay), with a strong tag of each."""

    body: bytes
    packed: bytes | None
    tag: str
    media_type: str
    headers: Mapping[str, str]

    @property
    def packed_tag(self) -> str:
        return f'{self.tag[:-1]}-gz"'


def answer(body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The body with its tag and its gzipped form (mtime 0: the same bytes every time)."""
    packed = None
    if len(body) >= SMALL and media_type.startswith(COMPRESSIBLE):
        packed = gzip.compress(body, compresslevel=6, mtime=0)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return Answer(body, packed, tag, media_type, dict(headers or {}))


def _wants_gzip(accepts: str) -> bool:
    for part in accepts.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _unchanged(request: Request, found: Answer) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is None:
        return False
    if tags.strip() == "*":
        return True
    given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return bool(given & {found.tag, found.packed_tag})


def respond(request: Request, found: Answer, *, cache: str = REVALIDATE) -> Response:
    """The response to this request: 304, gzip or plain. HEAD keeps the headers (Starlette drops the body)."""
    packed = found.packed if _wants_gzip(request.headers.get("accept-encoding", "")) else None
    headers = {
        **SECURITY,
        **found.headers,
        "ETag": found.packed_tag if packed else found.tag,
        "Cache-Control": cache,
        "Vary": "Accept-Encoding",
    }
    if _unchanged(request, found):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    body = packed or found.body
    return Response(body, media_type=found.media_type, headers=headers)


class AnswerCache:
    """The last answers, least recently used first out, within a number of bytes."""

    def __init__(self, *, max_bytes: int = 32 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, build: Callable[[], Answer]) -> Answer:
        """The kept answer, or a new one."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        found = build()
        with self._lock:
            self._keep(key, found)
        return found

    def _keep(self, key: Hashable, found: Answer) -> None:
        if key in self._kept:
            return
        self._kept[key] = found
        self._bytes += _size(found)
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)


def _size(found: Answer) -> int:
    return len(found.body) + len(found.packed or b"") + 512
