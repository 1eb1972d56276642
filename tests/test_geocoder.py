"""The geopy geocoder: offline queries, reverse, the chain behind it."""

from __future__ import annotations

import pytest
from geopy.exc import GeocoderQueryError, GeocoderTimedOut
from geopy.geocoders.base import Geocoder
from geopy.location import Location
from geopy.point import Point
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.geocode.geocoder import KubanGeocoder

GEOCODER = KubanGeocoder()


def test_it_is_a_geopy_geocoder():
    assert isinstance(GEOCODER, Geocoder)


@pytest.mark.parametrize(
    ("query", "lat", "lon", "precision"),
    [
        ("станица Тбилисская", 45.36, 40.20, "settlement"),
        ("ст-ца тбилисская", 45.36, 40.20, "settlement"),
        ("тбилисская", 45.36, 40.20, "settlement"),
        ("Ейск, Краснодарский край", 46.71, 38.28, "settlement"),
        ("г. Ейск", 46.71, 38.28, "settlement"),
        ("усть лабинск", 45.21, 39.69, "settlement"),
        ("Тимашёвск", 45.61, 38.94, "settlement"),
        ("тимашевск", 45.61, 38.94, "settlement"),
        ("на 1362-м км М-4 «Дон»", 44.82, 39.22, "road_km"),
        ("М-4, 1362 км", 44.82, 39.22, "road_km"),
        ("45.03, 38.97", 45.03, 38.97, "address"),
        ("посёлок Октябрьский, Ейский район", 46.49, 38.28, "settlement"),
    ],
)
def test_query(query, lat, lon, precision):
    found = GEOCODER.geocode(query)
    assert (found.latitude, found.longitude) == pytest.approx((lat, lon), abs=0.05)
    assert found.raw["precision"] == precision
    assert found.raw["radius_m"] >= 0


def test_a_hamlet_with_a_district_beside_it():
    assert "Ленина" in GEOCODER.geocode("хутор Ленина, Динской район").address


def test_raw_has_the_keys_of_a_location():
    keys = {"lat", "lon", "precision", "radius_m", "label", "municipality", "zone", "road", "km", "method", "geometry"}
    assert GEOCODER.geocode("Кропоткин").raw.keys() == keys


def test_homonyms_are_all_listed():
    found = GEOCODER.geocode("посёлок Октябрьский", exactly_one=False, limit=20)
    assert len(found) >= 10
    assert len({place.raw["municipality"] for place in found}) >= 8


def test_limit():
    assert len(GEOCODER.geocode("посёлок Октябрьский", exactly_one=False, limit=3)) == 3


@pytest.mark.parametrize("query", ["Ростов-на-Дону", "Майкоп", "ыфвапр", "47.2, 39.7", "120.0, 500.0"])
def test_outside_the_krai_is_nothing(query):
    assert GEOCODER.geocode(query) is None


@pytest.mark.parametrize("query", ["", "  "])
def test_an_empty_query_is_an_error(query):
    with pytest.raises(GeocoderQueryError):
        GEOCODER.geocode(query)


def test_reverse():
    found = GEOCODER.reverse((45.364, 40.20))
    assert found.raw["municipality"] == "Тбилисский район"
    assert "Тбилисская" in found.address


def test_reverse_outside():
    assert GEOCODER.reverse("47.23, 39.70") is None
    assert GEOCODER.reverse("44.61, 40.10") is None  # Майкоп


def test_reverse_of_no_point():
    with pytest.raises(GeocoderQueryError):
        GEOCODER.reverse("нет")


class Stub(Geocoder):
    def __init__(self, *answers):
        super().__init__()
        self.answers, self.asked = answers, 0

    def geocode(self, query, *, exactly_one=True, timeout=None):
        self.asked += 1
        if isinstance(self.answers[0], Exception):
            raise self.answers[0]
        return [Location("ответ", Point(*answer), {}) for answer in self.answers]


def test_the_chain_is_off_by_default():
    assert KubanGeocoder().online == ()


def test_the_chain_is_not_asked_for_what_is_known():
    stub = Stub((45.0, 39.0))
    KubanGeocoder(online=[stub]).geocode("Ейск")
    assert stub.asked == 0


def test_a_failure_gives_way_to_the_next():
    good = Stub((45.05, 38.98))
    found = KubanGeocoder(online=[Stub(GeocoderTimedOut("поздно")), good]).geocode("ыфвапр")
    assert (found.latitude, found.raw["municipality"], found.raw["method"]) == (45.05, "Краснодар", "Stub")


def test_answers_outside_the_krai_are_rejected():
    found = KubanGeocoder(online=[Stub((55.75, 37.6)), Stub((45.05, 38.98))]).geocode("ыфвапр")
    assert found.latitude == 45.05
    assert KubanGeocoder(online=[Stub((55.75, 37.6))]).geocode("ыфвапр") is None


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_any_query_is_answered(query):
    if query.strip():
        GEOCODER.geocode(query, exactly_one=False)
