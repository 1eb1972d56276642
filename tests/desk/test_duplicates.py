"""Two records of one event: found, shown side by side, merged, linked, told apart."""

from __future__ import annotations

from datetime import date, datetime
from time import monotonic, sleep

import pytest

from kubmap.desk.desk import Desk
from kubmap.domain import MOSCOW, Status
from kubmap.errors import ConflictError, InputError, NotFoundError
from tests.desk.conftest import ANN, BOB

ONE = "Пожар на складе в станице Каневской тушили ночью 22 ноября, сгорела крыша ангара на улице Горького."
OTHER = "В Каневской 22 ноября горел склад на улице Горького: сгорела крыша ангара, двое пострадали."
ELSEWHERE = "В Сочи 22 ноября столкнулись два автобуса на Курортном проспекте."
WATER = "В Апшеронске 25 ноября с 9:00 до 17:00 не будет воды на улице Ленина из-за ремонта."
LATER = "В Апшеронске 25 ноября с 9:00 до 20:00 не будет воды на улице Ленина: ремонт продлили."
VAGUE = "На улице Ленина в Апшеронске обещают ремонт закончить сегодня."


@pytest.fixture
def two(desk):
    one = desk.paste(ANN, ONE, source_name="Кубань 24", source_url="https://a.example/1")[0].incident
    other = desk.paste(BOB, OTHER, source_name="Юга", source_url="https://b.example/2")[0].incident
    desk.paste(BOB, ELSEWHERE)
    return one, other


def found(desk, it):
    return [each.incident.id for each in desk.duplicates(ANN, it.id)]


def test_likely_duplicates_are_found_both_ways(desk, two):
    one, other = two
    assert found(desk, one) == [other.id]
    assert found(desk, other) == [one.id]
    (it,) = desk.open(ANN, one.id).duplicates
    assert it.same_event
    assert it.score > 0.5
    assert it.reasons
    assert {each.incident.id: each.duplicates for each in desk.queue(ANN).items}[one.id] == 1


def test_fields_that_differ_are_marked_and_what_is_missing_is_offered(desk, two):
    one, other = two
    desk.save(BOB, other.id, base_version=1, changes={"ends_at": "22.11.2021 09:00"})
    (it,) = desk.duplicates(ANN, one.id)
    marked = {each.name: each.same for each in it.fields}
    assert not marked["text"]
    assert not marked["ends_at"]
    assert marked["category"]
    assert set(it.offers) == {"casualties", "ends_at"}
    ends = next(each for each in it.fields if each.name == "ends_at")
    assert (ends.one, ends.other) == (None, datetime(2021, 11, 22, 9, tzinfo=MOSCOW))


def test_merged_keeps_all_sources_and_the_other_leaves_map_and_queue(desk, store, two):
    one, other = two
    desk.publish(ANN, [one.id, other.id])
    done = desk.merge(ANN, one.id, other.id, take=["casualties"])
    assert [(each.source_name, each.source_url, each.incident_id) for each in done.kept.sources] == [
        ("Юга", "https://b.example/2", other.id)
    ]
    assert done.kept.casualties.injured == 2
    assert (done.kept.text, done.kept.source_name) == (ONE, "Кубань 24")
    assert (done.other.status, done.other.duplicate_of) == (Status.RETRACTED, one.id)
    assert [each.id for each in store.published().incidents] == [one.id]
    assert found(desk, one) == []
    assert "объединена" in desk.publish(ANN, [other.id]).failed[0].why
    third = desk.paste(ANN, OTHER.replace("двое", "трое"), source_url="https://c.example/3")[0].incident
    again = desk.merge(BOB, third.id, one.id).kept
    assert [each.source_url for each in again.sources] == ["https://a.example/1", "https://b.example/2"]


def test_a_merge_is_taken_back_as_one(desk, store, two):
    one, other = two
    done = desk.merge(ANN, one.id, other.id, take=["casualties"])
    back = desk.undo(ANN, done.undo)
    assert len(back.done) == 2
    now = store.get(one.id)
    assert (now.sources, now.casualties, now.version) == ((), one.casualties, 3)
    assert (store.get(other.id).status, store.get(other.id).duplicate_of) == (Status.DRAFT, None)
    assert found(desk, one) == [other.id]


