"""Whether a page of ours sent a request: what browsers say of it and no script can change."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kubmap.settings import settings

if TYPE_CHECKING:
    from starlette.requests import Request

_PORTS = {"http": 80, "https": 443}


def is_ours(request: Request) -> bool:
    """Whether Origin and Sec-Fetch-Site, as far as the browser sent them, name this site.

    A browser always sends one of the two with a write. A program (curl) sends neither and holds no cookie of a browser.
    A sibling domain ("same-site") is not ours.
    """
    site = request.headers.get("sec-fetch-site")
    if site not in {None, "same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or _address(origin) in _own(request)


def _own(request: Request) -> set[tuple[str, int | None]]:
    """Host and port as the browser asked for them, and as the settings say that readers reach us."""
    found = {_address(settings().public_url)}
    host = request.headers.get("host")
    if host:  # behind a proxy that ends TLS we see http and the browser says https: the host decides
        found |= {_address(f"http://{host}"), _address(f"https://{host}")}
    return found - {("", None)}


def _address(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "", parts.port or _PORTS.get(parts.scheme))
    except ValueError:
        return ("", None)
