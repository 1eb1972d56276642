"""Notices of utilities: cells as they are written, addresses, pasted texts, revisions, streets by settlement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.atlas.atlas import load_atlas
from kubmap.desk import cells, notices, pasted
from kubmap.desk.address import read_address
from kubmap.desk.mapping import Columns, guess
from kubmap.domain import MOSCOW, Category, Incident, Utility
from kubmap.errors import InputError
from kubmap.geocode.reading import read_teaser
from kubmap.read.residents import index_of
from kubmap.store import Store
from kubmap.store.intake import incident_of, intake
from kubmap.store.rows import BadRow, Row
from kubmap.store.sheets import Record

TODAY = date(2021, 11, 25)
HEADER = ("Населённый пункт", "Адрес", "Дата начала", "Время", "Причина", "Ресурс", "Район", "Статус")
COLUMNS = Columns("notices", HEADER, guess("notices", HEADER))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("27.11.2021 6:00–24:00", at("2021-11-27T06:00"), at("2021-11-28T00:00")),
        ("27.11.2021 с 9 до 17", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("с 9 до 17 27.11.2021", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("27 ноября с 9:00 до 17:00", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("с 22:00 6 мая до 14:00 7 мая", at("2022-05-06T22:00"), at("2022-05-07T14:00")),
        ("27.11.2021 09:00 - 28.11.2021 02:00", at("2021-11-27T09:00"), at("2021-11-28T02:00")),
        ("27.11.21 9-00 - 17-00", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("с 8-00 до 17-00 27.11.2021", at("2021-11-27T08:00"), at("2021-11-27T17:00")),
        ("27.11.2021 9.00-17.00", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("27.11.2021 22:00-6:00", at("2021-11-27T22:00"), at("2021-11-28T06:00")),
        ("27.11.2021 с 09 ч. 30 мин. до 17 ч.", at("2021-11-27T09:30"), at("2021-11-27T17:00")),
        ("до 18:00 27.11.2021", date(2021, 11, 27), at("2021-11-27T18:00")),
        ("2021-11-27 06:00:00", at("2021-11-27T06:00"), None),
        ("2021-11-27T03:00Z", at("2021-11-27T06:00"), None),
        ("27.11.2021 - 29.11.2021", date(2021, 11, 27), date(2021, 11, 29)),
        ("27.11.2021", date(2021, 11, 27), None),
        ("3 января", date(2022, 1, 3), None),
    ],
)
def test_spans(cell, start, end):
    found = cells.interval(cell, today=TODAY)
    assert (found.start, found.end) == (start, end)
    assert (type(found.start), type(found.end)) == (type(start), type(end))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("44527", "отформатируйте столбец в Excel как дату"),
        ("вчера", "время не читается"),
        ("31.02.2021", "такого дня нет"),
        ("27.11.2021 25:00", "времени 25:00 нет"),
        ("27.11.2021 9-12, 13-17", "время не читается"),
        ("с 9 до 17", "нет дня"),
        ("27.11.2021 9:00 до 27.11.2021 8:00", "конец раньше начала"),
        ("27.11.2021 - 29.11.2022", "срок больше двух месяцев"),
        ("27.11.0021", "проверьте год"),
    ],
)
def test_spans_that_cannot_be_read(cell, reason):
    with pytest.raises(InputError, match=reason):
        cells.interval(cell, today=TODAY)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.:-–/ сдопч,ноябряTZ\n", max_size=40) | st.text(max_size=30))
def test_any_cell_is_a_span_or_told(cell):
    try:
        found = cells.interval(cells.day_cell(cell) + " " + cells.clock(cell), today=TODAY)
    except InputError:
        return
    assert found.start or found.end


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("ст. Тбилисская, ул. Красная, 1–20; х. Северин: ул. Мира",
         [("Тбилисская", ("ул. Красная, 1–20",)), ("Северин", ("ул. Мира",))]),
        ("353360, Краснодарский край, Крымский район, г. Крымск, ул. Ленина, 1", [("Крымск", ("ул. Ленина, 1",))]),
        ("г. Крымск, мкр. Надежда", [("Надежда", ())]),
        ("х. Северин (ул. Ленина, ул. Мира)", [("Северин", ("ул. Ленина", "ул. Мира"))]),
        ("г.Краснодар,мкр.Неизвестный,ул.Мира", [("Краснодар", ("мкр.Неизвестный", "ул.Мира"))]),
        ("ст.Динская ул.Красная 5, 7", [("Динская", ("ул.Красная 5, 7",))]),
        ("ул. Алуштинская от ул. Седина до ул. Ягодина, г. Краснодар",
         [(None, ("ул. Алуштинская от ул. Седина до ул. Ягодина",)), ("Краснодар", ())]),
    ],
)  # fmt: skip
def test_addresses(text, groups):
    found = read_address(text, load_atlas())
    assert [(each.place and each.place.name, each.streets) for each in found] == groups


def test_homonyms_need_a_district_and_say_so():
    with pytest.raises(InputError, match=r"«Октябрьский» несколько: .*Ейский район.*укажите район"):
        read_address("Октябрьский", load_atlas(), bare=True)
    (found,) = read_address("Октябрьский", load_atlas(), bare=True, district="Ейский")
    assert found.place.municipality == "yeysky"
    (beside,) = read_address("Краснодар, п. Северный", load_atlas(), bare=True)
    assert beside.place.municipality == "krasnodar"
    with pytest.raises(InputError, match="«Тбилисскя» в крае нет; похожи: Тбилисская"):
        read_address("Тбилисскя", load_atlas(), bare=True)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="абвГД., ;:()–ул.ст.х.п.19\n", max_size=60) | st.text(max_size=40))
def test_any_address_is_groups_or_told(text):
    for bare in (True, False):
        try:
            read_address(text, load_atlas(), bare=bare)
        except InputError:
            continue


def told(*cells_: str) -> list[Incident | str]:
    """What a row of the table becomes: incidents, or the reason why not."""
    row = (*cells_, *[""] * (len(HEADER) - len(cells_)))
    return [_read(each) for each in notices.rows_of(Record(2, row), COLUMNS, load_atlas(), today=TODAY)]


def _read(row: Row | BadRow) -> Incident | str:
    if isinstance(row, BadRow):
        return row.reason
    return row.given(incident_of(row.teaser, read_teaser(row.teaser, load_atlas())))


def pastes(text: str, **values: str) -> list[Incident | str]:
    return [_read(each) for each in pasted.rows_of(text, values, load_atlas(), today=TODAY)]


def test_several_settlements_of_a_cell_are_a_record_each_with_their_own_streets():
    one, other = told("", "ст. Тбилисская: ул. Мира; х. Северин: ул. Ленина, 5", "27.11.2021", "9-17", "", "свет")
    assert (one.outage.places, one.outage.streets) == (("Тбилисская",), ("ул. Мира",))
    assert (other.outage.places, other.outage.streets) == (("Северин",), ("ул. Ленина, 5",))
    first, second = told("Крымск, Новороссийск", "", "27.11.2021 6:00–24:00", "", "замена", "ХВС")
    assert (first.location.label, second.location.label) == ("Крымск", "Новороссийск")
    (shared,) = told("ст. Динская, п. Украинский", "ул. Красная", "27.11.2021", "9-17", "", "газ")
    assert shared.outage.places == ("Динская", "Украинский")  # whose street it is, the row does not say


@pytest.mark.parametrize(
    ("day", "time", "start", "end"),
    [
        ("2021-11-27 00:00:00", "с 9 до 17", at("2021-11-27T09:00"), at("2021-11-27T17:00")),
        ("27.11.2021 00:00", "9:00", at("2021-11-27T09:00"), None),
        ("2021-11-27T00:00:00.000", "9", at("2021-11-27T09:00"), None),
        ("27.11.2021 00:00", "", at("2021-11-27T00:00"), None),
        ("27.11.2021", "00:00-6:00", at("2021-11-27T00:00"), at("2021-11-27T06:00")),
    ],
)
def test_the_midnight_that_programs_write_behind_a_day_is_no_time_beside_a_column_of_times(day, time, start, end):
    (found,) = told("Крымск", "", day, time, "", "вода")
    assert not isinstance(found, str), found
    assert (found.starts_at, found.ends_at) == (start, end)


def test_residents_of_each_settlement_see_their_own_streets():
    found = told("", "ст. Тбилисская: ул. Мира; х. Северин: ул. Ленина, 5", "27.11.2021", "9-17", "ремонт", "свет")
    atlas = load_atlas()
    index = index_of([replace(each, id=str(n), version=1) for n, each in enumerate(found)], atlas)
    for name, streets in (("Тбилисская", ("ул. Мира",)), ("Северин", ("ул. Ленина, 5",))):
        (place,) = [each for each in atlas.names.named(name) if each.municipality == "tbilissky"]
        state = index.state(place, at("2021-11-27T10:00")).utilities[Utility.POWER]
        (concern,) = state.concerns
        assert concern.notice.streets == streets
        assert concern.partial


def test_two_of_one_name_are_two_records():
    texts = {
        told("Октябрьский", "", "27.11.2021", "9-17", "", "вода", district)[0].text
        for district in ("Ейский", "Северский")
    }
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            ("Неведомск", "", "27.11.2021", "9", "", "вода"),
            "столбец «Населённый пункт»: населённого пункта «Неведомск»",
        ),
        (("Крымск", "", "завтра", "", "", "вода"), "столбец «Дата начала»: время не читается: «завтра»"),
        (("Крымск", "", "", "", "", "вода"), "столбец «Дата начала»: пусто"),
        (("Крымск", "", "27.11.2021", "", "", "чай"), "столбец «Ресурс»: «чай»"),
        (("", "", "27.11.2021", "", "", "вода"), "не назван населённый пункт"),
        (("Крымск", "", "27.11.2021", "", "a\0b", "вода"), "столбец «Причина»: ячейка: в тексте нулевой символ"),
        (("Крымск", "", "27.11.2021", "", "\ud800", "вода"), "столбец «Причина»: ячейка: в тексте недопустимые"),
        (("Крымск", "", "27.11.2021", "", "", "вода", "Нигдейский"), "района или округа «Нигдейский»"),
    ],
)
def test_a_wrong_row_names_its_column_and_the_remedy(row, reason):
    (found,) = told(*row)
    assert isinstance(found, str)
    assert reason in found


def test_a_pasted_page_is_told_apart_by_notice_and_settlement():
    found = pastes(
        """27.11.2021 с 9:00 до 17:00 в связи с ремонтом ВЛ будет отключена электроэнергия:
