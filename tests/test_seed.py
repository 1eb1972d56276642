"""The six teasers of November 2021, as the page printed them: each with its reasons."""

from __future__ import annotations

from datetime import date

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Category, Precision, Teaser
from kubmap.geocode.reading import iso, read_teaser, reading_json

TEXTS = {
    1: "Авария произошла 22 ноября около 5:00 на федеральной трассе Кропоткин — Краснодар. По предварительным данным,…",
    2: "Жертвами новой схемы обмана стали 230 человек. В общей сложности они лишились почти 13 млн…",
    3: "РЭУ «Троицкий Групповой Водопровод» 27 ноября с 6:00 до 24:00 будет проводить плановые ремонтные работы.…",
    4: "Некоторые продукты, напитки и препараты негативно воздействуют на лекарства для сердца — они могут как…",
    5: "Свод моральных принципов включает 11 правил, которые рекомендуют соблюдать краснодарцам. "
    "В Краснодаре приняли этический кодекс…",
    6: "Смертельная авария произошла в 7:00 22 ноября на 11-м километре трассы станица Анапская — станица…",
}


@pytest.fixture(scope="module")
def seed():
    atlas = load_atlas()
    return {n: read_teaser(Teaser(str(n), text, None, date(2021, 11, 23)), atlas) for n, text in TEXTS.items()}


def test_road_without_km_is_a_line_without_a_pin(seed):
    reading = seed[1]
    where = reading.location
    assert reading.category == Category.ROAD_ACCIDENT
    assert iso(reading.starts_at) == "2021-11-22T05:00+03:00"
    assert (where.lat, where.lon, where.precision, where.road) == (None, None, Precision.AREA, "03К-002")
    assert where.geometry["type"] == "LineString"
    assert where.label.startswith("Краснодар — Кропоткин")


def test_the_class_that_the_text_gives_wrong_is_a_reason(seed):
    notes = [reason.note for reason in seed[1].reasons if reason.rule == "where:road_line"]
    assert "региональная" in notes[0]


def test_fraud_without_a_place_is_krai_wide(seed):
    reading = seed[2]
    assert reading.category == Category.FRAUD
    assert reading.location.precision == Precision.KRAI
    assert reading.location.lat is None


def test_water_notice_is_the_providers_area(seed):
    reading = seed[3]
    where = reading.location
    assert (reading.category, reading.is_scheduled) == (Category.OUTAGE_WATER, True)
    assert (iso(reading.starts_at), iso(reading.ends_at)) == ("2021-11-27T06:00+03:00", "2021-11-28T00:00+03:00")
    assert (where.precision, where.method) == (Precision.AREA, "provider_area")
    assert where.zone == "Черноморская экономическая зона" or where.zone is None
    assert 44.4 < where.lat < 45.0
    assert 37.5 < where.lon < 38.2
    for town in ("Новороссийск", "Геленджик", "Крымск"):
        atlas = load_atlas()
        place = atlas.names.named(town)[0]
        assert [round(place.lon, 5), round(place.lat, 5)] in where.geometry["coordinates"]


@pytest.mark.parametrize("n", [4, 5])
def test_what_is_no_incident_has_no_place(seed, n):
    assert seed[n].category == Category.NONE
    assert seed[n].location is None


def test_cut_off_road_is_a_wide_circle_at_its_known_end(seed):
    reading = seed[6]
    where = reading.location
    assert (reading.category, iso(reading.starts_at)) == (Category.ROAD_ACCIDENT, "2021-11-22T07:00+03:00")
    assert (where.lat, where.lon) == pytest.approx((44.8967, 37.386), abs=0.02)
    assert where.municipality == "Анапа"
    assert 12_000 <= where.radius_m <= 16_000
    assert where.road is None


@pytest.mark.parametrize("n", TEXTS)
def test_reasons_point_at_what_they_read(seed, n):
    row = reading_json(seed[n])
    assert row["reasons"]
    for reason in row["reasons"]:
        if reason["start"] is not None:
            assert TEXTS[n][reason["start"] : reason["end"]] == reason["read"]
