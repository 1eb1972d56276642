"""What is off at a place at a moment: notices of every wording, before, during, in recovery and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.cases import where
from kubmap.domain import Category, Interval, Outage, OutageKind, Precision, Utility
from kubmap.feeds.answer import answer
from kubmap.read.course import Phase, by_day, course
from kubmap.read.outages import Reach
from kubmap.read.residents import grown, index_of
from kubmap.read.snapshot import build
from kubmap.store.light import Published
from tests import web_items
from tests.notices import (
    ANAPA,
    EYSK,
    GELENDZHIK,
    HOPE,
    KRASNODAR,
    KRYMSK,
    NOVOROSSIYSK,
    at,
    indexed,
    notice,
    place,
    told,
)

TROITSKY = (
    "РЭУ «Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы: подача воды прекратится. "
    "Выход на режим 4-6 часов."
)
SCHEDULE = (
    "Плановые работы на водопроводе 27 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда». Вода будет подаваться по "
    "графику: с 6:00 до 9:00 и с 18:00 до 21:00; выход на режим в течение 4 (6) часов."
)


def state(index, place_id, now, utility=Utility.WATER):
    return index.state(place(place_id), now).utilities[utility]


def sentence(index, place_id, now):
    where_ = where(place(place_id), load_atlas().names)
    return answer(index.state(place(place_id), now), where_)


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (at(25, 12), Phase.ANNOUNCED),
        (at(27, 5, 59), Phase.ANNOUNCED),
        (at(27, 6), Phase.OFF),
        (at(27, 23, 59), Phase.OFF),
        (at(28, 0), Phase.RECOVERING),
        (at(28, 5, 59), Phase.RECOVERING),
        (at(28, 6), Phase.OVER),
        (at(29, 5, 59), Phase.OVER),
        (at(29, 6), Phase.NONE_KNOWN),
    ],
)
def test_the_end_of_the_works_is_not_the_end_of_the_outage(now, phase):
    assert state(told(TROITSKY), KRYMSK, now).phase is phase
    assert state(told(TROITSKY), KRYMSK, now.astimezone(UTC)).phase is phase


def test_sentence_of_the_day():
    found = sentence(told(TROITSKY), KRYMSK, at(27, 7))
    assert found.startswith(
        "Сегодня, 27 ноября, с 6:00 до 24:00 в Крымске плановое отключение воды, кроме: мкр «Надежда»; "
        "выход на режим ещё 4–6 ч."
    )
    assert "Сведений о свете, газе и тепле нет." in found


@pytest.mark.parametrize(
    ("now", "part"),
    [
        (at(26, 9), "Завтра, 27 ноября, с 6:00 до 24:00 в Крымске"),
        (at(24, 9), "27 ноября, с 6:00 до 24:00 в Крымске"),
        (at(28, 2), "выход на режим до 6:00 28 ноября (сегодня)"),
        (at(28, 7), "должно было закончиться к 6:00 28 ноября (сегодня); новых сообщений нет"),
        (at(30, 7), "сведений об отключениях нет. Это не значит, что всё включено"),
    ],
)
def test_sentences_of_other_days(now, part):
    assert part in sentence(told(TROITSKY), KRYMSK, now)


def test_exception_is_not_affected_and_the_town_tells_it():
    index = told(TROITSKY)
    inside = state(index, HOPE, at(27, 7))
    assert inside.phase is Phase.NONE_KNOWN
    assert [each.reach for each in inside.excepted] == [Reach.EXCEPTION]
    assert "отключения воды быть не должно" in sentence(index, HOPE, at(27, 7))
    assert state(index, KRYMSK, at(27, 7)).main.exceptions == ("мкр «Надежда»",)
    assert not any(day.spans for day in index.calendar(place(HOPE), date(2021, 11, 26)))


def test_exception_of_another_town_is_not_told():
    index = told("14 декабря с 10:00 до 20:00 воды не будет в Новороссийске и Крымске, за исключением мкр «Надежда».")
    now = at(14, 11, month=12)
    assert "кроме: мкр «Надежда»" in sentence(index, KRYMSK, now)
    assert "кроме" not in sentence(index, NOVOROSSIYSK, now)


def test_exception_by_the_words_of_the_notice():
    index = told(SCHEDULE)
    assert state(index, HOPE, at(27, 10)).phase is Phase.NONE_KNOWN
    assert state(index, KRYMSK, at(27, 10)).phase is Phase.LIMITED


@pytest.mark.parametrize(
    ("now", "supplied", "part"),
    [
        (at(27, 7), True, "сейчас вода есть, до 9:00"),
        (at(27, 10), False, "сейчас воды нет, подача с 18:00 до 21:00"),
        (at(27, 18), True, "сейчас вода есть, до 21:00"),
        (at(27, 22), False, "сейчас воды нет;"),
    ],
)
def test_supply_windows(now, supplied, part):
    index = told(SCHEDULE)
    found = state(index, KRYMSK, now)
    assert (found.phase, found.main.supplied) == (Phase.LIMITED, supplied)
    assert part in sentence(index, KRYMSK, now)
    assert state(index, KRYMSK, at(28, 1)).phase is Phase.RECOVERING


def test_next_window():
    main = state(told(SCHEDULE), KRYMSK, at(27, 10)).main
    assert (main.current.start, main.current.end) == (at(27, 9), at(27, 18))
    assert (main.following.start, main.following.end, main.following.supplied) == (at(27, 18), at(27, 21), True)


def test_night_span():
    index = told("Отключение электроэнергии в Анапе пройдёт с 22:00 6 мая до 14:00 7 мая.", published="2022-05-05")
    phases = [
        state(index, ANAPA, at(day, hour, month=5, year=2022), Utility.POWER).phase
        for day, hour in ((6, 21), (6, 22), (7, 0), (7, 13), (7, 14))
    ]
    assert phases == [Phase.ANNOUNCED, Phase.OFF, Phase.OFF, Phase.OFF, Phase.OVER]
    days = index.calendar(place(ANAPA), date(2022, 5, 6), days=3)
    assert [[(span.start, span.end) for _, span in day.spans] for day in days] == [
        [(at(6, 22, month=5, year=2022), at(7, 0, month=5, year=2022))],
        [(at(7, 0, month=5, year=2022), at(7, 14, month=5, year=2022))],
        [],
    ]


def test_no_daylight_saving_time_in_spring_and_autumn():
    for month, day in ((3, 26), (10, 29)):
        made = web_items.incident(
            1, category=Category.OUTAGE_WATER, is_scheduled=True,
            starts_at=at(day, 22, month=month, year=2022), ends_at=at(day + 1, 6, month=month, year=2022),
        )  # fmt: skip
        found = course(made)
        assert found.end - found.start == timedelta(hours=8)
        assert {each.utcoffset() for each in (found.start, found.end)} == {timedelta(hours=3)}


ACCIDENT = "В Краснодаре из-за аварии отключили воду 25 ноября в 10:00 на ул. Заполярной, 35 и ул. Алуштинской."


def test_accident_without_an_end_goes_stale_and_is_not_deleted():
    index = told(ACCIDENT)
    assert state(index, KRASNODAR, at(25, 12)).phase is Phase.OFF
    assert "срок не назван" in sentence(index, KRASNODAR, at(25, 12))
    assert state(index, KRASNODAR, at(26, 23, 59)).phase is Phase.OFF  # the day of publication is all we know
    assert state(index, KRASNODAR, at(27, 0)).phase is Phase.STALE
    assert "сведения устарели" in sentence(index, KRASNODAR, at(27, 0))
    late = index.state(place(KRASNODAR), at(27, 0) + timedelta(days=15))
    assert late.utilities[Utility.WATER].phase is Phase.NONE_KNOWN
    assert len(late.past) == 1


def test_streets_are_for_the_reader_to_check():
    main = state(told(ACCIDENT), KRASNODAR, at(25, 12)).main
    assert main.partial
    assert "затронуты улицы: ул. Заполярной, 35, ул. Алуштинской — проверьте свою" in sentence(
        told(ACCIDENT), KRASNODAR, at(25, 12)
    )


def test_several_notices_at_one_time_the_gravest_first():
    index = told(
        "В Ейске 27 ноября с 8:00 до 20:00 снизят давление воды из-за плановых работ.",
        "В Ейске 27 ноября с 10:00 до 12:00 отключат воду для плановых работ.",
        "В Ейске 27 ноября с 9:00 до 18:00 отключат газ для ремонта газопровода.",
    )
    assert [each.phase for each in state(index, EYSK, at(27, 11)).concerns] == [Phase.OFF, Phase.REDUCED]
    assert state(index, EYSK, at(27, 13)).phase is Phase.REDUCED
    assert state(index, EYSK, at(27, 13), Utility.GAS).phase is Phase.OFF
    found = sentence(index, EYSK, at(27, 11))
    assert found.index("отключение воды") < found.index("снижено давление воды")
    assert "Сведений о свете и тепле нет." in found


def test_day_without_hours():
    index = told("27 ноября в Ейске отключат газ для ремонта газопровода.")
    assert "Завтра, 27 ноября (часы не названы)" in sentence(index, EYSK, at(26, 9))
    assert state(index, EYSK, at(27, 0), Utility.GAS).phase is Phase.OFF
    assert state(index, EYSK, at(28, 0), Utility.GAS).phase is Phase.OVER


def test_called_off():
    index = told("Плановое отключение воды 27 ноября в Крымске отменено.")
    assert state(index, KRYMSK, at(26, 9)).phase is Phase.WITHDRAWN
    assert "которое объявляли на 27 ноября (завтра), отменено" in sentence(index, KRYMSK, at(26, 9))
    assert not any(day.spans for day in index.calendar(place(KRYMSK), date(2021, 11, 26)))


WORDINGS = [  # NOTES D1 in our own words: text, place, moment, phase
    ("На ТГВ 27 ноября с 6:00 до 24:00 реконструкция: подача воды в Новороссийск снизится на 30 %.",
     NOVOROSSIYSK, at(27, 9), Phase.REDUCED),
    ("Ремонт на Троицком групповом водопроводе 27 ноября с 8:00 до 20:00. В Геленджике воду дадут по графику: "  # noqa: ISC004
     "с 06:00 до 09:00 и с 18:00 до 21:00.", GELENDZHIK, at(27, 12), Phase.LIMITED),
    ("В Геленджике 27 ноября с 9:00 до 18:00 отключат воду в границах улиц Гоголя, Луначарского и Садовой.",
     GELENDZHIK, at(27, 10), Phase.OFF),
    ("В Краснодаре 27 ноября с 8:00 до 17:00 снизят давление воды из-за ремонта.", KRASNODAR, at(27, 9), Phase.REDUCED),
    ("В Новороссийске из-за работ на подстанции 27 ноября с 9:00 до 17:00 прекратят подачу воды.",
     NOVOROSSIYSK, at(27, 16), Phase.OFF),
    ("Воды не будет в Новороссийске с 8:00 27 ноября, работы продлятся до 02:00 28 ноября.",
     NOVOROSSIYSK, at(28, 1), Phase.OFF),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place_id", "now", "phase"), WORDINGS, ids=[row[0][:30] for row in WORDINGS])
def test_wordings(text, place_id, now, phase):
    assert state(told(text), place_id, now).phase is phase


def test_exclusions_of_a_list_of_settlements():
    index = told(
        "14 декабря с 8:00 до 18:00 без воды останутся станица Троицкая, хутор Красный и Крымск (кроме микрорайона "
        "«Надежда») Крымского района."
    )
    now = at(14, 9, month=12)
    assert state(index, KRYMSK, now).phase is Phase.OFF
    assert state(index, "03625422101", now).phase is Phase.OFF
    assert state(index, HOPE, now).excepted


def located(label, precision=Precision.SETTLEMENT, places=(), **changes):
    return web_items.incident(
        1, category=Category.OUTAGE_GAS, starts_at=at(27, 6), ends_at=at(27, 20),
        location=web_items.place(changes.pop("lat", None), changes.pop("lon", None), precision, label=label, **changes),
        outage=Outage(Utility.GAS, places=places),
    )  # fmt: skip


def test_homonyms_are_told_apart_by_the_point_and_by_the_municipality():
    atlas = load_atlas()
    lenins = [each for each in atlas.names.named("Октябрьский") if each.id in atlas.settlements]
    assert len(lenins) > 5
    one = lenins[3]
    home = atlas.municipality_of(one)
    by_point = indexed(located("посёлок Октябрьский", lat=one.lat, lon=one.lon))
    by_home = indexed(located("Октябрьский", Precision.DISTRICT, ("Октябрьский",), municipality=home.name))
    assert [each.id for each in lenins if by_point.state(each, at(27, 7)).concerns] == [one.id]
    named = {
        each.id for each in lenins for notice_, how in by_home.of(each) if how is Reach.NAMED and notice_ is not None
    }
    assert named == {each.id for each in lenins if each.municipality == home.id}


UNTOLD = "В посёлке Октябрьском 27 ноября с 6:00 до 9:00 отключат газ."


def test_a_name_that_many_bear_concerns_none_but_its_bearers():
    atlas, index, now = load_atlas(), told(UNTOLD), at(27, 7)
    bearers = {each.id for each in atlas.names.named("Октябрьский") if each.id in atlas.settlements}
    concerned = {each for each in atlas.settlements if state(index, each, now, Utility.GAS).concerns}
    assert len(concerned) > 5
    assert concerned <= bearers
    for each in concerned:
        assert state(index, each, now, Utility.GAS).main.reach is Reach.HOMONYM
    said = sentence(index, min(concerned), now)
    assert "с 6:00 до 9:00" in said
    assert "мест с таким названием в крае несколько, какое из них, сообщение не говорит" in said
    assert "сведений об отключениях нет" in sentence(index, KRYMSK, now)


def test_what_names_the_place_comes_before_what_may_concern_it():
    named = located("Крымск", lat=place(KRYMSK).lat, lon=place(KRYMSK).lon)
    district = located("Крымский район", Precision.DISTRICT, municipality="Крымский район")
    streets = replace(named, outage=replace(named.outage, streets=("ул. Мира",)))
    krai = located("Краснодарский край", Precision.KRAI, method="krai")
    given = [krai, streets, district, named]
    index = indexed(*(replace(each, id=f"{number}") for number, each in enumerate(given)))
    found = state(index, KRYMSK, at(27, 7), Utility.GAS)
    assert [each.notice.incident.id for each in found.concerns] == ["3", "2", "1", "0"]


def test_an_exception_that_only_the_provider_tells_is_told_as_his():
    said = sentence(told(SCHEDULE), HOPE, at(27, 7))
    assert "отключения воды быть не должно: сообщение (сегодня, 27 ноября, с 6:00 до 24:00) называет это место" in said
    said = sentence(told(TROITSKY), HOPE, at(27, 7))
    assert "отключения воды быть не должно: поставщик, о котором говорит сообщение (сегодня, 27 ноября" in said
    assert "исключением" not in said


def test_what_was_only_reduced_was_never_cut_off():
    index = told("В Ейске 27 ноября с 8:00 до 20:00 снизят давление воды из-за плановых работ.")
    assert "в Ейске снижено давление воды" in sentence(index, EYSK, at(27, 9))
    after = sentence(index, EYSK, at(27, 21))
    assert "В Ейске плановое снижение давления воды должно было закончиться к 20:00 27 ноября (сегодня)" in after
    assert "отключение воды" not in after
    called_off = notice("В Ейске 27 ноября с 8:00 до 20:00 снизят давление воды из-за плановых работ.")
    called_off = replace(called_off, outage=replace(called_off.outage, withdrawn=True))
    assert "снижение давления воды, которое объявляли на 27 ноября" in sentence(indexed(called_off), EYSK, at(26, 9))


def test_what_is_to_come_is_told_before_what_has_ended():
    index = told(
        "В Ейске 26 ноября с 8:00 до 20:00 отключат газ для ремонта газопровода.",
        "В Ейске 28 ноября с 9:00 до 18:00 отключат газ на ул. Мира для ремонта газопровода.",
    )
    assert state(index, EYSK, at(26, 9), Utility.GAS).phase is Phase.OFF
    after = state(index, EYSK, at(27, 7), Utility.GAS)
    assert [each.phase for each in after.concerns] == [Phase.ANNOUNCED, Phase.OVER]
    assert after.main.partial


def test_part_and_whole_of_a_town():
    hope = place(HOPE)
    index = indexed(located("микрорайон Надежда", lat=hope.lat, lon=hope.lon, places=("Надежда",)))
    town = state(index, KRYMSK, at(27, 7), Utility.GAS)
    assert (town.main.reach, town.main.parts, town.main.partial) == (Reach.PART, ("мкр «Надежда»",), True)
    assert "названы только: мкр «Надежда»" in sentence(index, KRYMSK, at(27, 7))
    town_wide = indexed(located("Крымск", lat=place(KRYMSK).lat, lon=place(KRYMSK).lon))
    assert state(town_wide, HOPE, at(27, 7), Utility.GAS).main.reach is Reach.WITHIN


def test_what_only_says_where_a_place_is_does_not_count():
    town, hope = place(KRYMSK), place(HOPE)
    index = indexed(located("мкр Надежда", lat=hope.lat, lon=hope.lon, places=("Крымский район", "Крымск", "Надежда")))
    assert state(index, KRYMSK, at(27, 7), Utility.GAS).main.reach is Reach.PART
    assert state(index, HOPE, at(27, 7), Utility.GAS).main.reach is Reach.NAMED
    assert state(index, "03625422101", at(27, 7), Utility.GAS).main is None
    index = indexed(located("Крымск", lat=town.lat, lon=town.lon, places=("Крымский район", "Крымск")))
    assert state(index, "03625422101", at(27, 7), Utility.GAS).main is None


def test_krai_and_silence():
    everywhere = indexed(located("Краснодарский край", Precision.KRAI, method="krai"))
    nowhere = indexed(located("Краснодарский край", Precision.KRAI, method="default"))
    assert state(everywhere, EYSK, at(27, 7), Utility.GAS).main.reach is Reach.KRAI
    assert state(nowhere, EYSK, at(27, 7), Utility.GAS).phase is Phase.NONE_KNOWN


def test_district_notice():
    index = indexed(located("Крымский район", Precision.DISTRICT, municipality="Крымский район"))
    assert state(index, KRYMSK, at(27, 7), Utility.GAS).main.reach is Reach.MUNICIPALITY
    assert state(index, EYSK, at(27, 7), Utility.GAS).main is None


def test_hours_of_supply_told_once_hold_for_each_day():
    made = web_items.incident(
        1, category=Category.OUTAGE_WATER, starts_at=at(1, 0), ends_at=at(4, 0),
        outage=Outage(Utility.WATER, OutageKind.LIMITED_SCHEDULE, supply=(Interval(at(1, 6), at(1, 9)),)),
    )  # fmt: skip
    days = by_day(course(made).spans, date(2021, 11, 1), 4)
    assert [[(s.start.hour, s.end.hour) for s in day if s.supplied] for day in days] == [[(6, 9)]] * 3 + [[]]


def test_later_end_that_the_notice_tells_counts():
    made = web_items.incident(
        1, category=Category.OUTAGE_WATER, starts_at=at(1, 8), ends_at=at(1, 22),
        outage=Outage(Utility.WATER, works=Interval(at(1, 8), at(1, 18)), recovery_hours=(1, 2)),
    )  # fmt: skip
    found = course(made)
    assert [found.phase(at(1, hour)) for hour in (17, 18, 21, 22)] == [
        Phase.OFF, Phase.RECOVERING, Phase.RECOVERING, Phase.OVER,
    ]  # fmt: skip


def test_undated_and_other_incidents_are_not_indexed():
    assert not index_of(web_items.ITEMS[:2], load_atlas()).notices
    assert course(web_items.incident(1, category=Category.OUTAGE_GAS, published_at=None)) is None


def test_index_of_a_snapshot_reads_only_what_changed():
    atlas = load_atlas()
    first, second = notice(TROITSKY), notice(ACCIDENT, number=2)
    one = grown(build(Published(7, 1, False, (first,))), atlas)
    two = grown(build(Published(7, 2, False, (first, second))), atlas, one)
    assert two.notices[first.id] is one.notices[first.id]
    assert set(two.notices) == {first.id, second.id}
    assert (one.revision, two.revision) == ("7-1", "7-2")
    assert set(grown(build(Published(7, 3, False, (second,))), atlas, two).notices) == {second.id}


@pytest.mark.parametrize(
    ("place_id", "words"),
    [
        (KRYMSK, "в Крымске"), (KRASNODAR, "в Краснодаре"), (HOPE, "в микрорайоне «Надежда»"),
        ("03726000001", "в Сочи"), ("03720000136", "в селе Гайдук"),
    ],
)  # fmt: skip
def test_where(place_id, words):
    assert where(place(place_id), load_atlas().names) == words


def test_where_of_every_place_is_said():
    atlas = load_atlas()
    told_ = [where(each, atlas.names) for each in atlas.settlements.values()]
    assert all(text.split(" ")[0] in {"в", "во", "на"} for text in told_)


def test_of_two_exceptions_the_one_of_now_is_told_first():
    index = told(
        "Отключение воды 27 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда».",
        "Отключение воды 30 ноября с 6:00 до 24:00 в Крымске, кроме мкр «Надежда».",
    )
    starts = [each.notice.course.start for each in state(index, HOPE, at(27, 7)).excepted]
    assert starts == [at(27, 6), at(30, 6)]