ст. Тбилисская: ул. Красная, 1-20, ул. Мира;
х. Северин: ул. Ленина.
Приносим извинения за неудобства.

РЭУ «Троицкий Групповой Водопровод» 27 ноября с 6:00 до 24:00 будет проводить плановые ремонтные работы.
Без воды останется Крымск, кроме мкр «Надежда».

Уважаемые жители!
28 ноября с 10:00 до 15:00 отключат воду в ст. Динской (ул. Красная, ул. Мира) и п. Украинском (ул. Ленина).
29 ноября с 8:00 до 12:00 отключат газ: г. Ейск, ул. Свердлова, 10–20. Просим отключить приборы."""
    )
    assert [(each.category, each.outage.places, each.outage.streets) for each in found] == [
        (Category.OUTAGE_POWER, ("Тбилисская",), ("ул. Красная, 1-20", "ул. Мира")),
        (Category.OUTAGE_POWER, ("Северин",), ("ул. Ленина",)),
        (Category.OUTAGE_WATER, ("Крымск",), ()),
        (Category.OUTAGE_WATER, ("Динская",), ("ул. Красная", "ул. Мира")),
        (Category.OUTAGE_WATER, ("Украинский",), ("ул. Ленина",)),
        (Category.OUTAGE_GAS, ("Ейск",), ("ул. Свердлова, 10–20",)),
    ]
    assert "Приносим извинения" in found[0].text
    assert "Северин" not in found[0].text
    assert {each.starts_at for each in found[:2]} == {at("2021-11-27T09:00")}
    assert found[2].outage.exceptions == ("мкр «Надежда»",)


def test_districts_above_lists_tell_homonyms_apart_and_what_is_wrong_comes_back_whole():
    text = """30.11.2021 г. с 8-00 до 17-00 будет прекращена подача электроэнергии по адресам:

Ейский район:
п. Октябрьский – ул. Мира, 1, 3, 5
п. Неведомый – ул. Ленина
Тбилисский район
п. Октябрьский: ул. Степная"""
    rows = list(pasted.rows_of(text, {}, load_atlas(), today=TODAY))
    (wrong,) = [each for each in rows if isinstance(each, BadRow)]
    good = [_read(each) for each in rows if isinstance(each, Row)]
    assert [each.location.municipality for each in good] == ["Ейский район", "Тбилисский район"]
    assert "«п. Неведомый»" in wrong.reason
    mended = pastes(wrong.raw.replace("Неведомый", "Степной"))
    assert [(each.outage.places, each.outage.streets) for each in mended] == [(("Степной",), ("ул. Ленина",))]
    assert mended[0].location.municipality == "Ейский район"


def test_what_is_no_outage_is_told_unless_the_editor_says_what_is_off():
    atlas = load_atlas()
    (row,) = pasted.rows_of("Продаётся дом в станице Динской.", {}, atlas, today=TODAY)
    with pytest.raises(InputError, match="не видно, что отключают"):
        _read(row)
    (found,) = pastes("27 ноября с 9 до 17 ремонт в станице Динской.", utility="газ")
    assert (found.category, found.outage.places) == (Category.OUTAGE_GAS, ("Динская",))


LINES = [
    "27 ноября с 9 до 17 отключат воду:",
    "ст. Тбилисская: ул. Мира",
    "х. Неведомый",
    "(ул. Мира)",
    "",
    "Ейский район",
]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from([*LINES, ":", ";"]), max_size=8).map("\n".join))
def test_any_paste_is_rows_or_told(text):
    for row in pasted.rows_of(text, {}, load_atlas(), today=TODAY):
        assert isinstance(row, Row | BadRow)


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    made.migrate()
    yield made
    made.close()


def take(store, *rows, published=TODAY):
    atlas = load_atlas()
    values = {"published": published.isoformat()}
    columns = replace(COLUMNS, values=values)
    records = [Record(n, (*row, *[""] * (len(HEADER) - len(row)))) for n, row in enumerate(rows, 2)]
    told = [each for record in records for each in notices.rows_of(record, columns, atlas, today=TODAY)]
    return intake(store, told, partial(read_teaser, atlas=atlas), publish=True, revise=True)


FORENOON = ("Крымск", "ул. Мира", "27.11.2021", "9-12", "ремонт", "вода")
AFTERNOON = ("Крымск", "ул. Мира", "27.11.2021", "14-17", "ремонт", "вода")


def test_two_windows_of_one_table_are_two_outages(store):
    assert take(store, FORENOON, AFTERNOON).added == 2
    assert take(store, FORENOON, AFTERNOON).unchanged == 2


def test_a_later_table_with_other_hours_is_the_next_version(store):
    take(store, FORENOON)
    later = take(store, ("Крымск", "ул. Мира", "27.11.2021", "9-15", "ремонт", "вода"), published=date(2021, 11, 26))
    assert (later.added, later.updated) == (0, 1)
    (found,) = store.find()
    assert (found.version, found.ends_at) == (2, at("2021-11-27T15:00"))


def test_a_row_called_off_withdraws_its_predecessor(store):
    take(store, FORENOON)
    off = take(store, (*FORENOON, "", "Отменено"), published=date(2021, 11, 26))
    assert (off.added, off.updated) == (0, 1)
    (found,) = store.find()
    assert found.outage.withdrawn
    assert store.history(found.id)[-1].reason == "отмена отключения"


@pytest.mark.parametrize(
    ("text", "withdrawn", "start"),
    [
        ("Плановое отключение воды 27 ноября в Крымске на ул. Мира отменяется.", True, at("2021-11-27T09:00")),
        (
            "Работы в Крымске на ул. Мира перенесены: воду отключат с 9:00 до 12:00 29 ноября.",
            False,
            at("2021-11-29T09:00"),
        ),
    ],
)
def test_a_pasted_change_reaches_the_record(store, text, withdrawn, start):
    take(store, FORENOON)
    rows = pasted.rows_of(text, {"published": "2021-11-26"}, load_atlas(), today=TODAY)
    report = intake(store, rows, partial(read_teaser, atlas=load_atlas()), publish=True, revise=True)
    assert (report.added, report.updated) == (0, 1)
    (found,) = store.find()
    assert (found.outage.withdrawn, found.starts_at) == (withdrawn, start)
