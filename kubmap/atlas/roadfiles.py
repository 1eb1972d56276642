"""Reading the road files of data/geo: roads.csv, road_{names,anchors,beyond}.csv and road_lines.geojson."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from kubmap.atlas.chain import Chain
from kubmap.atlas.road import Post, Road, RoadName

Row = dict[str, str]


def read_roads(folder: Path) -> Iterator[Road]:
    """The roads in the order of roads.csv; OSError, KeyError or ValueError when a file is missing or broken."""
    names: dict[str, list[RoadName]] = {}
    posts: dict[str, list[Post]] = {}
    for row in _rows(folder / "road_names.csv"):
        names.setdefault(row["road_id"], []).append(_name(row))
    for row in _rows(folder / "road_anchors.csv"):
        posts.setdefault(row["road_id"], []).append(_post(row))
    beyond: dict[str, list[Row]] = {}
    for row in _rows(folder / "road_beyond.csv"):
        beyond.setdefault(row["road_id"], []).append(row)
    chains = dict(_chains(folder / "road_lines.geojson"))
    for row in _rows(folder / "roads.csv"):
        road = _road(row, names.get(row["id"], []), posts[row["id"]], chains[row["id"]])
        yield replace(road, beyond=tuple(map(_stretch, beyond.get(road.id, []))))


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _road(row: Row, names: list[RoadName], posts: list[Post], chain: Chain) -> Road:
    years = _year(row["year_from"]), _year(row["year_to"])
    return Road(
        row["id"], row["ref"], row["name"], row["cls"], row["confidence"], row["source"], years, tuple(names),
        tuple(posts), chain,
    )  # fmt: skip


def _year(text: str) -> int | None:
    return int(text) if text else None


def _stretch(row: Row) -> tuple[float, float, str]:
    return float(row["km_from"]), float(row["km_to"]), row["region"]


def _name(row: Row) -> RoadName:
    part = (float(row["km_from"]), float(row["km_to"])) if row["km_from"] else None
    return RoadName(row["road_id"], row["kind"], row["text"], part)


def _post(row: Row) -> Post:
    return Post(
        float(row["km"]), row["place"], row["municipality"], float(row["lat"]), float(row["lon"]),
        float(row["offset_m"]), row["basis"], row["confidence"],
    )  # fmt: skip


def _chains(path: Path) -> Iterator[tuple[str, Chain]]:
    for feature in orjson.loads(path.read_bytes())["features"]:
        points = tuple((lat, lon) for lon, lat in feature["geometry"]["coordinates"])
        yield feature["properties"]["id"], Chain(points, tuple(feature["properties"]["kms"]))
