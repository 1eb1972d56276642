"""A revised notice is the next version of the one before it."""

from __future__ import annotations

from functools import partial

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Status, Teaser
from kubmap.geocode.reading import moment_of, read_teaser
from kubmap.store.intake import intake
from kubmap.store.rows import Row

FIRST = "В Геленджике воду отключат с 22:00 6 мая до 14:00 7 мая: пройдут плановые работы на водоводе."
LATER = "В Геленджике плановые работы на водоводе с 22:00 6 мая продлены, воду отключат до 15:30 7 мая."
OFF = "Плановые работы на водоводе в Геленджике отменены: отключения воды 6 мая не будет."
MOVED = "Плановые работы на водоводе в Геленджике перенесены: воду отключат с 22:00 8 мая до 14:00 9 мая."


def rows(*told):
    teasers = [Teaser("", text, published=moment_of(day, "published")) for text, day in told]
    return [Row(line, teaser, {"text": teaser.text}) for line, teaser in enumerate(teasers, 1)]


@pytest.fixture
def take(store):
    read = partial(read_teaser, atlas=load_atlas())
    return lambda *told, revise=True: intake(store, rows(*told), read, publish=True, revise=revise)


def only(store):
    (found,) = store.find(status=Status.PUBLISHED)
    return found


def test_later_end_is_a_new_version(store, take):
    take((FIRST, "2022-05-05"))
    before = only(store)
    report = take((LATER, "2022-05-06"))
    after = only(store)
    assert (report.added, report.updated) == (0, 1)
    assert (after.id, after.version) == (before.id, 2)
    assert before.ends_at.isoformat()[:16] == "2022-05-07T14:00"
    assert after.ends_at.isoformat()[:16] == "2022-05-07T15:30"
    assert after.text == LATER
    assert store.history(after.id)[-1].reason == "уточнённое сообщение"


def test_both_in_one_batch(store, take):
    report = take((FIRST, "2022-05-05"), (LATER, "2022-05-06"))
    assert (report.added, report.updated) == (1, 1)
    assert only(store).text == LATER


def test_feed_that_still_holds_the_old_text_changes_nothing(store, take):
    for _ in range(3):
        take((FIRST, "2022-05-06"), (LATER, "2022-05-06"))
    assert only(store).version == 2
    assert only(store).text == LATER


def test_called_off(store, take):
    take((FIRST, "2022-05-05"), (OFF, "2022-05-06"))
    found = only(store)
    assert found.version == 2
    assert found.outage.withdrawn
    assert found.starts_at.isoformat()[:16] == "2022-05-06T22:00"
    assert store.history(found.id)[-1].reason == "отмена отключения"


def test_moved(store, take):
    take((FIRST, "2022-05-05"), (MOVED, "2022-05-06"))
    found = only(store)
    assert found.version == 2
    assert found.starts_at.isoformat()[:16] == "2022-05-08T22:00"
    assert found.ends_at.isoformat()[:16] == "2022-05-09T14:00"


@pytest.mark.parametrize(
    "other",
    [
        LATER.replace("Геленджике", "Анапе"),
        LATER.replace("воду отключат", "свет отключат").replace("водоводе", "подстанции"),
        "В Геленджике воду отключат с 22:00 26 мая до 14:00 27 мая: пройдут плановые работы на водоводе.",
    ],
)
def test_another_place_utility_or_day_is_another_outage(store, take, other):
    report = take((FIRST, "2022-05-05"), (other, "2022-05-06"))
    assert report.added == 2


def test_other_streets_are_another_outage(store, take):
    text = "В Краснодаре с 8:00 до {end}:00 27 мая отключат воду на ул. {street}."
    report = take(
        (text.format(end=12, street="Красной"), "2022-05-26"), (text.format(end=15, street="Уральской"), "2022-05-26")
    )
    assert report.added == 2


def test_editor_s_words_stay(store, take):
    take((FIRST, "2022-05-05"))
    found = only(store)
    store.update(found.id, expected_version=1, changes={"title": "Своими словами"}, actor="anna")
    take((LATER, "2022-05-06"))
    assert only(store).title == "Своими словами"
    assert only(store).ends_at.isoformat()[:16] == "2022-05-07T15:30"


def test_without_the_option_nothing_is_joined(store, take):
    assert take((FIRST, "2022-05-05"), (LATER, "2022-05-06"), revise=False).added == 2
