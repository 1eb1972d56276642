"""Folding: the length is kept, so that offsets hold; spelling variants meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubmap.atlas.words import fold, words
from kubmap.text.tokens import tokenize


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_tokens_cover_all_but_white_space_and_keep_their_spans(text: str) -> None:
    tokens = tokenize(text)
    assert all(text[t.start : t.end] == t.text for t in tokens)
    assert "".join(t.text for t in tokens) == "".join(text.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [("Кущёвская", "КУЩЕВСКАЯ"), ("Славянск-на-Кубани", "славянск на кубани"), ("Усть‑Лабинск", "Усть-Лабинск")],
)
def test_spelling_variants_are_the_same_words(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_a_dash_between_places_is_not_a_hyphen() -> None:
    assert fold("Кропоткин – Краснодар") == "кропоткин — краснодар"
    assert fold("Усть-Лабинск") == "усть-лабинск"


def test_numbers_and_letters_are_apart() -> None:
    assert [t.text for t in tokenize("на 11-м км М-4")] == ["на", "11", "-", "м", "км", "М", "-", "4"]
