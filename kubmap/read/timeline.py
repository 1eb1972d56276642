"""Timeline: how many incidents began in each day, week or month of a period, by category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from kubmap.domain import Category
from kubmap.read.columns import CATEGORIES, NO_DAY
from kubmap.read.snapshot import Filter, Rows, Snapshot


class Step(StrEnum):
    """Length of a bin; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_LONGEST = {Step.DAY: 92, Step.WEEK: 3 * 366}
"""Days of a period up to which a step serves; above both, months."""


@dataclass(frozen=True, slots=True)
class Bin:
    """From its first day on; only categories that occur."""

    start: date
    categories: dict[Category, int]

    @property
    def count(self) -> int:
        return sum(self.categories.values())


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bins without gaps, the first and the last not empty; `undated` are in none."""

    step: Step
    bins: tuple[Bin, ...]
    undated: int


def timeline(snapshot: Snapshot, wanted: Filter) -> Timeline:
    """What passes, over time."""
    return timeline_of(snapshot, snapshot.select(wanted), since=wanted.since)


def timeline_of(snapshot: Snapshot, rows: Rows, *, since: date | None = None) -> Timeline:
    """The rows over time: each once, on its first day, or on `since` when it began before."""
    first = snapshot.columns.first_day[rows].astype(np.int64)
    dated = first != NO_DAY
    if not dated.any():
        return Timeline(Step.DAY, (), len(rows))
    first = np.maximum(first[dated], since.toordinal()) if since else first[dated]
    step = step_of(int(first.max() - first.min()) + 1)
    return Timeline(step, tuple(_bins(snapshot, rows[dated], first, step)), int((~dated).sum()))


def step_of(days: int) -> Step:
    """The step for a period of so many days."""
    return next((step for step, longest in _LONGEST.items() if days <= longest), Step.MONTH)


def _bins(snapshot: Snapshot, rows: Rows, first: Rows, step: Step) -> Iterator[Bin]:
    starts = list(_starts(date.fromordinal(int(first.min())), date.fromordinal(int(first.max())), step))
    numbers = np.searchsorted([each.toordinal() for each in starts], first, side="right") - 1
    width = len(CATEGORIES)
    cells = numbers * width + snapshot.columns.category[rows]
    table = np.bincount(cells, minlength=len(starts) * width).reshape(-1, width)
    for start, counts in zip(starts, table, strict=True):
        yield Bin(start, {CATEGORIES[code]: int(counts[code]) for code in np.flatnonzero(counts)})


def _starts(first: date, last: date, step: Step) -> Iterator[date]:
    """First days of the bins that hold the two days and all between."""
    at = first
    if step is Step.WEEK:
        at -= timedelta(days=first.weekday())
    elif step is Step.MONTH:
        at = first.replace(day=1)
    while at <= last:
        yield at
        at = _next(at, step)


def _next(day: date, step: Step) -> date:
    if step is Step.MONTH:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(days=7 if step is Step.WEEK else 1)
