"""Security headers for what Streamlit answers itself: its page, its scripts, its socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from kubmap.web.httpcache import SECURITY

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss:; frame-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""Streamlit's page starts with an inline script and styles itself inline, and imports the scripts of components as
blobs that it makes itself; it needs no eval and no other host."""

PAGE = {
    "Content-Security-Policy": POLICY,
    **SECURITY,
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
"""«Моё местоположение» on the page of outages asks the browser where it is, when the reader presses it."""


class PageHeaders:
    """Adds to every HTTP answer the headers that it does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
