"""When it happened: golden cases and properties."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from golden_files import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import growth

from kubmap.domain import MOSCOW, Category, Moment
from kubmap.text.clocks import clocks
from kubmap.text.when import read

CASES = cases("when.txt", 6)
MONTHS = [
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
]  # fmt: skip
WORDS = [
    "с", "до", "в", "5", "22", ":", ".", "30", "мая", "31", "среду", "ночь", "на", "час", "утра", "полночь", "по", "-",
    "вчера", "2022", "года",
]  # fmt: skip


def moment(said: str) -> Moment | None:
    if said == "-":
        return None
    return datetime.fromisoformat(said).replace(tzinfo=MOSCOW) if "T" in said else date.fromisoformat(said)


@pytest.mark.parametrize(
    ("category", "published", "starts", "ends", "text", "title"), CASES, ids=[row[4][:40] for row in CASES]
)
def test_golden(category: str, published: str, starts: str, ends: str, text: str, title: str) -> None:
    found = read(text, title or None, moment(published), category=Category(category))
    assert (found.starts_at, found.ends_at) == (moment(starts), moment(ends))


def test_reasons_point_at_what_was_read() -> None:
    text = "Авария произошла вчера в 21:30 на трассе."
    found = read(text, None, date(2022, 5, 6), category=Category.ROAD_ACCIDENT)
    assert {reason.read for reason in found.reasons} == {"вчера", "21:30"}
    assert all(text[reason.start : reason.end] == reason.read for reason in found.reasons)


def test_a_naive_and_an_aware_publication_are_the_same() -> None:
    text = "Вчера в 21:30 столкнулись машины."
    aware = datetime(2022, 5, 6, 10, tzinfo=MOSCOW)
    assert read(text, None, aware).starts_at == read(text, None, aware.replace(tzinfo=None)).starts_at


def test_supply_windows_are_kept_apart() -> None:
    text = "Воды не будет с 22:00 6 мая до 14:00 7 мая. Вода будет подаваться с 6:00 до 9:00 и с 18:00 до 21:00."
    found = read(text, None, date(2022, 5, 6), category=Category.OUTAGE_WATER)
    assert [(w.start.hour, w.end.hour) for w in found.supply if isinstance(w.start, datetime)] == [(6, 9), (18, 21)]
    assert found.works is not None
    assert found.works.end == found.ends_at


@settings(max_examples=200, deadline=None)
@given(
    day=st.dates(date(2010, 1, 1), date(2035, 12, 31)), minute=st.integers(0, 24 * 60 - 1), later=st.integers(0, 200)
)
def test_a_written_date_and_clock_are_read_back(day: date, minute: int, later: int) -> None:
    hours, minutes = divmod(minute, 60)
    text = f"Авария произошла {day.day} {MONTHS[day.month - 1]} в {hours}:{minutes:02} на трассе под Ейском."
    found = read(text, None, day + timedelta(days=later), category=Category.ROAD_ACCIDENT)
    assert found.starts_at == datetime(day.year, day.month, day.day, hours, minutes, tzinfo=MOSCOW)


@settings(max_examples=100, deadline=None)
@given(start=st.integers(0, 23), end=st.integers(0, 24), day=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_an_interval_ends_after_its_start(start: int, end: int, day: date) -> None:
    text = f"Свет отключат {day.day} {MONTHS[day.month - 1]} {day.year} года с {start}:00 до {end}:00."
    found = read(text, None, None, category=Category.OUTAGE_POWER)
    assert isinstance(found.starts_at, datetime)
    assert isinstance(found.ends_at, datetime)
    assert timedelta(0) < found.ends_at - found.starts_at <= timedelta(days=1)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400), category=st.sampled_from(Category))
def test_any_text_is_read(text: str, category: Category) -> None:
    found = read(text, text[:50], date(2022, 5, 6), category=category)
    for reason in found.reasons:
        source = text[:50] if reason.source == "title" else text
        assert source[reason.start : reason.end] == reason.read


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=60,
    )
)
def test_any_order_of_time_words_is_read(words: list[str]) -> None:
    for joiner in (" ", ""):
        text = joiner.join(words)
        read(text, None, date(2022, 5, 6), category=Category.OUTAGE_WATER)
        assert all(0 <= clock.minute <= 1440 for clock in clocks(text))


@pytest.mark.parametrize(
    "unit", ["в 5:00 ", "с 6 до 9 ", "5 мая, ", "1, ", "в среду ", "час ", "12 и ", "ночь с 1 ", "9"]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    assert growth(lambda text: read(text, text, date(2022, 5, 6), category=Category.OUTAGE_WATER), unit) < 40
