"""A point's municipality and zone, and the outlines that maps draw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from timing import seconds

from kubmap.atlas.areas import DETAILS, AreaIndex, detail_for
from kubmap.errors import DataError, NotFoundError

DATA = Path(__file__).parent.parent / "data" / "geo"

CITIES = [
    ("Краснодар", 45.035, 38.975, "krasnodar", "krasnodar-agglomeration"),
    ("Сочи", 43.585, 39.723, "sochi", "sochi-agglomeration"),
    ("Сириус", 43.405, 39.956, "sochi", "sochi-agglomeration"),
    ("Красная Поляна", 43.680, 40.206, "sochi", "sochi-agglomeration"),
    ("Ейск", 46.711, 38.276, "yeysky", "northern"),
    ("Кущёвская", 46.558, 39.634, "kushchyovsky", "northern"),
    ("Тимашёвск", 45.617, 38.945, "timashyovsky", "central"),
    ("Белореченск", 44.761, 39.871, "belorechensky", "foothill"),
    ("Армавир", 44.993, 41.123, "armavir", "eastern"),
    ("Кропоткин", 45.434, 40.575, "kavkazsky", "eastern"),
    ("Новороссийск", 44.724, 37.768, "novorossiysk", "black-sea"),
    ("Анапа", 44.894, 37.317, "anapa", "black-sea"),
    ("Темрюк", 45.272, 37.385, "temryuksky", "black-sea"),
    ("Псебай", 44.116, 40.799, "mostovsky", "foothill"),
]
ELSEWHERE = [
    ("Майкоп", 44.609, 40.106),
    ("Адыгейск", 44.884, 39.190),
    ("Яблоновский", 44.987, 38.940),
    ("Кошехабль", 44.897, 40.496),
    ("Ростов-на-Дону", 47.222, 39.718),
    ("Черкесск", 44.223, 42.058),
    ("Гагра", 43.280, 40.266),
    ("Керчь", 45.356, 36.475),
    ("Чёрное море", 44.20, 37.80),
    ("Азовское море", 46.20, 37.50),
    ("Лондон", 51.50, -0.12),
]


@pytest.fixture(scope="module")
def areas() -> AreaIndex:
    return AreaIndex.load(DATA)


@pytest.mark.parametrize(("name", "lat", "lon", "municipality", "zone"), CITIES, ids=[c[0] for c in CITIES])
def test_city(areas, name, lat, lon, municipality, zone):
    assert areas.municipality_at(lat, lon) == municipality
    assert areas.zone_at(lat, lon) == zone
    assert areas.in_krai(lat, lon)


@pytest.mark.parametrize(("name", "lat", "lon"), ELSEWHERE, ids=[p[0] for p in ELSEWHERE])
def test_elsewhere(areas, name, lat, lon):
    assert areas.municipality_at(lat, lon) is None
    assert areas.zone_at(lat, lon) is None
    assert not areas.in_krai(lat, lon)


def test_many_points_are_as_one_by_one(areas):
    generator = np.random.default_rng(7)
    lats, lons = generator.uniform(43.3, 47.0, 400), generator.uniform(36.4, 42.0, 400)
    assert areas.municipality_at_many(lats, lons) == [
        areas.municipality_at(a, o) for a, o in zip(lats, lons, strict=True)
    ]
    assert areas.municipality_at_many([], []) == []


@pytest.mark.parametrize("kind", ["municipalities", "zones"])
@pytest.mark.parametrize("detail", DETAILS)
def test_outlines_are_geojson_by_the_right_hand_rule(areas, kind, detail):
    outlines = areas.outlines(kind, detail=detail)
    for id_ in outlines.ids:
        geometry = outlines.geometry(id_)
        assert geometry["type"] in ("Polygon", "MultiPolygon")
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for shell, *holes in polygons:
            assert shell[0] == shell[-1]
            assert len(shell) >= 4
            assert shapely.LinearRing(shell).is_ccw, f"{id_}: the outer ring must be counter-clockwise"
            assert not any(shapely.LinearRing(hole).is_ccw for hole in holes), id_
        assert shapely.from_geojson(json.dumps(geometry)).is_valid, id_


def test_more_detail_has_more_points(areas):
    points = [len(json.dumps(areas.outline("temryuksky", detail=detail))) for detail in DETAILS]
    assert points == sorted(points)
    assert points[0] < points[-1] / 2


def test_zone_outline_and_bounds(areas):
    zone = shapely.from_geojson(json.dumps(areas.zone_outline("sochi-agglomeration")))
    assert zone.equals(shapely.from_geojson(json.dumps(areas.outline("sochi"))))
    west, south, east, north = areas.bounds(["sochi", "yeysky"])
    assert 37.6 < west < 37.8
    assert 43.3 < south < 43.5
    assert 40.5 < east < 40.8
    assert 46.6 < north < 46.9


def test_centroid_lies_in_its_municipality(areas):
    for id_ in areas.outlines("municipalities", detail="high").ids:
        assert areas.municipality_at(*areas.centroid(id_)) == id_


def test_detail_by_zoom():
    assert [detail_for(zoom) for zoom in (5, 7, 7.9, 8, 9, 10, 18)] == ["low"] * 3 + ["mid"] * 2 + ["high"] * 2


def test_unknown_id_and_missing_files(areas, tmp_path):
    with pytest.raises(NotFoundError, match="nowhere"):
        areas.outline("nowhere")
    with pytest.raises(DataError, match="make data"):
        AreaIndex.load(tmp_path)
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "municipalities_high.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="municipalities_high"):
        AreaIndex.load(tmp_path).municipality_at(45, 39)


def test_first_answer_costs_little_more_than_reading_the_file():
    text = (DATA / "boundaries" / "municipalities_high.geojson").read_text("utf-8")
    first = seconds(lambda: AreaIndex.load(DATA).municipality_at(45.035, 38.975))
    assert first < 60 * max(seconds(lambda: json.loads(text)), 1e-3)
