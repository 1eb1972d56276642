"""Whatever comes in: an answer or a named reject, in time that its length explains, with spans inside the text."""

from __future__ import annotations

import gc
import json
import math
import random
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.batch import Done, Reject, encode, process
from kubmap.geocode.compare import compare_json
from kubmap.geocode.explain import explain, explanation_json
from kubmap.geocode.reading import Reading, read_teaser, reading_json, teaser_from_json

ATLAS = load_atlas()
CALM = settings(deadline=None, max_examples=150)

NEWS = (
    "Краснодар", "в Краснодаре", "станице Каневской", "х. Октябрьский", "пос. ", "ст-ца ", "Северского района",
    "Кубань", "на 1362-м км М-4 «Дон»", "трассе А-146", "ФАД", "автодороге Краснодар — Ейск",
    "между Ейском и Азовом", "в 5 км от Анапы", "ул. Красной", "улица 72 км", "дом 5", "мкр «Надежда»", "кроме",
    "Ростов-на-Дону", "Адыгея", "по всему краю", "жителей", "ДТП", "пожар", "отключат воду", "мошенники",
    "двое погибли", "никто не пострадал", "трое детей", "вчера", "сегодня", "5 мая", "31 февраля", "29 февраля",
    "32 мая", "с 9:00 до 16:00", "с 24:00 до 00:00", "99:99", "в ночь на 1 января", "в понедельник",
    "до конца дня", "около 5 утра", "2021 года", "0000", "00.00.0000", "31.12.9999", "1362 км + 250 м",
    "с 1384 по 1391 км", "Ранее", "Напомним", "КРАСНОДАР, 5 мая — ТАСС.", "Водоканал", "Россети", "4-6 часов",
    "№", "N-й",
)  # fmt: skip
"""Pieces that wake the rules up."""
ODD = (
    "\x00", "\x01", "\x1b[31m", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u0301", "\u00ad", "\u2028",
    "\u0085", "\t", "\n", "\r\n", "«", "»", "«««", '"', "…", "—", "-", "--", ".", "..", "(", ")", "[", "\\",
    "${x}", "<b>", "&amp;", "%s", "{}", "İ", "ß", "ŉ", "ǰ", "ﬁ", "Σ", "ς", "ẞ", "Ⅻ", "½", "²", "٣٤٥", "९",
    "一二三", "５６", "مرحبا", "שלום", "中文", "ไทย", "𝟙𝟚", "😀", "👨‍👩‍👧", "🇷🇺", "Ё", "ё", "е\u0308", "Краcнодар",
    "Kraсnodar", "К\u0301раснодар", "9" * 400, "9" * 5_000, "1" + "0" * 320 + " км", "-1-й км", "1e999",
    "٣-й км М-4", "км", "00:00", "М-" + "4" * 100, "\U0010ffff", "\ud7ff", "\ufffd", "\ufffe",
)  # fmt: skip
"""Pieces that break readers."""
UNITS = (
    "а", "А", "1", " ", "\n", ".", ",", "«", "»", "«а", "-", "—", "…", "(", "\x00", "\u0301", "İ", "😀", "ш-",
    "А-", "1:", "1.", "а.", "5 км ", "на 5-м км ", "М-4 ", "Краснодар ", "Краснодар, ", "Краснодар — ",
    "Краснодар-", "Усть-", "между Ейском и ", "ст. ", "улица ", "ул. Мира, ", "5 мая ", "5, 6, ", "с 9:00 до ",
    "9:00 ", "вчера ", "в ночь на ", "двое ", "двое пострадавших ", "не ", "Ранее ", "Ранее. ", "Напомним, ",
    "жителей ", "района ", "Северского района ", "кроме ", "Водоканал ", "Октябрьский ", "Октябрьский и ",
    "трассе ", "автодороге Краснодар — ", "в районе ", "ДТП ", "пожар. ", "воды ", "дом ", "Иван Иванов ",
)  # fmt: skip
"""What a hostile text repeats."""
SHORT, LONG = 1_500, 15_000
TIMES = 25
"""Ten times the text may take so many times longer (twice and a half of what is fair, for noise); a square is 100."""

ROUNDS = 5
FLOOR = 0.004
"""Seconds: less cannot be told from noise."""


