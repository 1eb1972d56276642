"""The shipped boundaries, how they are drawn, and `kubmap atlas check`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

from kubmap.atlas.areas import DETAILS, AreaIndex
from kubmap.atlas.build import anchoring, generalise
from kubmap.atlas.build.arcs import border_lines
from kubmap.atlas.build.boundaries import draw
from kubmap.atlas.build.tessellation import Sites, grid_over, label
from kubmap.atlas.check import check, render
from kubmap.errors import InputError

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data" / "geo"
REFERENCE = ROOT.parent / "shared" / "geo" / "municipalities_osm.geojson"

needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="reference polygons are not here: ../shared/geo")


@pytest.fixture(scope="module")
def report():
    return check(DATA, REFERENCE if REFERENCE.exists() else None)


def test_atlas_is_whole(report):
    assert report.problems == ()
    assert (report.municipalities, report.zones) == (44, 7)


def test_settlements_lie_in_their_municipality(report):
    assert report.settlements > 1800
    assert report.inside >= 0.99, report.outside


@needs_reference
def test_borders_against_the_reference(report):
    found = report.comparison
    assert found.area_right >= 0.927  # a plain Voronoi diagram of the settlements: 0.904
    assert found.reference_covered >= 0.98
    assert found.to_drawn.median_m <= 1250
    assert found.to_drawn.p90_m <= 3600
    assert min(share for _, share in found.worst) >= 0.68


@needs_reference
def test_shipped_quality_is_what_is_measured(report):
    shipped = json.loads((DATA / "boundaries" / "quality.json").read_text(encoding="utf-8"))
    assert shipped["area_right"] == pytest.approx(report.comparison.area_right, abs=0.001)
    assert shipped["border_error_median_m"] == pytest.approx(report.comparison.to_drawn.median_m, abs=10)
    assert shipped["border_error_p90_m"] == pytest.approx(report.comparison.to_drawn.p90_m, abs=10)


def test_drawn_areas_are_near_the_official_ones():
    official = {row[0]: float(row[11]) for row in _rows("municipalities.csv")}
    drawn = AreaIndex.load(DATA).outlines("municipalities", detail="high")
    for id_, shape in zip(drawn.ids, drawn.shapes, strict=True):
        km2 = shape.area * 111.32**2 * np.cos(np.radians(shape.centroid.y))
        assert km2 == pytest.approx(official[id_], rel=0.25), id_


def _rows(name):
    import csv

    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_files_are_small_and_say_what_they_are():
    files = [*(DATA / "boundaries").iterdir(), *(DATA / "base").iterdir()]
    assert sum(file.stat().st_size for file in files) < 2_000_000
    for detail in DETAILS:
        features = json.loads((DATA / "boundaries" / f"municipalities_{detail}.geojson").read_bytes())["features"]
        assert len(features) == 44
        assert {*features[0]["properties"]} == {"id", "name", "zone"}


@pytest.mark.parametrize("name", ["land", "coast", "lakes", "neighbours", "rivers"])
def test_base_map_layer(name):
    features = json.loads((DATA / "base" / f"{name}.geojson").read_bytes())["features"]
    for feature in features:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        assert not shape.is_empty
        west, south, east, north = shape.bounds
        assert west >= 34.4
        assert south >= 42.4
        assert east <= 43.6
        assert north <= 48.0


def test_base_map_names():
    names = {
        name: {f["properties"].get("name") for f in json.loads((DATA / "base" / name).read_bytes())["features"]}
        for name in ("rivers.geojson", "neighbours.geojson")
    }
    assert {"Кубань", "Лаба", "Белая", "Ея", "Мзымта"} <= names["rivers.geojson"]
    assert {"Республика Адыгея", "Ростовская область", "Абхазия"} <= names["neighbours.geojson"]


# How they are drawn: a square of 40 km with a few settlements.

SQUARE = shapely.box(400_000, 5_000_000, 440_000, 5_040_000)


def sites(*rows):
    xy = np.array([(400_000 + x * 1000, 5_000_000 + y * 1000) for x, y, _, _ in rows], float)
    owner = np.array([row[2] for row in rows])
    return Sites(xy, owner, np.array([row[3] for row in rows], float), int(owner.max()) + 1)


def shares(places, areas):
    shapes = draw(SQUARE, places, np.array(areas, float))
    assert shapely.coverage_is_valid(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(SQUARE.area)
    return [shape.area / SQUARE.area for shape in shapes]


def test_equal_settlements_share_equally():
    assert shares(sites((10, 20, 0, 1000), (30, 20, 1, 1000)), [1, 1]) == pytest.approx([0.5, 0.5], abs=0.02)


def test_official_areas_are_met():
    assert shares(sites((10, 20, 0, 1000), (30, 20, 1, 1000)), [3, 1]) == pytest.approx([0.75, 0.25], abs=0.03)


def test_three_meet_in_one_point():
    places = sites((10, 10, 0, 500), (30, 10, 1, 500), (20, 30, 2, 500))
    shapes = draw(SQUARE, places, np.ones(3))
    assert shapely.coverage_is_valid(shapes)
    common = shapely.intersection_all(shapes)
    assert common.geom_type == "Point"


def test_a_settlement_across_the_border_stays_with_its_own():
    places = sites((5, 20, 0, 1000), (35, 20, 1, 1000), (25, 22, 0, 10), (27, 15, 1, 50), (22, 28, 1, 900))
    shapes = draw(SQUARE, places, np.ones(2))
    assert shapely.coverage_is_valid(shapes)
    for point, owner in zip(places.xy, places.owner, strict=True):
        assert shapes[owner].intersects(shapely.Point(point))


def test_border_is_no_staircase():
    places = sites((10, 10, 0, 1000), (30, 30, 1, 1000))
    (line,) = border_lines(label(grid_over(SQUARE), places, np.ones(2)))
    inside = line.intersection(SQUARE.buffer(-3000))
    assert inside.length < 1.02 * np.hypot(34_000, 34_000)


def test_drawing_twice_gives_the_same():
    places = sites((10, 12, 0, 400), (28, 9, 1, 5000), (20, 33, 2, 90), (31, 30, 1, 700))
    one, other = (draw(SQUARE, places, np.array([2.0, 3.0, 1.0])) for _ in range(2))
    assert [shape.wkb for shape in one] == [shape.wkb for shape in other]


def test_outline_bends_around_settlements():
    own = np.array([[441_500.0, 5_020_000.0], [420_000.0, 5_020_000.0], [900_000.0, 5_020_000.0]])
    foreign = np.array([[439_000.0, 5_010_000.0], [445_000.0, 5_020_000.0]])
    shape = anchoring.bent(SQUARE, own, foreign)
    assert shape.is_valid
    assert shapely.contains_xy(shape, own).tolist() == [True, True, False]  # the third has wrong coordinates
    assert not shapely.contains_xy(shape, foreign).any()


@pytest.mark.parametrize("detail", generalise.DETAILS, ids=lambda detail: detail.name)
def test_generalising_keeps_the_coverage(detail):
    places = sites((10, 12, 0, 400), (28, 9, 1, 5000), (20, 33, 2, 90), (31, 30, 1, 700))
    shapes = generalise.simplified(draw(SQUARE, places, np.ones(3)), detail)
    assert shapely.coverage_is_valid(shapes)
    united = generalise.united(dict(enumerate(shapes)), {0: "a", 1: "b", 2: "a"})
    assert united["a"].equals(shapely.union(shapes[0], shapes[2]))


# What the check says of a broken atlas.


@pytest.fixture
def broken(tmp_path):
    for file in DATA.glob("*.*"):
        shutil.copy(file, tmp_path)
    shutil.copytree(DATA / "boundaries", tmp_path / "boundaries")
    return tmp_path


def damage(path, change):
    collection = json.loads(path.read_bytes())
    change(collection["features"])
    path.write_text(json.dumps(collection), encoding="utf-8")


def test_check_names_a_gap(broken):
    def move(features):
        features[0]["geometry"]["coordinates"][0][5][0] += 0.01

    damage(broken / "boundaries" / "municipalities_mid.geojson", move)
    problems = check(broken).problems
    assert any(problem.startswith("municipalities_mid") and "abinsky" in problem for problem in problems), problems
    assert any(problem.startswith("zones_mid") for problem in problems), problems


def test_check_names_a_missing_municipality(broken):
    damage(broken / "boundaries" / "municipalities_high.geojson", lambda features: features.pop())
    with pytest.raises(AssertionError):
        assert check(broken).is_whole
    assert any("sochi" in problem for problem in check(broken).problems)


def test_check_refuses_a_reference_that_is_none(tmp_path):
    file = tmp_path / "reference.geojson"
    collection = json.loads((DATA / "boundaries" / "municipalities_low.geojson").read_bytes())
    for feature in collection["features"]:
        feature["properties"]["district"] = "Никакой"
    file.write_text(json.dumps(collection), encoding="utf-8")
    with pytest.raises(InputError, match="are missing"):
        check(DATA, file)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="district"):
        check(DATA, file)


def test_check_against_itself_is_perfect(tmp_path):
    collection = json.loads((DATA / "boundaries" / "municipalities_high.geojson").read_bytes())
    for feature in collection["features"]:
        name = feature["properties"]["name"].replace("ё", "е")
        feature["properties"]["district"] = "Ключ" if name == "Горячий Ключ" else name
    file = tmp_path / "reference.geojson"
    file.write_text(json.dumps(collection), encoding="utf-8")
    found = check(DATA, file).comparison
    assert found.area_right == pytest.approx(1, abs=1e-9)
    assert found.reference_covered == pytest.approx(1, abs=1e-9)
    assert found.to_drawn.p90_m == pytest.approx(0, abs=1)


def test_report_in_words(report):
    lines = render(report).splitlines()
    assert lines[:3] == ["municipalities 44", "zones 7", "coverage valid"]
    assert any(line.startswith("settlements inside their municipality 9") for line in lines)
