"""What columns mean is remembered; a load belongs to one run; whole records go out and come in again as they were."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import orjson
import pytest
from sqlalchemy import text

from kubmap.domain import MOSCOW, Category, Location, Outage, Precision, Status, Teaser, Utility
from kubmap.errors import InputError, NotFoundError
from kubmap.store import loads, mapping, records
from kubmap.store.intake import Report, intake
from kubmap.store.loads import State
from kubmap.store.rows import BadRow, Row
from kubmap.store.sheets import Record

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=MOSCOW)
HEADER = ("Где", "Когда")


def test_a_mapping_is_remembered_by_header_and_kind(store):
    assert mapping.recall(store, HEADER, "notices") is None
    mapping.remember(store, "notices", HEADER, fields=("place", None), values={"utility": "вода"}, actor="анна", at=NOW)
    found = mapping.recall(store, ("ГДЕ ", "когда"), "notices")
    assert (found.fields, found.values, found.actor, found.at) == (("place", None), {"utility": "вода"}, "анна", NOW)
    assert mapping.recall(store, HEADER, "teasers") is None
    assert mapping.recall(store, HEADER).kind == "notices"
    later = NOW + timedelta(days=1)
    mapping.remember(store, "notices", HEADER, fields=("place", "start"), values={}, actor="пётр", at=later)
    again = mapping.recall(store, HEADER)
    assert (again.fields, again.actor, again.at) == (("place", "start"), "пётр", later)
    mapping.forget(store, "notices", HEADER)
    assert mapping.recall(store, HEADER) is None


def begun(store):
    return loads.begin(store, name="a.csv", actor="анна", plan={"kind": "notices"}, now=NOW)


def test_a_load_is_told_of_as_it_goes(store):
    load = begun(store)
    assert (load.state, load.plan, load.report) == (State.WAITING, {"kind": "notices"}, Report())
    loads.take(store, load.id, now=NOW)
    assert not loads.tell(store, load.id, now=NOW, report=Report(read=5, added=5), mark=7, total=10)
    loads.cancel(store, load.id)
    assert loads.tell(store, load.id, now=NOW)
    loads.tell(store, load.id, now=NOW, state=State.CANCELLED, message="стоп")
    found = loads.get(store, load.id)
    assert (found.state, found.report.added, found.mark, found.total, found.message) == (
        State.CANCELLED,
        5,
        7,
        10,
        "стоп",
    )
    assert loads.last(store) == (found,)
    again = loads.take(store, load.id, now=NOW)
    assert (again.state, again.cancel, again.report.read) == (State.RUNNING, False, 5)
    with pytest.raises(NotFoundError):
        loads.get(store, "нет")
    with pytest.raises(NotFoundError):
        loads.take(store, "нет", now=NOW)


def test_a_load_runs_once_and_a_silent_one_can_be_taken_over(store, make_store):
    load = begun(store)
    others = [make_store() for _ in range(4)]

    def attempt(other):
        with suppress(InputError):
            return loads.take(other, load.id, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        taken = [each for each in pool.map(attempt, others) if each is not None]
    assert len(taken) == 1
    later = NOW + loads.SILENT + timedelta(seconds=1)
    assert loads.get(store, load.id).broken_off(later)
    assert not loads.get(store, load.id).under_way(later)
    assert loads.take(store, load.id, now=later).state is State.RUNNING
    loads.tell(store, load.id, now=later, state=State.DONE)
    with pytest.raises(InputError, match="закончена"):
        loads.take(store, load.id, now=later + timedelta(days=1))


EYSK = Location(46.71, 38.27, Precision.SETTLEMENT, 4000, "Ейск", municipality="Ейский район")


@pytest.fixture
def full(store, draft):
    """A store with drafts, published and retracted records, an outage, a duplicate, edits and an import."""
    first = store.add(draft(location=EYSK, published_at=date(2026, 4, 30)), actor="анна", reason="из почты")
    store.update(first.id, expected_version=1, changes={"title": "=1+1", "status": Status.PUBLISHED}, actor="пётр")
    outage = Outage(Utility.WATER, streets=("ул. Мира, 1",), places=("Ейск",))
    second = store.add(draft(category=Category.OUTAGE_WATER, outage=outage, starts_at=NOW), actor="анна")
    store.publish(second.id, expected_version=1, actor="анна")
    store.retract(second.id, expected_version=2, actor="анна", reason="ошибка")
    third = store.add(draft(text="Ещё о пожаре."), actor="анна")
    store.update(
        first.id, expected_version=2, changes={"duplicate_of": third.id}, actor="пётр"
    )  # points at a later one
    row = Row(1, Teaser("1", "Импорт.", published=date(2026, 4, 30)))
    intake(store, [row], lambda _: _Read(), publish=True)
    return store


class _Read:
    category, is_scheduled, starts_at, ends_at, outage, location = Category.FIRE, None, None, None, None, EYSK
    alternatives = reasons = ()
    from kubmap.domain import Casualties

    casualties = Casualties()


def exported(store, **options):
    return [orjson.loads(orjson.dumps(each)) for each in records.lines(store, **options)]


def taken(store, values, *, publish=True):
    found = [Record(n, (), orjson.dumps(value).decode(), value) for n, value in enumerate(values, 1)]
    outcomes = list(records.put_all(store, found, publish=publish))
    pairs = {
        record.value["id"]: record.value["duplicate_of"] for record, _ in outcomes if record.value.get("duplicate_of")
    }
    records.join_duplicates(store, pairs)
    return [outcome for _, outcome in outcomes]


def state_of(store):
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM incidents ORDER BY id")).mappings()
        incidents = [{name: value for name, value in row.items() if name != "revision"} for row in rows]
        history = connection.execute(text("SELECT * FROM history ORDER BY incident_id, version")).mappings()
        return incidents, [{name: value for name, value in row.items() if name != "id"} for row in history]


def test_everything_out_and_in_again_is_the_same_store(full, databases):
    from kubmap.store import Store

    values = exported(full, drafts=True, history=True)
    assert len(values) == 4
    other = Store(databases.migrated())
    assert taken(other, values) == ["added"] * 4
    assert state_of(other) == state_of(full)
    assert taken(other, values) == ["unchanged"] * 4
    assert state_of(other) == state_of(full)
    with other.engine.connect() as connection:
        assert (
            connection.scalar(text("SELECT count(*) FROM incidents WHERE status = 'published' AND revision = 0")) == 0
        )
    other.close()


def test_without_history_the_records_are_the_same_and_without_drafts_only_what_readers_see(full, databases):
    from kubmap.store import Store

    values = exported(full)
    assert {value["status"] for value in values} == {"published"}
    other = Store(databases.migrated())
    taken(other, values, publish=False)
    assert {each.status for each in other.find()} == {Status.DRAFT}
    (kept,) = [each for each in other.find() if each.text == "В Ейске горел склад."]
    assert (kept.version, kept.title, kept.created_by) == (3, "=1+1", "анна")
    assert kept.duplicate_of is None  # what it pointed at was not in the file
    assert [entry.version for entry in other.history(kept.id)] == [3]
    other.close()


def test_what_is_newer_here_stays_and_what_is_newer_there_comes(full):
    values = exported(full, drafts=True)
    mine = next(value for value in values if value.get("title") == "=1+1")
    stored = full.get(mine["id"])
    full.update(stored.id, expected_version=stored.version, changes={"title": "Новее"}, actor="анна")
    assert taken(full, [mine]) == ["unchanged"]
    assert full.get(stored.id).title == "Новее"
    future = {**mine, "title": "Из будущего", "updated_at": "2100-01-01T00:00:00+03:00"}
    assert taken(full, [future]) == ["updated"]
    now = full.get(stored.id)
    assert (now.title, now.version) == ("Из будущего", stored.version + 2)


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "чепуха"}, {"version": 0}, {"text": ""}, {"created_at": None}, {"location": {"lat": 1}},
        {"outage": []}, {"location": 5}, {"history": [{"version": 9, "snapshot": {}}]}, {"id": None},
        {"updated_at": "вчера"}, {"status": "published", "category": "none"},
    ],
)  # fmt: skip
def test_a_broken_record_is_told_and_the_others_come(full, databases, broken):
    from kubmap.store import Store

    values = exported(full, drafts=True)
    values[0] |= broken
    other = Store(databases.migrated())
    outcome, *rest = taken(other, values)
    assert isinstance(outcome, BadRow)
    assert rest == ["added"] * 3
    other.close()


def test_an_imported_teaser_is_known_again_after_the_way_through_a_file(full, databases):
    from kubmap.store import Store

    other = Store(databases.migrated())
    taken(other, exported(full, drafts=True))
    row = Row(1, Teaser("1", "Импорт.", published=date(2026, 4, 30)))
    assert intake(other, [row], lambda _: _Read(), publish=True) == replace(Report(), read=1, unchanged=1)
    other.close()
