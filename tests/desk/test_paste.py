"""A pasted page -> teasers: what separates them, what is a title, what is left out and told."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.desk.paste import MAX_BYTES, MAX_TEASERS, split
from kubmap.domain import MOSCOW
from kubmap.errors import InputError

SEED = Path(__file__).parents[3] / "shared" / "seed" / "page.txt"
FIRE = "В станице Каневской ночью 3 марта сгорел ангар с техникой."
CRASH = "На трассе А-290 у Крымска столкнулись грузовик и легковушка."
WATER = "В Апшеронске 5 марта с 9:00 до 17:00 не будет воды на улице Ленина."

PAGE = f"""\
Главная | Новости | Афиша | Погода
Происшествия
Реклама
16+

3 марта 2024, 10:35
Ангар сгорел под Каневской
{FIRE}
👁 1 254
Поделиться
Читайте также: как выбрать огнетушитель

[09:12] {CRASH} Читать далее →

• {WATER}
• На Кубани ждут ливней 6 и 7 марта.

Показать ещё
© 2024 Сетевое издание
"""


def texts(page: str) -> list[str]:
    return [each.text for each in split(page).pieces]


def test_a_page_with_its_furniture():
    found = split(PAGE)
    assert [each.text for each in found.pieces] == [FIRE, CRASH, WATER, "На Кубани ждут ливней 6 и 7 марта."]
    assert [each.title for each in found.pieces] == ["Ангар сгорел под Каневской", None, None, None]
    assert found.pieces[0].published == datetime(2024, 3, 3, 10, 35, tzinfo=MOSCOW)
    assert found.pieces[1].published is None
    left = {each.text: each.why for each in found.left_out}
    assert left["Главная | Новости | Афиша | Погода"] == "меню сайта"
    assert left["Читайте также: как выбрать огнетушитель"] == "ссылка на другие материалы"
    assert left["[09:12]"] == "дата или время перед сообщением"
    assert left["Читать далее →"] == "кнопка или ссылка страницы"
    assert {"Поделиться", "👁 1 254", "Показать ещё", "16+", "Реклама"} <= left.keys()


@pytest.mark.parametrize("bullet", ["• ", "•", "- ", "— ", "– ", "* ", "● ", "→ "])
def test_bullets_separate(bullet):
    assert texts(f"{bullet}{FIRE}\n{bullet}{CRASH}") == [FIRE, CRASH]


def test_numbers_separate_only_as_a_list():
    assert texts(f"1. {FIRE}\n2. {CRASH}\n3) {WATER}") == [FIRE, CRASH, WATER]
    assert texts("Авария на трассе, на километре\n27. Пострадавших нет.") == [
        "Авария на трассе, на километре 27. Пострадавших нет."
    ]


def test_blank_lines_separate_even_with_invisible_characters():
    assert texts(f"{FIRE}\n \u200b\u00a0\n{CRASH}") == [FIRE, CRASH]
    assert texts(f"{FIRE}\r\n\r\n{CRASH}\r\n") == [FIRE, CRASH]


def test_an_ellipsis_separates_lines_and_sentences():
    one, other = "Авария произошла 22 ноября около 5:00 на трассе,…", "Жертвами новой схемы обмана стали 230 человек…"
    assert texts(f"{one}\n{other}") == [one, other]
    assert texts(f"{one} {other}") == [one, other]
    assert texts(f"{one.replace('…', '...')}\n{other}") == [one.replace("…", "..."), other]
    quoted = "Он сказал: «Мы ничего не видели… Потом стало светло». Пожар тушили до утра."
    assert texts(quoted) == [quoted]


@pytest.mark.parametrize("width", [38, 46, 60, 72])
def test_wrapped_lines_are_one_teaser(width):
    """Any text whose lines were broken where the next word did not fit."""
    lines, text = [""], f"{FIRE} {CRASH} По предварительным данным, никто не пострадал."
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    assert len(lines) > 2
    assert texts("\n".join(lines)) == [text]


def test_a_dash_that_goes_on_is_no_bullet():
    assert texts("Затор на трассе Кропоткин\n— Краснодар растянулся на три километра.") == [
        "Затор на трассе Кропоткин — Краснодар растянулся на три километра."
    ]


def test_a_headline_above_a_blank_line_is_a_title_too():
    found = split(f"Пожар под Каневской\n\n{FIRE}\n\nАвария у Крымска\n\n{CRASH}").pieces
    assert [(each.title, each.text) for each in found] == [("Пожар под Каневской", FIRE), ("Авария у Крымска", CRASH)]


def test_headlines_alone_are_teasers():
    heads = ["Под Ейском сгорел большой склад", "На трассе М-4 столкнулись три машины"]
    assert texts("\n".join(heads)) == heads
    assert [each.title for each in split("\n".join(heads)).pieces] == [None, None]


def test_a_date_that_is_part_of_the_sentence_stays():
    for text in ("27 ноября с 6:00 до 24:00 в Анапе не будет воды.", "22 ноября Кубань накрыл шторм.", "5:00 утра — время аварии под Сочи."):  # fmt: skip  # noqa: E501
        assert texts(text) == [text]


def test_dates_in_front():
    assert split(f"22.11.2021 {FIRE}").pieces[0].published == date(2021, 11, 22)
    assert split(f"22 ноября 2021 г., 10:05 — {FIRE}").pieces[0].text == FIRE
    assert split(f"10:05 {FIRE}").pieces[0].text == FIRE
    assert split(f"Сегодня, 10:05\n{FIRE}").pieces[0].text == FIRE
    assert split(f"99.99.2021 {FIRE}").pieces[0].text == f"99.99.2021 {FIRE}"


def test_the_same_teaser_twice_on_a_page_is_one():
    found = split(f"{FIRE}\n\n{FIRE.upper()}")
    assert len(found.pieces) == 1
    assert [each.why for each in found.left_out] == ["повтор сообщения с этой же страницы"]


def test_limits_are_named():
    with pytest.raises(InputError, match="1 МБ"):
        split("я" * (MAX_BYTES // 2 + 1))
    with pytest.raises(InputError, match=f"можно {MAX_TEASERS}"):
        split("\n\n".join(f"{FIRE} {number}" for number in range(MAX_TEASERS + 1)))
    with pytest.raises(InputError, match="Строка 3: сообщение длиннее 20000 знаков"):
        split(f"{FIRE}\n\n{'Вода. ' * 4000}")


@pytest.mark.parametrize(
    "hostile",
    [
        "… ",
        "…",
        "а… А",
        "• ",
        "\n",
        "1. ",
        "22.11.2021 ",
        "| ",
        "«",
        "10:00 ",
        "\u200b",
        "а",
        "А\n",
        "читать ",
        "(c) ",
        " \t",
    ],
)
def test_a_megabyte_of_anything_takes_bounded_time(hostile):
    """Told apart or refused; the time grows no faster than the text does (with room for a busy machine)."""

    def taken(size: int) -> float:
        page = (hostile * size)[: size // 2]
        begun = time.perf_counter()
        try:
            split(page)
        except InputError as error:
            assert str(error)  # noqa: PT017
        return time.perf_counter() - begun

    small, large = taken(MAX_BYTES // 16), taken(MAX_BYTES)
    assert large < 40 * small + 3


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("аАя .…!«»—•\n\t1:|→ёx"), max_size=300))
def test_nothing_is_lost(page):
    """Every letter of the page is in a teaser, in a title or among what was left out."""
    found = split(page)
    parts = [*(each.text for each in found.pieces), *(each.title or "" for each in found.pieces)]
    parts += [each.text for each in found.left_out]
    assert sorted(filter(str.isalpha, page)) == sorted(filter(str.isalpha, "".join(parts)))


def test_the_seed_page():
    if not SEED.exists():
        pytest.skip("no seed page here")
    found = split(SEED.read_text(encoding="utf-8"))
    lines = SEED.read_text(encoding="utf-8").splitlines()
    assert [each.text for each in found.pieces[1:]] == lines[-6:]
    assert found.pieces[0].text.splitlines() == lines[:12]
    assert [(each.line, each.why) for each in found.left_out] == [(13, "ссылка на другие материалы")]
