"""Roads of the atlas: a km and back, ranges, stretches, and how good the radius is."""

from __future__ import annotations

import csv
import json
import statistics
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import seconds

from kubmap.atlas.chain import Chain, distance_m, measured
from kubmap.atlas.road import Road
from kubmap.atlas.roads import RoadNetwork
from kubmap.errors import DataError, NotFoundError

ROOT = Path(__file__).parent.parent
GEO = ROOT / "data" / "geo"
ACCIDENTS = ROOT.parent / "shared" / "geo" / "accident_concentration_2019_2021.geojson"
NETWORK = RoadNetwork.load(GEO)
ROADS = list(NETWORK.roads.values())
road_ids = pytest.mark.parametrize("road", ROADS, ids=lambda road: road.id)


def test_all_roads_of_the_facts_are_there() -> None:
    assert len(ROADS) == 49
    assert {"M4", "DZOK", "P217", "A146", "A147", "A289", "A290", "03K002", "R251_OLD", "EISK"} <= set(NETWORK.roads)


@road_ids
def test_posts_come_back_at_their_km(road: Road) -> None:
    for post in road.posts:
        point = NETWORK.at_km(road.id, post.km)
        assert point is not None
        assert distance_m((point.lat, point.lon), (post.lat, post.lon)) <= 20
        assert point.radius_m >= post.offset_m - 1
        assert point.municipality == post.municipality


@road_ids
def test_km_grow_along_the_line(road: Road) -> None:
    assert all(a < b for a, b in pairwise(road.chain.kms))
    assert all(a.km < b.km for a, b in pairwise(road.posts))
    assert (road.chain.km_min, road.chain.km_max) == (road.km_min, road.km_max)


@road_ids
def test_no_km_covers_less_than_the_drawn_line(road: Road) -> None:
    """A km is about 1,000 m: the drawn line may cut bends, it may not be much longer than the km say."""
    drawn = sum(distance_m(a, b) for a, b in pairwise(road.chain.points)) / 1000
    assert drawn <= road.length_km * 1.1 + 1
    assert drawn >= road.length_km * 0.6


@road_ids
def test_outside_its_posts_a_road_gives_a_reason_and_no_point(road: Road) -> None:
    for km in (road.km_min - 3, road.km_max + 3):
        assert NETWORK.at_km(road.id, km) is None
        assert f"{km:g}" in (NETWORK.why_not(road.id, km) or "")
    for km in (road.km_min, road.km_max + 0.7):
        assert NETWORK.at_km(road.id, km) is not None
        assert NETWORK.why_not(road.id, km) is None


@given(st.sampled_from(ROADS), st.floats(0, 1))
def test_a_point_of_the_line_is_near_its_own_km(road: Road, share: float) -> None:
    km = road.km_min + share * road.length_km
    point = NETWORK.at_km(road.id, km)
    assert point is not None
    away, back = NETWORK.near(road.id, point.lat, point.lon)
    assert away < 5
    found = NETWORK.at_km(road.id, back)
    assert found is not None
    assert distance_m((found.lat, found.lon), (point.lat, point.lon)) < 10


@given(st.sampled_from(ROADS), st.floats(0, 1), st.floats(0, 1))
def test_a_stretch_is_the_same_both_ways_and_inside_its_radius(road: Road, a: float, b: float) -> None:
    kms = road.km_min + a * road.length_km, road.km_min + b * road.length_km
    span = NETWORK.span(road.id, *kms)
    assert span == NETWORK.span(road.id, *kms[::-1])
    assert span is not None
    assert span.km_from <= span.km_to
    assert max(distance_m((span.lat, span.lon), point) for point in span.line) <= span.radius_m
    assert span.geometry["type"] == "LineString"
    assert len(span.geometry["coordinates"]) >= 2


def test_a_km_in_another_region_is_told_from_a_km_of_nowhere() -> None:
    assert NETWORK.at_km("M4", 1042) is None
    assert NETWORK.beyond("M4", 1042) == "Ростовская область"
    assert "Ростовская область" in (NETWORK.why_not("M4", 1042) or "")
    assert NETWORK.beyond("M4", 16) is None
    assert NETWORK.beyond("M4", 1300) is None


