"""What a teaser is about: golden cases, reasons that point at words, robustness."""

from __future__ import annotations

import pytest
from golden_files import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import growth

from kubmap.domain import Category
from kubmap.text.category import classify
from kubmap.text.data import load
from kubmap.text.frame import main_part, read_frame

SCHEDULED = {"true": True, "false": False, "-": None}
WORDS = [
    "авария", "вода", "нет", "без", "света", "машина", "столкнулись", "из-за", "за", "сутки", "ДТП", ".", ",", "22:00",
]  # fmt: skip
CASES = cases("category.txt", 4)


@pytest.mark.parametrize(("category", "planned", "text", "title"), CASES, ids=[row[2][:40] for row in CASES])
def test_golden(category: str, planned: str, text: str, title: str) -> None:
    found = classify(text, title or None)
    assert found.category == Category(category), found.scores
    if found.category.is_outage:
        assert found.is_scheduled is SCHEDULED[planned]
    else:
        assert found.is_scheduled is None


def test_every_category_has_cases() -> None:
    assert {row[0] for row in CASES} == {category.value for category in Category}
    assert len(CASES) > 400


def test_rules_and_classes_know_each_other() -> None:
    """Each class that a rule asks for is in the lexicon, each class is asked for, each rule has a name of its own."""
    classes, tables = set(load("lexicon")["concepts"]), load("category")
    rules = [row for name in ("rules", "planned") for rows in tables[name].values() for row in rows]
    asked = {word for row in rules for word in (*row["has"], *row.get("unless", ()))}
    assert asked == classes
    names = [row["name"] for row in rules]
    assert sorted(names) == sorted(set(names))


def test_reasons_point_at_what_was_read() -> None:
    text, title = "Грузовик и автобус столкнулись на трассе.", "ДТП под Ейском"
    found = classify(text, title)
    assert {reason.source for reason in found.reasons} == {"text", "title"}
    for reason in found.reasons:
        source = title if reason.source == "title" else text
        assert source[reason.start : reason.end] == reason.read
        assert reason.rule.startswith("road_accident:")
        assert reason.note


def test_a_tail_is_not_evidence() -> None:
    told = "В Анапе открыли новый парк. Ранее в Сочи загорелся склад, погибли двое."
    assert classify(told).category is Category.NONE
    assert classify("В Сочи загорелся склад, погибли двое.").category is Category.FIRE


def test_a_dateline_is_cut() -> None:
    text = "КРАСНОДАР, 5 мая — ТАСС. Пожар начался на складе. Читайте также: ДТП в Ейске."
    start, end = main_part(text)
    assert text[start:end].strip() == "Пожар начался на складе."
    assert read_frame("Вечером в среду, 4 мая, перевернулся автобус.").dateline is None
    assert read_frame("Армавир, 3 января. Прорвало водовод.").dateline == (0, 19)


def test_a_tail_ends_where_the_story_comes_back() -> None:
    text = "Воду отключили. Ранее её обещали дать к 14:00. Теперь срок сдвинули на 15:30."
    frame = read_frame(text)
    assert frame.main == (0, len(text))
    assert frame.in_tail(text.index("14:00"))
    assert not frame.in_tail(text.index("15:30"))


def test_sentences_survive_abbreviations() -> None:
    text = "Дом по ул. Мира, в ст. Северской, сгорел в 19. 00 мск. Погиб А. Петров и др. жильцы. Всё."
    assert [text[s:e].strip() for s, e in read_frame(text).sentences] == [
        "Дом по ул. Мира, в ст. Северской, сгорел в 19. 00 мск.",
        "Погиб А. Петров и др. жильцы.",
        "Всё.",
    ]


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400), title=st.none() | st.text(max_size=80))
def test_any_text_is_classified(text: str, title: str | None) -> None:
    found = classify(text, title)
    for reason in found.reasons:
        source = title if reason.source == "title" else text
        assert source is not None
        assert source[reason.start : reason.end] == reason.read
    start, end = main_part(text)
    assert 0 <= start <= end <= len(text)


@settings(max_examples=80, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(WORDS),
        max_size=80,
    )
)
def test_any_order_of_cue_words_is_classified(words: list[str]) -> None:
    assert classify(" ".join(words)).category in Category


@pytest.mark.parametrize(
    "unit", ["авария ", "вода без света ", "а", "Ранее. ", "1", "«", "за сутки 13 ДТП ", "\x00", "ё́"]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    assert growth(lambda text: classify(text, text), unit) < 40
