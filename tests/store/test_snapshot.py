"""The read model: columns that agree with the incidents, filters, and a cache that notices a publish."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from kubmap.domain import MOSCOW, Category, Incident, Location, Moment, Precision, Reason, Status
from kubmap.feeds import words
from kubmap.read import cache as cache_module
from kubmap.read import columns as columns_module
from kubmap.read import rowindex as rowindex_module
from kubmap.read.cache import SnapshotCache
from kubmap.read.cluster import Groups
from kubmap.read.snapshot import CATEGORIES, NO_DAY, Filter, Snapshot, build, days
from kubmap.read.view import look
from kubmap.store import Store, codec, meta
from kubmap.store import engine as engines
from kubmap.store.light import Light, light_of
from kubmap.store.reader import Reader
from kubmap.store.schema import incidents as table
from kubmap.store.store import Published

EYSK = Location(46.71, 38.27, Precision.SETTLEMENT, 4000, "Ейск", "Ейский район", "Приазовская")
ROAD = Location(
    None, None, Precision.AREA, None, "М-4 «Дон»", road="М-4",
    geometry={"type": "LineString", "coordinates": [[39.0, 45.0], [39.5, 46.0]]},
)  # fmt: skip
KRAI = Location(None, None, Precision.KRAI, None, "Краснодарский край")


def _incident(number: int, **fields: Any) -> Incident:
    values = {"status": Status.PUBLISHED, "category": Category.FIRE, "title": None, "text": "Пожар", "version": 1}
    return Incident(**{"id": f"{number:04}", **values, **fields})


def _snapshot(*incidents: Incident) -> Snapshot:
    return build(Published(epoch=10, revision=3, demo=False, incidents=incidents))


@pytest.fixture
def snapshot() -> Snapshot:
    return _snapshot(
        _incident(1, location=EYSK, starts_at=datetime(2021, 11, 22, 5, 0, tzinfo=MOSCOW), text="Сгорела ёлка"),
        _incident(
            2, location=ROAD, category=Category.ROAD_CLOSURE, starts_at=date(2021, 11, 20), ends_at=date(2021, 11, 30)
        ),
        _incident(3, location=KRAI, category=Category.FLOOD_WEATHER, published_at=date(2021, 11, 25)),
        _incident(4, title="Без даты"),
    )


def ids(snapshot: Snapshot, **wanted: Any) -> list[str]:
    return [each.id for each in snapshot.take(snapshot.select(Filter(**wanted)))]


def test_newest_first_and_found_by_id(snapshot: Snapshot) -> None:
    assert ids(snapshot) == ["0003", "0001", "0002", "0004"]
    found = snapshot.get("0001")
    assert found is not None
    assert found.location == EYSK
    assert snapshot.get("nope") is None
    assert (snapshot.etag, len(snapshot), snapshot.period) == ("a-3", 4, (date(2021, 11, 20), date(2021, 11, 30)))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"categories": frozenset({Category.FIRE})}, ["0001", "0004"]),
        ({"since": date(2021, 11, 26)}, ["0002"]),
        ({"until": date(2021, 11, 21)}, ["0002"]),
        ({"since": date(2021, 11, 22), "until": date(2021, 11, 22)}, ["0001", "0002"]),
        ({"zones": frozenset({"Приазовская"})}, ["0001"]),
        ({"zones": frozenset({"Нет такой"})}, []),
        ({"municipalities": frozenset({"Ейский район"})}, ["0001"]),
        ({"bbox": (38.0, 46.0, 38.9, 47.0)}, ["0001"]),
        ({"bbox": (39.4, 45.9, 40.0, 47.0)}, ["0002"]),
        ({"bbox": (-180.0, -90.0, 180.0, 90.0)}, ["0001", "0002"]),
        ({"text": "ЕЛКА сгор"}, ["0001"]),
        ({"text": "ейск"}, ["0001"]),
        ({"text": "м-4 дон"}, ["0002"]),
        ({"text": "дон елка"}, []),
        ({"categories": frozenset({Category.FIRE}), "text": "даты"}, ["0004"]),
    ],
)
def test_filters(snapshot: Snapshot, wanted: dict[str, Any], found: list[str]) -> None:
    assert ids(snapshot, **wanted) == found


def test_nothing_published() -> None:
    empty = _snapshot()
    assert (len(empty), empty.period, empty.places.zone_names) == (0, None, ())
    for wanted in (Filter(), Filter(bbox=(0, 0, 1, 1), text="а", since=date(2021, 1, 1), zones=frozenset({"а"}))):
        assert list(empty.select(wanted)) == []


def test_columns_cannot_be_written(snapshot: Snapshot) -> None:
    with pytest.raises(ValueError, match="read-only"):
        snapshot.columns.moment[0] = 0


def test_an_end_before_the_start_is_one_day() -> None:
    assert days(_incident(1, starts_at=date(2021, 11, 22), ends_at=date(2021, 11, 20))) == (date(2021, 11, 22),) * 2


@settings(max_examples=200, deadline=None)
@given(st.none() | st.dates() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_as_text_is_what_feeds_say_of_it(moment: Moment | None) -> None:
    number = columns_module.moment(None if moment is None else codec.moment_to_text(moment))
    assert columns_module.minute_text(number) == words.iso(moment)


moments = st.none() | st.dates(date(2021, 1, 1), date(2021, 3, 1))
some = st.lists(
    st.builds(
        lambda category, start, end, location: _incident(
            0, category=category, starts_at=start, ends_at=end, location=location
        ),
        st.sampled_from([each for each in Category if each is not Category.NONE]), moments, moments,
        st.sampled_from([None, EYSK, ROAD, KRAI]),
    ),
    max_size=20,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(some, st.dates(date(2021, 1, 1), date(2021, 3, 1)), st.integers(0, 30), st.sets(st.sampled_from(Category)))
def test_columns_filter_as_the_incidents_themselves(
    made: list[Incident], since: date, length: int, categories: set[Category]
) -> None:
    snapshot = _snapshot(*(replace(each, id=str(number)) for number, each in enumerate(made)))
    until = date.fromordinal(since.toordinal() + length)
    rows = snapshot.select(Filter(since=since, until=until, categories=frozenset(categories)))
    for row, each in enumerate(snapshot.incidents):
        assert CATEGORIES[snapshot.columns.category[row]] is each.category
        known = days(each)
        assert (snapshot.columns.first_day[row] == NO_DAY) == (known is None)
        inside = known is not None and known[0] <= until and known[1] >= since
        assert (row in rows) == (inside and (not categories or each.category in categories))
    assert np.array_equal(rows, np.sort(rows))


Make = Callable[..., Incident]


def test_the_cache_sees_a_publish_of_another_process(
    store: Store, make_store: Callable[..., Store], draft: Make
) -> None:
    clock = [0.0]
    cache = SnapshotCache(store, poll_s=0.5, clock=lambda: clock[0])
    first = cache.current()
    added = make_store().add(draft(status=Status.PUBLISHED), actor="анна")
    assert cache.current() is first
    clock[0] = 0.6
    second = cache.current()
    assert second.incidents == (added,)
    assert second.etag != first.etag
    clock[0] = 2.0
    assert cache.current() is second


def test_the_cache_serves_what_it_has_while_the_database_is_away(
    store: Store, draft: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise OperationalError("SELECT", {}, Exception("away"))

    store.add(draft(status=Status.PUBLISHED), actor="анна")
    cache = SnapshotCache(store, poll_s=0)
    first = cache.current()
    monkeypatch.setattr(store, "revision", away)
    assert cache.current() is first


def test_threads_share_the_cache_and_one_reads(store: Store, draft: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(draft(status=Status.PUBLISHED), actor="анна")
    reads = []
    reading = store.reading
    monkeypatch.setattr(store, "reading", lambda: reads.append(threading.get_ident()) or reading())
    cache = SnapshotCache(store)
    with ThreadPoolExecutor(8) as pool:
        found = {id(each) for each in pool.map(lambda _: cache.current(), range(64))}
    assert (len(found), len(reads)) == (1, 1)


def told(snapshot: Snapshot) -> list[Any]:
    return [(snapshot.brief(row), *(int(column[row]) for column in _numbers(snapshot))) for row in range(len(snapshot))]


def placeless(groups: Groups) -> Any:
    """Places are numbered as they come."""
    return groups.singles, [replace(each, place=None) for each in groups.clusters]


def _numbers(snapshot: Snapshot) -> list[Any]:
    columns = snapshot.columns
    return [columns.dead, columns.injured, columns.first_day, columns.last_day, columns.moment, snapshot.x, snapshot.y]


def _changed(store: Store, draft: Make, random: Random, known: list[Incident]) -> None:
    """One transaction of a few writes that readers may see."""
    with store.writing() as writer:
        for _ in range(random.randrange(1, 4)):
            place = random.choice([EYSK, ROAD, KRAI, None])
            wanted = {
                "text": f"Пожар {random.random()}",
                "location": place,
                "starts_at": date(2021, 1, random.randrange(1, 20)),
            }
            if known and random.random() < 0.6:
                at = random.randrange(len(known))
                status = random.choice([Status.PUBLISHED, Status.RETRACTED])
                changes = {**wanted, "status": status}
                known[at] = writer.update(
                    known[at].id, expected_version=known[at].version, changes=changes, actor="анна"
                )
            else:
                known.append(writer.add(draft(status=Status.PUBLISHED, **wanted), actor="анна"))


@pytest.fixture(params=[0, 8], ids=["each put in its place", "sorted anew"])
def _many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of merging, however few the rows are."""
    for module in (columns_module, rowindex_module):
        monkeypatch.setattr(module, "MANY", request.param)


