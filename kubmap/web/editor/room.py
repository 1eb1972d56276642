"""What the page keeps of a session between two runs: what is chosen, what was just said. All that matters is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

if TYPE_CHECKING:
    from kubmap.desk.values import Clash

PAGE: Final = 40
"""Records of the queue that are shown at once."""
_KEY: Final = "desk-room"


@dataclass
class Chosen:
    """The filter of the queue as the controls have it; "" stands for everything."""

    status: str = "draft"
    text: str = ""
    category: str = ""
    doubt: str = ""
    source: str = ""


@dataclass
class Room:
    """One editor's desk in one tab.

    `stamp` counts answers to actions, `drawn` is the last one that the whole page shows, `epoch` counts those after
    which typed text is stored or thrown away; parts tell by them what is new.
    """

    chosen: Chosen = field(default_factory=Chosen)
    shown: int = PAGE
    stamp: int = 0
    drawn: int = 0
    epoch: int = 0
    order: tuple[str, ...] = ()
    toast: dict[str, Any] | None = None
    pasted: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    place_problem: str = ""
    said: str = ""
    clash: tuple[str, Clash, bool] | None = None

    @property
    def open(self) -> str:
        """The id of the open record, from the page's address; "" for none."""
        return str(st.query_params.get("id", ""))[:64]

    def show(self, incident_id: str) -> None:
        """Open another record, or none."""
        self.clear()
        self.clash = None
        if incident_id:
            st.query_params["id"] = incident_id
        elif "id" in st.query_params:
            del st.query_params["id"]

    def clear(self) -> None:
        """Forget what the last action said of the open record."""
        self.errors, self.problem, self.place_problem, self.said = {}, "", "", ""

    def after(self, incident_id: str) -> str:
        """The record that stands after it in the queue as it was last shown, else before it."""
        if incident_id not in self.order:
            return ""
        at = self.order.index(incident_id)
        rest = self.order[at + 1 :] + tuple(reversed(self.order[:at]))
        return next(iter(rest), "")


def room() -> Room:
    """The one of this session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Room()
    found: Room = st.session_state[_KEY]
    return found