def soups() -> st.SearchStrategy[str]:
    """Pieces of news, odd pieces and any characters, glued or spaced."""
    pieces = st.one_of(st.sampled_from(NEWS), st.sampled_from(NEWS), st.sampled_from(ODD), st.text(max_size=8))
    return st.builds(
        lambda glue, parts: glue.join(parts),
        st.sampled_from([" ", "", ", ", ". ", "\n"]),
        st.lists(pieces, max_size=25),
    )


def check(reading: Reading) -> None:
    """Spans are inside their source and read what they say; times in order; the answer is JSON of the contract."""
    assert reading.teaser is not None
    sources = {"text": reading.teaser.text, "title": reading.teaser.title or ""}
    for place in reading.places:
        assert sources[place.source][place.start : place.end] == place.text
        assert 0 <= place.start < place.end
    for reason in reading.reasons:
        if reason.start is not None:
            assert reason.end is not None
            assert 0 <= reason.start <= reason.end <= len(sources[reason.source])
    location = reading.location
    if location is not None:
        assert (location.lat is None) == (location.lon is None)
        if location.lat is not None and location.lon is not None:
            assert 43 < location.lat < 47.5
            assert 36 < location.lon < 42
            assert location.radius_m is not None
            assert location.radius_m > 0
    json.loads(encode(reading_json(reading)))


@CALM
@given(soups(), st.one_of(st.none(), soups()), st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2200, 12, 31))))
@example("31.12.9999", None, None)
@example("9" * 5_000 + " км М-4", "9" * 5_000, None)
@example("29 февраля в 24:00", None, date(2021, 3, 1))
@example("в ночь на 1 января", None, date(1900, 1, 1))
@example("завтра и 31 декабря с 22:00 до 6:00 отключат воду в Ейске", None, date(2200, 12, 31))
def test_any_soup_is_read(text: str, title: str | None, published: date | None) -> None:
    check(read_teaser(Teaser("1", text, title, published), ATLAS))


@CALM
@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=40))
def test_any_characters_are_read_even_halves_of_a_pair(text: str, title: str) -> None:
    reading = read_teaser(Teaser("1", text, title, None), ATLAS)
    assert all(text[p.start : p.end] == p.text for p in reading.places if p.source == "text")


@settings(deadline=None, max_examples=60)
@given(soups())
def test_any_soup_is_explained(text: str) -> None:
    json.dumps(explanation_json(explain(Teaser("1", text, text[:50], date(2021, 5, 6)), ATLAS)))


@settings(deadline=None, max_examples=60)
@given(soups(), soups())
def test_any_two_soups_are_compared(one: str, other: str) -> None:
    pair = {"pair_id": "1", "a": {"text": one, "published": "2021-05-06"}, "b": {"text": other}}
    answer = compare_json(pair, ATLAS)
    assert 0 <= answer["score"] <= 1
    encode(answer)


def test_a_shuffled_newspaper_is_read() -> None:
    """Two thousand seeded mixtures, longer than hypothesis makes them."""
    dice = random.Random(2021)
    for _ in range(2_000):
        parts = dice.choices(NEWS, k=dice.randint(1, 40)) + dice.choices(ODD, k=dice.randint(0, 6))
        dice.shuffle(parts)
        published = date(2021, dice.randint(1, 12), 28) if dice.random() < 0.8 else None
        check(read_teaser(Teaser("1", dice.choice((" ", " ", "", ", ")).join(parts), None, published), ATLAS))


# lines


def handle(row: Any) -> dict[str, Any]:
    return reading_json(read_teaser(teaser_from_json(row), ATLAS))


def answered(line: bytes) -> Done | Reject:
    found = list(process([line], handle))
    assert len(found) == 1
    encode(found[0].answer if isinstance(found[0], Done) else found[0].as_dict())
    return found[0]


