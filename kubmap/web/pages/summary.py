"""Сводка: how many incidents where and when, as charts for print and as a table to take away."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from kubmap.domain import Category
from kubmap.feeds import table, words
from kubmap.read.snapshot import Filter
from kubmap.read.summary import Summary, summarise
from kubmap.web import charts, palette
from kubmap.web.pages import frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kubmap.read.snapshot import Snapshot
    from kubmap.read.summary import Tally
    from kubmap.web.source import Source

HEADER = ("Разрез", "Название", "Событий", "Население", "На 10 000 жителей")


def _period(snapshot: Snapshot) -> tuple[date, date] | None:
    whole = snapshot.period
    if whole is None:
        return None
    chosen = st.date_input(
        "Период", value=whole, min_value=whole[0], max_value=whole[1], format="DD.MM.YYYY", key="period",
        bind="query-params",
    )  # fmt: skip
    return (chosen[0], chosen[-1]) if isinstance(chosen, tuple) and chosen else whole


def _summary(source: Source, snapshot: Snapshot, period: tuple[date, date] | None) -> Summary:
    wanted = Filter(since=period[0], until=period[1]) if period else Filter()
    return _summarised(source, snapshot, wanted)


@lru_cache(maxsize=16)
def _kept(revision: str, wanted: Filter) -> list[Summary]:
    """A place for the summary of a state; sessions and reruns share it."""
    del revision, wanted
    return []


def _summarised(source: Source, snapshot: Snapshot, wanted: Filter) -> Summary:
    kept = _kept(snapshot.etag, wanted)
    if not kept:
        kept.append(_made(source, snapshot, wanted))
    return kept[0]


def _made(source: Source, snapshot: Snapshot, wanted: Filter) -> Summary:
    return summarise(
        snapshot,
        wanted,
        zones=source.atlas.zones.values(),
        municipalities=source.atlas.municipalities.values(),
        names={category: words.category_name(category) for category in Category},
    )


def _rows(found: Summary) -> list[tuple[object, ...]]:
    parts = (("Зона", found.zones), ("Муниципалитет", found.municipalities), ("Категория", found.categories))
    rows: list[tuple[object, ...]] = [
        (part, row.name, row.count, row.population, None if row.per_10000 is None else round(row.per_10000, 4))
        for part, tallies in parts
        for row in tallies
    ]
    step = found.timeline.step
    rows += [
        (charts.STEPS[step], charts.bin_words(each.start, step), each.count, None, None) for each in found.timeline.bins
    ]
    return rows


def population_note(source: Source) -> str:
    """Of which years the population figures are, as the atlas states them."""
    counts = Counter(each.population_year for each in source.atlas.municipalities.values())
    parts = [f"{year} года у {count}" for year, count in counts.most_common()]
    return f"Население муниципалитетов: данные {', '.join(parts)} из {counts.total()}."


def _chart(chart: object) -> None:
    st.altair_chart(chart, width="stretch", theme=None)


def _places(title: str, shown: Sequence[Tally], ink: charts.Ink, *, left: str) -> None:
    st.subheader(title, anchor=False)
    if not any(row.count for row in shown):
        st.caption("За этот период ни одно событие не отнесено к одному такому месту.")
        return
    absolute, relative = st.columns(2, gap="large")
    with absolute:
        st.caption("Событий")
        _chart(charts.bars(shown, ink))
    with relative:
        st.caption("На 10 000 жителей")
        _chart(charts.bars(shown, ink, per_10000=True))
    st.caption(left)


def _categories(found: Summary, ink: charts.Ink) -> None:
    st.subheader("По категориям", anchor=False)
    colours = {each.category.value: each.dark if ink.dark else each.light for each in palette.accents()}
    _chart(charts.bars(found.categories, ink, colours=[colours.get(row.id, ink.bar) for row in found.categories]))


def _table(found: Summary, period: tuple[date, date] | None) -> None:
    st.subheader("Таблица", anchor=False)
    rows = _rows(found)
    st.dataframe(
        pd.DataFrame(rows, columns=list(HEADER)),
        hide_index=True,
        width="stretch",
        height=280,
        column_config={"Население": st.column_config.NumberColumn(format="localized")},
    )
    name = f"svodka_{period[0]}_{period[1]}.csv" if period else "svodka.csv"
    st.download_button("Скачать таблицу (CSV)", table.table(HEADER, rows).encode(), file_name=name, mime="text/csv")


def show() -> None:
    """The page."""
    source, snapshot = frame.opened()
    frame.begin(snapshot, "Сводка")
    period = _period(snapshot)
    found = _summary(source, snapshot, period)
    if not found.total:
        st.info("За этот период событий нет.")
        return
    ink = frame.ink()
    total, krai = charts.number(found.total), charts.number(found.krai)
    st.markdown(f"Событий за период: **{total}**, из них о крае целиком: **{krai}**.")
    _places(
        "По экономическим зонам",
        found.zones,
        ink,
        left=(
            "Событие на дороге или в местах нескольких зон считается в каждой из них: таких "
            f"{charts.number(found.several_zones)}. "
            f"Не отнесены ни к одной (весь край, место неизвестно): {charts.number(found.no_zone)}."
        ),
    )
    _categories(found, ink)
    st.subheader("По времени", anchor=False)
    if found.timeline.bins:
        _chart(charts.over_time(found.timeline, ink))
    _places(
        "По муниципалитетам",
        [row for row in found.municipalities if row.count],
        ink,
        left=f"Не отнесены ни к одному муниципалитету: {found.no_municipality}.",
    )
    st.caption(f"{population_note(source)} Источники на странице «О данных».")
    _table(found, period)
