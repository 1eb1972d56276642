"""A settlement as a person types it: type words, districts, slips, homonyms, the wrong keyboard."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.finder import find, holder

ATLAS = load_atlas()


@pytest.mark.parametrize(
    ("query", "name", "held_by"),
    [
        ("Кримск", "Крымск", "Крымский район"),
        ("тимашевск", "Тимашёвск", "Тимашёвский район"),
        ("станица анапская", "Анапская", "Анапа"),
        ("ст-ца Каневская", "Каневская", "Каневской район"),
        ("Октябрьский Ейский", "Октябрьский", "Ейский район"),
        ("Ейский район, пос. Октябрьский", "Октябрьский", "Ейский район"),
        ("Октябрский Ейского района", "Октябрьский", "Ейский район"),
        ("Крымск, мкр. Надежда", "Надежда", "Крымск, Крымский район"),
        ("Крымск Надежда", "Надежда", "Крымск, Крымский район"),
        ("гайдук новоросийск", "Гайдук", "Новороссийск"),
        ("rhsvcr", "Крымск", "Крымский район"),
        ("Адлер", "Адлер", "Сочи"),
        ("Краснодор", "Краснодар", ""),
    ],
)
def test_first_found(query, name, held_by):
    best = find(ATLAS, query)[0]
    assert (best.name, holder(best, ATLAS)) == (name, held_by)


def test_homonyms_are_told_apart_by_what_holds_them():
    found = [each for each in find(ATLAS, "октябрьский", limit=40) if each.name == "Октябрьский"]
    assert len(found) >= 15
    told = {(each.type, holder(each, ATLAS)) for each in found}
    assert len(told) >= len(found) - 4, "a few districts have two"


def test_what_is_no_settlement_comes_last():
    kinds = [each.type == "место" for each in find(ATLAS, "крым")]
    assert kinds == sorted(kinds)


@pytest.mark.parametrize("query", ["", " —!", "щщщщщщщщ", "Москва Ейский", "<>"])
def test_nothing(query):
    assert find(ATLAS, query) == []


@settings(max_examples=60, deadline=None)
@given(query=st.text(max_size=60))
def test_any_query_is_answered(query):
    assert len(find(ATLAS, query, limit=3)) <= 3
