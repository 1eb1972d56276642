"""The field for a place as a Streamlit component: type-ahead over /outages/suggest.json, and the browser's position.

The browser looks for the nearest places itself: of what people type and where they are Python hears only the place that
they chose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

import streamlit as st

_FOLDER = files("kubmap.web").joinpath("static", "residents")


@dataclass(frozen=True, slots=True)
class Choice:
    """A place as the field shows it: id, name, what tells it from its homonyms."""

    id: str
    name: str
    about: str


def _text(kind: str) -> str:
    return _FOLDER.joinpath(f"placefield.{kind}").read_text(encoding="utf-8")


_field = st.components.v2.component("kubmap_placefield", html=_text("html"), css=_text("css"), js=_text("js"))


def placefield(place: Choice | None, *, root: str, note: str = "", on_place: Callable[[], None], key: str) -> None:
    """The field with the chosen place; `note` is read out below it. `on_place` runs before the page does.

    `root` is what stands before the paths of this app.
    """
    _field(key=key, data={"place": _json(place), "note": note, "root": root}, on_place_change=on_place)


def chosen(key: str) -> str:
    """The id of the place that was chosen just now; "" for none any more."""
    found = st.session_state.get(key)
    return str(found.get("place") or "") if isinstance(found, Mapping) else ""


def _json(place: Choice | None) -> dict[str, str] | None:
    return None if place is None else {"id": place.id, "name": place.name, "about": place.about}
