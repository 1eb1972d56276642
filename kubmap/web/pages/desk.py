"""Редакция: paste, queue, the open record with its map, versions and likely duplicates; for editors.

The page is a frame: what is drawn are the parts of kubmap.web.editor, what is done are the actions of kubmap.desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from kubmap.domain import Role
from kubmap.errors import NotFoundError
from kubmap.web import auth
from kubmap.web.editor import map as deskmap
from kubmap.web.editor import pasting, queueing, recording, recordview
from kubmap.web.editor.acting import BarActs, QueueActs
from kubmap.web.editor.part import part
from kubmap.web.editor.room import room
from kubmap.web.editor.work import desk
from kubmap.web.pages import deskreader, frame

if TYPE_CHECKING:
    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.desk.values import Opened
    from kubmap.web.editor.room import Room
    from kubmap.web.source import Source

REFRESH_S: Final = 10
"""How often the queue looks for what others added."""
SEARCH_S: Final = 3
"""How often it asks for likely duplicates while they are being looked for."""

STYLE: Final = """<style>
[data-testid="stMainBlockContainer"] { max-width: 1680px; padding-left: 1.6rem; padding-right: 1.6rem; }
.st-key-desk-bar { margin-top: -3.6rem; pointer-events: none; }
.st-key-desk-room { display: grid !important; gap: 0 1.3rem; align-items: start; grid-template-rows: auto 1fr;
  grid-template-columns: minmax(270px, 3fr) minmax(400px, 5fr) minmax(330px, 4fr);
  grid-template-areas: "list form where" "list tail where"; }
.st-key-desk-room > * { width: 100% !important; min-width: 0; }
.st-key-desk-room > :nth-child(1) { grid-area: list; }
.st-key-desk-room > :nth-child(2) { grid-area: form; }
.st-key-desk-room > :nth-child(3) { grid-area: where; }
.st-key-desk-room > :nth-child(4) { grid-area: tail; }
.st-key-desk-room > :only-child { grid-column: 1 / -1; max-width: 900px; }
.st-key-desk-where { position: sticky; top: 4.2rem; }
@media (max-width: 1180px) {
  .st-key-desk-room { grid-template-columns: minmax(260px, 2fr) minmax(0, 3fr); grid-template-rows: auto auto 1fr;
    grid-template-areas: "list form" "list where" "list tail"; }
  .st-key-desk-where { position: static; }
}
@media (max-width: 900px) { .st-key-desk-bar { margin-top: 0; } }
@media (max-width: 760px) {
  [data-testid="stMainBlockContainer"] { padding-left: .9rem; padding-right: .9rem; }
  .st-key-desk-room { grid-template-columns: minmax(0, 1fr); grid-template-rows: none;
    grid-template-areas: "list" "form" "where" "tail"; }
}
</style>"""


def show() -> None:
    """The page."""
    source, snapshot = frame.opened()
    frame.begin(snapshot, "Редакция")
    who = auth.current()
    if who is None or not who.role.may(Role.EDITOR):
        deskreader.show(source)
        return
    st.html(STYLE)
    _desk(desk(), source, who, room())


def _desk(work: Desk, source: Source, who: User, here: Room) -> None:
    here.drawn = here.stamp
    with st.container(key="desk-bar"):
        part("bar", {"toast": here.toast, "stamp": here.stamp}, BarActs(work, source))
    with st.container(key="desk-paste"):
        part("paste", pasting.data(work, who, here), pasting.PasteActs(work, source))
    opened = None
    if here.open:
        try:
            opened = work.open(who, here.open)
        except NotFoundError:
            here.show("")
            st.warning("Такой записи нет: возможно, её удалили.")
    if opened is not None and here.clash is not None and here.clash[0] == opened.incident.id:
        with st.container(key="desk-clash"):
            part("clash", recordview.clash(here.clash), recording.ClashActs(work, source))
    with st.container(key="desk-room"):
        with st.container(key="desk-list"):
            _queue(work, source, here)
        if opened is not None:
            _record(work, source, who, here, opened)


@st.fragment(run_every=REFRESH_S)
def _queue(work: Desk, source: Source, here: Room) -> None:
    if here.drawn != here.stamp:
        st.rerun()  # what was done in the queue shows in the whole page
    who = auth.current()
    if who is None:
        return
    part("queue", queueing.data(work, who, here, dark=frame.is_dark()), QueueActs(work, source))


def _record(work: Desk, source: Source, who: User, here: Room, opened: Opened) -> None:
    with st.container(key="desk-form"):
        part("editor", recordview.editor(opened, who, here), recording.FormActs(work, source))
    with st.container(key="desk-where"):
        acts = recording.PlaceActs(work, source)
        deskmap.show(recordview.map_data(opened, dark=frame.is_dark()), lambda: recording.clicked(acts))
        part("place", recordview.place(opened, work, who, source.atlas, here), acts)
    with st.container(key="desk-tail"):
        again = None if opened.duplicates_known else SEARCH_S
        st.fragment(_tail, run_every=again)(work, source, here, opened)


def _tail(work: Desk, source: Source, here: Room, opened: Opened) -> None:
    """Below the record; asks again while the desk still reads a large archive for likely duplicates."""
    if here.drawn != here.stamp:
        st.rerun()
    if not opened.duplicates_known:
        who = auth.current()
        if who is not None and work.open(who, opened.incident.id).duplicates_known:
            st.rerun()
    part("tail", recordview.tail(opened, here), recording.TailActs(work, source))
