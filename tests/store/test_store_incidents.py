"""Versions, conflicts, what readers see, and a history that nobody can rewrite."""

from __future__ import annotations

import math
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kubmap.domain import Category, Incident, Location, Precision, Status
from kubmap.errors import ConflictError, InputError, NotFoundError
from kubmap.store import Store
from kubmap.store import engine as engines
from kubmap.store.export import published_records
from kubmap.store.identity import import_key, uuid7

Make = Callable[..., Incident]
REPLACE = "REPLACE INTO history SELECT id, incident_id, version, at, 'никто', reason, snapshot, diff FROM history"
PIN = Location(46.71, 38.27, Precision.SETTLEMENT, 4000, "Ейск", municipality="Ейский район", method="settlement")


def test_add_gives_id_version_and_times(make_store: Callable[..., Store], draft: Make, noon: datetime) -> None:
    store = make_store(now=lambda: noon)
    added = store.add(draft(location=PIN, starts_at=date(2021, 11, 27)), actor="анна", reason="вставлено")
    assert uuid.UUID(added.id).version == 7
    assert (added.version, added.created_by, added.created_at, added.updated_at) == (1, "анна", noon, noon)
    assert store.get(added.id) == added
    (entry,) = store.history(added.id)
    assert (entry.version, entry.at, entry.actor, entry.reason, entry.diff) == (1, noon, "анна", "вставлено", ())
    assert entry.snapshot == added


def test_an_update_is_a_new_version_with_a_field_diff(store: Store, draft: Make) -> None:
    first = store.add(draft(location=PIN), actor="анна")
    changes: dict[str, Any] = {"title": "Пожар на складе", "location": replace(PIN, radius_m=500)}
    second = store.update(first.id, expected_version=1, changes=changes, actor="борис", reason="уточнено")
    assert (second.version, second.title, second.created_by) == (2, "Пожар на складе", "анна")
    assert store.get(first.id) == second
    last = store.history(first.id)[-1]
    assert (last.actor, last.reason, last.snapshot) == ("борис", "уточнено", second)
    assert [change.field for change in last.diff] == ["location", "title"]
    assert (last.diff[1].before, last.diff[1].after) == ("Пожар", "Пожар на складе")


def test_a_stale_version_is_a_conflict(store: Store, draft: Make) -> None:
    first = store.add(draft(), actor="анна")
    store.update(first.id, expected_version=1, changes={"title": "A"}, actor="анна")
    with pytest.raises(ConflictError) as caught:
        store.update(first.id, expected_version=1, changes={"title": "B"}, actor="борис")
    assert (caught.value.expected, caught.value.found) == (1, 2)
    assert store.get(first.id).title == "A"
    assert len(store.history(first.id)) == 2


def test_changes_that_change_nothing_make_no_version(store: Store, draft: Make) -> None:
    first = store.add(draft(), actor="анна")
    assert store.update(first.id, expected_version=1, changes={"title": "Пожар"}, actor="анна") == first
    assert len(store.history(first.id)) == 1


def test_publish_retract_restore(store: Store, draft: Make) -> None:
    first = store.add(draft(), actor="анна")
    shown = store.publish(first.id, expected_version=1, actor="анна")
    gone = store.retract(first.id, expected_version=2, actor="борис", reason="ошибка")
    assert (shown.status, gone.status) == (Status.PUBLISHED, Status.RETRACTED)
    assert store.published().incidents == ()
    back = store.restore(first.id, to_version=2, expected_version=3, actor="анна")
    assert replace(back, version=2, updated_at=shown.updated_at) == shown
    assert store.published().incidents == (back,)
    assert [entry.version for entry in store.history(first.id)] == [1, 2, 3, 4]
    with pytest.raises(NotFoundError):
        store.restore(first.id, to_version=9, expected_version=4, actor="анна")


def test_the_revision_counts_what_readers_can_see(store: Store, draft: Make) -> None:
    first = store.add(draft(), actor="анна")
    store.update(first.id, expected_version=1, changes={"title": "A"}, actor="анна")
    assert store.revision() == 0
    store.publish(first.id, expected_version=2, actor="анна")
    assert store.revision() == 1
    store.update(first.id, expected_version=3, changes={"title": "B"}, actor="анна")
    store.retract(first.id, expected_version=4, actor="анна", reason="")
    assert store.revision() == 3
    with store.writing() as writer:
        for _ in range(3):
            writer.add(draft(status=Status.PUBLISHED), actor="анна")
    assert store.revision() == 4


def test_a_transaction_that_fails_leaves_nothing(store: Store, draft: Make) -> None:
    def add_two() -> None:
        with store.writing() as writer:
            writer.add(draft(status=Status.PUBLISHED), actor="анна")
            writer.add(draft(text=" "), actor="анна")

    with pytest.raises(InputError):
        add_two()
    assert store.find() == ()
    assert store.revision() == 0


