"""Removal for legal reasons: wholly, by the chief, with a log; history can be deleted in no other way."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from kubmap.errors import InputError, NotFoundError
from kubmap.read.cache import SnapshotCache
from kubmap.store import engine as engines
from tests.desk.conftest import ANN, BOB, CHIEF

SECRET = "В Ейске 22 ноября на улице Мира горел дом семьи Тайновых."
OTHER = "В Анапе 22 ноября на улице Ленина горел магазин."


@pytest.fixture
def secret(desk, paste):
    it = paste(SECRET)
    desk.save(ANN, it.id, base_version=1, changes={"title": "Тайновы"}, publish=True)
    desk.autosave(BOB, it.id, base_version=2, changes={"text": "Тайновы"})
    return it


def rows(store, table):
    with engines.reading(store.engine) as connection:
        return connection.execute(text(f"SELECT * FROM {table}")).all()


def test_nothing_of_it_is_left_but_the_log(desk, store, paste, secret, clock):
    other = paste(OTHER)
    desk.publish(ANN, [other.id])
    desk.not_duplicate(ANN, other.id, secret.id)
    with pytest.raises(InputError, match="причин"):
        desk.purge(CHIEF, secret.id, " ")
    desk.purge(CHIEF, secret.id, "решение суда")
    for table in ("incidents", "history", "working", "presence", "pairs", "purging"):
        assert "Тайнов" not in str(rows(store, table))
        assert secret.id not in str(rows(store, table))
    (line,) = desk.purged(CHIEF)
    assert (line.incident_id, line.versions, line.actor, line.reason, line.at) == (
        secret.id, 2, "chief", "решение суда", clock.at,
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        desk.open(ANN, secret.id)
    with pytest.raises(NotFoundError):
        desk.purge(CHIEF, secret.id, "ещё раз")
    assert [each.id for each in store.published().incidents] == [other.id]


def test_readers_stop_seeing_it(desk, store, atlas, paste, secret):
    other = paste(OTHER)
    desk.publish(ANN, [other.id])
    cache = SnapshotCache(store, atlas=atlas, poll_s=0)
    before = cache.current()
    assert set(before.rows) == {secret.id, other.id}
    desk.purge(CHIEF, secret.id, "решение суда")
    after = cache.current()
    assert set(after.rows) == {other.id}
    assert after.etag != before.etag


def test_the_desk_forgets_it_and_misses_nothing_written_after(desk, paste):
    first, last = paste(OTHER), paste(SECRET)
    assert desk.queue(ANN).total == 2
    desk.purge(CHIEF, last.id, "решение суда")
    new = paste(OTHER.replace("Анапе", "Сочи"))  # may get the numbers of the history that went
    assert {each.incident.id for each in desk.queue(ANN).items} == {first.id, new.id}


def test_what_was_merged_into_it_stands_alone(desk, store, paste):
    keep, other = paste(SECRET), paste(OTHER)
    desk.merge(ANN, keep.id, other.id)
    desk.purge(CHIEF, keep.id, "решение суда")
    assert store.get(other.id).duplicate_of is None
    assert store.history(other.id)[-1].actor == "chief"


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM history", "UPDATE history SET actor = 'x'", "DELETE FROM purges", "UPDATE purges SET reason = 'x'"],
)
def test_history_and_the_log_cannot_be_changed_otherwise(desk, store, paste, secret, statement):
    paste(OTHER)
    desk.purge(CHIEF, secret.id, "решение суда")
    with pytest.raises(DatabaseError, match="append-only"), engines.writing(store.engine) as connection:
        connection.execute(text(statement))


def test_a_mark_cannot_be_committed(store, secret):
    """So no other transaction ever sees one, and history is safe from a mark that was forgotten."""
    mark = text("INSERT INTO purging (incident_id, ends) VALUES (:id, :ends)")

    def delete() -> None:
        with engines.writing(store.engine) as connection:
            connection.execute(mark, {"id": secret.id, "ends": "purged"})
            connection.execute(text("DELETE FROM history"))

    with pytest.raises(DatabaseError):
        delete()
    assert len(store.history(secret.id)) == 2
    with pytest.raises(DatabaseError), engines.writing(store.engine) as connection:
        connection.execute(text("INSERT INTO meta (key, value) VALUES ('purged', 1)"))
