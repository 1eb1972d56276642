"""What the pages share: the snapshot, the paper, the look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from kubmap.web import charts
from kubmap.web.source import source

if TYPE_CHECKING:
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

STYLE = """<style>
.block-container, [data-testid="stMainBlockContainer"] { padding-top: 4.2rem; padding-bottom: 2rem; max-width: 1280px; }
h1 { font-size: 2rem !important; letter-spacing: -.01em; }
.teaser { font: 1.1rem/1.6 'PT Serif', 'Noto Serif', Georgia, serif; }
.teaser mark { background: rgba(201, 162, 39, .3); color: inherit; padding: 0 .1em; border-radius: 2px; }
h2, h3 { font-size: 1.25rem !important; }
[data-testid="stTable"] td, [data-testid="stTable"] th {
  font-size: .92rem; vertical-align: top; white-space: normal;
}
[data-testid="stTable"] :is(td, th) * { overflow-wrap: anywhere !important; }
@media (max-width: 760px) {
  [data-testid="stTable"] td, [data-testid="stTable"] th { padding-left: .35rem; padding-right: .35rem; }
}
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: .78; }
iframe { border-radius: 4px; border: 1px solid rgba(128, 122, 108, .3) !important; }
</style>"""

MAP_STYLE = """<style>
.block-container, [data-testid="stMainBlockContainer"] { max-width: none; padding: 3.9rem 1rem 1rem; }
[data-testid="stElementContainer"]:has(> [data-testid="stIFrame"]) { flex: none; height: auto; }
[data-testid="stMainBlockContainer"] iframe { height: max(560px, calc(100vh - 168px)); }
@media (max-width: 760px) {
  [data-testid="stMainBlockContainer"] { padding: 3.4rem .4rem .4rem; }
  [data-testid="stMainBlockContainer"] iframe { height: max(480px, calc(100vh - 76px)); }
}
[data-testid="stMetricValue"] { font-size: 1.5rem; }
</style>"""
"""The map takes the screen; its numbers stand in one row below."""


def opened() -> tuple[Source, Snapshot]:
    """The source and one snapshot for the whole run."""
    found = source()
    return found, found.now()


def is_dark() -> bool:
    """Whether the reader's page is dark now."""
    return st.context.theme.type == "dark"


def ink() -> charts.Ink:
    """The chart colours that fit the reader's paper."""
    return charts.DARK if is_dark() else charts.LIGHT


def begin(snapshot: Snapshot, title: str | None = None) -> None:
    """The look, the title, and the notice when the data are not real news."""
    st.html(STYLE)
    if title:
        st.title(title, anchor=False)
    if snapshot.demo:
        st.caption("**Демонстрационные данные**: шесть сообщений ноября 2021 года. Настоящие заменят их при загрузке.")
