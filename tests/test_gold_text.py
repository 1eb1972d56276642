"""The labelled sample, halves apart: both are read now, so a rule that helps one and hurts the other shows."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kubmap.domain import Category, Moment
from kubmap.text.category import classify
from kubmap.text.when import read

GOLD = Path(__file__).parent / "gold"

FLOORS = {
    0: {"category_macro_f1": 0.95, "mappable_f1": 0.94, "starts": 0.98, "ends": 0.98, "scheduled": 0.98},
    1: {"category_macro_f1": 0.94, "mappable_f1": 0.94, "starts": 0.98, "ends": 0.98, "scheduled": 0.98},
}


def iso(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


def answer(item: dict[str, Any]) -> dict[str, Any]:
    published = date.fromisoformat(item["published"]) if item["published"] else None
    found = classify(item["teaser"], item["title"])
    when = read(item["teaser"], item["title"], published, category=Category(found.category))
    return {
        "id": item["id"], "category": found.category.value, "is_scheduled": found.is_scheduled,
        "starts_at": iso(when.starts_at), "ends_at": iso(when.ends_at),
    }  # fmt: skip


@pytest.mark.parametrize("half", [0, 1])
def test_figures(half: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(GOLD))
    import score

    items = [json.loads(line) for line in (GOLD / "dev.jsonl").read_text("utf-8").splitlines()][half::2]
    figures, _ = score.teasers(items, [answer(item) for item in items])
    sys.modules.pop("score", None)
    assert {name: figures[name] for name, floor in FLOORS[half].items() if figures[name] < floor} == {}
    assert figures["starts_spurious"] <= 0.01
