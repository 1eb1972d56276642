"""The settlement nearest to a point, over a grid of tenths of a degree (about 11 by 8 km)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubmap.atlas.chain import LEAST_DEGREE_M, distance_m
from kubmap.text.once import per_atlas

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

Cell = tuple[int, int]
_REACH = 4  # cells: the emptiest mountains of the krai have a settlement within 40 km


@per_atlas
def _grid(atlas: Atlas) -> dict[Cell, list[Settlement]]:
    cells: dict[Cell, list[Settlement]] = {}
    for place in (*atlas.settlements.values(), *atlas.outside.values()):
        if place.type not in {"район", "страна", "область"} and place.radius_m < 50_000:
            cells.setdefault(_cell(place.lat, place.lon), []).append(place)
    return cells


def _cell(lat: float, lon: float) -> Cell:
    return int(lat * 10), int(lon * 10)


def nearest(atlas: Atlas, lat: float, lon: float) -> tuple[Settlement, float] | None:
    """The nearest settlement of the krai or of its neighbours, and how far it is (metres); None far from all."""
    best: tuple[Settlement, float] | None = None
    for ring in range(_REACH + 1):
        for place in _ring(_grid(atlas), _cell(lat, lon), ring):
            if best is not None and abs(place.lat - lat) * LEAST_DEGREE_M > best[1]:
                continue
            away = distance_m((lat, lon), (place.lat, place.lon))
            if best is None or away < best[1]:
                best = place, away
        if best is not None and best[1] < ring * 7_500:
            return best
    return best


def _ring(cells: dict[Cell, list[Settlement]], centre: Cell, ring: int) -> Iterator[Settlement]:
    for row in range(centre[0] - ring, centre[0] + ring + 1):
        for column in range(centre[1] - ring, centre[1] + ring + 1):
            if max(abs(row - centre[0]), abs(column - centre[1])) == ring:
                yield from cells.get((row, column), ())


def owner_at(atlas: Atlas, lat: float, lon: float) -> str | None:
    """The municipality id of the nearest settlement; None where that one lies outside the krai."""
    found = nearest(atlas, lat, lon)
    return found[0].municipality or None if found else None
