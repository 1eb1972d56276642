"""Components of the desk: each is a module of static/desk that draws JSON data and sends actions back.

Streamlit's own text fields tell what was typed when they are left; these keep it at once. The module is loaded from
/assets, so browsers cache it; Streamlit only carries the data (one way) and the action (the other).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from kubmap.web import assets
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.components.v2.types import ComponentRenderer

    Act = Callable[[Mapping[str, Any]], None]

LOADER: Final = """
export default async function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const part = await import(new URL(data.module, document.baseURI).href);
  return part.default({ root: parentElement, data, send: (action) => setTriggerValue("act", action) });
}
"""


@lru_cache(maxsize=8)
def _component(base: str) -> ComponentRenderer:
    # one line alone would be taken for a path
    sheet = f'@import url("{base}{assets.url("desk", "desk.css")}");\n:host {{ display: block; }}'
    return st.components.v2.component("_".join(["kubmap_desk", *re.findall(r"\w+", base)]), js=LOADER, css=sheet)


def part(name: str, data: Mapping[str, Any], act: Act) -> None:
    """Show the part of that name; `act` gets what it sends, before the run that follows.

    Data are JSON. Text of people may be in them: parts write it with textContent.
    """
    key = f"desk-part-{name}"

    def acted() -> None:
        sent = st.session_state[key].get("act")
        if isinstance(sent, dict):
            act(sent)

    module = root() + assets.url("desk", f"{name}.js")
    _component(root())(key=key, data={**data, "module": module}, on_act_change=acted)
