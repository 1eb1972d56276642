"""The day of an editor, on both databases: paste, queue, edit, publish, take back, two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest

from kubmap.desk.desk import Desk
from kubmap.desk.values import PASTE, Clash, FieldErrors, QueueFilter
from kubmap.domain import MOSCOW, Casualties, Category, Precision, Status, Teaser, Utility
from kubmap.errors import ConflictError, InputError, NotFoundError
from kubmap.geocode.reading import read_teaser
from kubmap.store.intake import intake
from kubmap.store.rows import Row
from tests.desk.conftest import ANN, BOB, CHIEF

FIRE = "В станице Каневской ночью 22 ноября сгорел склад, пострадавших нет."
CRASH = "Авария произошла 22 ноября около 5:00 на 1362-м километре М-4 «Дон», погиб водитель."
SCAM = "Жертвами новой схемы обмана стали 230 человек. В общей сложности они лишились почти 13 млн рублей."
HEALTH = "Некоторые продукты, напитки и препараты негативно воздействуют на лекарства для сердца."
PAGE = f"{FIRE}\n\n{CRASH}\n\n{SCAM}\n\n{HEALTH}"


def test_each_teaser_of_a_page_is_a_draft_at_once(desk, store):
    found = desk.paste(ANN, PAGE, source_name="Кубань 24", source_url="https://example.org/page")
    assert [each.incident.text for each in found] == [FIRE, CRASH, SCAM, HEALTH]
    for each in found:
        assert each.new
        assert (each.incident.status, each.incident.created_by) == (Status.DRAFT, "анна")
        assert each.incident.published_at == date(2021, 11, 23)  # of the desk's clock
        assert each.incident.source_name == "Кубань 24"
        assert store.get(each.incident.id) == each.incident
    crash = found[1].incident
    assert crash.category is Category.ROAD_ACCIDENT
    assert crash.starts_at == datetime(2021, 11, 22, 5, 0, tzinfo=MOSCOW)
    assert crash.location.precision is Precision.ROAD_KM
    assert crash.location.radius_m
    assert any(each.start is not None for each in crash.reasons)
    assert crash.casualties.dead == 1


def test_a_date_in_front_or_given_is_the_day_of_publication(desk):
    told = desk.paste(ANN, f"05.03.2020 10:00\n{FIRE}")[0].incident
    assert told.published_at == datetime(2020, 3, 5, 10, 0, tzinfo=MOSCOW)
    given = desk.paste(ANN, f"05.03.2020 10:00\n{CRASH}", published=date(2020, 3, 6))[0].incident
    assert given.published_at == date(2020, 3, 6)
    assert given.starts_at.year == 2019


def test_pasted_twice_is_one_draft(desk, store):
    first = desk.paste(ANN, PAGE)
    again = desk.paste(BOB, PAGE.replace("сгорел", "Сгорел").replace(" ", "  "))
    assert [each.new for each in again] == [False] * 4
    assert [each.incident.id for each in again] == [each.incident.id for each in first]
    desk.publish(ANN, [first[0].incident.id])
    assert desk.paste(BOB, FIRE)[0].note == "уже опубликовано"
    assert len(store.find()) == 4


def test_pasted_and_imported_is_one_whichever_came_first(desk, store, atlas):
    def imported(text: str, url: str) -> None:
        row = Row(1, Teaser("1", text, published=date(2021, 11, 24), source_url=url, source_name="Лента"))
        intake(store, [row], lambda teaser: read_teaser(teaser, atlas), publish=False)

    pasted = desk.paste(ANN, FIRE)[0].incident
    imported(FIRE, "https://example.org/1")
    imported(CRASH, "https://example.org/2")
    again = desk.paste(ANN, CRASH)[0]
    assert not again.new
    assert again.incident.source_url == "https://example.org/2"
    assert len(store.find()) == 2
    renewed = store.get(pasted.id)
    assert (renewed.source_url, renewed.source_name, renewed.created_by) == ("https://example.org/1", "Лента", "анна")
    imported(FIRE, "https://example.org/1")
    assert store.get(pasted.id).version == renewed.version


def test_what_cannot_be_pasted_is_told_and_changes_nothing(desk, store):
    for text in ("", " \n ", "Новости", "вода\0 вода вода"):
        with pytest.raises(InputError):
            desk.paste(ANN, f"{text}")
    with pytest.raises(InputError, match="1 МБ"):
        desk.paste(ANN, "а" * 1_000_001)
    with pytest.raises(FieldErrors):
        desk.paste(ANN, FIRE, source_url="javascript:alert(1)")
    assert store.find() == ()


def test_the_queue_begins_with_what_is_least_sure(desk):
    desk.paste(ANN, PAGE)
    page = desk.queue(ANN)
    found = [each.confidence for each in page.items]
    assert found == sorted(found)
    assert page.items[0].incident.text == SCAM
    assert page.items[0].doubts[0].code == "place_krai"
    assert page.total == 4
    assert page.counts["category"] == {"fire": 1, "road_accident": 1, "fraud": 1, "none": 1}


def test_pages_of_the_queue_hold_each_draft_once_while_it_changes(desk):
    text = "\n\n".join(f"В станице Каневской {day} ноября сгорел дом на улице Мира." for day in range(1, 21))
    desk.paste(ANN, text)
    first = desk.queue(ANN, limit=7)
    desk.publish(ANN, [first.items[-1].incident.id])  # what the next page goes on after
    seen, after = [each.incident.id for each in first.items], first.next
    while after:
        page = desk.queue(ANN, after=after, limit=7)
        seen += [each.incident.id for each in page.items]
        after = page.next
    assert len(seen) == len(set(seen)) == 20
    with pytest.raises(InputError):
        desk.queue(ANN, after="x:y")


def test_filters_of_the_queue(desk):
    desk.paste(ANN, FIRE, source_name="Первый")
    desk.paste(BOB, f"{CRASH}\n\n{SCAM}", source_name="Второй")

    def texts(**wanted):
        return {each.incident.text for each in desk.queue(ANN, QueueFilter(**wanted)).items}

    zone = desk.queue(ANN, QueueFilter(categories=frozenset({Category.FIRE}))).items[0].incident.location.zone
    assert zone
    assert texts() == {FIRE, CRASH, SCAM}
    assert texts(categories=frozenset({Category.FIRE})) == {FIRE}
    assert texts(zones=frozenset({zone})) == {FIRE}
    assert texts(sources=frozenset({"Второй"})) == {CRASH, SCAM}
    assert texts(mine=True) == {FIRE}
    assert texts(doubts=frozenset({"place_krai"})) == {SCAM}
    assert texts(text="каневск СКЛАД") == {FIRE}
    assert texts(since=date(2021, 11, 24)) == set()
    assert texts(until=date(2021, 11, 22)) == {FIRE, CRASH}


def test_bulk_publish_and_its_undo(desk, store):
    ids = [each.incident.id for each in desk.paste(ANN, PAGE)]
    done = desk.publish(ANN, [*ids, "nothing"])
    assert {each.id for each in done.done} == set(ids[:3])
    assert [(each.id, "категори" in each.why) for each in done.failed] == [(ids[3], True), ("nothing", False)]
    assert desk.queue(ANN).total == 1
    desk.save(BOB, ids[0], base_version=2, changes={"title": "Пожар"})
    back = desk.undo(ANN, done.undo)
    assert {each.id for each in back.done} == set(ids[1:3])
    assert [each.id for each in back.failed] == [ids[0]]
    assert "изменили" in back.failed[0].why
    assert store.get(ids[0]).status is Status.PUBLISHED
    assert (store.get(ids[1]).status, store.get(ids[1]).version) == (Status.DRAFT, 3)
    with pytest.raises(NotFoundError):
        desk.undo(ANN, done.undo)


def test_bulk_reject_and_its_undo(desk, store):
    ids = [each.incident.id for each in desk.paste(ANN, PAGE)]
    done = desk.reject(ANN, ids, reason="не наше")
    assert desk.queue(ANN).total == 0
    assert store.get(ids[0]).status is Status.RETRACTED
    assert store.history(ids[0])[-1].reason == "отклонено: не наше"
    with pytest.raises(PermissionError):
        desk.undo(BOB, done.undo)
    assert len(desk.undo(CHIEF, done.undo).done) == 4
    assert desk.queue(ANN).total == 4
    desk.publish(ANN, ids[:1])
    assert "снимают" in desk.reject(ANN, ids[:1]).failed[0].why


def test_what_is_no_news_stays_a_draft_and_is_told_in_words_of_the_form(desk, store):
    ids = [each.incident.id for each in desk.paste(ANN, PAGE)]
    (left,) = desk.publish(ANN, ids).failed
    assert store.get(left.id).category is Category.NONE
    assert "«Не происшествие» на карту не ставится" in left.why
    assert len(store.published().incidents) == 3


def test_what_somebody_changed_meanwhile_is_not_published_unseen(desk, store, paste):
    it = paste(FIRE)
    desk.save(BOB, it.id, base_version=1, changes={"title": "Пожар"})
    done = desk.publish(ANN, [it.id], versions={it.id: 1})
    assert not done.done
    assert done.undo is None
    assert store.get(it.id).status is Status.DRAFT


def test_a_change_is_a_version_with_who_when_why_and_what(desk, paste):
    it = paste(FIRE)
    saved = desk.save(
        BOB, it.id, base_version=1, changes={"title": "Пожар", "ends_at": "22.11.2021 09:30"}, reason="уточнили"
    ).incident
    entry = desk.open(ANN, it.id).history[-1]
    assert (entry.version, entry.actor, entry.reason, entry.at) == (2, "boris", "уточнили", saved.updated_at)
    assert {each.field: (each.before, each.after) for each in entry.diff} == {
        "title": (None, "Пожар"), "ends_at": (None, "2021-11-22T09:30:00+03:00"),
    }  # fmt: skip
    assert desk.version(ANN, it.id, 1).snapshot.title is None


def test_errors_are_told_by_field(desk, paste):
    it = paste(FIRE)
    wrong = {
        "title": "я" * 501, "text": " ", "category": "war", "source_url": "ftp://x", "starts_at": "32.13.2021",
        "casualties": {"dead": -1}, "is_scheduled": "да", "location": {"lat": 1}, "outage": {"utility": "light"},
        "status": "published", "published_at": 5.5,
    }  # fmt: skip
    with pytest.raises(FieldErrors) as told:
        desk.save(ANN, it.id, base_version=1, changes=wrong)
    assert told.value.errors.keys() == wrong.keys()
    assert all(any("а" <= char <= "я" for char in words) for words in told.value.errors.values())
    with pytest.raises(FieldErrors) as told:
        desk.save(ANN, it.id, base_version=1, changes={"starts_at": "22.11.2021 10:00", "ends_at": "22.11.2021 9:00"})
    assert told.value.errors.keys() == {"ends_at"}
    for lat, lon in ((95.0, 39.0), (55.75, 37.6), (44.6, 40.1)):  # nowhere, Moscow, Maykop
        place = {"lat": lat, "lon": lon, "precision": "address", "radius_m": 1, "label": "?"}
        with pytest.raises(FieldErrors) as told:
            desk.save(ANN, it.id, base_version=1, changes={"location": place})
        assert told.value.errors.keys() == {"location"}
    assert desk.open(ANN, it.id).incident == it


def test_two_editors_at_once(desk, paste):
    it = paste(CRASH)
    desk.save(
        ANN, it.id, base_version=1, changes={"title": "Авария на М-4", "casualties": Casualties(dead=1, injured=2)}
    )
    merged = desk.save(BOB, it.id, base_version=1, changes={"source_name": "ГИБДД"})
    assert merged.merged == ("title", "casualties")
    assert (merged.incident.title, merged.incident.source_name) == ("Авария на М-4", "ГИБДД")
    with pytest.raises(Clash) as told:
        desk.save(BOB, it.id, base_version=1, changes={"title": "ДТП на «Дону»", "is_scheduled": False})
    clash = told.value
    assert [(each.name, each.base, each.theirs, each.mine) for each in clash.fields] == [
        ("title", None, "Авария на М-4", "ДТП на «Дону»")
    ]
    assert (clash.by, clash.theirs.version, clash.merged) == ("boris", 3, {"is_scheduled": False})
    assert desk.open(ANN, it.id).incident.version == 3  # nothing was written
    chosen = {**clash.merged, "title": "ДТП на «Дону»"}
    assert desk.save(BOB, it.id, base_version=clash.theirs.version, changes=chosen).incident.title == "ДТП на «Дону»"


def test_what_was_rejected_meanwhile_is_not_published_by_a_save(desk, paste):
    it = paste(FIRE)
    desk.reject(BOB, [it.id])
    with pytest.raises(Clash) as told:
        desk.save(ANN, it.id, base_version=1, changes={"title": "Пожар"}, publish=True)
    assert [each.name for each in told.value.fields] == ["status"]
    assert (
        desk.save(ANN, it.id, base_version=2, changes={"title": "Пожар"}, publish=True).incident.status == "published"
    )


def test_eight_writers_lose_nothing(desk, make_store, atlas, clock, paste):
    """Each adds its own line to one field, from what it read last: who was slower asks, and nobody's line is lost."""
    it = paste(FIRE)
    desks = [Desk(make_store(), atlas, now=clock) for _ in range(8)]
    together = Barrier(8)

    def write(number: int) -> int:
        mine, clashes = desks[number], 0
        together.wait()
        for turn in range(4):
            base = it if turn == 0 else mine.open(ANN, it.id).incident
            while True:
                line = f"Строка {number}-{turn}."
                try:
                    mine.save(ANN, it.id, base_version=base.version, changes={"text": f"{base.text}\n{line}"})
                    break
                except Clash as clash:
                    clashes += 1
                    base = clash.theirs
        return clashes

    with ThreadPoolExecutor(8) as pool:
        clashes = sum(pool.map(write, range(8)))
    opened = desk.open(ANN, it.id)
    lines = opened.incident.text.splitlines()[1:]
    assert sorted(lines) == sorted(f"Строка {number}-{turn}." for number in range(8) for turn in range(4))
    assert [each.version for each in opened.history] == list(range(1, 34))
    assert clashes >= 7  # all eight began from version 1


