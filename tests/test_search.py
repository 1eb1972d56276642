"""Words of a query: ё-blind, by prefix, one slip forgiven, all of them wanted; the same however the index grew."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.read import search
from kubmap.read.search import SearchIndex, needles, slips, stem_of
from kubmap.read.snapshot import Filter
from tests.archives import incident, point, snapshot

TEXTS = (
    ("Сгорела ёлка на площади", "Ейск"),
    ("Отключение электроэнергии на улице Красной", "станица Динская"),
    ("Авария на М-4 «Дон», 1362-й километр", "М-4 «Дон»"),
    ("Пожарные тушили склад", "Тимашёвск"),
    ("Minsk-trans перевёз пассажиров", "Минский переулок"),
)


def made():
    return snapshot(
        *(incident(n, text=text, location=point(39, 45, label=label)) for n, (text, label) in enumerate(TEXTS))
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ЕЛКА", {0}),
        ("ёлк", {0}),
        ("сгорела ейск", {0}),
        ("сгорела динская", set()),
        ("электро", {1}),
        ("электроенергии", {1}),  # another letter
        ("электоэнергии", {1}),  # one less
        ("элекктроэнергии", {1}),  # one more
        ("элеткроэнергии", {1}),  # two swapped
        ("элетроенергии", set()),  # two slips
        ("динской", {1}),  # another ending
        ("минская", {4}),  # what is there wins over a slip
        ("красная", {1}),
        ("пожарный", {3}),
        ("тимашевск", {3}),
        ("1362", {2}),
        ("136", set()),  # a number is whole
        ("13620", set()),
        ("м 4", {2}),
        ("м-4 дон", {2}),
        ("скалд", {3}),
        ("склд", set()),  # four letters hold no slip
        ("minskk", {4}),
        ("?!", {0, 1, 2, 3, 4}),
        ("на", {0, 1, 2}),
    ],
)
def test_queries(query, found):
    archive = made()
    rows = archive.select(Filter(text=query))
    assert {int(archive.columns.id[row]) for row in rows} == found


words = st.text("абвгдеёжз", min_size=1, max_size=8)
documents = st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=30)


def learned(texts, cuts):
    """An index that learnt the texts in parts."""
    index = SearchIndex()
    for end in sorted({*(cut % (len(texts) + 1) for cut in cuts), len(texts)}):
        index.learn(np.arange(end, dtype=np.int32), lambda rows: [(int(row), texts[row]) for row in rows])
    return index


def holds(text, needle):
    """What the index must find, word by word."""
    own = needles(text)
    if len(needle) == 1:
        return needle in own
    stem = stem_of(needle)
    return any(
        word.startswith(needle) or (stem != needle and word.startswith(stem) and len(word) <= len(stem) + search.ENDING)
        for word in own
    )


@settings(max_examples=150, deadline=None)
@given(documents, words, st.lists(st.integers(0, 40), max_size=20))
def test_prefixes_are_found_as_by_reading_everything(texts, query, cuts):
    index = learned(texts, cuts)
    (needle,) = needles(query)
    slots = np.arange(len(texts), dtype=np.int32)
    expected = [holds(text, needle) for text in texts]
    found = index.holding(query, slots).tolist()
    if any(expected) or len(needle) < search.SLIP_FROM:
        assert found == expected
    else:
        near = slips(needle)
        words_near = [
            any(w in near or any(len(s) >= 5 and w.startswith(s) for s in near) for w in needles(t)) for t in texts
        ]
        assert found == words_near


def test_many_small_segments_become_few_and_say_the_same():
    texts = [f"слово{n} общее" for n in range(60)]
    index = SearchIndex()
    for end in range(1, 61):
        index.learn(np.arange(end, dtype=np.int32), lambda rows: [(int(row), texts[row]) for row in rows])
    assert len(index._segments) < search.MERGE_FROM
    slots = np.arange(60, dtype=np.int32)
    assert index.holding("общее", slots).all()
    assert np.flatnonzero(index.holding("слово59", slots)).tolist() == [59]


def test_a_text_is_learnt_once():
    index, asked = SearchIndex(), []
    slots = np.arange(5, dtype=np.int32)

    def texts(rows):
        asked.extend(rows.tolist())
        return [(int(row), "текст") for row in rows]

    for _ in range(3):
        index.learn(slots, texts)
    assert asked == [0, 1, 2, 3, 4]


@given(st.text("абвг", min_size=5, max_size=7), st.integers(0, 6), st.sampled_from("абвг"))
def test_slips_are_mutual(word, at, letter):
    other = word[:at] + letter + word[at + 1 :]
    assert (other in slips(word)) == (word in slips(other)) == (other != word)


def test_a_query_reads_the_index_and_not_the_texts():
    """A hundred times the texts cost far less than a hundred times the time."""
    few, many = ([f"событие {n} улица" for n in range(count)] for count in (300, 30_000))

    def seconds(texts):
        index, slots = learned(texts, []), np.arange(len(texts), dtype=np.int32)
        return min(_timed(lambda: index.holding("событие улица", slots)) for _ in range(20))

    assert seconds(many) < 40 * seconds(few)


def _timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("абвгд ", max_size=12), max_size=30), st.integers(1, 9))
def test_sorting_by_parts_is_sorting_at_once(texts, size):
    whole = search._segment(enumerate(texts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_PART", size)
        parts = search._segment(enumerate(texts))
    assert parts.words == whole.words
    assert parts.starts.tolist() == whole.starts.tolist()
    assert parts.slots.tolist() == whole.slots.tolist()