def test_an_update_gives_the_earlier_the_facts_of_the_later(desk, store):
    first = desk.paste(ANN, WATER, source_name="Водоканал", source_url="https://a.example/1")[0].incident
    place = desk.at_point(ANN, 44.4608, 39.7406, radius_m=200)
    first = desk.save(ANN, first.id, base_version=1, changes={"location": place}, publish=True).incident
    last = desk.paste(BOB, LATER, published=date(2021, 11, 25), source_url="https://b.example/2")[0].incident
    done = desk.link_update(ANN, first.id, last.id)
    assert done.kept.id == first.id
    assert done.kept.status is Status.PUBLISHED
    assert done.kept.version == first.version + 1
    assert (done.kept.text, done.kept.published_at) == (LATER, date(2021, 11, 25))
    assert done.kept.ends_at == datetime(2021, 11, 25, 20, tzinfo=MOSCOW)
    assert done.kept.location == first.location  # a verified place stays put
    assert done.kept.location_verified
    assert [each.source_url for each in done.kept.sources] == ["https://a.example/1"]
    assert done.other.duplicate_of == first.id
    assert desk.queue(ANN).total == 0
    assert len(store.history(first.id)) == first.version + 1


def test_what_the_later_leaves_unsaid_stays(desk):
    first = desk.paste(ANN, WATER)[0].incident
    last = desk.paste(BOB, VAGUE, published=date(2021, 11, 25))[0].incident
    desk.publish(ANN, [first.id])
    kept = desk.link_update(ANN, first.id, last.id).kept
    assert kept.text == VAGUE
    assert (kept.category, kept.ends_at, kept.location) == (first.category, first.ends_at, first.location)
    assert kept.outage.utility is first.outage.utility


def test_told_apart_is_remembered_both_ways(desk, make_store, atlas, two):
    one, other = two
    desk.not_duplicate(ANN, other.id, one.id)
    desk.not_duplicate(BOB, one.id, other.id)
    assert found(desk, one) == found(desk, other) == []
    assert found(Desk(make_store(), atlas), one) == []
    assert all(each.duplicates == 0 for each in desk.queue(ANN).items)


def test_the_index_follows_what_is_written(desk, store, two):
    one, other = two
    assert found(desk, one) == [other.id]
    third = desk.paste(BOB, OTHER.replace("двое", "трое"))[0].incident
    assert set(found(desk, one)) == {other.id, third.id}
    desk.reject(ANN, [other.id])
    assert found(desk, one) == [third.id]
    changed = {"text": ELSEWHERE.replace("два", "три"), "category": "road_accident", "location": None, "title": None}
    desk.save(ANN, third.id, base_version=1, changes=changed)
    assert found(desk, one) == []
    far = desk.paste(BOB, OTHER.replace("двое", "пятеро"), published=date(2019, 11, 23))[0].incident
    assert found(desk, one) == []  # two years before
    assert found(desk, far) == []
    assert store.get(far.id).starts_at.year == 2019


def test_what_cannot_be_joined_is_told(desk, two):
    one, other = two
    with pytest.raises(InputError):
        desk.merge(ANN, one.id, one.id)
    with pytest.raises(NotFoundError):
        desk.merge(ANN, one.id, "nothing")
    with pytest.raises(InputError):
        desk.merge(ANN, one.id, other.id, take=["status"])
    desk.save(BOB, other.id, base_version=1, changes={"title": "Склад"})
    with pytest.raises(ConflictError):
        desk.merge(ANN, one.id, other.id, versions={other.id: 1})
    assert desk.queue(ANN).total == 3


def test_a_large_archive_is_read_beside_the_queue(desk, monkeypatch, two):
    """The queue does not wait for it; what changes meanwhile is told as it is then."""
    one, other = two
    monkeypatch.setattr("kubmap.desk.board.AT_ONCE", 0)
    monkeypatch.setattr("kubmap.desk.board._FEW", 1)
    assert {each.duplicates for each in desk.queue(ANN).items} == {None}
    third = desk.paste(BOB, OTHER.replace("двое", "трое"))[0].incident
    desk.reject(BOB, [other.id])
    wait_until(lambda: desk.open(ANN, one.id).duplicates_known)
    wait_until(lambda: None not in {each.duplicates for each in desk.queue(ANN).items})
    assert {each.incident.id: each.duplicates for each in desk.queue(ANN).items}[one.id] == 1
    assert found(desk, one) == [third.id]


def wait_until(true, seconds=30.0):
    ends = monotonic() + seconds
    while not true():
        assert monotonic() < ends
        sleep(0.02)
