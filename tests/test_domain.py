"""Values: what they share, whatever they are made by."""

from __future__ import annotations

import pickle
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kubmap.atlas.chain import LEAST_DEGREE_M, distance_m
from kubmap.domain import Category, Location, Precision, Reason

POINTS = st.tuples(st.floats(43, 47), st.floats(36, 42))


def test_values_of_the_same_fields_are_one_value() -> None:
    one, other = Reason("where:krai", "край", 0, 4), Reason("where:krai", "край", 0, 4)
    assert one == other
    assert len({one, other}) == 1
    assert replace(one, start=1) != one
    assert one.start == 0


def test_a_value_has_no_fields_but_its_own_and_can_be_sent_to_another_process() -> None:
    place = Location(45.0, 39.0, Precision.SETTLEMENT, 900, "Краснодар")
    assert not hasattr(place, "__dict__")
    assert pickle.loads(pickle.dumps(place)) == place


def test_the_value_of_a_member_is_what_the_contract_writes() -> None:
    assert Category("fire") is Category.FIRE
    assert Category.FIRE.value == "fire"
    assert type(Category.FIRE.value) is str
    assert {each.value for each in Precision} == {"address", "road_km", "settlement", "area", "district", "krai"}


@given(POINTS, POINTS)
def test_a_distance_is_never_shorter_than_its_bound(a: tuple[float, float], b: tuple[float, float]) -> None:
    rounding_m = 0.001  # both are of metres; below a millimetre only the last digits of a double differ
    assert abs(a[0] - b[0]) * LEAST_DEGREE_M <= distance_m(a, b) + rounding_m
