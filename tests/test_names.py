"""Names in a text: case forms, homonyms, adjectives, inhabitants; and search as people type."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.model import KRAI, Settlement
from kubmap.atlas.settlements import KINDS, Form, NameIndex
from kubmap.atlas.words import words

ATLAS = load_atlas()
PLACES = sorted(ATLAS.settlements.values(), key=lambda place: place.id)


def first(text):
    """The longest match at the first word: (length, kind, name of the likeliest bearer)."""
    matches = ATLAS.names.match(words(text), 0)
    if not matches:
        return None
    return matches[0].length, matches[0].kind, ATLAS.place(matches[0].ids[0]).name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Анапской", "Анапская"),
        ("Анапскую", "Анапская"),
        ("Краснодаре", "Краснодар"),
        ("Краснодаром", "Краснодар"),
        ("Белой Глине", "Белая Глина"),
        ("Белую Глину", "Белая Глина"),
        ("Горячего Ключа", "Горячий Ключ"),
        ("Горячем Ключе", "Горячий Ключ"),
        ("Славянске-на-Кубани", "Славянск-на-Кубани"),
        ("Славянском-на-Кубани", "Славянск-на-Кубани"),
        ("Славянска", "Славянск-на-Кубани"),
        ("Усть-Лабинском", "Усть-Лабинск"),
        ("Приморско-Ахтарска", "Приморско-Ахтарск"),
        ("Гулькевичах", "Гулькевичи"),
        ("Гулькевичей", "Гулькевичи"),
        ("Выселках", "Выселки"),
        ("Выселок", "Выселки"),
        ("Мостовского", "Мостовской"),
        ("Двубратским", "Двубратский"),
        ("Марьиной Роще", "Марьина Роща"),
        ("Марьину Рощу", "Марьина Роща"),
        ("Мамедовой Щели", "Мамедова Щель"),
        ("Красной Поляне", "Красная Поляна"),
        ("Архипо-Осиповки", "Архипо-Осиповка"),
        ("Кабардинке", "Кабардинка"),
        ("Лазаревском", "Лазаревское"),
        ("Лазаревского", "Лазаревское"),
        ("Тамани", "Тамань"),
        ("Казачьего Брода", "Казачий Брод"),
        ("Волчьих Ворот", "перевал Волчьи Ворота"),
        ("Бейсужка Второго", "Бейсужёк Второй"),
        ("Заветами Ильича", "Заветы Ильича"),
        ("Волны Революции", "Волна Революции"),
        ("Верхних Туб", "Верхние Тубы"),
        ("Витязеве", "Витязево"),
        ("Пашковского", "Пашковский"),
        ("Тонкого Мыса", "Тонкий Мыс"),
        ("Имеретинской низменности", "Имеретинская низменность"),
        ("Ростове-на-Дону", "Ростов-на-Дону"),
        ("Санкт-Петербурге", "Санкт-Петербург"),
        ("Ростовской области", "Ростовская область"),
        ("Карачаево-Черкесии", "Карачаево-Черкесская Республика"),
    ],
)
def test_oblique(text, name):
    found = first(text)
    assert found is not None
    assert found == (len(words(text)), "obl", name)


@pytest.mark.parametrize(
    "text", ["Сочи", "Туапсе", "Джубга", "Усть-Лабинск", "КУЩЁВСКАЯ", "Кущевская", "8 Марта", "Абрау-Дюрсо"]
)
def test_nominative(text):
    matches = ATLAS.names.match(words(text), 0)
    assert matches[0].nominative
    assert matches[0].length == len(words(text))


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("краснодарского", "adj", "Краснодар"),
        ("сочинские", "adj", "Сочи"),
        ("новороссийцев", "demonym", "Новороссийск"),
        ("новороссийца", "demonym", "Новороссийск"),
        ("анапчане", "demonym", "Анапа"),
        ("усть-лабинской", "adj", "Усть-Лабинск"),
    ],
)
def test_adjectives_and_inhabitants(text, kind, name):
    kinds = {m.kind: ATLAS.place(m.ids[0]).name for m in ATLAS.names.match(words(text), 0)}
    assert kinds[kind] == name


def test_longest_first_and_kinds_in_order():
    matches = ATLAS.names.match(words("Славянска-на-Кубани"), 0)
    assert [m.length for m in matches] == sorted((m.length for m in matches), reverse=True)
    for text in ("Анапской", "Мостовской", "Лабинского"):
        kinds = [KINDS.index(m.kind) for m in ATLAS.names.match(words(text), 0)]
        assert kinds == sorted(kinds)


@pytest.mark.parametrize("text", ["вода", "авария", "на", "трасса", "ноября", "пострадали", "отключение", "улица"])
def test_words_that_name_nothing(text):
    assert ATLAS.names.match(words(text), 0) == []


def test_homonyms_come_with_all_bearers_the_krai_and_the_populous_first():
    match = next(m for m in ATLAS.names.match(["октябрьский"], 0) if m.nominative)
    places = [ATLAS.place(i) for i in match.ids]
    krai = [p for p in places if p.region == KRAI]
    assert len(krai) == 18
    assert places[:18] == krai
    assert [p.population for p in krai] == sorted((p.population for p in krai), reverse=True)
    assert len(places) > len(krai)


def test_ordinary_words_are_marked():
    assert ATLAS.names.match(["победа"], 0)[0].common
    assert ATLAS.names.match(["северный"], 0)[0].common
    assert not ATLAS.names.match(["анапская"], 0)[0].common
    assert not ATLAS.names.match(["кореновск"], 0)[0].common


@given(st.sampled_from(PLACES), st.booleans(), st.booleans())
def test_every_name_matches_itself_in_any_spelling(place, upper, hyphen):
    text = place.name.upper() if upper else place.name
    text = text.replace("-", "‑") if hyphen else text
    found = ATLAS.names.match(words(text), 0)
    assert any(place.id in m.ids and m.nominative and m.length == len(words(text)) for m in found)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_forms_of_an_independent_dictionary_are_matched(data):
    """pymorphy3's own forms of one-word names that its dictionary has as toponyms lead back to the settlement."""
    place, parse = data.draw(st.sampled_from(toponyms()))
    case = data.draw(st.sampled_from(["gent", "datv", "accs", "ablt", "loct"]))
    form = parse.inflect({case}).word
    found = ATLAS.names.match(words(form), 0)
    assert any(place.id in m.ids for m in found), (place.name, form)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_adjectival_names_in_the_cases_of_pymorphy_are_matched(data):
    morph = analyzer()
    names = [p for p in PLACES if words(p.name)[-1].endswith("ская") and len(words(p.name)) == 1]
    place = data.draw(st.sampled_from(names))
    case = data.draw(st.sampled_from(["gent", "datv", "accs", "ablt", "loct"]))
    parses = [p for p in morph.parse(words(place.name)[0]) if {"ADJF", "femn", "nomn"} <= set(p.tag.grammemes)]
    assume(parses)
    form = parses[0].inflect({case, "femn", "sing"}).word
    assert any(place.id in m.ids for m in ATLAS.names.match(words(form), 0)), (place.name, form)


