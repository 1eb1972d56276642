"""Three-way merging: the laws, over any values; what clashes is asked about, what does not is put together."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubmap.desk.merging import OUTAGE_PARTS, UNITS, merge, outages, three_way
from kubmap.domain import (
    MOSCOW,
    Casualties,
    Category,
    Incident,
    Interval,
    Location,
    Outage,
    Precision,
    Status,
    Utility,
)  # fmt: skip
from kubmap.store.checks import CHANGEABLE

NAMES = ("title", "text", "category", "location")
values = st.sampled_from(["a", "b", "c", None])
records = st.fixed_dictionaries(dict.fromkeys(NAMES, values))
BASE = Incident(
    "x", 1, Status.DRAFT, Category.OUTAGE_WATER, "Вода", "Не будет воды.",
    starts_at=datetime(2024, 3, 5, 9, tzinfo=MOSCOW), ends_at=datetime(2024, 3, 5, 17, tzinfo=MOSCOW),
    location=Location(45.0, 39.0, Precision.SETTLEMENT, 900, "Краснодар"), outage=Outage(Utility.WATER),
)  # fmt: skip


@given(records, records, records)
def test_every_field_is_theirs_mine_or_asked_about(base, theirs, mine):
    done = merge(base, theirs, mine)
    result, asked = {**theirs, **done.changes}, {each.name: each for each in done.clashes}
    for name in NAMES:
        was, their, my = base[name], theirs[name], mine[name]
        if their == my:
            assert result[name] == their
            assert name not in asked
        elif my == was:
            assert result[name] == their  # what only they changed is kept
            assert name in done.kept
        elif their == was:
            assert result[name] == my  # what only I changed is kept
        else:
            assert (asked[name].base, asked[name].theirs, asked[name].mine) == (was, their, my)
            assert name not in done.changes


@given(records, records)
def test_one_who_changed_nothing_changes_nothing(base, other):
    assert merge(base, other, base).changes == {}
    assert merge(base, other, other) == merge(other, other, other)
    alone = merge(base, base, other)
    assert not alone.clashes
    assert {**base, **alone.changes} == other


@given(records, records, records)
def test_the_order_of_the_two_does_not_matter(base, one, other):
    """The same fields clash, and the rest comes out the same, whoever saved first."""
    first, second = merge(base, one, other), merge(base, other, one)
    asked = {each.name for each in first.clashes}
    assert asked == {each.name for each in second.clashes}
    rest = [name for name in NAMES if name not in asked]
    assert {n: {**one, **first.changes}[n] for n in rest} == {n: {**other, **second.changes}[n] for n in rest}


def test_units_and_parts_cover_what_editors_change():
    others = {"status", "alternatives", "reasons", "duplicate_of", "sources"}
    assert set(UNITS) == CHANGEABLE - others
    assert {name for part in OUTAGE_PARTS for name in part} == {each.name for each in fields(Outage)}


def test_a_place_is_one_unit():
    mine = replace(BASE.location, label="Пашковский")
    theirs = replace(BASE, location=replace(BASE.location, lat=45.1))
    done = three_way(BASE, theirs, {"location": mine})
    assert [(each.name, each.mine) for each in done.clashes] == [("location", mine)]


def test_people_hurt_are_one_unit():
    theirs = replace(BASE, casualties=Casualties(dead=1, injured=2))
    done = three_way(BASE, theirs, {"casualties": Casualties(injured=3)})
    assert [each.name for each in done.clashes] == ["casualties"]


def test_parts_of_an_outage_are_put_together():
    works = Interval(BASE.starts_at, BASE.ends_at)
    theirs = replace(BASE, outage=replace(BASE.outage, streets=("улица Мира",)))
    done = three_way(BASE, theirs, {"outage": replace(BASE.outage, works=works)})
    assert done.changes["outage"] == replace(BASE.outage, works=works, streets=("улица Мира",))
    clash = three_way(BASE, theirs, {"outage": replace(BASE.outage, streets=("улица Победы",), works=works)})
    assert [each.name for each in clash.clashes] == ["outage"]
    assert outages(None, BASE.outage, BASE.outage)[1]


def test_times_that_pass_each_other_are_asked_about():
    theirs = replace(BASE, ends_at=datetime(2024, 3, 5, 12, tzinfo=MOSCOW))
    later = datetime(2024, 3, 5, 14, tzinfo=MOSCOW)
    done = three_way(BASE, theirs, {"starts_at": later, "title": "Нет воды"})
    assert [(each.name, each.mine) for each in done.clashes] == [("starts_at", later), ("ends_at", BASE.ends_at)]
    assert done.changes == {"title": "Нет воды"}
    fine = three_way(BASE, theirs, {"starts_at": datetime(2024, 3, 5, 10, tzinfo=MOSCOW)})
    assert not fine.clashes
    assert fine.kept == ("ends_at",)


@pytest.mark.parametrize("end", [date(2024, 3, 4), datetime(2024, 3, 5, 8, tzinfo=MOSCOW)])
def test_days_and_minutes_are_compared(end):
    done = three_way(BASE, replace(BASE, ends_at=end), {"starts_at": datetime(2024, 3, 5, 10, tzinfo=MOSCOW)})
    assert [each.name for each in done.clashes] == ["starts_at", "ends_at"]
