"""Отключения: one field, one answer; without a place what is off across the krai. The place lives in the address.

A rerun asks the index of the process and takes the answer's HTML from memory: no record is read, no map is drawn.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from kubmap.domain import MOSCOW
from kubmap.read.outlook import outlook
from kubmap.web import outagehome, outagepage, params
from kubmap.web.outageareas import areas
from kubmap.web.pages import frame
from kubmap.web.pages.paper import Page, asked_query, paper
from kubmap.web.pages.placefield import Choice, chosen, placefield
from kubmap.web.problems import ProblemError
from kubmap.web.rootpath import root
from kubmap.web.source import source

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.web.outagehome import Link

FIELD, PAPER = "outage_place", "outage_paper"
TITLE = "Есть ли у меня вода, свет, газ и тепло?"
MISSING = "Места с таким номером нет: ссылка устарела или неполна. Найдите своё место по названию."
NOT_READ = "Время в адресе не читается: {why}. Показано, что сейчас."
KEPT = 512
"""Answers kept in memory: those of the places that are asked for within a minute."""
STYLE = """<style>
[data-testid="stMainBlockContainer"] { max-width: 1080px; padding-top: 4.4rem; }
[data-testid="stMainBlockContainer"] h1 { font-size: 1.6rem !important; padding: 0 0 .5rem; }
@media print { .st-key-outage_place, [data-testid="stHeader"] { display: none; } }
</style>"""


def show() -> None:
    """The page."""
    found, snapshot = frame.opened()
    place_id = st.query_params.get("place", "")
    place = found.atlas.settlements.get(place_id)
    st.html(frame.STYLE + STYLE)
    _head(found.atlas, place, note=MISSING if place_id and place is None else "")
    if snapshot.demo:
        st.caption("**Демонстрационные данные**: это пример, а не настоящие сообщения.")
    asked, fault = _asked()
    if fault:
        st.warning(fault)
    minute = (asked or datetime.now(MOSCOW).replace(second=0, microsecond=0)).isoformat()
    other = asked is not None
    body = (
        _place(snapshot.etag, place.id, minute, other=other, base=root())
        if place
        else _krai(snapshot.etag, minute, other=other)
    )
    page = Page(body, name=place.id if place else "", live=not other)
    paper(page, dark=frame.is_dark(), on_query=_follow, key=PAPER)


def _head(atlas: Atlas, place: Settlement | None, *, note: str) -> None:
    """The title stands only where no answer does: who has chosen wants the answer."""
    if place is not None:
        st.set_page_config(page_title=f"{place.name}: отключения")
    with st.container():
        if place is None:
            st.title(TITLE, anchor=False)
    choice = Choice(**outagepage.choice(place, atlas)) if place else None
    placefield(choice, root=root(), note=note, on_place=_go, key=FIELD)


def _go() -> None:
    """The chosen place goes to the address; the moment that was asked for stays."""
    _address({"place": chosen(FIELD), "at": st.query_params.get("at", "")})


def _follow() -> None:
    """A link to another place, or to now."""
    _address(asked_query(PAPER))


def _address(query: dict[str, str]) -> None:
    st.query_params.from_dict({name: query[name] for name in ("place", "at") if query.get(name)})


def _asked() -> tuple[datetime | None, str | None]:
    """The moment of the address (`at`, as of the API), and what is wrong with it."""
    text = st.query_params.get("at")
    if not text:
        return None, None
    try:
        return params.read([("at", text)], (params.AT,))["at"], None
    except ProblemError as error:
        return None, NOT_READ.format(why="; ".join(fault.detail for fault in error.faults) or error.detail)


@lru_cache(maxsize=KEPT)
def _place(etag: str, place_id: str, minute: str, *, other: bool, base: str) -> str:
    """The page of a place at a minute of a state of the store; `other`: the minute is not now; `base` as of `root`."""
    del etag
    found = source()
    now, snapshot = datetime.fromisoformat(minute), found.now()
    index = found.outages.of(found, snapshot)
    place = found.atlas.settlements[place_id]
    state = index.state(place, now)
    asked = outagepage.Asked(
        state, index.calendar(place, now.date()), other, areas(state, found.atlas, snapshot.epoch)
    )  # fmt: skip
    site = outagepage.Site(found.public_url, snapshot.demo, root=f"{base}/")
    return outagehome.place_part(asked, found.atlas, site, _link(minute if other else None))


@lru_cache(maxsize=16)
def _krai(etag: str, minute: str, *, other: bool) -> str:
    """What is off across the krai at a minute of a state of the store."""
    del etag
    found = source()
    now = datetime.fromisoformat(minute)
    told = outlook(found.outages.of(found, found.now()), now)
    return outagehome.krai_part(told, now, _link(minute if other else None), other=other)


def _link(at: str | None) -> Link:
    """Links keep the minute that was asked for."""
    more = {"at": at[:16]} if at else {}
    return lambda place: f"?{urlencode({'place': place, **more})}"
