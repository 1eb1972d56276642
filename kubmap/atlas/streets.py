"""The best known streets of the large towns: a middle and a radius that covers the street. Everything else is text."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

_KINDS = frozenset(map(stem, (
    "улица", "ул", "им", "имени", "проспект", "пр", "просп", "т", "кт", "шоссе", "ш", "переулок", "пер", "проезд",
    "бульвар", "б", "р", "площадь", "пл", "генерала", "маршала", "адмирала", "академика", "героя", "летия", "лет", "я",
    "улиц", "улицах", "улицам", "улицами", "улицы", "улице", "улицу",
)))  # fmt: skip

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Street:
    """`lat` and `lon` in degrees; the whole street lies within `radius_m` of them."""

    city: str
    name: str
    lat: float
    lon: float
    radius_m: int
    speaks: bool = False
    """No other town of the krai has a street of that name that news know: the name alone tells the town."""


def key_of(name: str) -> Key:
    """What a street is known by in any case: «ул. 40 лет Победы» and «40-летия Победы» are one."""
    return tuple(part for word in words(name) if (part := stem(word)) not in _KINDS)


def load_streets(folder: Path) -> Mapping[tuple[str, Key], Street]:
    """City and key -> street; none where the file is absent (an atlas of another region)."""
    path = folder / "streets.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return _table(
            Street(
                row["city"],
                row["street"],
                float(row["lat"]),
                float(row["lon"]),
                int(row["radius_m"]),
                row.get("speaks") == "yes",
            )
            for row in csv.DictReader(file)
        )


def _table(streets: Iterable[Street]) -> dict[tuple[str, Key], Street]:
    return {(street.city, key_of(street.name)): street for street in streets}
