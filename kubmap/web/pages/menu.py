"""The script that Streamlit runs: the menu and the chosen page. Every run is short: the map is a frame of /map."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st

from kubmap.desk.access import may
from kubmap.domain import Role
from kubmap.web.pages import about, account, desk, mapview, outages, sources, summary, upload, users

ICON = str(Path(__file__).parents[1] / "static" / "favicon.svg")
"""Streamlit fetches the favicon of an icon's name from another host; a file of ours it does not."""

st.set_page_config(page_title="Кубань: происшествия и отключения", page_icon=ICON, layout="wide")
WHO = account.corner()
CHIEFS: Literal["visible", "hidden"] = "visible" if may(WHO, Role.CHIEF) else "hidden"
EDITORS: Literal["visible", "hidden"] = "visible" if may(WHO, Role.EDITOR) else "hidden"
"""What the menu shows to whom; a page that is hidden can still be asked for, so each checks by itself."""
PAGES = [
    st.Page(mapview.show, title="Карта", icon=":material/map:", url_path="", default=True),
    st.Page(outages.show, title="Отключения", icon=":material/water_drop:", url_path="outages"),
    st.Page(desk.show, title="Редакция", icon=":material/edit_note:", url_path="desk"),
    st.Page(upload.show, title="Загрузка", icon=":material/upload_file:", url_path=upload.PATH, visibility=EDITORS),
    st.Page(sources.show, title="Ленты", icon=":material/rss_feed:", url_path=sources.PATH, visibility=EDITORS),
    st.Page(summary.show, title="Сводка", icon=":material/bar_chart:", url_path="summary"),
    st.Page(about.show, title="О данных", icon=":material/info:", url_path="about"),
    st.Page(users.show, title="Пользователи", icon=":material/group:", url_path=users.PATH, visibility=CHIEFS),
    st.Page(account.show, title="Вход", icon=":material/login:", url_path=account.PATH, visibility="hidden"),
]
CHOSEN = st.navigation(PAGES, position="top")
st.set_page_config(page_title=f"{CHOSEN.title} — Кубань: происшествия и отключения")
CHOSEN.run()
