"""О данных: where everything comes from, how sure it is, how precision is to be read."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from kubmap.web import geolayers
from kubmap.web.mappage import border_note
from kubmap.web.pages import frame
from kubmap.web.pages.summary import population_note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.atlas.atlas import Atlas

LEVELS = {"high": "высокая", "medium-high": "выше средней", "medium": "средняя"}
"""Confidences that may be shown as fact, in words; `low` is not among them."""

UTILITIES = {"water": "вода", "power": "свет", "gas": "газ", "heat": "тепло"}


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("kubmap.web").joinpath("about.toml").read_text(encoding="utf-8"))


def level(confidence: str) -> str | None:
    """The confidence in words; None when it must not be shown as fact (low, or not stated)."""
    return LEVELS.get(confidence.split(" ", maxsplit=1)[0].split(";", maxsplit=1)[0].strip(",."))


def _table(rows: Iterable[dict[str, Any]], *, height: int) -> None:
    st.dataframe(pd.DataFrame(list(rows)), hide_index=True, width="stretch", height=height)


def _words(rows: Iterable[dict[str, str]]) -> None:
    """A short table of sentences: all of every cell is read, so the lines wrap."""
    st.table(pd.DataFrame(list(rows)), border="horizontal", hide_index=True)


def _zones(atlas: Atlas) -> None:
    st.subheader("Экономические зоны: состав и уверенность", anchor=False)
    known = [(each, level(each.confidence)) for each in atlas.municipalities.values()]
    _table(
        (
            {
                "Зона": atlas.zones[each.zone].name,
                "Муниципалитет": each.name,
                "Уверенность": words,
                "Население": each.population,
                "Год": each.population_year,
                "Источник": each.source,
            }
            for each, words in sorted(known, key=lambda pair: (pair[0].zone, pair[0].name))
            if words
        ),
        height=320,
    )
    doubtful = [each.name for each, words in known if not words]
    if doubtful:
        st.caption(f"Не подтверждено и как факт не показано: {', '.join(doubtful)}.")


def _providers(atlas: Atlas) -> None:
    st.subheader("Поставщики и места, которые они снабжают", anchor=False)
    areas = [(provider, area) for provider in atlas.providers.values() for area in provider.areas]
    sure = [(provider, area) for provider, area in areas if level(area.confidence)]
    _table(
        (
            {
                "Поставщик": provider.name,
                "Что": UTILITIES.get(provider.utility, provider.utility),
                "Где": area.text or atlas.municipalities[area.municipality].name,
                "Уверенность": level(area.confidence),
                "Источник": area.source,
            }
            for provider, area in sure
        ),
        height=320,
    )
    if len(sure) < len(areas):
        st.caption(f"Ещё {len(areas) - len(sure)} записей с низкой уверенностью как факт не показаны.")


def _borders(folder_note: str) -> None:
    st.subheader("Границы", anchor=False)
    st.markdown(
        f"{folder_note} Они построены по населённым пунктам, а не взяты из официальных описаний. Муниципалитет события "
        "берётся из его населённого пункта, а не из нарисованной границы."
    )


def show() -> None:
    """The page."""
    source, snapshot = frame.opened()
    frame.begin(snapshot, "О данных")
    st.markdown(
        "Карта собирает короткие новостные сообщения, сама читает в них дату, место и вид события и показывает, "
        "почему прочла именно так. Карта не знает больше, чем сказано в сообщении."
    )
    st.subheader("Как читать точность", anchor=False)
    _words({"Точность": each["name"], "Что это значит": each["text"]} for each in _texts()["precision"])
    _borders(border_note(geolayers.quality(source.folder)))
    st.subheader("Источники и лицензии", anchor=False)
    _words({"Что": each["what"], "Откуда": each["from"], "Лицензия": each["licence"]} for each in _texts()["source"])
    _zones(source.atlas)
    _providers(source.atlas)
    st.caption(population_note(source))
