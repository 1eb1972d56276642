"""Карта: the frame of /map and a few numbers. A rerun sends neither the map nor a single record."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from kubmap.web.pages import frame
from kubmap.web.params import FILTERS

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
    incidents = snapshot.incidents
    dead = sum(each.casualties.dead or 0 for each in incidents)
    numbers = (
        ("Событий на карте и в списке", len(snapshot)),
        ("Отключений", sum(each.category.is_outage for each in incidents)),
        ("ДТП", sum(each.category.value == "road_accident" for each in incidents)),
        ("Погибших, если число названо", dead),
    )
    for column, (name, value) in zip(st.columns(len(numbers)), numbers, strict=True):
        column.metric(name, value)
