"""Charts that a newspaper could print: bars with their numbers, one accent a category, no grid, words in Russian."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from kubmap.feeds import words
from kubmap.read.timeline import Step
from kubmap.web import palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubmap.read.summary import Tally
    from kubmap.read.timeline import Timeline

FONT = "PT Sans, Noto Sans, system-ui, Segoe UI, Roboto, sans-serif"
BAR = 17
"""Height of a bar, pixels."""

FEW_BINS = 8
"""Up to so many columns they keep one width; a single one is no wall of colour."""

STEPS = {Step.DAY: "День", Step.WEEK: "Неделя", Step.MONTH: "Месяц"}


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of a chart on one kind of paper."""

    text: str
    soft: str
    bar: str
    dark: bool


GROUPED = 10_000
"""From five digits on thousands stand apart."""
LIGHT = Ink("#1d1d1b", "#5d5b56", "#5b7f9e", dark=False)
DARK = Ink("#eceae5", "#a9a79f", "#7fa6c7", dark=True)


def _plain(chart: alt.LayerChart | alt.Chart, ink: Ink) -> alt.LayerChart | alt.Chart:
    return (
        chart.configure(background="transparent", font=FONT, numberFormat=",.6~g")
        .configure_view(stroke=None)
        .configure_axis(
            grid=False,
            domain=False,
            ticks=False,
            labelFontSize=13,
            labelColor=ink.text,
            labelLimit=280,
            labelPadding=8,
            title=None,
        )
        .configure_legend(
            labelFontSize=13,
            labelColor=ink.text,
            title=None,
            orient="top",
            symbolType="square",
            labelLimit=240,
            columns=4,
        )
    )


def number(value: float) -> str:
    """«1,25», «12», «100 000»: Russian decimals and thousands, no more digits than tell something."""
    if value >= GROUPED:
        return f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")
    text = f"{value:.0f}" if value >= 100 or value == round(value) else f"{value:.2g}" if value < 1 else f"{value:.1f}"
    return text.replace(".", ",")


def bars(
    rows: Sequence[Tally], ink: Ink, *, per_10000: bool = False, colours: Sequence[str] | None = None
) -> alt.LayerChart:
    """Horizontal bars with their numbers, longest first."""
    values = [(row.per_10000 or 0.0) if per_10000 else float(row.count) for row in rows]
    frame = pd.DataFrame(
        {
            "name": [row.name for row in rows],
            "value": values,
            "label": [number(value) for value in values],
            "colour": list(colours) if colours else [ink.bar] * len(rows),
        }
    )
    order = list(frame.sort_values("value", ascending=False, kind="stable")["name"])
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=order),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domainMin=0)),
    )
    bar = base.mark_bar(height=BAR).encode(
        color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("name:N", title="Где"), alt.Tooltip("label:N", title="Сколько")],
    )
    text = base.mark_text(align="left", dx=5, fontSize=13, color=ink.text).encode(text="label:N")
    return _plain((bar + text).properties(height=alt.Step(BAR + 9)), ink)


def over_time(found: Timeline, ink: Ink) -> alt.Chart:
    """Stacked columns, one a day, week or month, one accent a category."""
    accents = {accent.category: accent for accent in palette.accents()}
    labels = [bin_words(each.start, found.step) for each in found.bins]
    frame = pd.DataFrame(
        [
            {"bin": label, "category": accents[category].name, "count": count}
            for label, each in zip(labels, found.bins, strict=True)
            for category, count in each.categories.items()
            if category in accents
        ]
    )
    used = [accent for accent in palette.accents() if not frame.empty and accent.name in set(frame["category"])]
    scale = alt.Scale(
        domain=[each.name for each in used], range=[each.dark if ink.dark else each.light for each in used]
    )
    chart = (
        alt.Chart(frame)
        .mark_bar(**({"size": 64} if len(labels) <= FEW_BINS else {"width": {"band": 0.7}}))
        .encode(
            x=alt.X("bin:N", sort=labels, axis=alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=24)),
            y=alt.Y("sum(count):Q", axis=alt.Axis(tickMinStep=1, format="d", labelColor=ink.soft)),
            color=alt.Color("category:N", scale=scale),
            tooltip=[
                alt.Tooltip("bin:N", title=STEPS[found.step]),
                alt.Tooltip("category:N", title="Категория"),
                alt.Tooltip("sum(count):Q", title="Событий", format="d"),
            ],
        )
        .properties(height=240)
    )
    return _plain(chart, ink)


def bin_words(start: date, step: Step) -> str:
    """«22 ноября 2021», «22–28 ноября 2021», «ноябрь 2021»."""
    if step is Step.MONTH:
        return words.month_words(start)
    last = start + timedelta(days=6 if step is Step.WEEK else 0)
    return words.interval_words(start, last) or ""