def test_save_and_publish_is_one_step(desk, paste):
    it = paste(FIRE)
    desk.autosave(ANN, it.id, base_version=1, changes={"title": "По"})
    done = desk.save(ANN, it.id, base_version=1, changes={"title": "Пожар"}, publish=True).incident
    assert (done.status, done.version, done.title) == (Status.PUBLISHED, 2, "Пожар")
    assert desk.working(ANN) == ()


def test_category_and_outage_are_fitted(desk, paste):
    it = paste(FIRE)
    water = desk.save(ANN, it.id, base_version=1, changes={"category": "outage_water"}).incident
    assert water.outage.utility is Utility.WATER
    power = desk.save(ANN, it.id, base_version=2, changes={"category": "outage_power"}).incident
    assert power.outage.utility is Utility.POWER
    assert desk.save(ANN, it.id, base_version=3, changes={"category": "fire"}).incident.outage is None


def test_reasons_follow_their_words_when_the_text_changes(desk, paste):
    it = paste(CRASH)
    done = desk.save(ANN, it.id, base_version=1, changes={"text": f"Уточнение. {CRASH.replace('около ', '')}"}).incident
    spans = [each for each in done.reasons if each.start is not None and each.source == "text"]
    assert spans
    assert all(done.text[each.start : each.end] == each.read for each in spans)