@cache
def analyzer():
    pymorphy3 = pytest.importorskip("pymorphy3")
    return pymorphy3.MorphAnalyzer()


@cache
def toponyms():
    """(settlement, parse) of the one-word names that the dictionary has as declinable toponyms."""
    wanted = {"NOUN", "Geox", "nomn", "sing"}
    found = []
    for place in PLACES:
        for parse in analyzer().parse(place.name.lower()) if len(words(place.name)) == 1 else ():
            if parse.is_known and wanted <= set(parse.tag.grammemes) and "Fixd" not in parse.tag:
                found.append((place, parse))
                break
    assert len(found) > 50
    return found


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("краснодар", "Краснодар"),
        ("тимаш", "Тимашёвск"),
        ("кущев", "Кущёвская"),
        ("КУЩЁВСКАЯ", "Кущёвская"),
        ("усть лаб", "Усть-Лабинск"),
        ("ключ", "Горячий Ключ"),
        ("сочи", "Сочи"),
        ("краснадар", "Краснодар"),
        ("новоросийск", "Новороссийск"),
        ("гелинджик", "Геленджик"),
        ("наворосс", "Новороссийск"),
        ("анопа", "Анапа"),
        ("8 мар", "8 Марта"),
        ("фмр", "Фестивальный микрорайон"),
        ("адлер", "Адлер"),
    ],
)
def test_search(query, best):
    assert ATLAS.names.search(query)[0].name == best


def test_search_lists_homonyms_and_keeps_the_limit():
    assert [p.name for p in ATLAS.names.search("первомайский", limit=5)] == ["Первомайский"] * 5
    assert len({p.id for p in ATLAS.names.search("октябрьский", limit=30)}) >= 18


@given(st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_search_takes_anything(query):
    assert all(place.region == KRAI for place in ATLAS.names.search(query, limit=3))


def test_search_of_nothing_is_nothing():
    assert ATLAS.names.search("") == []
    assert ATLAS.names.search(" —!") == []


def test_index_of_its_own_values():
    place = Settlement("1", "Ёлкино", "село", "m", KRAI, 45.0, 39.0, 10, 800, aliases=("Старое Ёлкино",))
    forms = [Form("елкино", False, ("елкина",), (), ()), Form("старое елкино", False, (), (), ())]
    index = NameIndex([place], forms)
    assert index.named("ЁЛКИНО") == [place]
    assert [m.kind for m in index.match(["елкина"], 0)] == ["obl"]
    assert index.match(["старое", "елкино"], 0)[0].ids == ("1",)
    assert index.match(["старое"], 0) == []


def test_loading_the_gazetteer_imports_nothing_heavy():
    code = (
        "import sys; from kubmap.atlas.atlas import load_atlas; load_atlas();"
        "print(sorted({'pandas', 'geopandas', 'shapely', 'pymorphy3', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
