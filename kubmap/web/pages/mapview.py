"""Карта: the frame of /map, then numbers, a chart and the newest records. A rerun sends neither the map nor its data.

The map has filters of its own, kept in its address. Those below it choose only the numbers and the list; they live in
the page's address, so that a link to the page is a link to them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from kubmap.domain import Category
from kubmap.feeds import geojson, words
from kubmap.read.snapshot import Filter
from kubmap.read.summary import Summary, summarise
from kubmap.web import charts, palette
from kubmap.web.pages import frame
from kubmap.web.params import FILTERS
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

HEIGHT = 760
PASSED_ON = (*(param.name for param in FILTERS), "by", "lat", "lon", "z", "id")
"""What of the page's own address goes to the map: a link to the page is a link to the view."""

PERIODS = {"7 дней": 7, "30 дней": 30, "Год": 365, "Всё время": None}
NEWEST = 10


def address() -> str:
    """The map's address with what the reader's link asked for; the same between reruns, so the frame stays."""
    asked = {name: st.query_params[name][:400] for name in PASSED_ON if name in st.query_params}
    theme = st.context.theme.type  # None where the browser has not told: then the map follows the system
    return f"{root()}/map?" + urlencode({**asked, **({"theme": theme} if theme else {})})


def show() -> None:
    """The page."""
    source, snapshot = frame.opened()
    st.html(frame.STYLE)
    st.html(frame.MAP_STYLE)
    st.iframe(address(), height=HEIGHT, alt="Карта происшествий и отключений Краснодарского края")
    wanted = _wanted(snapshot)
    numbers, rows = _found(source, snapshot, wanted)
    for column, (name, value) in zip(st.columns(4), _metrics(numbers, snapshot, wanted), strict=True):
        column.metric(name, value)
    _below(numbers, rows)


def _wanted(snapshot: Snapshot) -> Filter:
    """The filter of the numbers, from two controls bound to the address."""
    names = {words.category_short(each.category): each.category for each in palette.accents()}
    left, right = st.columns([2, 3], gap="large")
    with left:
        period = st.segmented_control(
            "Числа и список за", list(PERIODS), default="Всё время", key="days", bind="query-params"
        )
    with right:
        kinds = st.pills("Что считать", list(names), selection_mode="multi", key="kinds", bind="query-params")
    since, until = _days(snapshot, PERIODS.get(period or "Всё время"))
    return Filter(categories=frozenset(names[kind] for kind in kinds) or None, since=since, until=until)


def _days(snapshot: Snapshot, length: int | None) -> tuple[date | None, date | None]:
    """The last days up to the newest that is told; what is announced for later days is in the whole time only."""
    if length is None or snapshot.period is None:
        return None, None
    last = snapshot.period[1]
    return last - timedelta(days=length - 1), last


@lru_cache(maxsize=64)
def _kept(etag: str, wanted: Filter) -> dict[str, Any]:
    """A place for what was found at a state of the store; sessions and reruns share it."""
    del etag, wanted
    return {}


def _found(source: Source, snapshot: Snapshot, wanted: Filter) -> tuple[Summary, list[dict[str, str]]]:
    """The counts and the newest records; worked out once a state of the store."""
    kept = _kept(snapshot.etag, wanted)
    if not kept:
        names = {category: words.category_name(category) for category in Category}
        kept["rows"] = [_row(snapshot, int(row)) for row in snapshot.select(wanted)[:NEWEST]]
        kept["numbers"] = summarise(
            snapshot,
            wanted,
            zones=source.atlas.zones.values(),
            municipalities=source.atlas.municipalities.values(),
            names=names,
        )
    return kept["numbers"], kept["rows"]


def _row(snapshot: Snapshot, row: int) -> dict[str, str]:
    found = geojson.brief(snapshot.brief(row))
    told = found["properties"]
    return {
        "Что": words.category_name(Category(told["category"])),
        "Событие": told["title"],
        "Когда": told["when"],
        "Где": told["place"] or "место не установлено",
        "Карточка": urlencode({"id": found["id"]}),
    }


def _metrics(numbers: Summary, snapshot: Snapshot, wanted: Filter) -> tuple[tuple[str, str], ...]:
    """What stands in one row: counts over the columns, no record is read."""
    counts = {row.id: row.count for row in numbers.categories}
    dead = snapshot.columns.dead[snapshot.select(wanted)]
    told = int(dead[dead > 0].sum())
    return (
        ("Событий", charts.number(numbers.total)),
        ("Отключений", charts.number(sum(count for name, count in counts.items() if Category(name).is_outage))),
        ("ДТП", charts.number(counts.get(Category.ROAD_ACCIDENT.value, 0))),
        # a fatal accident may be told without a number: no number is not nobody
        ("Погибших, где число названо", charts.number(told) if told else "не указано"),
    )


def _below(numbers: Summary, rows: list[dict[str, str]]) -> None:
    if not rows:
        st.caption("За эти дни и с таким отбором событий нет.")
        return
    ink = frame.ink()
    st.subheader("По времени", anchor=False)
    st.altair_chart(charts.over_time(numbers.timeline, ink), width="stretch", theme=None)
    st.subheader("Последние события", anchor=False)
    link = st.column_config.LinkColumn("Карточка", display_text="на карте")
    linked = [{**row, "Карточка": f"{root()}/map?{row['Карточка']}"} for row in rows]  # rows are kept for all
    st.dataframe(linked, hide_index=True, width="stretch", column_config={"Карточка": link})
