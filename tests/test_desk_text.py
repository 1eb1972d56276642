"""The text cut where rules read something; nothing of it is lost, whatever the spans."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubmap.domain import Reason
from kubmap.geocode.reading import parse
from kubmap.web.editor.text import Segment, kind_of, segments

TEXT = "Пожар в Крымске 22 ноября, погибли двое."
reasons_ = st.lists(
    st.builds(
        Reason,
        rule=st.sampled_from(["fire:fire", "when:day", "where:settlement", "casualties:after", "true:planned"]),
        note=st.text(max_size=5),
        start=st.integers(-3, 60) | st.none(),
        end=st.integers(-3, 60) | st.none(),
        source=st.sampled_from(["text", "title"]),
    ),
    max_size=12,
)


@given(st.text(max_size=50), reasons_)
def test_the_pieces_are_the_text(text, reasons):
    assert "".join(each.text for each in segments(text, reasons, source="text")) == text


def test_kinds_and_notes():
    reasons = [
        Reason("fire:fire", "пожар", 0, 5),
        Reason("where:settlement", "населённый пункт", 8, 15),
        Reason("when:day", "день", 16, 25),
        Reason("casualties:after", "погибшие", 27, 39),
        Reason("fire:word", "горит", 0, 5),
        Reason("where:other", "из заголовка", 0, 5, source="title"),
    ]
    assert segments(TEXT, reasons, source="text") == (
        Segment("Пожар", "category", ("пожар", "горит")),
        Segment(" в "),
        Segment("Крымске", "place", ("населённый пункт",)),
        Segment(" "),
        Segment("22 ноября", "time", ("день",)),
        Segment(", "),
        Segment("погибли двое", "hurt", ("погибшие",)),
        Segment("."),
    )


def test_a_longer_span_keeps_what_is_worth_of_it():
    reasons = [Reason("fire:long", "долго", 0, 39), Reason("when:day", "день", 16, 25)]
    found = [(each.text, each.kind) for each in segments(TEXT, reasons, source="text") if each.kind]
    assert found == [("Пожар в Крымске", "category"), ("22 ноября", "time"), ("погибли двое", "category")]


def test_words_that_moved_are_not_marked():
    assert segments("Был " + TEXT, [Reason("fire:fire", "пожар", 0, 5, read="Пожар")], source="text") == (
        Segment("Был " + TEXT),
    )


def test_every_rule_of_a_reading_has_a_kind():
    found = parse(
        "Авария произошла 22 ноября около 5:00 на 11-м км трассы М-4 «Дон», погибли двое. Плановые работы.",
        published="2021-11-23",
    )
    kinds = {kind_of(each.rule) for each in found.reasons}
    assert {"category", "time", "place", "hurt"} <= kinds
