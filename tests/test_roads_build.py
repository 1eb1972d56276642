"""How facts become the road files of data/geo."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kubmap.atlas.build import roads as build_roads
from kubmap.atlas.build.fetch import CACHE
from kubmap.atlas.build.roadgraph import PACKAGE, RoadGraph
from kubmap.atlas.chain import distance_m

ROOT = Path(__file__).parent.parent
GEO = ROOT / "data" / "geo"
FILES = ("roads.csv", "road_names.csv", "road_anchors.csv", "road_beyond.csv", "road_lines.geojson")


def alias(text: str) -> list[tuple[str, str]]:
    return [(row["kind"], row["text"]) for row in build_roads._alias("X", text, "Р-217")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Р-17 (опечатка ГИБДД)", [("typo", "Р-17")]),
        ("А-159 (ошибочно в ru24)", [("typo", "А-159")]),
        ("Краснодар — Кабардинка (хвост)", [("route", "Краснодар — Кабардинка")]),
        ("подъезд к Анапе. ВНИМАНИЕ: длина ≈6 км, «11-й км» быть не может", [("name", "подъезд к Анапе")]),
        ("трасса «Кавказ»", [("quoted", "Кавказ")]),
        ("ФАД М-4 «ДОН»", [("quoted", "Дон")]),
        ("М-29", [("old_ref", "М-29")]),
        ("Р-217", [("ref", "Р-217")]),
        ("с. Юровка — ст. Раевская — г. Новороссийск", [("route", "Юровка — Раевская — Новороссийск")]),
        ("Анапская — …", []),
        ("", []),
    ],
)
def test_aliases_lose_their_remarks(text: str, wanted: list[tuple[str, str]]) -> None:
    assert alias(text) == wanted


def rows(name: str) -> list[dict[str, str]]:
    with (GEO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_no_name_holds_a_remark() -> None:
    for row in rows("road_names.csv"):
        assert not set("()…") & set(row["text"])
        assert "ВНИМАНИЕ" not in row["text"]


def test_names_are_there_once() -> None:
    keys = [(row["road_id"], row["text"].casefold()) for row in rows("road_names.csv")]
    assert len(keys) == len(set(keys))


def test_every_repair_fits_a_fact_and_has_a_reason() -> None:
    facts = {(row["road_id"], row["place"]) for row in build_roads._facts("road_anchors.csv")}
    repairs = build_roads._facts("road_repairs.csv")
    assert all((row["road_id"], row["place"]) in facts and row["reason"] for row in repairs)
    shipped = {(row["road_id"], row["place"]) for row in rows("road_anchors.csv")}
    assert not shipped & {(row["road_id"], row["place"]) for row in repairs}


def test_a_dropped_detour_shortens_the_road() -> None:
    post = {"road_id": "X", "kind": "knowledge_scaled", "coord_basis": "point", "confidence": "low",
            "municipality": "Город Краснодар", "offset_m_uncertainty": "1000", "source_url_or_basis": "-"}  # fmt: skip
    chain = [("a", 0, 45.0), ("back", 10, 44.9), ("b", 40, 45.2)]
    facts = [post | {"place": place, "km": str(km), "lat": str(lat), "lon": "39"} for place, km, lat in chain]
    first, last = build_roads._clean_posts(facts, {("X", "back")})
    assert (first["km"], first["municipality"]) == ("0", "Краснодар")
    straight = distance_m((45.0, 39), (45.2, 39)) / 1000
    assert float(last["km"]) == pytest.approx(straight * 40 / (2 * straight), abs=0.1)


TOWN = {1: (45.0, 39.0), 2: (45.07, 39.1), 3: (45.0, 39.2), 4: (44.5, 39.1)}


def graph() -> RoadGraph:
    edges: dict[int, dict[int, float]] = {node: {} for node in TOWN}
    for a, b in ((1, 2), (2, 3), (1, 4), (4, 3)):
        edges[a][b] = edges[b][a] = distance_m(TOWN[a], TOWN[b])
    return RoadGraph(TOWN, edges)


def test_a_path_of_the_right_length_shapes_the_line() -> None:
    assert graph().shape((45.0, 39.0), (45.0, 39.2), 22_000) == [TOWN[2]]


def test_a_path_much_longer_than_the_km_say_does_not() -> None:
    assert graph().shape((45.0, 39.0), (45.0, 39.2), 16_000) == []


def test_points_off_the_graph_are_joined_straight() -> None:
    assert graph().shape((46.0, 40.0), (46.1, 40.1), 15_000) == []


def test_two_builds_are_the_same_and_what_ships_is_one_of_them(tmp_path: Path) -> None:
    if not (ROOT / CACHE / PACKAGE.file).exists():
        pytest.skip(f"needs {CACHE / PACKAGE.file}: run `make data` once")
    build_roads.build(tmp_path)
    assert [name for name in FILES if (tmp_path / name).read_bytes() != (GEO / name).read_bytes()] == []
