"""The script that Streamlit runs: the menu and the chosen page. Every run is short: the map is a frame of /map."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kubmap.web.pages import about, desk, mapview, outages, summary

ICON = str(Path(__file__).parents[1] / "static" / "favicon.svg")
"""Streamlit fetches the favicon of an icon's name from another host; a file of ours it does not."""

st.set_page_config(page_title="Кубань: происшествия и отключения", page_icon=ICON, layout="wide")
PAGES = [
    st.Page(mapview.show, title="Карта", icon=":material/map:", url_path="", default=True),
    st.Page(outages.show, title="Отключения", icon=":material/water_drop:", url_path="outages"),
    st.Page(desk.show, title="Редакция", icon=":material/edit_note:", url_path="desk"),
    st.Page(summary.show, title="Сводка", icon=":material/bar_chart:", url_path="summary"),
    st.Page(about.show, title="О данных", icon=":material/info:", url_path="about"),
]
st.navigation(PAGES, position="top").run()