def test_reread(desk, paste):
    it = paste(FIRE)
    changes = {"text": "В Анапе 21 ноября произошла авария на Пионерском проспекте, двое ранены."}
    fresh = desk.reread(ANN, it.id, changes)
    assert fresh["category"] is Category.ROAD_ACCIDENT
    done = desk.save(ANN, it.id, base_version=1, changes={**changes, **fresh}).incident
    assert done.location.municipality == "Анапа"
    assert done.location_verified is False
    assert done.reasons == fresh["reasons"]
    desk.save(ANN, it.id, base_version=2, changes={"location_verified": True})
    assert "location" not in desk.reread(ANN, it.id, {"text": FIRE})


def test_retract_and_restore(desk, store, paste):
    it = paste(FIRE)
    with pytest.raises(InputError):
        desk.retract(ANN, it.id, "ошибка")  # not published yet
    desk.save(ANN, it.id, base_version=1, changes={"title": "Пожар"}, publish=True)
    with pytest.raises(InputError, match="причин"):
        desk.retract(ANN, it.id, "  ")
    with pytest.raises(ConflictError):
        desk.retract(ANN, it.id, "ошибка", base_version=1)
    gone = desk.retract(ANN, it.id, "пожара не было")
    assert gone.status is Status.RETRACTED
    assert store.published().incidents == ()
    back = desk.restore(BOB, it.id, 2, reason="был")
    assert (back.status, back.title, back.version) == (Status.PUBLISHED, "Пожар", 4)
    assert store.history(it.id)[-1].reason == "возвращена версия 2: был"
    words = desk.restore(BOB, it.id, 1)
    assert (words.title, words.status) == (None, Status.PUBLISHED)  # words of before; it is not hidden by that
    with pytest.raises(NotFoundError):
        desk.restore(BOB, it.id, 99)


