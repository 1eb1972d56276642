"""Карта: the frame of /map and a few numbers. A rerun sends neither the map nor a single record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from kubmap.domain import Category
from kubmap.read.snapshot import CATEGORIES
from kubmap.web.pages import frame
from kubmap.web.params import FILTERS

if TYPE_CHECKING:
    from kubmap.read.snapshot import Snapshot

HEIGHT = 760
PASSED_ON = (*(param.name for param in FILTERS), "lat", "lon", "z", "id")
"""What of the page's own address goes to the map: a link to the page is a link to the view."""


def address() -> str:
    """The map's address with what the reader's link asked for; the same between reruns, so the frame stays."""
    asked = {name: st.query_params[name][:400] for name in PASSED_ON if name in st.query_params}
    theme = st.context.theme.type  # None where the browser has not told: then the map follows the system
    return "/map?" + urlencode({**asked, **({"theme": theme} if theme else {})})


def show() -> None:
    """The page."""
    _, snapshot = frame.opened()
    st.html(frame.STYLE)
    st.html(frame.MAP_STYLE)
    st.iframe(address(), height=HEIGHT, alt="Карта происшествий и отключений Краснодарского края")
    for column, (name, value) in zip(st.columns(4), _numbers(snapshot), strict=True):
        column.metric(name, value)


def _numbers(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    """What stands under the map: counts over the columns, no record is read."""
    columns = snapshot.columns
    counts = dict(zip(CATEGORIES, np.bincount(columns.category, minlength=len(CATEGORIES)).tolist(), strict=True))
    return (
        ("Событий на карте и в списке", len(snapshot)),
        ("Отключений", sum(count for category, count in counts.items() if category.is_outage)),
        ("ДТП", counts[Category.ROAD_ACCIDENT]),
        ("Погибших, если число названо", int(columns.dead[columns.dead > 0].sum())),
    )
