"""Sources: added once, found, switched, removed; leases; how long one waits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from kubmap.errors import InputError, NotFoundError
from kubmap.store import sources
from kubmap.store.leases import Lease
from kubmap.store.waiting import asked_for, wait

URL = "https://news.example/rss"


def test_a_source_is_added_once_and_found_by_name_address_and_id(store, noon):
    made = sources.add(store.engine, url=f" {URL} ", name="  Новости\n района ", by="editor", now=noon)
    assert (made.name, made.url, made.enabled, made.added_by) == ("Новости района", URL, True, "editor")
    for told in (made.id, made.url, made.name):
        assert sources.find(store.engine, told) == made
    assert sources.every(store.engine) == (made,)
    with pytest.raises(InputError, match="уже есть"):
        sources.add(store.engine, url=URL, name="Другое", by="editor", now=noon)
    with pytest.raises(NotFoundError, match="нет ленты"):
        sources.find(store.engine, "нет такой")


@pytest.mark.parametrize(
    ("address", "name", "field"),
    [
        ("file:///etc/passwd", "x", "url"),
        ("javascript:alert(1)", "x", "url"),
        ("http://a:b@news.example/", "x", "url"),
        ("", "x", "url"),
        (URL, "  ", "name"),
        (URL, "я" * 300, "name"),
    ],
)
def test_what_is_no_source(store, noon, address, name, field):
    with pytest.raises(InputError) as caught:
        sources.add(store.engine, url=address, name=name, by="editor", now=noon)
    assert caught.value.field == field


def test_a_failure_waits_and_switching_on_forgets_it(store, noon):
    made = sources.add(store.engine, url=URL, name="Новости", by="cli", now=noon)
    assert sources.due(store.engine, noon) == (made,)
    sources.fail(store.engine, made, now=noon, error="нет связи", wait=timedelta(minutes=5))
    assert sources.due(store.engine, noon + timedelta(minutes=4)) == ()
    (failed,) = sources.due(store.engine, noon + timedelta(minutes=5))
    assert (failed.failures, failed.error) == (1, "нет связи")
    sources.set_enabled(store.engine, made.id, enabled=False)
    assert sources.due(store.engine, noon + timedelta(days=9)) == ()
    sources.set_enabled(store.engine, made.id, enabled=True)
    (fresh,) = sources.due(store.engine, noon)
    assert (fresh.failures, fresh.error) == (0, "")


def test_a_removed_source_takes_its_items_along_and_nothing_else(store, noon, draft):
    made = sources.add(store.engine, url=URL, name="Новости", by="cli", now=noon)
    record = store.add(draft(), actor="feed")
    sources.note_items(store.engine, made.id, {"a": "key"}, now=noon)
    sources.remove(store.engine, made.id)
    assert (sources.every(store.engine), sources.known_items(store.engine, made.id)) == ((), {})
    assert store.get(record.id) == record
    for late in (
        lambda: sources.remove(store.engine, made.id),
        lambda: sources.set_enabled(store.engine, made.id, enabled=True),
        lambda: sources.rename(store.engine, made.id, "Иначе"),
    ):
        with pytest.raises(NotFoundError):
            late()
    sources.note_items(store.engine, made.id, {"a": "key"}, now=noon)  # a poll that ends after the removal
    assert sources.known_items(store.engine, made.id) == {}


def test_items_not_seen_for_long_are_forgotten(store, noon):
    made = sources.add(store.engine, url=URL, name="Новости", by="cli", now=noon)
    sources.note_items(store.engine, made.id, {"a": "1", "b": "2"}, now=noon)
    later = noon + sources.FORGOTTEN + timedelta(days=1)
    sources.note_items(store.engine, made.id, {"b": "3"}, now=later)
    assert sources.known_items(store.engine, made.id) == {"b": "3"}


def test_a_lease_has_one_holder(store, noon):
    clock = [noon]
    one, other = (Lease(store.engine, "pull", lambda: clock[0]) for _ in range(2))
    assert one.take()
    assert not other.take()
    assert one.take(), "who has it renews it"
    other.end()
    assert not other.take(), "nobody gives up what another holds"
    clock[0] += one.lasts + timedelta(seconds=1)
    assert other.take(), "of a process that is gone it ends by itself"
    assert not one.take()
    other.end()
    assert one.take()


def test_of_many_that_ask_at_once_one_gets_the_lease(store, noon):
    start, got = threading.Barrier(8), []

    def ask() -> None:
        lease = Lease(store.engine, "pull", lambda: noon)
        start.wait()
        got.append(lease.take())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == [False] * 7 + [True]


def test_waits_grow_to_a_day_and_differ():
    middle = [wait(n, draw=lambda: 0.5) for n in range(1, 30)]
    assert middle[:4] == [timedelta(minutes=m) for m in (5, 10, 20, 40)]
    assert middle == sorted(middle)
    assert max(middle) == timedelta(days=1)
    assert wait(1, draw=lambda: 0.0) < wait(1, draw=lambda: 1.0)
    assert max(wait(n, draw=lambda: 1.0) for n in range(1, 30)) == timedelta(days=1)
    assert wait(1, draw=lambda: 0.5, asked=timedelta(hours=3)) == timedelta(hours=3)
    assert wait(1, draw=lambda: 0.5, asked=timedelta(days=900)) == timedelta(days=7)


def test_what_retry_after_asks_for():
    now = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    assert asked_for("120", now) == timedelta(minutes=2)
    assert asked_for("Fri, 01 May 2026 10:00:00 GMT", now) == timedelta(hours=1)
    for nothing in (None, "", "soon", "-5", "Fri, 01 May 2020 10:00:00 GMT", "1e9", "٣"):
        assert asked_for(nothing, now) == timedelta(0)
    assert asked_for("9" * 400, now) <= timedelta(days=7)
