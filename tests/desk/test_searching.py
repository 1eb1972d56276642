"""Words of records in memory: the same answers as from the database read through, however the store changes."""

from __future__ import annotations

import time
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.desk import searching, wordindex
from kubmap.desk.searching import Searcher, Wanted
from kubmap.desk.wordindex import Told, WordIndex
from kubmap.domain import Category, Incident, Location, Precision, Status
from kubmap.store import engine as engines
from tests.desk.conftest import ANN, CHIEF

WORDS = ("Ёлка", "елка", "склад", "СКЛАД-2", "«Дон»", "в\u00a0Ейске", "пожар\nтушат", "а", "100", "скла", "İzmir")
QUESTIONS = ("", "елк", "ЁЛКА", "кла", "склад елка", "а", "0", "дон» а", "нетакого", '"lat":4', "ейск пожар", "лента")
KINDS = (Category.FIRE, Category.CRIME)


def incident(random, text=None):
    told = text or " ".join(random.choices(WORDS, k=random.randrange(1, 6)))
    place = Location(random.choice((45.0, 44.5)), 39.0, Precision.SETTLEMENT, 500, label=random.choice(("Ейск", "Дон")))
    return Incident(
        id="",
        version=0,
        category=random.choice(KINDS),
        text=told,
        title=random.choice((None, "Склад")),
        status=random.choice((Status.DRAFT, Status.PUBLISHED)),
        source_name=random.choice((None, "Лента", "Вести")),
        location=random.choice((None, place)),
    )


@pytest.fixture
def reading(store):
    return partial(engines.reading, store.engine)


@pytest.fixture
def searcher(reading):
    return Searcher(reading)


def same(searcher, reading, *, limit=3):
    for text in QUESTIONS:
        for wanted in (Wanted(text), Wanted(text, Status.PUBLISHED), Wanted(text, None, KINDS[0], "Лента")):
            after = None
            for _ in range(3):
                with reading() as connection:
                    expected = searching.find(connection, wanted, after=after, limit=limit)
                assert searcher.find(wanted, after=after, limit=limit) == expected
                if not expected[0]:
                    break
                after = expected[0][-1].id


def settled(searcher):
    for _ in range(500):
        if not searcher._preparing:
            return
        time.sleep(0.01)
    pytest.fail("words are still being read")


@pytest.mark.parametrize("spare", [wordindex.SPARE, 2])
def test_the_same_answers_after_every_change(store, searcher, reading, desk, monkeypatch, spare):
    monkeypatch.setattr(wordindex, "SPARE", spare)
    random = Random(3)
    known = [store.add(incident(random), actor="test") for _ in range(12)]
    same(searcher, reading)
    for _ in range(6):
        known.append(store.add(incident(random), actor="test"))
        at = random.randrange(len(known))
        old = known[at]
        changes = {"text": incident(random).text, "status": random.choice((Status.PUBLISHED, Status.RETRACTED))}
        known[at] = store.update(old.id, expected_version=old.version, changes=changes, actor="test")
        same(searcher, reading)
        settled(searcher)
        same(searcher, reading, limit=50)
    gone = known.pop(2)
    desk.purge(CHIEF, gone.id, reason="по решению суда")
    same(searcher, reading)


def test_an_edit_takes_the_old_words_away(store, searcher):
    it = store.add(incident(Random(1), "сгорел сарай"), actor="test")
    assert searcher.find(Wanted("сарай"), after=None, limit=1) == ((it,), 1)
    new = store.update(it.id, expected_version=1, changes={"text": "сгорел амбар"}, actor="test")
    assert searcher.find(Wanted("сарай"), after=None, limit=1) == ((), 0)
    assert searcher.find(Wanted("АМБАР"), after=None, limit=1) == ((new,), 1)


def test_a_large_archive_is_read_by_a_thread(store, searcher, reading, monkeypatch):
    monkeypatch.setattr(searching, "AT_ONCE", 3)
    random = Random(5)
    for _ in range(9):
        store.add(incident(random), actor="test")
    same(searcher, reading)  # meanwhile the database tells
    settled(searcher)
    assert searcher._index is not None
    same(searcher, reading)
    for _ in range(9):  # more than is followed
        store.add(incident(random), actor="test")
    same(searcher, reading)
    settled(searcher)
    same(searcher, reading)


def test_who_opens_the_queue_may_search_soon(desk, store, monkeypatch):
    random = Random(7)
    for _ in range(3):
        store.add(incident(random), actor="test")
    desk.queue(ANN)
    assert desk._searcher._index is None
    monkeypatch.setattr(searching, "AT_ONCE", 2)
    desk.queue(ANN)
    settled(desk._searcher)
    assert desk._searcher._index is not None


told = st.builds(
    Told,
    st.integers(0, 12).map(str),
    st.tuples(st.sampled_from(("draft", "published")), st.sampled_from((None, "Лента"))),
    st.lists(st.sampled_from((*"абвг", "аб", "бв", "аа", "вгаб", "гг")), max_size=5).map(" ".join),
)
changes = st.lists(st.lists(told, max_size=6, unique_by=lambda each: each.id), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    changes,
    st.lists(st.sampled_from(("а", "аб", "в", "гг", "ваа")), max_size=2),
    st.sampled_from((None, "draft")),
    st.sampled_from((None, "Лента")),
    st.sampled_from((None, "", "11", "5", "99")),
    st.integers(1, 4),
)
def test_an_index_that_followed_knows_what_a_new_one_does(many, needles, status, source, after, limit):
    index, now = WordIndex.of(many[0]), {each.id: each for each in many[0]}
    for fresh in many[1:]:
        index, now = index.followed(fresh), now | {each.id: each for each in fresh}
    expected = [
        each.id
        for each in sorted(now.values(), key=lambda each: each.id, reverse=True)
        if all(needle in each.words for needle in needles)
        and status in {None, each.traits[0]}
        and source in {None, each.traits[1]}
        and (after is None or each.id < after)
    ]
    for found in (index, WordIndex.of(now.values())):
        got = found.find(needles, traits=(status, source), after=after, limit=limit)
        assert got == (expected[:limit], len(expected))


@pytest.mark.parametrize("few", [0, wordindex.FEW])
def test_words_of_many_pieces_and_of_few(monkeypatch, few):
    monkeypatch.setattr(wordindex, "FEW", few)
    index = WordIndex.of(Told(f"{at:04}", (), f"дом{at} улица{at % 7} домдом") for at in range(300))
    found, total = index.find(["дом1"], traits=(), after=None, limit=2)
    assert (found, total) == (["0199", "0198"], 111)
    assert index.find(["дом"], traits=(), after="0002", limit=9) == (["0001", "0000"], 2)
    assert index.find(["улица1 дом"], traits=(), after=None, limit=9) == ([], 0)