BAD_LINES = {
    "lone surrogate": rb'{"text": "\ud800"}',
    "surrogates the wrong way round": rb'{"text": "\udc00\ud800"}',
    "lone surrogate in the id": rb'{"id": "\udfff", "text": "a"}',
    "deep array": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep object": b'{"text": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "nesting in another field": b'{"text": "a", "title": [[[[["b"]]]]]}',
    "a number for a text": b'{"text": 1e308}',
    "too large a number": b'{"id": 1e999, "text": "a"}',
    "NaN": b'{"text": "a", "published": NaN}',
    "a number for a day": b'{"text": "a", "published": 20211123}',
    "no such day": b'{"text": "a", "published": "2021-02-30"}',
    "a year beyond all": b'{"text": "a", "published": "99999-01-01"}',
    "the first minute": b'{"text": "a", "published": "0001-01-01T00:00+14:00"}',
    "text is null": b'{"text": null}',
    "two objects": b'{"text": "a"}{"text": "b"}',
    "a raw NUL": b'{"text": "a\x00b"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "overlong UTF-8": b'{"text": "\xc0\x80"}',
    "a surrogate as UTF-8": b'{"text": "\xed\xa0\x80"}',
    "cut": b'{"text": "\xd0',
    "true": b"true",
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_that_is_no_teaser_is_set_aside(name: str) -> None:
    assert isinstance(answered(BAD_LINES[name]), Reject)


GOOD_LINES = {
    "escaped NUL": rb'{"text": "\u0000\u0000 \u041f\u043e\u0436\u0430\u0440"}',
    "a pair of surrogates": rb'{"text": "\ud83d\ude00"}',
    "a huge id": b'{"id": 18446744073709551615, "text": "a"}',
    "unknown fields, deep but bounded": b'{"text": "a", "x": ' + b"[" * 500 + b"]" * 500 + b"}",
    "the same key twice": b'{"text": 1, "text": "a"}',
    "empty text": b'{"text": ""}',
    "white space": b'{"text": " \\t\\r\\n "}',
}


@pytest.mark.parametrize("name", GOOD_LINES)
def test_an_odd_teaser_is_a_teaser(name: str) -> None:
    assert isinstance(answered(GOOD_LINES[name]), Done)


@CALM
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_or_set_aside(line: bytes) -> None:
    list(process([line], handle))


_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@CALM
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "text", "title", "published", "source_url"), _JSON)))
def test_any_values_in_the_fields_are_answered_or_set_aside(row: dict[str, Any]) -> None:
    answered(orjson.dumps(row))


# time


def seconds(call: Callable[[], Any]) -> float:
    """Processor seconds of one call; the collector of garbage keeps out of it."""
    gc.disable()
    try:
        start = time.thread_time()
        call()
        return time.thread_time() - start
    finally:
        gc.enable()


def check_growth(call: Callable[[str], Any], short: str, long: str, times: float = TIMES) -> None:
    """The fastest of some rounds, short and long in turn: a busy machine slows both; more rounds before it fails.

    The texts of the rounds differ, so that nothing is remembered from the round before.
    """
    least = most = math.inf
    for number in range(ROUNDS):
        least = min(least, *(seconds(partial(call, f"{short}{number}{again}")) for again in range(3)))
        most = min(most, seconds(partial(call, f"{long}{number}")))
        if most <= times * max(least, FLOOR):
            return
    raise AssertionError(f"{least * 1e3:.1f} ms, then {most * 1e3:.1f} ms")


def read(text: str) -> None:
    reading_json(read_teaser(Teaser("1", text, None, date(2021, 5, 6)), ATLAS))


def test_a_reader_that_looks_at_all_pairs_is_found_out() -> None:
    with pytest.raises(AssertionError, match="ms, then"):
        check_growth(lambda text: [None for _ in range(len(text) ** 2 // 30)], "а" * SHORT, "а" * LONG)


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_ten_times_the_text_takes_about_ten_times_longer(unit: str) -> None:
    check_growth(read, (unit * SHORT)[:SHORT], (unit * LONG)[:LONG])


RUNS = (
    " ",
    "\n",
    "\u00a0",
    "\t",
    ".",
    "-",
    "—",
    "1",
    "а",
    "А",
    "«",
    "»",
    "\u0301",
    "1 ",
    "а ",
    "г. ",
    ", ",
    "и ",
    "до ",
)


@pytest.mark.parametrize("run", RUNS, ids=ascii)
def test_a_long_run_inside_the_news_takes_about_its_length(run: str) -> None:
    head, tail = (
        "КРАСНОДАР, 5 мая. Двое погибли в Ейске 5 мая в 9:00",
        "9:00 на 5 км М-4 у ул. Мира. Ранее отключали воду.",
    )
    short, long = (f"{head}{(run * size)[:size]}{tail}" for size in (SHORT, LONG))
    check_growth(read, short, long)


@pytest.mark.parametrize("unit", UNITS[::4], ids=ascii)
def test_a_line_of_a_megabyte_takes_no_more_than_its_length_explains(unit: str) -> None:
    short, long = ((unit * size)[:size] for size in (100_000, 1_000_000))
    check_growth(lambda text: answered(orjson.dumps({"text": text, "published": "2021-05-06"})), short, long, 20)
