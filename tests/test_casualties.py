"""People hurt: golden cases and properties."""

from __future__ import annotations

import pytest
from golden_files import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import growth

from kubmap.domain import Casualties, Category
from kubmap.text.casualties import read

WORDS = [
    "двое", "5", "человек", "и", ",", "погибли", "ранены", "ребёнок", "включая", "жертвами", "стали", "унесла", "жизни",
    "никто", "не", "ещё",
]  # fmt: skip
CASES = cases("casualties.txt", 5)


def number(said: str) -> int | None:
    return None if said == "-" else int(said)


@pytest.mark.parametrize(("dead", "injured", "children", "text", "title"), CASES, ids=[row[3][:40] for row in CASES])
def test_golden(dead: str, injured: str, children: str, text: str, title: str) -> None:
    found, reasons = read(text, title or None)
    assert found == Casualties(number(dead), number(injured), number(children))
    assert bool(reasons) is (found != Casualties())


def test_who_was_robbed_by_fraud_is_not_hurt() -> None:
    assert read("Пострадали 60 человек, они потеряли деньги.", category=Category.FRAUD) == (Casualties(), ())


@settings(max_examples=100, deadline=None)
@given(dead=st.integers(2, 400), injured=st.integers(2, 400))
def test_digits_are_read_back(dead: int, injured: int) -> None:
    found, _ = read(f"В аварии погибли {dead} человек, ещё {injured} получили травмы.")
    assert (found.dead, found.injured) == (dead, injured)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    _, reasons = read(text, text[:60])
    for reason in reasons:
        source = text[:60] if reason.source == "title" else text
        assert source[reason.start : reason.end] == reason.read


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=80,
    )
)
def test_any_order_of_words_is_read(words: list[str]) -> None:
    found, _ = read(" ".join(words))
    assert all(value is None or value >= 0 for value in (found.dead, found.injured, found.children))


@pytest.mark.parametrize(
    "unit", ["двое ", "двое и ", "погибли ", "двое, ", "не пострадал ", "ребёнок погиб ", "5", "никто нет "]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    assert growth(lambda text: read(text, text), unit) < 40