def test_what_was_typed_is_kept(desk, make_store, atlas, clock, paste):
    it = paste(FIRE)
    at = desk.autosave(ANN, it.id, base_version=1, changes={"title": "По", "starts_at": "22.1"})
    assert at == clock.at
    desk.autosave(ANN, it.id, base_version=1, changes={"title": "Пожар", "starts_at": None})
    desk.autosave(ANN, PASTE, changes={"text": CRASH})
    other = Desk(make_store(), atlas, now=clock)  # after a crash
    opened = other.open(ANN, it.id)
    assert (opened.working, opened.working_base, opened.working_at) == ({"title": "Пожар"}, 1, clock.at)
    assert other.open(BOB, it.id).working == {}
    assert {each.key for each in other.working(ANN)} == {PASTE, it.id}
    desk.paste(ANN, CRASH)
    desk.save(ANN, it.id, base_version=1, changes={"title": "Пожар"})
    assert desk.working(ANN) == ()
    with pytest.raises(InputError, match="2 МБ"):
        desk.autosave(ANN, PASTE, changes={"text": "а" * 1_000_001})
    with pytest.raises(NotFoundError):
        desk.autosave(ANN, "nothing", base_version=1, changes={})


def test_two_tabs_of_an_editor_keep_what_both_typed_and_old_copies_go(desk, clock, paste):
    it = paste(FIRE)
    desk.autosave(ANN, it.id, base_version=1, changes={"title": "Пожар", "text": "…"})
    desk.autosave(ANN, it.id, base_version=2, changes={"title": "Склад"})
    opened = desk.open(ANN, it.id)
    assert opened.working == {"title": "Склад", "text": "…"}
    assert opened.working_base == 1
    clock.on(days=61)
    desk.autosave(BOB, PASTE, changes={"text": "а"})
    assert desk.working(ANN) == ()