@pytest.mark.usefixtures("_many")
@pytest.mark.parametrize("seed", range(6))
def test_what_changed_merged_in_is_what_a_fresh_reading_gives(store: Store, draft: Make, seed: int) -> None:
    random, known = Random(seed), list[Incident]()
    cache = SnapshotCache(store, poll_s=0)
    for _ in range(8):
        _changed(store, draft, random, known)
        merged, fresh = cache.current(), SnapshotCache(store).current()
        assert merged.etag == fresh.etag
        assert told(merged) == told(fresh)
        assert merged.incidents == fresh.incidents
        merged.prepare()
        assert dict(merged.rows) == dict(fresh.rows)
        for zoom in (3, 9, 15):
            assert placeless(look(merged, Filter(), zoom=zoom).groups) == placeless(
                look(fresh, Filter(), zoom=zoom).groups
            )
        for query in ("пожар", "ейск", "0"):
            assert np.array_equal(merged.select(Filter(text=query)), fresh.select(Filter(text=query)))


def test_only_what_changed_is_read_again(store: Store, draft: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing() as writer:
        for number in range(20):
            writer.add(draft(status=Status.PUBLISHED, text=f"Пожар {number}"), actor="анна")
    cache = SnapshotCache(store, poll_s=0)
    first = cache.current()
    read: list[str] = []
    light = Reader.light

    def counted(self: Reader, *, since: int = 0) -> Iterator[Light]:
        for row in light(self, since=since):
            read.append(row.id)
            yield row

    monkeypatch.setattr(Reader, "light", counted)
    added = store.add(draft(status=Status.PUBLISHED, starts_at=date(2030, 1, 1)), actor="анна")
    second = cache.current()
    assert read == [added.id]
    assert second.columns.id[0] == added.id
    assert (len(first), len(second)) == (20, 21)
    assert np.array_equal(second.columns.slot[1:], first.columns.slot)


def test_a_store_put_in_the_place_of_another_is_read_whole(store: Store, draft: Make) -> None:
    store.add(draft(status=Status.PUBLISHED, text="Было"), actor="анна")
    cache = SnapshotCache(store, poll_s=0)
    assert cache.current().select(Filter(text="было")).tolist() == [0]
    with engines.writing(store.engine) as connection:  # what a restored backup looks like
        connection.execute(table.update().values(text="Стало"))
        meta.write(connection, "epoch", 77)
        meta.write(connection, "revision", 9)
    found = cache.current()
    assert (found.epoch, found.revision) == (77, 9)
    assert found.select(Filter(text="было")).tolist() == []
    assert found.select(Filter(text="стало")).tolist() == [0]


def test_places_nobody_refers_to_do_not_pile_up(store: Store, draft: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "SPARE", 0.05)
    moved = store.add(draft(status=Status.PUBLISHED, location=EYSK), actor="анна")
    cache = SnapshotCache(store, poll_s=0)
    for step in range(60):
        place = replace(EYSK, lat=45 + step / 100)
        moved = store.update(moved.id, expected_version=moved.version, changes={"location": place}, actor="анна")
        found = cache.current()
        assert found.brief(0).location == place
    assert len(found.places) < 30


def test_details_are_read_only_when_asked_for(store: Store, draft: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    why = Reason("rule", "почему")
    added = store.add(draft(status=Status.PUBLISHED, reasons=(why,), title=None, text="Слово " * 400), actor="анна")
    cache = SnapshotCache(store)
    monkeypatch.setattr(codec, "from_row", lambda _: pytest.fail("a whole incident was decoded"))
    snapshot = cache.current()
    assert snapshot.brief(0).headline.startswith("Слово Слово")
    assert len(snapshot.brief(0).headline) <= 97
    monkeypatch.undo()
    assert snapshot.get(added.id) == added
    assert next(snapshot.take([0], reasons=False)) == replace(added, reasons=())


def test_what_was_taken_back_meanwhile_is_left_out(store: Store, draft: Make) -> None:
    one, two = (store.add(draft(status=Status.PUBLISHED), actor="анна") for _ in range(2))
    snapshot = SnapshotCache(store).current()
    store.retract(one.id, expected_version=1, actor="анна", reason="ошибка")
    assert [each.id for each in snapshot.take(range(2))] == [two.id]
    assert snapshot.get(one.id) is None


def test_a_light_row_is_the_same_from_memory_and_from_the_database(store: Store, draft: Make) -> None:
    titles = (None, "", "  ", "Заголовок", "\tТаб")
    added = [store.add(draft(status=Status.PUBLISHED, title=each, location=EYSK), actor="анна") for each in titles]
    with store.reading() as reader:
        rows = {row.id: row for row in reader.light()}
    for each in added:
        assert Light(*rows[each.id])._replace(shown=True) == light_of(each)


def test_what_is_known_can_be_had_without_waiting(store: Store) -> None:
    clock = [0.0]
    cache = SnapshotCache(store, poll_s=0.5, clock=lambda: clock[0])
    assert cache.peek() is None
    found = cache.current()
    assert cache.peek() is found
    clock[0] = 1.0
    assert cache.peek() is None
