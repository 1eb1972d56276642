"""The queue from the database alone: the same pages, totals and counts as from memory, whatever is asked."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from kubmap.desk import board
from kubmap.desk.desk import Desk
from kubmap.desk.values import QueueFilter
from kubmap.domain import MOSCOW, Alternative, Category, Incident, Location, Precision, Reason, Role, Status
from kubmap.errors import InputError
from kubmap.store import confidence, drafts, meta
from kubmap.store import engine as engines
from kubmap.store.schema import incidents as table
from tests.desk.conftest import ANN, BOB, CHIEF

DAY = date(2021, 11, 20)
FILTERS = {
    "all": QueueFilter(),
    "category": QueueFilter(categories=frozenset({Category.FIRE})),
    "zones with none": QueueFilter(zones=frozenset({"Черноморская", ""})),
    "zone": QueueFilter(zones=frozenset({"Северная"})),
    "source": QueueFilter(sources=frozenset({"Лента"})),
    "sources with none": QueueFilter(sources=frozenset({"", "Вести"})),
    "doubts": QueueFilter(doubts=frozenset({"time_none", "where:weak"})),
    "doubts in capitals": QueueFilter(doubts=frozenset({"TIME_NONE", "time"})),
    "mine": QueueFilter(mine=True),
    "since": QueueFilter(since=DAY),
    "until": QueueFilter(until=DAY),
    "until the last day": QueueFilter(until=date.max),
    "days": QueueFilter(since=DAY - timedelta(days=1), until=DAY),
    "text": QueueFilter(text="ЁЛКА ейск"),
    "text of mine": QueueFilter(text="сгорел", categories=frozenset({Category.CRIME}), mine=True),
    "text of nobody": QueueFilter(text="нетакого"),
}


def moment(random):
    day = DAY + timedelta(days=random.randrange(-3, 4))
    at = datetime(day.year, day.month, day.day, random.choice((0, 9, 23)), 30, tzinfo=MOSCOW)
    return random.choice((None, day, at))


def draft(random):
    zone = random.choice((None, "Черноморская", "Северная"))
    place = Location(45.0, 39.0, random.choice(list(Precision)), 500, label=random.choice(("Ейск", "Дон")), zone=zone)
    return Incident(
        id="",
        version=0,
        status=Status.DRAFT,
        category=random.choice((Category.FIRE, Category.CRIME, Category.NONE)),
        title=random.choice((None, "Елка")),
        text=random.choice(("Сгорел дом", "Ёлка упала", "Сгорел\nсарай")),
        source_name=random.choice((None, "", "Лента", "Вести")),
        published_at=moment(random),
        starts_at=moment(random),
        ends_at=moment(random),
        location=random.choice((None, place)),
        alternatives=random.choice(((), (Alternative(place, 0.4),))),
        reasons=random.choice(((), (Reason("fire:burns"), Reason("where:weak")))),
        location_verified=random.random() < 0.2,
    )


@pytest.fixture
def filled(store):
    random = Random(11)
    for _ in range(40):
        it = store.add(draft(random), actor=random.choice((ANN.name, BOB.name)))
        if random.random() < 0.2:
            store.update(it.id, expected_version=1, changes={"status": Status.RETRACTED}, actor="test")
        elif random.random() < 0.3:
            store.update(it.id, expected_version=1, changes={"starts_at": None, "location": None}, actor="test")
    return store


@pytest.fixture
def in_memory(filled, atlas, clock):
    return Desk(filled, atlas, now=clock)


@pytest.fixture
def by_rows(filled, atlas, clock, monkeypatch):
    """A desk that never comes to have all drafts in memory."""
    monkeypatch.setattr(board.Board, "_read_entries_soon", lambda _: None)
    return Desk(filled, atlas, now=clock)


def ids(page):
    return [each.incident.id for each in page.items]


def seen(desk, wanted, *, limit, few, monkeypatch):
    """All pages, with what each says of itself."""
    monkeypatch.setattr(board, "AT_ONCE", few)
    found, after = [], None
    while True:
        page = desk.queue(ANN, wanted, after=after, limit=limit)
        told = [(each.incident.id, each.incident.version, each.confidence, each.doubts) for each in page.items]
        counts = {name: list(those.items()) for name, those in page.counts.items()}
        found.append((told, page.total, counts, page.next))
        after = page.next
        if after is None:
            return found


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_the_same_as_from_memory(in_memory, by_rows, wanted, monkeypatch):
    for limit in (7, 500):
        expected = seen(in_memory, wanted, limit=limit, few=1_000, monkeypatch=monkeypatch)
        assert seen(by_rows, wanted, limit=limit, few=0, monkeypatch=monkeypatch) == expected
    assert not by_rows._board.is_whole
    assert in_memory._board.is_whole


def test_a_page_goes_on_after_what_has_left_the_queue(in_memory, by_rows, filled, monkeypatch):
    monkeypatch.setattr(board, "AT_ONCE", 0)
    first = by_rows.queue(ANN, limit=5)
    last = first.items[-1].incident
    filled.update(last.id, expected_version=last.version, changes={"status": Status.RETRACTED}, actor="test")
    rest = by_rows.queue(ANN, after=first.next, limit=5)
    monkeypatch.setattr(board, "AT_ONCE", 1_000)
    assert ids(rest) == ids(in_memory.queue(ANN, after=first.next, limit=5))
    assert rest.total == first.total - 1
    for odd in ("nan:x", "inf:", "-1:", "0.39605:"):
        monkeypatch.setattr(board, "AT_ONCE", 0)
        found = ids(by_rows.queue(ANN, after=odd))
        monkeypatch.setattr(board, "AT_ONCE", 1_000)
        assert found == ids(in_memory.queue(ANN, after=odd))
    with pytest.raises(InputError, match="не читается"):
        by_rows.queue(ANN, after="прочее")


def test_a_thread_reads_the_rest_and_what_changed_meanwhile(filled, atlas, clock, monkeypatch):
    monkeypatch.setattr(board, "AT_ONCE", 3)
    desk = Desk(filled, atlas, now=clock)
    read = board._drafts

    def slow(connection):
        found = read(connection)
        filled.add(draft(Random(1)), actor="test")
        return found

    monkeypatch.setattr(board, "_drafts", slow)
    total = desk.queue(ANN).total
    for _ in range(500):
        if desk._board.is_whole:
            break
        time.sleep(0.01)
    assert desk._board.is_whole
    assert desk.queue(ANN).total == total + 1


def test_a_purge_begins_anew(in_memory, monkeypatch):
    gone = in_memory.queue(ANN).items[0].incident
    in_memory.purge(CHIEF, gone.id, reason="по решению суда")
    monkeypatch.setattr(board, "AT_ONCE", 0)
    monkeypatch.setattr(board.Board, "_read_entries_soon", lambda _: None)
    assert gone.id not in ids(in_memory.queue(ANN, limit=500))
    assert not in_memory._board.is_whole


def kept(store):
    columns = [table.c[name] for name in ("status", *drafts.TRAITS)]
    with engines.reading(store.engine) as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(select(table.c.id, *columns))}


def test_only_drafts_keep_what_the_queue_asks(filled):
    for status, *told in kept(filled).values():
        assert (None in told) == (status != "draft")
        assert told.count(None) in {0, 3}


def test_rows_that_keep_nothing_are_told_at_the_start(filled, by_rows, in_memory, monkeypatch):
    before = kept(filled)
    with engines.writing(filled.engine) as connection:
        connection.execute(update(table).where(table.c.category == "fire").values(dict.fromkeys(drafts.TRAITS)))
    expected = in_memory.queue(ANN, limit=500)
    monkeypatch.setattr(board, "AT_ONCE", 0)
    assert ids(by_rows.queue(ANN, limit=500)) == ids(expected)  # all are read then
    assert by_rows._board.is_whole
    filled.migrate()
    assert kept(filled) == before


def test_other_rules_tell_all_drafts_anew(filled, monkeypatch):
    weights = confidence._weights()
    heavier = {code: doubt | {"weight": 0.5} for code, doubt in weights["doubts"].items()}
    before = kept(filled)
    monkeypatch.setattr(confidence, "_weights", lambda: weights | {"doubts": heavier})
    filled.migrate()
    assert kept(filled) == before
    monkeypatch.setattr(confidence, "EDITION", confidence.EDITION + 1)
    filled.migrate()
    after = kept(filled)
    assert after != before
    with engines.reading(filled.engine) as connection:
        assert meta.read(connection, "doubts") == confidence.edition()
    assert all(drafts.traits(each)["confidence"] == after[each.id][1] for each in filled.find(limit=500))


def test_a_reader_may_not_look(by_rows):
    with pytest.raises(PermissionError):
        by_rows.queue(replace(ANN, role=Role.READER))
