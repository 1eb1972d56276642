"""Outage notices: golden cases and properties."""

from __future__ import annotations

from datetime import date

import pytest
from golden_files import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import growth

from kubmap.domain import Category, Interval, Utility
from kubmap.text.outage import read_outage
from kubmap.text.when import When, read

CASES = cases("outage.txt", 10)
TODAY = date(2022, 5, 6)


def shown(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return "/".join("" if moment is None else moment.isoformat()[:16] for moment in (interval.start, interval.end))


def joined(parts: tuple[str, ...]) -> str:
    return "; ".join(parts) or "-"


@pytest.mark.parametrize("row", CASES, ids=[row[9][:40] for row in CASES])
def test_golden(row: list[str]) -> None:
    category, text = Category(row[0]), row[9]
    when = read(text, None, TODAY, category=category)
    found = read_outage(text, None, when, category, TODAY)
    if found is None:
        assert row[1] == "-"
        return
    recovery = "-" if found.recovery_hours is None else "{:g}-{:g}".format(*found.recovery_hours)
    assert [
        found.kind.value, shown(found.works), joined(tuple(map(shown, found.supply))), recovery,
        joined(found.exceptions), joined(found.streets), found.cause or "-", (found.provider or "-").strip("«»"),
    ] == [*row[1:8], row[8].strip("«»")]  # fmt: skip


def test_the_title_helps_where_the_text_is_silent() -> None:
    found = read_outage(
        "Воды нет.", "Порыв трубы: МУП «Водоканал» отключил воду", When(None, None), Category.OUTAGE_WATER
    )
    assert found is not None
    assert found.utility is Utility.WATER
    assert found.cause == "Порыв трубы"
    assert found.provider == "МУП «Водоканал»"


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=400), category=st.sampled_from(Category))
def test_any_text_is_read(text: str, category: Category) -> None:
    found = read_outage(text, text[:50], When(None, None), category)
    assert (found is not None) is category.is_outage


@pytest.mark.parametrize(
    "unit", ["ул. Мира, ", "ул. ", "5, ", "из-за ", "Мира и ", "в течение 4 часов ", "напор ", "кроме ", "« "]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    def outage(text: str) -> None:
        read_outage(f"ул. Мира {text}", text, When(None, None), Category.OUTAGE_WATER)

    assert growth(outage, unit) < 40