def test_the_bridge_belongs_to_crimea() -> None:
    point = NETWORK.at_km("A290", 155)
    assert point is not None
    assert point.municipality == "Республика Крым"


def test_stretches_are_cut_at_the_ends_and_refused_outside() -> None:
    span = NETWORK.span("M4", 1500, 1700)
    assert span is not None
    assert (span.km_from, span.km_to) == (1500, 1543)
    assert NETWORK.span("M4", 10, 20) is None
    with pytest.raises(NotFoundError, match="1119–1543"):
        NETWORK.line("M4", from_km=10, to_km=20)


def test_lines_are_geojson_with_longitude_first() -> None:
    lon, lat = NETWORK.line("A147")["coordinates"][0]
    assert 38 < lon < 39 < 44 < lat < 45


def test_districts_of_a_road() -> None:
    low, high = NETWORK.within("EISK", "Тимашёвский район") or (0, 0)
    assert 19 < low < 43.7 < 60.4 < high < 87
    assert NETWORK.within("EISK", "Сочи") is None
    cities = {post.municipality for road in ROADS for post in road.posts}
    assert {"Краснодар", "Сочи", "Новороссийск", "Анапа", "Геленджик", "Горячий Ключ", "Армавир"} <= cities
    assert not any(name.startswith("Город") for name in cities)


def test_municipalities_are_spelt_as_in_the_list_of_them() -> None:
    listed = (GEO / "municipalities.csv").read_text(encoding="utf-8")
    outside = {"Республика Адыгея", "Ставропольский край", "Карачаево-Черкесская Республика", "Республика Крым"}
    named = {post.municipality for road in ROADS for post in road.posts} - outside
    assert [name for name in sorted(named) if name not in listed] == []


def test_between_two_places() -> None:
    timashevsk, bryukhovetskaya, sochi = (45.615, 38.945), (45.802, 38.997), (43.585, 39.72)
    span = NETWORK.between_places("EISK", timashevsk, bryukhovetskaya)
    assert span is not None
    assert 55 < span.km_from < 66 < 82 < span.km_to < 92
    assert span == NETWORK.between_places("EISK", bryukhovetskaya, timashevsk)
    assert NETWORK.between_places("EISK", timashevsk, sochi) is None


def test_known_kilometres() -> None:
    """Places that news name at these km, apart from the posts' own text."""
    for road_id, km, lat, lon in (
        ("M4", 1362.25, 44.82, 39.22),  # Молькино
        ("A147", 54, 44.11, 39.07),  # Туапсе
        ("P217", 140, 45.12, 40.92),  # Большевик
        ("03K002", 59.37, 45.255, 39.755),  # Двубратский, north-east of Усть-Лабинск
    ):
        point = NETWORK.at_km(road_id, km)
        assert point is not None
        assert distance_m((point.lat, point.lon), (lat, lon)) <= point.radius_m


def test_the_old_counting_of_one_road_is_the_new_one_shifted() -> None:
    new, old = NETWORK.at_km("03K002", 59.4), NETWORK.at_km("R251_OLD", 59.4 + 166)
    assert new is not None
    assert old is not None
    assert distance_m((new.lat, new.lon), (old.lat, old.lon)) <= old.radius_m


def test_a_low_road_says_so_and_is_wide() -> None:
    point = NETWORK.at_km("TIM_PAHT", 60)
    assert point is not None
    assert point.confidence == "low"
    assert point.method.endswith("assumed_zero")
    assert point.radius_m >= 4000


def left_out(*, strict: bool) -> list[tuple[float, float]]:
    """(error, radius) in metres of every independent post, told by the others along straight lines.

    `strict` also drops the posts that were fitted to the km and counts the km of places anew between the true posts, so
    nothing that was derived from the post can tell of it.
    """
    out = []
    for road in ROADS:
        for post in road.posts:
            rest = _without(road, post.km, strict=strict) if post.basis == "post" else None
            point = (
                rest and rest.km_min < post.km < rest.km_max and RoadNetwork({road.id: rest}).at_km(road.id, post.km)
            )
            if point:
                out.append((distance_m((point.lat, point.lon), (post.lat, post.lon)), float(point.radius_m)))
    return out