def test_find_pages_newest_first(store: Store, draft: Make) -> None:
    added = [store.add(draft(title=str(number)), actor="анна") for number in range(5)]
    store.publish(added[2].id, expected_version=1, actor="анна")
    page = store.find(limit=2)
    assert [each.title for each in page] == ["4", "3"]
    assert [each.title for each in store.find(after=page[-1].id)] == ["2", "1", "0"]
    assert [each.title for each in store.find(status=Status.PUBLISHED)] == ["2"]
    assert len(store.find(status=Status.DRAFT)) == 4


def test_export_gives_what_is_published(store: Store, draft: Make) -> None:
    store.add(draft(), actor="анна")
    shown = store.add(draft(status=Status.PUBLISHED, location=PIN), actor="анна")
    (record,) = published_records(store)
    assert (record["id"], record["location"]["label"], record["status"]) == (shown.id, "Ейск", "published")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "а\0б"}, "text"),
        ({"title": "\ud800"}, "title"),
        ({"status": Status.PUBLISHED, "category": Category.NONE}, "category"),
        ({"location": replace(PIN, lat=None)}, "location"),
        ({"location": replace(PIN, lat=math.nan)}, "location"),
        ({"location": replace(PIN, lon=181.0)}, "location"),
    ],
)
def test_what_must_not_be_stored(store: Store, draft: Make, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        store.add(draft(**fields), actor="анна")
    assert caught.value.field == field
    assert store.find() == ()


@pytest.mark.parametrize("field", ["id", "version", "created_at", "created_by", "updated_at", "no_such_field"])
def test_fields_of_the_store_cannot_be_changed(store: Store, draft: Make, field: str) -> None:
    first = store.add(draft(), actor="анна")
    with pytest.raises(InputError, match=field):
        store.update(first.id, expected_version=1, changes={field: "x"}, actor="анна")


def test_no_such_incident(store: Store) -> None:
    for ask in (store.get, store.history):
        with pytest.raises(NotFoundError):
            ask("00000000-0000-7000-8000-000000000000")
    with pytest.raises(NotFoundError):
        store.publish("no", expected_version=1, actor="анна")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET actor = 'никто'",
        "UPDATE history SET actor = actor WHERE version = 1",
        "DELETE FROM history",
        f"INSERT OR {REPLACE}",
        "TRUNCATE history",
        "TRUNCATE incidents CASCADE",
        "DELETE FROM incidents",
    ],
)
def test_raw_sql_cannot_rewrite_history(store: Store, draft: Make, statement: str) -> None:
    first = store.add(draft(), actor="анна")
    before = store.history(first.id)
    with pytest.raises(DBAPIError) as caught, engines.writing(store.engine) as connection:
        connection.execute(text(statement))
    if "syntax" not in str(caught.value):  # TRUNCATE is not SQLite's, OR REPLACE not PostgreSQL's
        assert "append-only" in str(caught.value) or "foreign key" in str(caught.value).lower()
    assert store.history(first.id) == before


def test_replace_without_recursive_triggers_changes_nothing(tmp_path: Path, draft: Make) -> None:
    store = Store(f"sqlite:///{tmp_path}/k.sqlite")
    store.migrate()
    first = store.add(draft(), actor="анна")
    foreign = sqlite3.connect(tmp_path / "k.sqlite")  # a connection without our pragmas
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        foreign.execute(REPLACE)
    foreign.close()
    assert store.history(first.id)[0].actor == "анна"
    store.close()


def test_a_clock_that_goes_back_does_not_turn_history_round(
    make_store: Callable[..., Store], draft: Make, noon: datetime
) -> None:
    times = iter([noon, noon - timedelta(hours=1)])
    store = make_store(now=lambda: next(times))
    first = store.add(draft(), actor="анна")
    second = store.update(first.id, expected_version=1, changes={"title": "A"}, actor="анна")
    assert second.updated_at == noon


def test_ids_sort_by_time(noon: datetime) -> None:
    made = [uuid7(noon + timedelta(microseconds=step)) for step in range(3000)]
    assert made == sorted(made)
    assert {uuid.UUID(each).version for each in made} == {7}
    assert int(made[0].replace("-", "")[:12], 16) == round(noon.timestamp() * 1000)


def test_the_import_key_is_blind_to_case_yo_and_spaces() -> None:
    key = import_key("Ёлка  горит\nв Ейске", "https://example.org/1")
    assert key == import_key(" елка горит в ейске", "https://example.org/1")
    assert key != import_key("Ёлка горит в Ейске", "https://example.org/2")
    assert key != import_key("Ёлка не горит в Ейске", "https://example.org/1")
    assert import_key("текст", None) == import_key("текст", "")
