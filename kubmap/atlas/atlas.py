"""Atlas: what is where, loaded once from data/geo and never changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kubmap.atlas.model import KRAI, Municipality, Provider, ServedArea, Settlement, Zone
from kubmap.atlas.settlements import Form, NameIndex
from kubmap.atlas.words import fold
from kubmap.errors import DataError

if TYPE_CHECKING:
    from kubmap.atlas.areas import AreaIndex
    from kubmap.atlas.roads import RoadNetwork

_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, eq=False)
class Atlas:
    """The krai: settlements (inner-city places too) and places outside by id, 44 municipalities, 7 zones, providers.

    An atlas equals only itself: what is made once for one is kept by the object.
    """

    folder: Path
    settlements: Mapping[str, Settlement]
    outside: Mapping[str, Settlement]
    municipalities: Mapping[str, Municipality]
    zones: Mapping[str, Zone]
    providers: Mapping[str, Provider]
    names: NameIndex

    @cached_property
    def roads(self) -> RoadNetwork:
        """Roads and their kilometre posts; read at first use."""
        from kubmap.atlas.roads import RoadNetwork  # noqa: PLC0415  # who reads no roads loads none

        return RoadNetwork.load(self.folder)

    @cached_property
    def areas(self) -> AreaIndex:
        """Outlines of municipalities and zones; read at first use."""
        from kubmap.atlas.areas import AreaIndex  # noqa: PLC0415  # shapely loads in 0.1 s

        return AreaIndex.load(self.folder)

    def place(self, place_id: str) -> Settlement | None:
        """The settlement of this id, in the krai or outside."""
        return self.settlements.get(place_id) or self.outside.get(place_id)

    def municipality_of(self, settlement: Settlement) -> Municipality | None:
        """By its row, never by the drawn border; None outside the krai."""
        return self.municipalities.get(settlement.municipality)

    def zone_of(self, settlement: Settlement) -> Zone | None:
        """The economic zone of the settlement's municipality; None outside the krai."""
        municipality = self.municipality_of(settlement)
        return self.zones[municipality.zone] if municipality else None

    def centre_of(self, municipality: Municipality) -> Settlement:
        """The settlement that the municipality is governed from."""
        return self.settlements[municipality.centre]

    def municipality_named(self, name: str) -> Municipality | None:
        """In any spelling: «Ейский район», «Ейский», «Тимашевский р-н», «городской округ Анапа»."""
        return self._municipality_names.get(_plain(name))

    def zone_named(self, name: str) -> Zone | None:
        """By full or short name: «Центральная экономическая зона», «Центральная»."""
        wanted = _plain(name)
        return next((z for z in self.zones.values() if wanted in {_plain(z.name), _plain(z.short)}), None)

    @cached_property
    def _municipality_names(self) -> dict[str, Municipality]:
        names: dict[str, Municipality] = {}
        for municipality in self.municipalities.values():
            stem = municipality.name.removesuffix(" район")
            for name in (municipality.name, stem, *municipality.aliases):
                names.setdefault(_plain(name), municipality)
        return names


def data_folder() -> Path:
    """data/geo: of the checkout, or of the installed wheel."""
    places = (_PACKAGE.parent / "data" / "geo", _PACKAGE / "data" / "geo")
    for folder in places:
        if (folder / "settlements.csv").is_file():
            return folder
    raise DataError(f"no settlements.csv in {' or '.join(map(str, places))}: run `make data`")


def load_atlas(folder: Path | None = None) -> Atlas:
    """The atlas of `folder` (default: what ships), read once in a process. Raises DataError where a file is unfit."""
    return _load((folder or data_folder()).resolve())


@lru_cache(maxsize=4)
def _load(folder: Path) -> Atlas:
    settlements = {place.id: place for place in map(_settlement, _rows(folder / "settlements.csv"))}
    outside = {place.id: place for place in map(_outside, _rows(folder / "outside.csv"))}
    return Atlas(
        folder=folder,
        settlements=settlements,
        outside=outside,
        municipalities={m.id: m for m in map(_municipality, _rows(folder / "municipalities.csv"))},
        zones={z.id: z for z in map(_zone, _rows(folder / "zones.csv"))},
        providers=_providers(folder / "providers.csv"),
        names=NameIndex([*settlements.values(), *outside.values()], _forms(folder / "forms.tsv")),
    )


def _plain(name: str) -> str:
    return " ".join(fold(name).replace(".", " ").replace("-", " ").replace(",", " ").split())


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file as dicts. Raises DataError naming the file and the line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            for row in reader:
                yield dict(zip(header, row, strict=True))
    except (OSError, ValueError, StopIteration) as error:
        raise DataError(f"{path}: {error}") from error


def _settlement(row: dict[str, str]) -> Settlement:
    return Settlement(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        municipality=row["municipality"],
        region=KRAI,
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]) if row["population"] else None,
        radius_m=int(row["radius_m"]),
        parent=row["parent"] or None,
        aliases=_split(row["aliases"]),
    )


def _outside(row: dict[str, str]) -> Settlement:
    return Settlement(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        municipality="",
        region=row["region"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]) if row["population"] else None,
        radius_m=int(row["radius_m"]),
        aliases=_split(row["aliases"]),
    )


def _municipality(row: dict[str, str]) -> Municipality:
    return Municipality(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        zone=row["zone"],
        centre=row["centre"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]),
        population_year=row["population_year"],
        area_km2=float(row["area_km2"]),
        confidence=row["confidence"],
        source=row["source"],
        aliases=_split(row["aliases"]),
    )


def _zone(row: dict[str, str]) -> Zone:
    return Zone(
        id=row["id"],
        name=row["name"],
        short=row["short"],
        colour=row["colour"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]),
        area_km2=float(row["area_km2"]),
    )


def _providers(path: Path) -> dict[str, Provider]:
    """One provider of all its rows, in the order of the file."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in _rows(path):
        grouped.setdefault(row["provider"], []).append(row)
    return {
        key: Provider(key, rows[0]["name"], _split(rows[0]["aliases"]), rows[0]["utility"], tuple(map(_served, rows)))
        for key, rows in grouped.items()
    }


def _served(row: dict[str, str]) -> ServedArea:
    return ServedArea(
        municipality=row["municipality"],
        settlements=_split(row["settlements"]),
        exceptions=_split(row["exceptions"]),
        text=row["text"],
        confidence=row["confidence"],
        source=row["source"],
    )


def _forms(path: Path) -> Iterator[Form]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path}: {error}") from error
    for line in lines[1:]:
        name, common, oblique, adjective, people = (*line.split("\t"), "", "", "", "")[:5]
        yield Form(name, common == "c", _split(oblique), _split(adjective), _split(people))
