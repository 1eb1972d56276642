"""data/geo/outside.csv: places that are not in the krai, so that a reader of texts knows them as such."""

from __future__ import annotations

from collections.abc import Iterator

from kubmap.atlas.build import registry
from kubmap.atlas.build.settlements import radius
from kubmap.atlas.build.tables import read_input
from kubmap.errors import DataError

COLUMNS = ("id", "name", "type", "region", "lat", "lon", "population", "radius_m", "aliases")
REGIONS = {
    "Республика Адыгея": "Республика Адыгея",
    "Ростовская область": "Ростовская область",
    "Ставропольский край": "Ставропольский край",
    "Республика Крым": "Республика Крым",
    "Севастополь": "Севастополь",
    "Карачаево-Черкесская республика": "Карачаево-Черкесская Республика",
}
"""Neighbouring regions as the registry writes them -> as we do."""


def build() -> list[dict[str, str]]:
    """Settlements of the neighbouring regions, big cities elsewhere, regions and countries; sorted."""
    rows = [*_neighbours(), *_cities(), *_regions()]
    return sorted(rows, key=lambda row: (row["region"], row["name"], row["id"]))


def _neighbours() -> Iterator[dict[str, str]]:
    aliases = {(row["region"], row["name"]): row["aliases"] for row in read_input("outside_aliases")}
    for region, name in REGIONS.items():
        for row in registry.settlements(region):
            if row["type"] in registry.TYPES and row["type"] not in {"снт", "тер"}:
                yield {**_neighbour(row, name), "aliases": aliases.get((name, row["settlement"]), "")}


def _neighbour(row: dict[str, str], region: str) -> dict[str, str]:
    return {
        "id": f"sr-{row['id']}", "name": row["settlement"], "type": registry.TYPES[row["type"]], "region": region,
        "lat": f"{float(row['latitude_dd']):.3f}", "lon": f"{float(row['longitude_dd']):.3f}",
        "population": row["population"], "radius_m": str(radius(int(row["population"]))),
    }  # fmt: skip


def _cities() -> Iterator[dict[str, str]]:
    for city in read_input("outside_cities"):
        found = max(registry.geonames_named(city["name"], city["country"]), key=_population, default=None)
        if found is None:
            raise DataError(f"outside_cities.csv: GeoNames has no {city['name']} in {city['country']}")
        yield {
            "id": f"gn-{found['geonameid']}", "name": city["name"], "type": "город", "region": city["region"],
            "lat": f"{found['latitude']:.3f}", "lon": f"{found['longitude']:.3f}",
            "population": str(found["population"]), "radius_m": str(radius(_population(found))),
            "aliases": city["aliases"],
        }  # fmt: skip


def _population(place: dict[str, object]) -> int:
    return int(str(place["population"]))


def _regions() -> Iterator[dict[str, str]]:
    for number, row in enumerate(read_input("outside_regions"), start=1):
        yield {**row, "id": f"rg-{number:03}", "region": row["name"]}
