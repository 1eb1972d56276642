"""Where an editor says that it happened: municipality and zone follow, outside the krai is refused, imports obey."""

from __future__ import annotations

from datetime import date

import pytest

from kubmap.desk import places
from kubmap.domain import Precision, Teaser
from kubmap.errors import InputError
from kubmap.geocode.reading import read_teaser
from kubmap.store.intake import intake
from kubmap.store.rows import Row
from tests.desk.conftest import ANN

YEYSK, KRASNODAR = (46.711, 38.276), (45.035, 38.975)


def test_a_click_is_as_fine_as_the_zoom(atlas):
    found = [places.at_point(atlas, *YEYSK, zoom=zoom) for zoom in (16, 13, 10, 7)]
    assert [each.precision for each in found[:2]] == [Precision.ADDRESS] * 2
    radii = [each.radius_m for each in found]
    assert radii == sorted(radii)
    assert found[-1].precision is not Precision.ADDRESS
    assert {each.municipality for each in found} == {"Ейский район"}
    assert places.at_point(atlas, *YEYSK, radius_m=700).radius_m == 700
    assert found[0].zone == atlas.zones[atlas.municipality_named("Ейский район").zone].name
    assert "Ейск" in found[0].label


@pytest.mark.parametrize(
    ("lat", "lon", "words"),
    [(55.75, 37.6, "за пределами"), (44.609, 40.100, "Адыгея"), (47.23, 39.72, "за пределами"),
     (43.0, 36.0, "за пределами"), (float("nan"), 39, "координаты"), (91, 39, "координаты")],
)  # fmt: skip
def test_outside_the_krai_is_refused(atlas, lat, lon, words):
    with pytest.raises(InputError, match=words) as told:
        places.at_point(atlas, lat, lon)
    assert told.value.field == "location"


def test_a_point_off_the_beach_is_of_the_town(atlas):
    assert places.at_point(atlas, 43.560, 39.700).municipality == "Сочи"


def test_bad_radii_are_refused(atlas):
    for radius in (0, -5, float("nan"), 10**9):
        with pytest.raises(InputError):
            places.at_point(atlas, *YEYSK, radius_m=radius)


def test_every_settlement_clicked_is_of_its_municipality(atlas):
    """By its row, whatever border is drawn near it."""
    wrong = []
    for place in list(atlas.settlements.values())[::7]:
        at = places.at_point(atlas, place.lat, place.lon)
        if place.municipality and at.municipality != atlas.municipalities[place.municipality].name:
            wrong.append(place.id)
    assert len(wrong) <= 2  # two places may share a point


def test_a_road_and_a_km(atlas):
    road = next(each for each in places.roads(atlas) if "М-4" in each.label)
    at = places.at_road_km(atlas, road.id, 1362)
    assert at.precision is Precision.ROAD_KM
    assert (at.km, at.road) == (1362, road.label)
    assert at.municipality
    assert at.zone
    with pytest.raises(InputError, match="атласе нет"):
        places.at_road_km(atlas, road.id, road.km_max + 50)
    with pytest.raises(InputError):
        places.at_road_km(atlas, "nothing", 5)
    with pytest.raises(InputError):
        places.at_road_km(atlas, road.id, float("nan"))


def test_places_by_name(atlas):
    first = places.find_places(atlas, "каневск")[0]
    assert "Каневская" in first.label
    assert places.at_place(atlas, first.id) == first.location
    wider = places.at_place(atlas, first.id, near=True)
    assert wider.radius_m > first.location.radius_m
    district = places.find_places(atlas, "Ейский район")[0]
    assert district.location.precision is Precision.DISTRICT
    assert places.at_place(atlas, district.id) == district.location
    assert places.at_krai().precision is Precision.KRAI
    assert places.find_places(atlas, "  ") == ()
    with pytest.raises(InputError):
        places.at_place(atlas, "nothing")
    outside = next(iter(atlas.outside))
    with pytest.raises(InputError, match="за пределами края"):
        places.at_place(atlas, outside)


def test_what_an_editor_placed_no_import_moves(desk, store, atlas):
    def imported(text, place=None):
        def read(teaser):
            return read_teaser(teaser if place is None else Teaser("", place, published=teaser.published), atlas)

        row = Row(1, Teaser("1", text, published=date(2021, 11, 23), source_url="https://example.org/1"))
        return intake(store, [row], read, publish=False)

    text = "В станице Каневской 22 ноября сгорел склад."
    imported(text)
    it = store.find()[0]
    read_at = it.location
    pin = desk.at_point(ANN, 46.08, 38.95, zoom=15)
    saved = desk.save(ANN, it.id, base_version=1, changes={"location": pin}).incident
    assert saved.location_verified
    assert saved.location == pin
    assert saved.alternatives[0].location == read_at  # to come back to
    assert imported(text, place="В Анапе 22 ноября сгорел склад.").updated <= 1  # the reader has learnt otherwise
    now = store.get(it.id)
    assert now.location == pin
    assert now.alternatives == saved.alternatives
    back = desk.save(ANN, it.id, base_version=now.version, changes={"location": read_at}).incident
    assert back.location == read_at
    assert pin in [each.location for each in back.alternatives]
    assert read_at not in [each.location for each in back.alternatives]
