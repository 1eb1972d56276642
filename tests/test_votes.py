"""What all words say of a category: the table, when it is asked, what it is worth."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kubmap.text
from kubmap.atlas.words import fold
from kubmap.domain import Category
from kubmap.text.category import classify
from kubmap.text.tokens import tokenize
from kubmap.text.votes import STEM, shares, strongest, votes

TABLE = Path(kubmap.text.__file__).parent / "rules/votes.tsv"
RULELESS = "Девочка ушла из дома, родные просят помочь"


def words(text: str) -> list[str]:
    return [token.fold for token in tokenize(text)]


def test_the_table_is_whole() -> None:
    _, head, bias, *body = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines())
    assert head[:2] == ["begin", "rarity"]
    assert set(head[2:]) == set(Category)
    assert bias[0] == "*"
    begins = [row[0] for row in body]
    assert all(first < second for first, second in pairwise(begins))
    assert all(1 < len(begin) <= STEM and begin == fold(begin) for begin in begins)
    numbers = [[float(number) for number in row[1:]] for row in (bias, *body)]
    assert all(len(row) == 1 + len(Category) and all(map(math.isfinite, row)) for row in numbers)
    assert all(row[0] > 0 for row in numbers)


def test_names_of_places_do_not_speak() -> None:
    begins = {line.split("\t")[0] for line in TABLE.read_text("utf-8").splitlines()}
    assert not begins & {"красн", "кропо", "армав", "анапс", "новор", "тихор", "гелен", "апшер"}


def test_words_decide_where_no_rule_does() -> None:
    found = classify(RULELESS)
    assert not found.scores
    assert found.category is Category.MISSING_PERSON
    assert [reason.rule for reason in found.reasons] == ["missing_person:words"] * 2
    assert all(RULELESS[reason.start : reason.end] == reason.read for reason in found.reasons)


def test_words_are_not_asked_where_the_rules_are_sure() -> None:
    found = classify("Пенсионерка отдала курьеру все сбережения после звонка из банка")
    assert found.said is None
    assert not [reason for reason in found.reasons if reason.rule.endswith(":words")]


def test_a_word_alone_has_little_say() -> None:
    assert votes(["абвгд"]) == dict.fromkeys(votes(["абвгд"]), 0.0)
    alone = shares(votes(words("Пропал кот")))[Category.MISSING_PERSON]
    assert alone < shares(votes(words(RULELESS)))[Category.MISSING_PERSON]
    for text in ("", "Пожарная часть", "Свет", "Вода", "asdf qwer", "Водитель автобуса"):
        assert classify(text).category is Category.NONE


@settings(max_examples=60, deadline=None)
@given(st.permutations(words(RULELESS)), st.integers(1, 4))
def test_neither_order_nor_repetition_counts(order: list[str], times: int) -> None:
    assert votes(order * times) == pytest.approx(votes(words(RULELESS)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_shares_are_probabilities(text: str) -> None:
    found = shares(votes(words(text)))
    assert set(found) == set(Category)
    assert math.fsum(found.values()) == pytest.approx(1)


def test_the_strongest_words_come_first_and_once() -> None:
    assert strongest(words("пожар, пожары, пожаром; дым над крышей"), Category.FIRE, 2) == ["пожар", "дым"]
    assert strongest(words("пожар"), Category.FRAUD, 2) == []
