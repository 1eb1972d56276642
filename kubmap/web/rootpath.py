"""What stands before the paths of this app: nothing, or the path of a proxy, of a mount or of Streamlit's option."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import streamlit as st

if TYPE_CHECKING:
    from starlette.types import Scope

PAGES: Final = frozenset({"outages", "desk", "upload", "sources", "summary", "about", "users", "account"})
"""Last parts of the addresses of Streamlit's pages; the map has none."""

_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)+")
"""Of a base path: the browser tells it, so nothing else is believed."""


def root() -> str:
    """What stands before the paths of this app in the reader's browser: "", or "/kuban" below a proxy's path."""
    found = urlsplit(st.context.url or "").path.rstrip("/")
    head, _, page = found.rpartition("/")
    found = head if page in PAGES else found
    if _PATH.fullmatch(found):
        return found
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def here() -> str:
    """Path and query of the page in the reader's browser, below `root`."""
    parts = urlsplit(st.context.url or "")
    path = parts.path.removeprefix(root()) if f"{parts.path}/".startswith(f"{root()}/") else parts.path
    return f"{path or '/'}{'?' if parts.query else ''}{parts.query}"


def base_of(scope: Scope, path: str) -> str:
    """What stands before `path` in a request for it: a mount, or Streamlit's option; a proxy may hide more."""
    mount, asked = scope.get("root_path", "").rstrip("/"), scope["path"]
    whole = asked if f"{asked}/".startswith(f"{mount}/") else mount + asked
    found = str(whole.removesuffix(path))
    return found if found != whole and _PATH.fullmatch(found) else ""
