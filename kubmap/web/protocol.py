"""uvicorn's HTTP protocol with the limits that it leaves to a proxy: size of a head, no bodies, time for either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

HEAD_BYTES = 16_384
HEAD_S = 10.0
"""Time for the request line and all headers, from the connection or from the first byte."""
LINGER_S = 30.0
"""Time that a reader has to take what is left when an idle connection is closed."""

_REFUSALS = {
    413: (b"Payload Too Large", "Запросы с телом не принимаются.".encode()),
    431: (b"Request Header Fields Too Large", "Слишком длинные заголовки.".encode()),
}


def refusal(status: int) -> bytes:
    """A whole response that ends the connection, as problem+json."""
    phrase, detail = _REFUSALS[status]
    body = b'{"type":"about:blank","title":"%b","status":%d,"detail":"%b"}' % (phrase, status, detail)
    head = (
        b"HTTP/1.1 %d %b\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n"
    ) % (status, phrase, len(body))
    return head + body


class GuardedProtocol(HttpToolsProtocol):
    """For readers only: a request with a body, with a long head or that never ends is refused before any work."""

    _late: asyncio.TimerHandle | None = None
    _room = HEAD_BYTES
    _in_head = False
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self._late is None:
            self._late = self.loop.call_later(HEAD_S, self.transport.abort)

    def _on_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def on_message_begin(self) -> None:
        self._room = HEAD_BYTES
        self._in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._take(len(url))
        if not self._refused:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._take(len(name) + len(value) + 4)
        if self._refused:
            return
        super().on_header(name, value)
        told, given = self.headers[-1]
        if (told == b"content-length" and given.strip(b"0 ")) or told == b"transfer-encoding":
            self._refuse(413)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._on_time()
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            self._refuse(431)

    def _refuse(self, status: int) -> None:
        if self._refused:
            return
        self._refused = True
        if self.cycle is None or self.cycle.response_complete:  # else another answer is on its way: just end
            self.transport.write(refusal(status))
        self.transport.close()
