"""A page of ours inside Streamlit's: HTML of kubmap/web/templates as a component, for st.html drops every drawing.

The templates escape what people wrote; the component leaves out whatever could act by itself once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from urllib.parse import parse_qsl

import streamlit as st

from kubmap.web import assets, palette

_FOLDER = files("kubmap.web").joinpath("static", "residents")
SHEETS = ("palette.css", "outage.css")
_HTML = '<div class="outage"></div>'


@lru_cache(maxsize=1)
def _css() -> str:
    """Paper and ink of the theme that Streamlit shows, which may not be the system's."""
    sheets = (assets.text("kubmap", name) for name in SHEETS)
    return "".join((*sheets, _FOLDER.joinpath("home.css").read_text(encoding="utf-8"), palette.pinned(".outage")))


_paper = st.components.v2.component(
    "kubmap_paper", html=_HTML, css=_css(), js=_FOLDER.joinpath("paper.js").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Page:
    """HTML; `name` says whether it is the same page told anew, `live` that it is asked for again when it changes."""

    html: str
    name: str
    live: bool


def paper(page: Page, *, dark: bool, on_query: Callable[[], None], key: str) -> None:
    """Shows the page. `on_query` runs before all else when a link to another place was chosen; see `asked_query`."""
    data = {"html": page.html, "key": page.name, "theme": "dark" if dark else "light", "live": page.live}
    _paper(key=key, data=data, on_query_change=on_query, on_due_change=_again)


def _again() -> None:
    """The page is told anew; that is all."""


def asked_query(key: str) -> dict[str, str]:
    """The query of the link that was chosen just now."""
    found = st.session_state.get(key)
    return dict(parse_qsl(str(found.get("query") or ""))) if isinstance(found, Mapping) else {}
