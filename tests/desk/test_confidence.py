"""Confidence of a draft: from its reading, monotone in each thing that is doubted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from kubmap import geocode
from kubmap.domain import Alternative, Category, Incident, Location, Precision, Reason, Status
from kubmap.store.confidence import _weights, confidence

CRASH = tuple(Reason(f"road_accident:{name}") for name in ("accident", "happened"))
PLACE = Location(45.0, 39.0, Precision.ADDRESS, 100, "Краснодар")
SURE = Incident(
    "x", 1, Status.DRAFT, Category.ROAD_ACCIDENT, None, "Авария.", published_at=date(2024, 3, 1),
    starts_at=date(2024, 3, 1), location=PLACE, reasons=CRASH,
)  # fmt: skip


def sure(**fields) -> float:
    return confidence(replace(SURE, **fields))[0]


def codes(**fields) -> list[str]:
    return [each.code for each in confidence(replace(SURE, **fields))[1]]


def test_a_clean_reading_has_no_doubt():
    assert confidence(SURE) == (1.0, ())


def test_a_wider_place_is_never_surer():
    found = [sure(location=replace(PLACE, precision=each)) for each in Precision]
    assert all(finer >= wider for finer, wider in pairwise(found))
    assert found[0] > found[-1] > sure(location=None)


def test_a_likelier_rival_is_a_greater_doubt():
    found = [sure(alternatives=(Alternative(PLACE, score / 10),)) for score in range(11)]
    assert found[0] == 1.0
    assert all(one > other for one, other in pairwise(found))
    assert sure(alternatives=(Alternative(PLACE, 0.4), Alternative(PLACE, 0.2))) == found[4]


def test_evidence_for_the_category_never_lowers_it():
    none, one, two = (sure(reasons=CRASH[:n]) for n in range(3))
    assert none < one < two


def test_an_unknown_year_and_a_far_date_are_doubted():
    assert "year_unknown" in codes(published_at=None, starts_at=None)
    assert sure(published_at=None, starts_at=None) < sure(starts_at=None) < 1
    assert codes(starts_at=date(2023, 3, 1)) == ["time_far"]


@pytest.mark.parametrize("rule", sorted(_weights()["rules"]))
def test_every_doubt_of_the_reading_lowers_it(rule):
    reasons = (*CRASH, Reason(rule))
    assert sure(reasons=reasons) < 1
    assert codes(reasons=reasons) == [rule]
    base = replace(SURE, location=None, starts_at=None)
    assert confidence(replace(base, reasons=reasons))[0] < confidence(base)[0]


def test_a_verified_place_is_not_doubted():
    wide = {"location": replace(PLACE, precision=Precision.DISTRICT), "alternatives": (Alternative(PLACE, 0.9),)}
    assert sure(**wide) < sure(**wide, location_verified=True) == 1.0


def test_no_incident_is_doubted_by_its_own_rules():
    none = {"category": Category.NONE, "location": None, "starts_at": None}
    assert sure(**none, reasons=(Reason("none:health"), Reason("none:code"))) == 1.0
    assert codes(**none, reasons=()) == ["category_none"]


def test_words_are_russian_and_weights_are_shares():
    data = _weights()
    for doubt in (*data["doubts"].values(), *data["rules"].values(), data["rival"]):
        assert 0 < doubt["weight"] < 1
        assert any("а" <= char <= "я" for char in doubt["words"])


def test_the_rules_that_are_doubted_exist():
    source = "".join(path.read_text(encoding="utf-8") for path in Path(geocode.__file__).parent.glob("*.py"))
    for rule in _weights()["rules"]:
        assert f'"{rule.removeprefix("where:")}"' in source
