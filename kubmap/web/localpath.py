"""Where to go after a login: only to a path of this site, whatever the address asks for."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

DESK: Final = "/desk"
ALLOWED: Final = {"/login/password"}
LONGEST: Final = 500

_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")  # browsers drop tabs and newlines, and read \ as /


def local(wanted: str | None, default: str = DESK) -> str:
    """The path with its query, when it is one of this site and no page of the login; else `default`."""
    return wanted if wanted and _is_local(wanted) else default


def _is_local(wanted: str) -> bool:
    if len(wanted) > LONGEST or not wanted.startswith("/"):
        return False
    seen = wanted
    for _ in range(3):  # %2f, %252f: nothing between us and the browser may make another address of it
        path = seen.partition("?")[0].partition("#")[0]
        if _CONTROL.search(seen) or "//" in path:
            return False
        seen = unquote(seen)
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return False
    if parts.scheme or parts.netloc:
        return False
    return parts.path in ALLOWED or parts.path.split("/")[1] not in {"login", "logout", "auth"}
