"""Zones and municipalities that a place belongs to, and how it is kept: by reference, rounded, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Location, Precision
from kubmap.geocode import precision
from kubmap.read.membership import Membership
from kubmap.read.snapshot import Filter, build
from kubmap.store.store import Published
from tests.archives import incident


@pytest.fixture(scope="module")
def atlas():
    return load_atlas()


@pytest.fixture(scope="module")
def membership(atlas):
    return Membership(atlas)


def of(membership, location):
    return membership.of(membership.shape(location))


def test_a_settlement_belongs_to_what_it_names(atlas, membership):
    for place in list(atlas.settlements.values())[::97]:
        location = precision.at_settlement(atlas, place)
        zones, towns = of(membership, location)
        home = atlas.municipality_of(place)
        assert towns == ({home.name} if home else set())
        assert zones == ({atlas.zones[home.zone].name} if home else set())


def test_several_places_belong_by_their_rows_and_not_by_drawn_borders(atlas, membership):
    chosen = [place for place in atlas.settlements.values() if place.municipality][::311]
    location = precision.at_area([precision.at_settlement(atlas, each) for each in chosen], label="", method="")
    zones, towns = of(membership, location)
    homes = [atlas.municipalities[each.municipality] for each in chosen]
    assert towns == {each.name for each in homes}
    assert zones == {atlas.zones[each.zone].name for each in homes}


def test_a_provider_belongs_to_every_municipality_that_it_serves(atlas, membership):
    for provider in atlas.providers.values():
        served = [atlas.settlements[each] for area in provider.areas for each in area.settlements]
        if served:
            _, towns = of(membership, precision.at_provider(atlas, provider, served))
            assert {atlas.municipalities[each.municipality].name for each in served} <= towns


def test_a_road_belongs_to_what_it_runs_through(atlas, membership):
    road = next(each for each in atlas.roads.roads.values() if each.ref == "М-4")
    zones, towns = of(membership, precision.along_road(atlas, road.id))
    assert {"Динской район", "Кореновский район"} <= towns
    assert "Ейский район" not in towns
    assert len(zones) >= 3


def test_a_district_is_itself_and_not_its_neighbours(atlas, membership):
    for town in atlas.municipalities.values():
        location = precision.at_district(atlas, town)
        shape = membership.shape(location)
        assert (shape.ref, shape.geometry) == (f"municipality:{town.id}", None)
        assert membership.of(shape) == ({atlas.zones[town.zone].name}, {town.name})


def test_a_zone_is_all_its_municipalities(atlas, membership):
    for zone in atlas.zones.values():
        shape = membership.shape(precision.at_zone(atlas, zone.id))
        assert shape.ref == f"zone:{zone.id}"
        members = {each.name for each in atlas.municipalities.values() if each.zone == zone.id}
        assert membership.of(shape) == ({zone.name}, members)


def test_the_krai_and_no_place_belong_to_nothing(membership):
    assert of(membership, precision.krai_wide("")) == (frozenset(), frozenset())
    assert of(membership, Location(None, None, Precision.AREA, None, "")) == (frozenset(), frozenset())


def test_without_an_atlas_a_place_belongs_to_what_it_names():
    alone = Membership()
    location = Location(45.0, 39.0, Precision.SETTLEMENT, 1, "", "Район", "Зона")
    assert of(alone, location) == ({"Зона"}, {"Район"})
    assert of(alone, replace(location, zone=None)) == (frozenset(), {"Район"})


def test_filters_find_what_spans_several(atlas):
    road = next(each for each in atlas.roads.roads.values() if each.ref == "М-4")
    made = build(Published(1, 1, demo=False, incidents=(
        incident(1, location=precision.along_road(atlas, road.id)),
        incident(2, location=precision.krai_wide("")),
        incident(3, location=precision.at_settlement(atlas, atlas.centre_of(atlas.municipalities["yeysky"]))),
    )), atlas)  # fmt: skip

    def ids(**wanted):
        return [made.columns.id[row] for row in made.select(Filter(**wanted))]

    assert ids(municipalities=frozenset({"Динской район"})) == ["000001"]
    northern = atlas.zones["northern"].name
    assert ids(zones=frozenset({northern})) == ["000003", "000001"]
    assert ids(zones=frozenset({"нет такой"})) == []
