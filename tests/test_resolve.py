"""Resolve: the choice of one place, its precision and radius, and what lost."""

from __future__ import annotations

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.chain import distance_m
from kubmap.domain import Category, Precision
from kubmap.geocode.precision import cover
from kubmap.geocode.resolve import resolve
from kubmap.text.where import mentions

ATLAS = load_atlas()


def located(text, title=None, category=Category.ROAD_ACCIDENT, year=2021):
    return resolve(mentions(text, title, ATLAS), ATLAS, category=category, year=year)


def away(location, name):
    place = ATLAS.names.named(name)[0]
    return distance_m((location.lat, location.lon), (place.lat, place.lon))


def test_no_incident_has_no_location():
    assert located("Праздник прошёл в Ейске.", category=Category.NONE).location is None


def test_the_zone_and_the_municipality_come_from_the_settlements_row():
    found = located("ДТП в станице Тбилисской.").location
    assert found.municipality == "Тбилисский район"
    assert found.zone == "Восточная экономическая зона"


def test_under_a_town_is_wider_than_in_it():
    inside, near = located("ДТП в Кореновске.").location, located("ДТП под Кореновском.").location
    assert near.radius_m > inside.radius_m


def test_a_distance_from_a_town_is_in_the_radius():
    found = located("Пожар в 12 км от Кореновска.").location
    assert found.precision == Precision.AREA
    assert found.radius_m >= 12_000


def test_a_km_beyond_the_road_is_no_point():
    found = located("ДТП на 900-м километре трассы Джубга — Сочи.")
    assert found.location.lat is None
    assert any("900" in reason.note for reason in found.reasons)


def test_a_km_far_from_the_named_town_gives_way_to_the_town():
    found = located("ДТП на 1362-м км М-4 «Дон», в станице Павловской.")
    assert away(found.location, "Павловская") < 10_000
    assert any("не сходится" in reason.note for reason in found.reasons)


def test_the_district_decides_between_two_countings():
    east = located("ДТП на 39-м км дороги Темрюк — Краснодар — Кропоткин в Динском районе.", year=None).location
    assert east.precision == Precision.ROAD_KM
    assert away(east, "Васюринская") < 25_000


def test_two_countings_that_nothing_tells_apart_give_no_pin():
    found = located("ДТП на 39-м км дороги Темрюк — Краснодар — Кропоткин.", year=2018)
    assert found.location.lat is None
    assert len(found.alternatives) == 2


def test_a_stretch_of_a_road_inside_a_district():
    found = located("Затор на трассе М-4 «Дон» в Павловском районе.").location
    assert (found.precision, found.road) == (Precision.AREA, "М-4")
    assert found.geometry["type"] == "LineString"
    assert found.municipality == "Павловский район"


def test_near_a_town_on_a_road_that_passes_it_by():
    found = located("Машины столкнулись под Новороссийском на трассе Краснодар — Верхнебаканский.").location
    assert found.road == "А-146"
    assert found.method == "road_near_settlement"


@pytest.mark.parametrize("district", ["Ейского", "Красноармейского", "Ленинградского", "Курганинского"])
def test_a_district_decides_between_homonyms(district):
    found = located(f"Дом сгорел в посёлке Октябрьском {district} района.").location
    assert found.precision == Precision.SETTLEMENT
    assert found.municipality == f"{district.removesuffix('ого')}ий район"


def test_homonyms_that_nothing_tells_apart_give_no_pin():
    found = located("Дом сгорел в посёлке Октябрьском.")
    assert (found.location.lat, found.location.precision) == (None, Precision.KRAI)
    assert len({a.location.municipality for a in found.alternatives}) > 3


def test_the_road_decides_between_homonyms():
    found = located("Авария возле пос. Горный на трассе Краснодар — Верхнебаканский.").location
    assert found.municipality == "Новороссийск"


def test_the_village_wins_over_its_town():
    found = located("Лес горит под Геленджиком, у с. Криница.", category=Category.FIRE).location
    assert "Криница" in found.label


def test_a_home_town_counts_for_fraud_only():
    text = "82-летняя жительница Ейска отдала курьеру миллион."
    assert "Ейск" in located(text, category=Category.FRAUD).location.label
    assert located(text).location.lat is None


def test_the_covering_circle_covers():
    points = [(45.0, 38.0, 1000.0), (45.2, 38.5, 3000.0), (44.8, 38.1, 2000.0)]
    lat, lon, radius = cover(points)
    assert all(distance_m((lat, lon), point[:2]) + point[2] <= radius + 1 for point in points)


def test_alternatives_are_scored_and_told():
    found = located("Паводок пришёл в Хадыженск. В станице Тверской тоже вода.", category=Category.FLOOD_WEATHER)
    assert found.alternatives
    assert all(0 <= a.score <= 1 and a.why for a in found.alternatives)


def test_a_provider_is_narrowed_by_a_district():
    wide = located("Ремонт на Троицком групповом водопроводе.", category=Category.OUTAGE_WATER).location
    text = "Ремонт на Троицком групповом водопроводе заденет Крымский район."
    narrow = located(text, category=Category.OUTAGE_WATER).location
    assert narrow.municipality == "Крымский район"
    assert narrow.radius_m < wide.radius_m
