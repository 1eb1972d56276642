"""Bins of a timeline: none lost, no gaps, a step that fits the period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.domain import Category
from kubmap.read.snapshot import Filter
from kubmap.read.timeline import Step, timeline
from tests.archives import incident, incidents, numbered, snapshot


def at(*days, **fields):
    return snapshot(*(incident(n, starts_at=day, **fields) for n, day in enumerate(days)))


@settings(max_examples=100, deadline=None)
@given(st.lists(incidents, max_size=40).map(numbered), st.integers(0, 4_000))
def test_every_dated_incident_is_in_one_bin(made, stretch):
    made = [*made, incident(9_999, starts_at=date(2021, 1, 1) + timedelta(days=stretch))]
    found = timeline(snapshot(*made), Filter())
    dated = [each.starts_at for each in made if each.starts_at]
    assert sum(each.count for each in found.bins) == len(dated)
    assert found.undated == len(made) - len(dated)
    starts = [each.start for each in found.bins]
    for each in found.bins:
        begun = [
            day for day in dated if day >= each.start and (each is found.bins[-1] or day < _after(starts, each.start))
        ]
        assert each.count == len(begun)
    assert found.bins[0].count
    assert found.bins[-1].count


def _after(starts, start):
    return starts[starts.index(start) + 1]


@pytest.mark.parametrize(
    ("last", "step", "starts"),
    [
        (date(2021, 11, 26), Step.DAY, [date(2021, 11, day) for day in (24, 25, 26)]),
        (date(2022, 3, 2), Step.WEEK, [date(2021, 11, 22), date(2021, 11, 29)]),
        (date(2025, 2, 1), Step.MONTH, [date(2021, 11, 1), date(2021, 12, 1), date(2022, 1, 1)]),
    ],
)
def test_the_step_follows_the_period(last, step, starts):
    found = timeline(at(date(2021, 11, 24), last), Filter())
    assert found.step is step
    assert [each.start for each in found.bins[: len(starts)]] == starts
    assert found.bins[-1].start <= last


def test_what_began_before_the_period_counts_on_its_first_day():
    archive = snapshot(
        incident(1, starts_at=date(2021, 1, 1), ends_at=date(2021, 3, 1), category=Category.OUTAGE_GAS),
        incident(2, starts_at=date(2021, 2, 3)),
    )
    found = timeline(archive, Filter(since=date(2021, 2, 1)))
    assert [(each.start, each.count) for each in found.bins] == [
        (date(2021, 2, 1), 1), (date(2021, 2, 2), 0), (date(2021, 2, 3), 1),
    ]  # fmt: skip
    assert found.bins[0].categories == {Category.OUTAGE_GAS: 1}


def test_nothing_gives_no_bins():
    assert timeline(snapshot(), Filter()).bins == ()
