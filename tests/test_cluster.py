"""What a viewport groups: nothing lost, nothing twice, the same after a small move, within limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubmap.domain import Category
from kubmap.read import cluster, mercator, piles
from kubmap.read.cluster import KRAI, LIMITS, UNPLACED, Kind, members
from kubmap.read.piles import Piles
from kubmap.read.snapshot import Filter, Snapshot
from kubmap.read.view import look
from tests.archives import KRAI as WHOLE_KRAI
from tests.archives import archives, frames, incident, line, point, snapshot, square

ZOOMS = st.integers(0, 18)
WORLD = (-180.0, -85.0, 180.0, 85.0)


@pytest.fixture(autouse=True, params=[0, 10**9], ids=["counted once", "counted each time"])
def _ever_grouped(request, monkeypatch):
    """Small archives are grouped too, or the properties below would say little; both ways of counting agree."""
    monkeypatch.setattr(cluster, "FEW", 0)
    monkeypatch.setattr(piles, "MANY", request.param)


def grouped(made: Snapshot, passing, *, bbox, zoom):
    return cluster.grouped(Piles.of(made, passing), bbox=bbox, zoom=zoom)


def every(made: Snapshot):
    return np.ones(len(made), dtype=bool)


def rows_of(made: Snapshot, passing, groups) -> Counter[int]:
    """How often each row is in the groups."""
    found = Counter(groups.singles)
    for each in groups.clusters:
        inside = members(made, passing, each.id)
        assert inside is not None
        assert len(inside) == each.count
        found.update(inside.tolist())
    return found


def crowd(count: int, *, seed: int = 1, spread: float = 1.0) -> Snapshot:
    random = Random(seed)
    places = [(random.uniform(38, 38 + 3 * spread), random.uniform(44, 44 + 2 * spread)) for _ in range(count)]
    kinds = [Category.FIRE, Category.CRIME, Category.OUTAGE_WATER]
    return snapshot(*(incident(n, location=point(*at), category=random.choice(kinds)) for n, at in enumerate(places)))


@settings(max_examples=150, deadline=None)
@given(archives, ZOOMS)
def test_in_the_whole_world_every_incident_is_once(made, zoom):
    found = snapshot(*made)
    for bbox in (None, WORLD):
        view = look(found, Filter(), bbox=bbox, zoom=zoom)
        seen = rows_of(found, every(found), view.groups)
        assert set(seen.values()) <= {1}
        assert sorted([*seen, *view.matches.krai.tolist(), *view.matches.unplaced.tolist()]) == list(range(len(made)))
        assert (
            view.groups.count + len(view.matches.krai) + len(view.matches.unplaced) == view.matches.total == len(made)
        )


@settings(max_examples=150, deadline=None)
@given(archives, frames, ZOOMS)
def test_a_frame_shows_all_that_touches_it_and_nothing_twice(made, bbox, zoom):
    found = snapshot(*made)
    groups = grouped(found, every(found), bbox=bbox, zoom=zoom)
    seen = rows_of(found, every(found), groups)
    assert set(seen.values()) <= {1}
    touching = found.select(Filter(bbox=bbox))
    assert set(touching.tolist()) <= set(seen)
    assert sum(seen.values()) == groups.count


@settings(max_examples=100, deadline=None)
@given(archives, frames, ZOOMS, st.sets(st.sampled_from(list(Category)), min_size=1))
def test_filters_come_before_grouping(made, bbox, zoom, categories):
    found = snapshot(*made)
    wanted = Filter(categories=frozenset(categories))
    view = look(found, wanted, bbox=bbox, zoom=zoom)
    alone = snapshot(*(each for each in made if each.category in categories))
    other = look(alone, Filter(), bbox=bbox, zoom=zoom)
    assert view.matches.total == other.matches.total
    assert [(each.id, each.count, each.categories) for each in view.groups.clusters] == [
        (each.id, each.count, each.categories) for each in other.groups.clusters
    ]
    assert [found.columns.id[row] for row in view.groups.singles] == [
        alone.columns.id[row] for row in other.groups.singles
    ]


@settings(max_examples=100, deadline=None)
@given(archives, frames, st.integers(4, 16), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_a_small_move_changes_no_cluster_that_stays(made, bbox, zoom, right, up):
    """What both frames show is grouped alike; each cluster is told the same way."""
    found = snapshot(*made)
    step = 360 / 2**zoom
    moved = (bbox[0] + right * step, bbox[1] + up * step, bbox[2] + right * step, bbox[3] + up * step)
    before, after = (grouped(found, every(found), bbox=each, zoom=zoom) for each in (bbox, moved))
    told = {each.id: each for each in before.clusters}
    for each in after.clusters:
        if each.id in told:
            assert each == told[each.id]
    kept = set(before.singles) & set(rows_of(found, every(found), after))
    assert kept <= set(after.singles)


@given(archives, frames, ZOOMS)
@settings(max_examples=30, deadline=None)
def test_the_order_of_what_is_given_does_not_matter(made, bbox, zoom):
    one, two = (look(snapshot(*each), Filter(), bbox=bbox, zoom=zoom).groups for each in (made, reversed(made)))
    assert one.singles == two.singles
    numberless = [[replace(each, place=None) for each in groups.clusters] for groups in (one, two)]
    assert numberless[0] == numberless[1]


def test_a_cluster_tells_its_categories_frame_and_newest():
    made = crowd(200)
    groups = grouped(made, every(made), bbox=None, zoom=4)
    for each in groups.clusters:
        rows = members(made, every(made), each.id)
        assert rows is not None
        kinds = Counter(made.brief(row).category for row in rows)
        assert each.categories == dict(kinds)
        assert each.latest == rows.min()
        lons = [made.brief(row).location.lon for row in rows]
        lats = [made.brief(row).location.lat for row in rows]
        assert each.bbox == pytest.approx((min(lons), min(lats), max(lons), max(lats)), abs=1e-5)
        assert each.lon == pytest.approx(np.mean(lons), abs=1e-5)
        assert each.lat == pytest.approx(np.mean(lats), abs=0.05)  # the middle on the map, not on the globe


@pytest.mark.parametrize("zoom", [0, 8, 12, 18])
def test_a_view_keeps_its_limits_however_many_there_are(zoom):
    made = crowd(6_000)
    groups = grouped(made, every(made), bbox=None, zoom=zoom)
    assert groups.count == 6_000
    assert len(groups.singles) + len(groups.clusters) <= sum(each.groups for each in LIMITS.values())
    assert len(groups.singles) <= sum(each.singles for each in LIMITS.values())


def test_cells_grow_with_the_view_and_not_more_than_needed():
    made = crowd(6_000)
    counts = [len(grouped(made, every(made), bbox=None, zoom=zoom).clusters) for zoom in (2, 4, 6, 8)]
    assert counts == sorted(counts)
    assert counts[-1] > 60


def test_wide_places_that_reach_in_are_shown_near_by():
    road, far = line((38.0, 45.0), (39.0, 45.0), (40.0, 45.0)), line((41.0, 44.0), (41.5, 44.0))
    made = snapshot(
        *(incident(n, location=road) for n in range(3)),
        incident(3, location=far),
        incident(4, location=square(38.5, 44.9, 0.4)),
    )
    groups = grouped(made, every(made), bbox=(39.6, 44.99, 39.61, 45.01), zoom=15)
    (found,) = groups.clusters
    assert (found.count, found.wide, groups.singles) == (3, 3, ())
    assert made.places.shapes[found.place].location == replace(road, geometry=None)


def test_points_and_wide_places_are_apart_near_by():
    made = snapshot(
        *(incident(n, location=point(39.0, 45.0)) for n in range(2)),
        *(incident(n + 2, location=square(38.9, 44.9, 0.2)) for n in range(2)),
    )
    kinds = [(each.id[0], each.count) for each in grouped(made, every(made), bbox=None, zoom=14).clusters]
    assert sorted(kinds) == [("p", 2), ("w", 2)]
    (together,) = grouped(made, every(made), bbox=None, zoom=3).clusters
    assert (together.id[0], together.count, together.wide, together.place) == (Kind.ALL, 4, 2, None)


def test_few_are_told_apart_at_any_zoom_but_at_one_place(monkeypatch):
    monkeypatch.setattr(cluster, "FEW", 40)
    made = snapshot(
        incident(1, location=point(39.0, 45.0)), incident(2, location=point(39.01, 45.0)),
        incident(3, location=point(39.0, 45.0)),
    )  # fmt: skip
    groups = grouped(made, every(made), bbox=None, zoom=0)
    assert (len(groups.singles), [each.count for each in groups.clusters]) == (1, [2])


def test_krai_and_unplaced_are_groups_of_their_own():
    made = snapshot(incident(1, location=WHOLE_KRAI), incident(2), incident(3, location=point(39, 45)))
    for name, number in ((KRAI, "000001"), (UNPLACED, "000002")):
        (row,) = members(made, every(made), name)
        assert made.columns.id[row] == number


@pytest.mark.parametrize(
    "name", ["", "x1-0", "c23-0", "c5", "c5-", "c5-zz", "c5-400", "c-1-0", "c5-0 ", "С5-0", "c99-0"]
)
def test_what_is_no_id_has_no_members(name):
    made = crowd(10)
    found = members(made, every(made), name)
    assert found is None or not len(found)


def test_the_square_of_the_world_there_and_back():
    lon, lat = np.array([-180, 0, 38.97, 179.9]), np.array([-85, 0, 45.03, 85])
    back = mercator.unproject(*mercator.project(lon, lat))
    assert np.allclose(back, (lon, lat), atol=1e-6)
    x, y = mercator.project([0, 200], [89, -89])
    assert x[1] == mercator.SIDE - 1
    assert y == pytest.approx([0, mercator.SIDE - 1], abs=100)


@given(st.integers(0, mercator.SIDE - 1), st.integers(0, mercator.SIDE - 1), st.integers(0, mercator.BITS))
def test_a_prefix_of_the_code_is_the_cell(x, y, level):
    shift = mercator.BITS - level
    code = int(mercator.code(np.array([x]), np.array([y]))[0])
    cell = int(mercator.code(np.array([x >> shift]), np.array([y >> shift]))[0])
    assert code >> 2 * shift == cell


def test_a_cell_outside_shows_its_wide_places_alone():
    """A point beside the middle of a road is not shown where only the road reaches."""
    road = line((38.0, 45.0), (39.0, 45.0), (41.0, 45.0))
    made = snapshot(*(incident(n, location=road) for n in range(2)), incident(2, location=point(39.0, 45.001)))
    (found,) = grouped(made, every(made), bbox=(40.9, 44.99, 40.95, 45.01), zoom=8).clusters
    assert (found.id[0], found.count, found.wide) == ("w", 2, 2)
    assert len(members(made, every(made), found.id)) == 2
    (found,) = grouped(made, every(made), bbox=(38.9, 44.9, 40.95, 45.1), zoom=8).clusters
    assert (found.id[0], found.count, found.wide) == ("c", 3, 2)
