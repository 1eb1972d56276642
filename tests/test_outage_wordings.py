# ruff: noqa: E501  (a case is a line or two)
"""How notices of the krai are worded, each in our own words: kind, exceptions, streets, recovery, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.cases import where
from kubmap.domain import Utility
from kubmap.feeds.answer import answer
from kubmap.read.course import Phase
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

TEMRYUK = "03651101001"


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    place: str
    phase: Phase
    says: tuple[str, ...] = ()
    utility: Utility = Utility.WATER
    now: object = field(default_factory=lambda: at(27, 10))
    published: str = "2021-11-25"


CASES = (
    Case("group main, percents of supply",
         "На Троицком групповом водопроводе 27 ноября с 6:00 до 24:00 реконструкция: подача воды в Новороссийске снижена "
         "на 30 % (в Геленджике на 15 %).", NOVOROSSIYSK, Phase.REDUCED, ("снижено давление воды",)),
    Case("morning and evening, recovery after the works",
         "Работы на водоводе 27 ноября с 8:00 до 22:00. В Геленджике вода пойдёт по утреннему и вечернему графику: с 06:00 до "
         "09:00 и с 18:00 до 21:00. Выход на плановый режим в течение 4 (6) часов после окончания работ.",
         GELENDZHIK, Phase.LIMITED, ("подача с 18:00 до 21:00", "выход на режим ещё 4–6 ч")),
    Case("water carriers, no emergency expected",
         "В Геленджике 27 ноября с 8:00 до 20:00 отключат воду. Подвоз автоцистернами по заявкам жителей. Чрезвычайная "
         "ситуация не прогнозируется.", GELENDZHIK, Phase.OFF, ("с 8:00 до 20:00",)),
    Case("zones by number are excepted",
         "27 ноября с 8:00 до 20:00 в Новороссийске не будет воды. Исключение составили зоны № 8, 9, 10, 13, 14 и часть зоны "
         "№ 7.", NOVOROSSIYSK, Phase.OFF, ("кроме: зоны № 8, 9, 10, 13, 14 и часть зоны № 7",)),
    Case("bounds of streets",
         "27 ноября с 9:00 до 18:00 в Геленджике не будет воды в границах улиц Гоголя – Луначарского – Садовой.",
         GELENDZHIK, Phase.OFF, ("ул. Гоголя, Луначарского, Садовой — проверьте свою",)),
    Case("a quarter of a town",
         "27 ноября с 9:00 до 18:00 без воды останется микрорайон Тонкий мыс в Геленджике.", GELENDZHIK, Phase.OFF,
         ("названы только: мкр «Тонкий Мыс»",)),
    Case("between streets",
         "В Ейске 27 ноября с 9:00 до 16:00 отключат воду: район между улицами Ленина и Коммунистической.", EYSK, Phase.OFF,
         ("ул. Ленина", "Коммунистической")),
    Case("streets and houses",
         "В Краснодаре 27 ноября с 9:00 до 17:00 отключат свет: ул. Заполярная, 35, 35/1 – 35/12, 37/1 – 37/5; ул. Алуштинская "
         "от ул. Седина до ул. Ягодина.", KRASNODAR, Phase.OFF,
         ("ул. Заполярная, 35, 35/1 – 35/12, 37/1 – 37/5", "ул. Алуштинская"), Utility.POWER),
    Case("hundreds of addresses",
         "По сотням адресов в Краснодаре 27 ноября с 9:00 до 16:00 отключат свет.", KRASNODAR, Phase.OFF,
         ("с 9:00 до 16:00",), Utility.POWER),
    Case("pressure is lowered, not cut off",
         "27 ноября с 8:00 до 17:00 в Краснодаре снизят давление воды.", KRASNODAR, Phase.REDUCED,
         ("с 8:00 до 17:00",)),
    Case("feeders and substations",
         "В Геленджике 27 ноября с 9:00 до 13:00 отключат электричество: ЕСК-20 (зона рекреации), ПС Л-201 и 21 ТП.",
         GELENDZHIK, Phase.OFF, ("с 9:00 до 13:00",), Utility.POWER),
    Case("rolling cuts by substations",
         "Из-за жары введён график аварийного ограничения: 27 ноября с 9:00 до 11:00 в Краснодаре без света останутся "
         "потребители подстанций «Витаминкомбинат», РИП и ЗИП.", KRASNODAR, Phase.OFF, ("с 9:00 до 11:00",), Utility.POWER),
    Case("a list of settlements with exclusions",
         "27 ноября с 8:00 до 18:00 воды не будет в Молдаванском (кроме х. Орджоникидзе и х. Даманка) и в Крымске (кроме "
         "микрорайона «Надежда») Крымского района.", KRYMSK, Phase.OFF, ("кроме: мкр «Надежда»",)),
    Case("so many people for two or three hours",
         "Без воды в Краснодаре остались 2,5 тыс. человек: авария на водоводе. Подачу восстановят через 2–3 часа.",
         KRASNODAR, Phase.OFF, ("срок не назван",), now=at(25, 10)),
    Case("so many settlements and houses of a district",
         "Без света из-за аварии остались четыре населённых пункта Темрюкского района, более 160 000 человек и 6400 домов.",
         TEMRYUK, Phase.OFF, ("сообщение говорит о районе или округе целиком",), Utility.POWER, at(25, 10)),
    Case("works on power take the water",
         "Из-за работ энергетиков на насосной станции третьего подъёма 27 ноября с 9:00 до 17:00 в Новороссийске прекратят "
         "подачу воды.", NOVOROSSIYSK, Phase.OFF, ("отключение воды",)),
    Case("a night, both days told",
         "В Новороссийске воды не будет с 8:00 15 октября до 02:00 16 октября.", NOVOROSSIYSK, Phase.OFF,
         ("до 2:00 16 октября (сегодня)",), now=at(16, 1, month=10), published="2021-10-14"),
    Case("from evening to the next afternoon",
         "Электроэнергию в Анапе отключат с 22:00 6 мая до 14:00 7 мая.", ANAPA, Phase.OFF, ("до 14:00 7 мая (сегодня)",),
         Utility.POWER, at(7, 13, month=5, year=2022), "2022-05-05"),
)  # fmt: skip


def said(index, place_id, now):
    return answer(index.state(place(place_id), now), where(place(place_id), load_atlas().names))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_wording(case):
    index = told(case.text, published=case.published)
    assert index.state(place(case.place), case.now).utilities[case.utility].phase is case.phase
    found = said(index, case.place, case.now)
    for part in case.says:
        assert part in found


def test_the_excluded_hamlets_and_the_quarter_are_not_concerned():
    case = next(each for each in CASES if each.name == "a list of settlements with exclusions")
    index = told(case.text)
    names = load_atlas().names
    for place_id in (names.named("Орджоникидзе")[0].id, HOPE):
        home = load_atlas().settlements[place_id].municipality
        if home == place(KRYMSK).municipality:
            assert not index.state(place(place_id), case.now).concerns
    assert index.state(place(HOPE), case.now).utilities[Utility.WATER].excepted


def test_an_end_that_is_put_off_is_the_end():
    first = notice("Воду в Новороссийске отключат с 22:00 6 мая до 14:00 7 мая.", "2022-05-05")
    later = notice("Воду в Новороссийске отключат с 22:00 6 мая до 15:30 7 мая: работы продлили.", "2022-05-07")
    now = at(7, 15, month=5, year=2022)
    assert "должно было закончиться к 14:00" in said(indexed(first), NOVOROSSIYSK, now)
    assert "до 15:30 7 мая (сегодня)" in said(indexed(replace(later, version=2)), NOVOROSSIYSK, now)
