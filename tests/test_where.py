"""Where: mentions with roles, and the golden lines of tests/golden/where.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Category, PlaceKind
from kubmap.geocode.resolve import resolve
from kubmap.text.frame import read_frame
from kubmap.text.places import Relation, Role
from kubmap.text.where import mentions

GOLDEN = Path(__file__).parent / "golden" / "where.txt"
CASES = [line for line in GOLDEN.read_text("utf-8").splitlines() if line and not line.startswith("#")]
ATLAS = load_atlas()


def located(text, title=None, category=Category.OTHER_EMERGENCY, year=2021):
    return resolve(mentions(text, title, ATLAS), ATLAS, category=category, year=year)


def shown(location):
    return "none" if location is None else f"{location.precision.value} {location.label}"


@pytest.mark.parametrize("line", CASES)
def test_golden_line(line):
    wanted, _, text = line.partition(" => ")
    title, _, body = text.rpartition(" // ")
    kind, _, label = wanted.partition(" ")
    kind, _, category = kind.partition("@")
    location = located(body, title or None, Category(category or "other_emergency")).location
    got = shown(location)
    assert got.split(" ")[0] == kind, got
    assert label in got, got
    if kind in {"krai", "none"}:
        assert location is None or location.lat is None


def test_golden_corpus_is_large():
    assert len(CASES) >= 100


def of(text, kind=None, title=None):
    return [m for m in mentions(text, title, ATLAS) if kind is None or m.kind == kind]


def roles(text):
    return {m.name: m.role for m in of(text)}


def test_spans_are_offsets_into_their_source():
    title, text = "Пожар в Ейске", "Дом сгорел в ст-це Тбилисской, сообщили в МЧС по Краснодарскому краю."
    for m in mentions(text, title, ATLAS):
        assert {"text": text, "title": title}[m.source][m.start : m.end] == m.text


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("За рулём был 64-летний житель станицы Тбилисской.", "Тбилисская", Role.HOME),
        ("Машина ехала из Краснодара в Ейск.", "Краснодар", Role.DIRECTION),
        ("Машина ехала из Краснодара в Ейск.", "Ейск", Role.DIRECTION),
        ("Он двигался в сторону Геленджика.", "Геленджик", Role.DIRECTION),
        ("Об этом сообщили в ОМВД по г. Горячий Ключ.", "Горячий Ключ", Role.SOURCE),
        ("Об этом рассказал глава Сочи.", "Сочи", Role.SOURCE),
        ("Без света сидят 300 жителей Анапы.", "Анапа", Role.RESIDENTS),
        ("На переезде в поезд Краснодар — Анапа врезался грузовик.", "Анапа", Role.ROUTE),
        ("КРАСНОДАР, 5 мая — ТАСС. В крае тепло.", "Краснодар", Role.DATELINE),
        ("В Ейске третий день держится жара. Ранее в Сочи сошёл сель.", "Сочи", Role.TAIL),
        ("Преступника задержали в Анапе.", "Анапа", Role.ARREST),
        ("Воды не будет в Крымске, кроме посёлка Южного.", "Южный", Role.EXCEPTION),
        ("Отключат свет в анапских домах.", "Анапа", Role.WEAK),
    ],
)
def test_role(text, name, role):
    assert roles(text)[name] == role


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Пожар под Кореновском.", Relation.NEAR),
        ("Пожар недалеко от Кореновска.", Relation.NEAR),
        ("Пожар рядом с Кореновском.", Relation.NEAR),
        ("ДТП на въезде в Кореновск.", Relation.NEAR),
        ("Пожар в районе Кореновска.", Relation.NEAR),
        ("Пожар в 7 км от Кореновска.", Relation.AWAY),
        ("Пожар в Кореновске.", Relation.WITHIN),
    ],
)
def test_relation(text, relation):
    (m,) = of(text, PlaceKind.SETTLEMENT)
    assert m.relation == relation


def test_distance_is_kept():
    (m,) = of("Лес горит в семи километрах от станицы Саратовской.", PlaceKind.SETTLEMENT)
    assert m.away_km == 7


def test_list_is_one_group():
    named = of("Без воды посёлки Верхнебаканский и Гайдук.", PlaceKind.SETTLEMENT)
    assert len({m.group for m in named}) == 1
    assert named[0].group


def test_quoted_names_are_no_places():
    assert not of("Ансамбль «Криница» и ФК «Краснодар» на арене «Фишт».", PlaceKind.SETTLEMENT)


def test_streets_are_no_places():
    found = of("Трубу прорвало на ул. Краснодарской, 15 и 17, и улицах Анапской, Сочинской.")
    assert {m.kind for m in found} == {PlaceKind.STREET}
    assert found[0].text == "ул. Краснодарской, 15 и 17"


def test_title_is_read_with_its_own_offsets():
    (m,) = of("Погибших нет.", PlaceKind.SETTLEMENT, title="Пожар в Ейске")
    assert (m.source, m.text) == ("title", "Ейске")


PLAIN = [s for s in ATLAS.settlements.values() if s.municipality and not s.parent and s.name.isalpha()]
TYPES = {
    "город": "городе",
    "станица": "станице",
    "село": "селе",
    "посёлок": "посёлке",
    "хутор": "хуторе",
    "аул": "ауле",
}
CASES_OF_LETTERS = [str, str.upper]
SPELLINGS = [str, lambda s: s.replace("ё", "е").replace("Ё", "Е")]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([s for s in PLAIN if s.type in TYPES]),
    st.sampled_from(CASES_OF_LETTERS),
    st.sampled_from(SPELLINGS),
)
def test_every_settlement_is_found_by_type_and_name(place, case, spelling):
    text = spelling(f"Вчера в {TYPES[place.type]} {case(place.name)} загорелся дом.")
    assert any(place.id in m.ids for m in mentions(text, None, ATLAS))


OBLIQUE = pytest.importorskip("pymorphy3", reason="pymorphy3 inflects the names of this test").MorphAnalyzer()


def inflected(name, case):
    parses = [p for p in OBLIQUE.parse(name) if "nomn" in p.tag and "sing" in p.tag]
    form = parses[0].inflect({case}) if parses else None
    return form.word.capitalize() if form else None


STANITSAS = [s for s in PLAIN if s.type == "станица" and s.name.endswith("ая")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STANITSAS), st.sampled_from([("gent", "у"), ("loct", "в"), ("ablt", "под"), ("accs", "через")]))
def test_every_stanitsa_is_found_in_every_case(place, form):
    case, preposition = form
    text = f"Ураган прошёл {preposition} ст. {inflected(place.name, case)}."
    assert any(place.id in m.ids for m in mentions(text, None, ATLAS))


TOWNS = [s for s in PLAIN if (s.population or 0) >= 20_000 and s.type == "город"]
FAR = ["МОСКВА", "САНКТ-ПЕТЕРБУРГ", "РОСТОВ-НА-ДОНУ", "КРАСНОДАР", "СТАВРОПОЛЬ", "СОЧИ"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TOWNS), st.sampled_from(FAR), st.sampled_from(["ТАСС", "РИА Новости", "Интерфакс"]))
def test_a_far_dateline_does_not_move_the_pin(place, town, agency):
    text = f"Пожар случился в городе {place.name}."
    bare = located(text).location
    assert located(f"{town}, 5 мая — {agency}. {text}").location == bare
    assert (bare.lat, bare.lon) == (place.lat, place.lon)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.one_of(st.none(), st.text(max_size=80)))
def test_any_text_is_read(text, title):
    for m in mentions(text, title, ATLAS):
        assert 0 <= m.start < m.end
    located(text, title)


WORDS = st.lists(
    st.sampled_from(
        [
            "в",
            "под",
            "между",
            "и",
            "ст.",
            "г.",
            "пос.",
            "Краснодар",
            "Сочи",
            "Ейском",
            "районе",
            "р-не",
            ",",
            ".",
            "—",
            "«",
            "»",
            "(",
            ")",
            "…",
            "11-м",
            "км",
            "трассы",
            "М-4",
            "«Дон»",
            "улице",
            "ул.",
            "Ленина",
            "Ранее",
            "из",
            "до",
            "Кубань",
            "край",
            "Ростовской",
            "области",
            "Адыгее",
            "кроме",
            "жители",
            "Анапская",
            "Красная",
            "станица",
            "от",
        ]
    ),
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(WORDS)
def test_any_heap_of_place_words_is_read(words):
    text = " ".join(words)
    location = located(text).location
    if location is not None and location.lat is not None:
        assert 43 < location.lat < 47.5
        assert 36 < location.lon < 42.5


SHUFFLED = sorted({word for line in CASES for word in line.partition(" => ")[2].split()})


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(SHUFFLED), max_size=20), st.lists(st.sampled_from(SHUFFLED), max_size=5))
def test_any_shuffle_of_the_corpus_is_read(words, head):
    text, title = " ".join(words), " ".join(head)
    for m in mentions(text, title, ATLAS):
        assert {"text": text, "title": title}[m.source][m.start : m.end] == m.text
    located(text, title)


@pytest.mark.parametrize("text", ["", " ", "\0", "а" * 100_000, "г. " * 30_000, "«" * 50_000, "Краснодар, " * 20_000])
def test_long_and_empty_texts_end(text):
    mentions(text, text[:1000], ATLAS, read_frame(text[:1000]))


def test_a_km_in_a_title_without_a_road() -> None:
    """A title has no frame."""
    found = mentions("Пожар.", "С 1362 по 1365 км на автодороге закрыли движение", ATLAS)
    assert [(m.kind, m.source) for m in found] == [(PlaceKind.ROAD_KM, "title")]
