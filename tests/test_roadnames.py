"""Roads, km and distances in texts: golden cases, the choice between roads, and that no text breaks them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from timing import growth

from kubmap.atlas.kilometres import find_distances, find_km
from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadnames import RoadNames
from kubmap.atlas.roads import RoadNetwork
from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import fold

HERE = Path(__file__).parent
NETWORK = RoadNetwork.load(HERE.parent / "data" / "geo")
NAMES = RoadNames(NETWORK)
GOLDEN = [
    tuple(line.split(" => "))
    for line in (HERE / "golden" / "roads.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def found(text: str) -> list[str]:
    """What is read in `text`, in the words of the golden file."""
    folded = fold(text)
    items = [
        f"{m.by} {','.join(m.road_ids) or '?'} = {text[m.start : m.end]}" for m in NAMES.find(folded, original=text)
    ]
    items += [f"km {m.km_from:g}" + ("" if m.km_to is None else f"..{m.km_to:g}") for m in find_km(folded)]
    return [*items, *(f"dist {d.km:g}" for d in find_distances(folded))]


def same(wanted: str, got: str) -> bool:
    """Equal, or the wanted roads are the first of those found."""
    head, _, words = wanted.partition(" = ")
    got_head, _, got_words = got.partition(" = ")
    return wanted == got or (bool(words) and words == got_words and got_head.startswith(head + ","))


@pytest.mark.parametrize(("text", "wanted"), GOLDEN, ids=[case[0][:50] for case in GOLDEN])
def test_golden(text: str, wanted: str) -> None:
    items = [] if wanted == "-" else wanted.split(" ; ")
    got = found(text)
    assert len(items) == len(got), got
    assert all(map(same, items, got)), got


def mention(text: str) -> RoadMention:
    return NAMES.find(fold(text))[0]


def best(text: str, **context: object) -> list[str]:
    """Roads that are left: those that score at least 0.6 of the best."""
    ranked = NAMES.candidates(mention(text), **context)  # type: ignore[arg-type]
    return [c.road_id for c in ranked if c.score >= 0.6 * ranked[0].score]


OLD_NAME = "на трассе «Темрюк — Краснодар — Кропоткин»"


@pytest.mark.parametrize(
    ("text", "context", "wanted"),
    [
        (OLD_NAME, {"km": 58, "municipality": "Усть-Лабинский район", "year": 2020}, ["03K002"]),
        (OLD_NAME, {"km": 58, "municipality": "Усть-Лабинский район"}, ["03K002"]),
        (OLD_NAME, {"km": 225, "municipality": "Усть-Лабинский район", "year": 2012}, ["R251_OLD"]),
        (OLD_NAME, {"km": 225}, ["R251_OLD"]),
        (OLD_NAME, {"km": 20, "municipality": "Темрюкский район"}, ["R251_OLD"]),
        (OLD_NAME, {"km": 59}, ["R251_OLD", "03K002"]),
        ("на дороге Темрюк — Краснодар", {"km": 120, "municipality": "Темрюкский район", "year": 2021}, ["A289"]),
        ("на дороге Темрюк — Краснодар", {"km": 20, "municipality": "Темрюкский район", "year": 2012}, ["R251_OLD"]),
        ("на обходе Краснодара", {"km": 1330}, ["M4"]),
        ("на обходе Краснодара", {"km": 30}, ["DZOK"]),
        ("на дороге 03К-002", {"km": 160}, ["03K002", "R251_OLD"]),
        ("на трассе Краснодар — Новороссийск", {"km": 72, "municipality": "Абинский район"}, ["A146"]),
        ("на трассе Краснодар — Новороссийск", {"km": 1442}, ["M4"]),
        ("на А-148", {"municipality": "Сочи"}, ["A148", "A149"]),
    ],
)
def test_choice(text: str, context: dict[str, object], wanted: list[str]) -> None:
    assert sorted(best(text, **context)) == sorted(wanted)


def test_a_km_outside_every_road_says_so() -> None:
    (only,) = NAMES.candidates(mention("на 16-м км М-4"), km=16)
    assert only.score < 0.1
    assert "1119–1543" in only.reason


def test_a_named_part_of_a_road_is_kept() -> None:
    assert mention("на Восточном обходе").part == (1319, 1346)


def test_every_route_is_found_in_both_directions() -> None:
    for road in NETWORK.roads.values():
        for name in road.names:
            if name.kind == "route":
                for parts in (name.text.split(" — "), name.text.split(" — ")[::-1]):
                    assert road.id in mention("на автодороге " + " — ".join(parts)).road_ids, name.text


def test_every_ref_is_found_in_any_spelling() -> None:
    latin = str.maketrans("АМРЕК", "AMPEK")
    for road in NETWORK.roads.values():
        for name in road.names:
            if name.kind in {"ref", "old_ref", "typo"}:
                for text in (name.text, name.text.replace("-", ""), name.text.replace("-", "–"), name.text.lower()):
                    assert road.id in mention(f"на трассе {text}").road_ids, text
                    assert road.id in mention(f"на трассе {text.translate(latin)}").road_ids, text


FORMS = [
    "Анапа Анапы Анапе Анапу Анапой",
    "Павловская Павловской Павловскую",
    "Ейск Ейска Ейску Ейском Ейске",
    "Темрюк Темрюка Темрюком",
    "Джубга Джубги Джубгой",
    "Тимашёвск Тимашевском Тимашевске",
    "Горячий Горячего Горячему Горячим",
]


@pytest.mark.parametrize("forms", FORMS)
def test_case_forms_have_one_stem(forms: str) -> None:
    assert len({stem(fold(form)) for form in forms.split()}) == 1


PIECES = [" км ", " М-4 ", " трасса ", " Краснодар ", " Ейск", " — ", " станица ", " по ", " с ", " в ", " от ", "1362",
          " Дон", " 03К-002", "ё", "İ", "ß", "𝔸", *'а-—+.,«»"…\n /0127']  # fmt: skip
ALPHABET = st.sampled_from(PIECES)


@given(st.lists(ALPHABET, max_size=40).map("".join))
@example("км 1+ 1 — км")
@example("трасса Анапа —")
def test_nothing_breaks_it(text: str) -> None:
    folded = fold(text)
    mentions = NAMES.find(folded, original=text)
    assert all(0 <= m.start < m.end <= len(text) and m.text == folded[m.start : m.end] for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    posts = find_km(folded)
    assert all(m.km_to is None or m.km_from <= m.km_to for m in posts)
    assert all(a.end <= b.start for a, b in pairwise(posts))
    for m in mentions:
        NAMES.candidates(m, km=posts[0].km_from if posts else None, municipality="Сочи", year=2021)


@given(st.text(max_size=200))
def test_any_text_is_fine(text: str) -> None:
    folded = fold(text)
    NAMES.find(folded, original=text)
    find_km(folded)
    find_distances(folded)


def test_long_texts_take_linear_time() -> None:
    line = "На 1362-м км трассы М-4 «Дон» и на дороге Краснодар — Ейск столкнулись машины, есть пострадавшие. "

    def find(text: str) -> None:
        NAMES.find(fold(text))
        find_km(fold(text))

    assert growth(find, line, short=2000) < 40