def _without(road: Road, km: float, *, strict: bool) -> Road | None:
    posts = [post for post in road.posts if post.km != km and not (strict and post.basis == "moved")]
    if strict:
        true = [i for i, post in enumerate(posts) if post.basis == "post"]
        counted = [
            replace(post, km=new)
            for a, b in pairwise(true)
            for post, new in zip(
                posts[a:b],
                measured([(p.lat, p.lon) for p in posts[a : b + 1]], posts[a].km, posts[b].km),
                strict=False,
            )
        ]
        posts = [*counted, posts[true[-1]]] if len(true) > 1 else []
    if len(posts) < 2:
        return None
    chain = Chain(tuple((p.lat, p.lon) for p in posts), tuple(p.km for p in posts))
    return replace(road, posts=tuple(posts), chain=chain)


@pytest.mark.parametrize(
    ("strict", "least", "median_m", "p90_m"), [(False, 0.95, 1200, 3600), (True, 0.92, 1600, 3900)]
)
def test_the_radius_holds_the_truth(*, strict: bool, least: float, median_m: int, p90_m: int) -> None:
    """About 95 of 100; strict gaps are twice as long as those in use, and a post is itself off by its offset."""
    found = left_out(strict=strict)
    errors = sorted(error for error, _ in found)
    inside = sum(error <= radius for error, radius in found) / len(found)
    assert len(found) > 50
    assert inside >= least
    assert statistics.median(errors) <= median_m
    assert errors[int(0.9 * len(errors))] <= p90_m


def test_the_radius_is_not_inflated() -> None:
    """A radius three times the error is honest, ten times is not; a federal road's km is known to 3 km or so."""
    found = left_out(strict=False)
    assert statistics.median(radius for _, radius in found) <= 3500
    federal = [
        NETWORK.at_km(road.id, road.km_min + step)
        for road in ROADS if road.cls == "federal" and road.confidence == "high"
        for step in range(0, int(road.length_km), 2)
    ]  # fmt: skip
    assert statistics.median(point.radius_m for point in federal if point) <= 3000


def test_drawn_lines_follow_real_roads() -> None:
    """Half of the places where accidents concentrate lie within 700 m of a drawn line (measurement only)."""
    if not ACCIDENTS.exists():
        pytest.skip("needs ../shared/geo: reference data that the project does not ship")
    centres = [_centre(f["geometry"]["coordinates"]) for f in json.loads(ACCIDENTS.read_bytes())["features"]]
    away = [min(road.chain.project(*centre)[0] for road in ROADS) for centre in centres]
    assert statistics.median(away) <= 700


def _centre(rings: list) -> tuple[float, float]:
    while isinstance(rings[0][0], list):
        rings = rings[0]
    return statistics.fmean(p[1] for p in rings), statistics.fmean(p[0] for p in rings)


def test_loading_is_fast_and_lines_are_small() -> None:
    anchors = (GEO / "road_anchors.csv").read_text("utf-8")
    assert seconds(lambda: RoadNetwork.load(GEO)) < 40 * seconds(lambda: list(csv.reader(anchors.splitlines())))
    assert (GEO / "road_lines.geojson").stat().st_size <= 700_000


def test_line_file_has_what_the_map_draws() -> None:
    features = json.loads((GEO / "road_lines.geojson").read_bytes())["features"]
    assert [f["properties"]["id"] for f in features] == [road.id for road in ROADS]
    assert all({"id", "ref", "name", "cls", "confidence"} <= set(f["properties"]) for f in features)


def test_a_broken_folder_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="roads of"):
        RoadNetwork.load(tmp_path)


def test_an_unknown_road_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="M5"):
        NETWORK.at_km("M5", 10)
