"""The labelled sample of tests/gold: the figures must not fall below what was reached."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.geocode.compare import compare_json
from kubmap.geocode.reading import read_teaser, reading_json, teaser_from_json

GOLD = Path(__file__).parent / "gold"

FLOORS = {
    "hit": 0.955,
    "honest": 0.98,
    "road_km_hit_5km": 0.95,
    "krai_ok": 0.95,
    "mappable_f1": 0.95,
    "category_macro_f1": 0.95,
    "starts": 0.98,
    "ends": 0.98,
    "scheduled": 0.98,
}


def scorer():
    spec = importlib.util.spec_from_file_location("gold_score", GOLD / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(name):
    return [json.loads(line) for line in (GOLD / name).read_text("utf-8").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def figures():
    atlas, gold = load_atlas(), rows("dev.jsonl")
    given = [{key: row[key] for key in ("id", "teaser", "title", "published")} for row in gold]
    said = [reading_json(read_teaser(teaser_from_json(row), atlas)) for row in given]
    return scorer().teasers(gold, said)[0]


@pytest.mark.parametrize("name", FLOORS)
def test_figure_holds(figures, name):
    assert figures[name] >= FLOORS[name], figures


def test_no_false_pins(figures):
    assert figures["false_pins"] == 0


def test_radii_are_not_inflated(figures):
    assert figures["radius_ratio"] <= 1.5


def test_no_clock_is_made_up(figures):
    assert figures["starts_spurious"] <= 0.03


def test_pairs():
    atlas, gold = load_atlas(), rows("pairs_dev.jsonl")
    said = [compare_json(row, atlas) for row in gold]
    assert scorer().pairs(gold, said)[0]["f1"] >= 0.90
