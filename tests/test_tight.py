"""What a serving process keeps by the thousand takes the room of its bytes, not of the buffers they were written in."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import contextmanager

import orjson
import pytest

from kubmap.read.membership import Membership
from kubmap.read.tight import tight
from kubmap.web import api
from tests.archives import incident, line, point, snapshot

COUNT = 400


@contextmanager
def traced():
    """Yields how many bytes were taken since and are still held."""
    gc.collect()
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("value", [None, [], {"a": [1.5, "ё"]}, "ж" * 5_000], ids=["none", "list", "dict", "text"])
def test_it_is_the_same_json(value):
    assert tight(value) == orjson.dumps(value)


def test_kept_values_take_their_own_room():
    with traced() as held:
        kept = [tight({"number": number}) for number in range(COUNT)]
        assert held() < COUNT * 200
    assert len(kept) == COUNT


def test_lines_of_places_take_their_own_room():
    locations = [line((39.0 + at / 1_000, 45.0), (39.5, 46.0)) for at in range(COUNT)]
    membership = Membership()
    membership.shape(locations[0])
    with traced() as held:
        shapes = [membership.shape(each) for each in locations]
        assert held() < COUNT * 1_000
    assert {each.geometry for each in shapes} != {None}


def test_records_that_maps_showed_take_their_own_room():
    made = snapshot(*(incident(at, location=point(39.0 + at / 1_000, 45.0)) for at in range(COUNT)))
    with traced() as held:
        kept = [made.keep(row, api._brief) for row in range(COUNT)]
        assert held() < 3 * sum(map(len, kept))
