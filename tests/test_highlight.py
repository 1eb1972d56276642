"""Marks in a teaser's text."""

from __future__ import annotations

from html import unescape
from re import sub

from hypothesis import given
from hypothesis import strategies as some

from kubmap.domain import Reason
from kubmap.web.highlight import marked
from tests.web_items import HOSTILE


def test_words_read_are_marked_with_their_note():
    assert marked("в 5:00 утра", [Reason("clock", "время", 2, 6)]) == 'в <mark title="время">5:00</mark> утра'


def test_the_shortest_of_overlapping_ones_wins():
    reasons = [
        Reason("all", "всё", 0, 6),
        Reason("clock", "время", 2, 6),
        Reason("title", "иное", 0, 1, source="title"),
    ]
    assert marked("в 5:00", reasons) == 'в <mark title="время">5:00</mark>'


def test_hostile_text_and_notes_are_escaped():
    found = marked(HOSTILE, [Reason("x", '"><script>', 0, 5)])
    assert "<script" not in found
    assert "<img" not in found


@given(some.text(max_size=60), some.lists(some.tuples(some.integers(-5, 70), some.integers(-5, 70)), max_size=6))
def test_the_text_stays_whole(text, places):
    found = marked(text, [Reason("x", "n", start, end) for start, end in places])
    assert unescape(sub(r"</?mark[^>]*>", "", found)) == text
