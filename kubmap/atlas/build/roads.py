"""Roads of data/geo: facts cleaned into roads.csv, road_{names,anchors,beyond}.csv and road_lines.geojson.

Source of every number: the facts/ folder beside this module (a hand-made collection with its own sources, row by row).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kubmap.atlas.build.roadgraph import RoadGraph
from kubmap.atlas.chain import distance_m, measured
from kubmap.atlas.words import words

FACTS = Path(__file__).parent / "facts"
Row = dict[str, str]
Point = tuple[float, float]

ROAD_FIELDS = ("id", "ref", "name", "cls", "km_min", "km_max", "year_from", "year_to", "km_zero", "direction",
               "confidence", "source")  # fmt: skip
NAME_FIELDS = ("road_id", "kind", "text", "km_from", "km_to")
BEYOND_FIELDS = ("road_id", "km_from", "km_to", "region")
POST_FIELDS = ("road_id", "seq", "km", "place", "municipality", "lat", "lon", "offset_m", "basis", "confidence",
               "source")  # fmt: skip

_REMARK = re.compile(r"\s*\([^)]*\)")
_WARNING = re.compile(r"\.?\s*ВНИМАНИЕ:.*")
_TYPO = re.compile(r"опечатка|ошиб")
_REF = re.compile(r"(?:[АМРЕ]-?\d{1,3}|0\d[КA-Я]*-\d{3})")
_QUOTED = re.compile(r"(?:трасса |ФАД |М-4 |Р-217 )*«([^»]+)»")
_CITY = re.compile(r"^Город(?:-курорт|-герой)? ")
_DASH = re.compile(r"\s+—\s+")


def build(out: Path) -> None:
    """Write the five files of roads into `out`."""
    facts, posts = _facts("roads.csv"), _posts()
    _write_csv(out / "roads.csv", ROAD_FIELDS, _roads(facts, posts))
    _write_csv(out / "road_names.csv", NAME_FIELDS, _names(facts))
    _write_csv(out / "road_beyond.csv", BEYOND_FIELDS, _facts("road_beyond.csv"))
    _write_csv(out / "road_anchors.csv", POST_FIELDS, (row for rows in posts.values() for row in rows))
    _write_lines(out / "road_lines.geojson", facts, posts)


def _facts(name: str) -> list[Row]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(path: Path, fields: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _roads(facts: list[Row], posts: Mapping[str, list[Row]]) -> Iterator[Row]:
    epochs = {row["road_id"]: row for row in _facts("road_epochs.csv")}
    for fact in facts:
        road_id = fact["road_id"]
        epoch = epochs.get(road_id, {})
        kms = [row["km"] for row in posts[road_id]]
        yield {
            "id": road_id, "ref": _clean_ref(fact["ref"]), "name": _clean_name(fact), "cls": fact["class"],
            "km_min": kms[0], "km_max": kms[-1], "year_from": epoch.get("year_from", ""),
            "year_to": epoch.get("year_to", ""), "km_zero": fact["km_zero"], "direction": fact["direction"],
            "confidence": fact["confidence"], "source": fact["source"],
        }  # fmt: skip


def _clean_ref(ref: str) -> str:
    found = _REF.match(ref)
    return found.group() if found and "подъезд" not in ref and "ДЗОК" not in ref else ""


def _clean_name(fact: Row) -> str:
    return _REMARK.sub("", fact["name_ru"])


def _names(facts: list[Row]) -> Iterator[Row]:
    """Every name once: those written for texts first, then what the facts list as aliases."""
    seen: set[tuple[str, str]] = set()
    for row in [*_facts("road_names.csv"), *(name for fact in facts for name in _fact_names(fact))]:
        key = row["road_id"], "".join(words(row["text"]))
        if key not in seen:
            seen.add(key)
            yield row


def _fact_names(fact: Row) -> Iterator[Row]:
    for alias in (*fact["aliases"].split(";"), *fact["old_refs"].split(";")):
        yield from _alias(fact["road_id"], alias, _clean_ref(fact["ref"]))


def _alias(road_id: str, alias: str, ref: str) -> Iterator[Row]:
    typo = bool(_TYPO.search(alias))
    text = _WARNING.sub("", _REMARK.sub("", alias)).strip(" .")
    if not text or "…" in text:
        return
    if ends := _DASH.search(text) and _route(text):
        yield _name(road_id, "route", ends)
    elif _REF.fullmatch(text):
        yield _name(road_id, "typo" if typo else "ref" if _bare(text) == _bare(ref) else "old_ref", text)
    elif quoted := _QUOTED.fullmatch(text):
        yield _name(road_id, "quoted", quoted.group(1).capitalize())
    else:
        yield _name(road_id, "typo" if typo else "name", text)


def _bare(ref: str) -> str:
    return ref.replace("-", "")


def _name(road_id: str, kind: str, text: str) -> Row:
    return {"road_id": road_id, "kind": kind, "text": text, "km_from": "", "km_to": ""}


def _route(text: str) -> str:
    """«федеральная трасса Кропоткин — Краснодар», «с. Юровка — ст. Раевская» -> end points only."""
    bare = re.sub(r"(?:федеральная трасса|хутор|пос[её]лок|станица|город|ст\.|с\.|х\.|г\.) ?", "", text)
    return " — ".join(part.strip() for part in _DASH.split(bare))


def _posts() -> dict[str, list[Row]]:
    dropped = {(row["road_id"], row["place"]) for row in _facts("road_repairs.csv")}
    roads: dict[str, list[Row]] = {}
    for fact in (*_facts("road_anchors.csv"), *_facts("road_more_anchors.csv")):
        roads.setdefault(fact["road_id"], []).append(fact)
    return {road_id: _clean_posts(rows, dropped) for road_id, rows in roads.items()}


def _clean_posts(rows: list[Row], dropped: set[tuple[str, str]]) -> list[Row]:
    kept: list[Row] = []
    shift = 0.0
    for i, row in enumerate(rows):
        if (row["road_id"], row["place"]) in dropped:
            shift += _detour_km(rows, i)
        else:
            kept.append(_clean_post(row, shift, len(kept)))
    return kept


def _detour_km(rows: list[Row], i: int) -> float:
    """How many km the chain loses with the post `i`: the detour at the length factor that the facts used."""
    if i + 1 == len(rows):
        return 0.0
    a, b, c = (_point(rows[k]) for k in (i - 1, i, i + 1))
    factor = (float(rows[i + 1]["km"]) - float(rows[i - 1]["km"])) / (distance_m(a, b) + distance_m(b, c))
    return factor * (distance_m(a, b) + distance_m(b, c) - distance_m(a, c))


def _clean_post(row: Row, shift: float, seq: int) -> Row:
    return {
        "road_id": row["road_id"], "seq": str(seq), "km": f"{float(row['km']) - shift:g}" if not shift
        else f"{float(row['km']) - shift:.1f}", "place": row["place"],
        "municipality": _CITY.sub("", row["municipality"]), "lat": row["lat"], "lon": row["lon"],
        "offset_m": row["offset_m_uncertainty"], "basis": _basis(row), "confidence": row["confidence"],
        "source": row["source_url_or_basis"],
    }  # fmt: skip


def _basis(row: Row) -> str:
    """What a post proves.

    post: km and place are known apart; moved: the place was fitted to the km; scaled: the km was fitted to the place;
    zero: assumed.
    """
    if row["kind"] == "knowledge_scaled":
        return "scaled"
    if row["kind"] == "knowledge":
        return "zero"
    return "moved" if row["coord_basis"] == "adjusted" else "post"


def _point(row: Row) -> Point:
    return float(row["lat"]), float(row["lon"])


def _write_lines(path: Path, facts: list[Row], posts: Mapping[str, list[Row]]) -> None:
    graph = RoadGraph.load()
    features = [_feature(fact, *_line(graph, posts[fact["road_id"]])) for fact in facts]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")


def _feature(fact: Row, points: list[Point], kms: list[float]) -> dict[str, object]:
    properties = {"id": fact["road_id"], "ref": _clean_ref(fact["ref"]), "name": _clean_name(fact),
                  "cls": fact["class"], "confidence": fact["confidence"], "kms": kms}  # fmt: skip
    geometry = {"type": "LineString", "coordinates": [[round(lon, 4), round(lat, 4)] for lat, lon in points]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _line(graph: RoadGraph, posts: list[Row]) -> tuple[list[Point], list[float]]:
    """Vertices and their km: the posts and, between them, shape points of the graph."""
    ends = [_point(post) for post in posts]
    marks = [float(post["km"]) for post in posts]
    points, kms = [ends[0]], [marks[0]]
    for (a, b), (km_a, km_b) in zip(pairwise(ends), pairwise(marks), strict=True):
        path = [a, *graph.shape(a, b, (km_b - km_a) * 1000), b]
        points += path[1:]
        kms += [round(km, 3) for km in measured(path, km_a, km_b)[1:]]
    return points, kms