def test_presence(desk, clock, paste):
    it = paste(FIRE)
    assert desk.touch(ANN, it.id) == ()
    assert [each.name for each in desk.touch(BOB, it.id)] == ["анна"]
    assert [each.name for each in desk.open(ANN, it.id).others] == ["boris"]
    assert desk.queue(CHIEF).items[0].open_by == ("boris", "анна")
    clock.on(seconds=40)
    desk.touch(BOB, it.id)
    clock.on(seconds=10)
    assert [each.name for each in desk.others(CHIEF, it.id)] == ["boris"]
    desk.leave(BOB, it.id)
    assert desk.others(CHIEF, it.id) == ()


def test_find(desk, paste):
    it = paste(FIRE, source_name="Лента")
    desk.paste(ANN, f"{CRASH}\n\n{SCAM}")
    desk.publish(ANN, [it.id])
    found = desk.find(ANN, "СКЛАД каневск", status=Status.PUBLISHED)
    assert [each.id for each in found.items] == [it.id]
    assert desk.find(ANN, "склад", status=Status.RETRACTED).total == 0
    for asked in (it.id, f"https://example.org/?id={it.id}&z=9"):
        assert [each.id for each in desk.find(ANN, asked).items] == [it.id]
    assert desk.find(ANN, source="Лента").total == 1
    page = desk.find(ANN, limit=2)
    assert (len(page.items), page.total) == (2, 3)
    assert [each.id for each in desk.find(ANN, limit=2, after=page.next).items] == [it.id]


def test_a_desk_sees_what_another_process_wrote(desk, make_store, atlas, clock, paste):
    paste(FIRE)
    assert desk.queue(ANN).total == 1
    other = Desk(make_store(), atlas, now=clock)
    crash = other.paste(BOB, CRASH)[0].incident
    assert desk.queue(ANN).total == 2
    other.reject(BOB, [crash.id])
    assert desk.queue(ANN).total == 1


def test_a_reader_that_breaks_loses_no_teaser(desk, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("kubmap.desk.drafting.read_teaser", broken)
    it = desk.paste(ANN, FIRE)[0].incident
    assert it.text == FIRE
    assert desk.queue(ANN).items[0].doubts


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script> в Анапе сгорел дом", "${7*7} `в Анапе` сгорел дом", "\u202eв Анапе\u202c сгорел дом",
     "в Ана\u200bпе сгорел дом", "'; DROP TABLE incidents; -- в Анапе сгорел дом",
     "=cmd|' /C calc'!A0 сгорел дом в Анапе"],
)  # fmt: skip
def test_hostile_text_stays_text(desk, store, hostile):
    it = desk.paste(ANN, hostile)[0].incident
    saved = desk.save(ANN, it.id, base_version=1, changes={"title": hostile, "source_name": hostile}).incident
    assert store.get(it.id) == saved
    assert (saved.text, saved.title, saved.source_name) == (hostile, hostile, hostile)
    assert desk.find(ANN, hostile).total == 1
