"""Where to go after a login: only to a path of this app, whatever the address asks for.

Such a path begins with "/" and is meant below what stands before the app (`rootpath`).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

DESK: Final = "/desk"
ALLOWED: Final = {"/login/password"}
LONGEST: Final = 500

_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")  # browsers drop tabs and newlines, and read \ as /


def local(wanted: str | None, default: str = DESK, *, base: str = "") -> str:
    """The path with its query, when it is one of this app and no page of the login; else `default`.

    It may be told with the `base` before it.
    """
    if wanted and base and wanted.startswith((f"{base}/", f"{base}?")):
        wanted = wanted.removeprefix(base)
    return wanted if wanted and _is_local(wanted) else default


def beside(path: str, asked: str) -> str:
    """A path of this app as an address relative to the one asked for: right whatever stands before both.

    It begins with "." so that no part of it can be taken for a scheme or a host.
    """
    up = "../" * (asked.count("/") - 1) or "./"
    return up + path.removeprefix("/")


def _is_local(wanted: str) -> bool:
    if len(wanted) > LONGEST or not wanted.startswith("/"):
        return False
    seen = wanted
    for _ in range(3):  # %2f, %252f: nothing between us and the browser may make another address of it
        path = seen.partition("?")[0].partition("#")[0]
        if _CONTROL.search(seen) or "//" in path or not {".", ".."}.isdisjoint(path.split("/")):
            return False
        seen = unquote(seen)
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return False
    if parts.scheme or parts.netloc:
        return False
    return parts.path in ALLOWED or parts.path.split("/")[1] not in {"login", "logout", "auth"}
