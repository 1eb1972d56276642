"""Which municipality a cell of land belongs to, from labelled settlements and official areas.

A site is a settlement; it reaches further the more people it has: a multiplicatively weighted Voronoi diagram whose
weight is the fourth root of the population. Every municipality has one more factor, fitted so that its land covers its
official area. The labels are then smoothed: soft labels are blurred by a Gaussian, the strongest wins. All in metres
of EPSG:32637.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from kubmap.atlas.build.planar import Floats, Shape

CELL_M = 500.0
_MARGIN_M = 4000.0  # labels go on this far beyond the outline, so that borders cross it
_POPULATION_POWER = 0.25  # chosen by leaving rural councils out, see data/geo/SOURCES.md; so is the cap
_PEOPLE = (20.0, 20_000.0)  # fewer and more count as this: a city's land does not grow with its people
_CORE_M = 300.0  # nearer than this to a site all is the site
_SHARPNESS = 6.0  # of soft labels: share ~ (weighted distance) ** -6
_BLUR_M = 2700.0  # standard deviation: the median distance between neighbouring settlements
_ROUNDS = 150


@dataclass(frozen=True, slots=True)
class Sites:
    """Settlements: `xy` (n, 2) metres, `owner` the index of the municipality, `population` people."""

    xy: Floats
    owner: NDArray[np.int64]
    population: Floats
    count: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over the krai: `west` and `south` are the first cell's centre, `rows` go north."""

    west: float
    south: float
    shape: tuple[int, int]
    inside: NDArray[np.bool_]
    near: NDArray[np.bool_]

    def centres(self, mask: NDArray[np.bool_]) -> Floats:
        """(n, 2) centres of the cells of `mask`, row by row."""
        rows, columns = np.nonzero(mask)
        return np.column_stack([self.west + columns * CELL_M, self.south + rows * CELL_M])


@dataclass(frozen=True, slots=True)
class Labels:
    """`scores` (rows, columns, municipalities): the highest wins; `owner` is -1 away from the krai."""

    grid: Grid
    scores: NDArray[np.float32]
    owner: NDArray[np.int64]


def grid_over(outline: Shape) -> Grid:
    """Cells of CELL_M over `outline` and a margin."""
    wide = outline.buffer(_MARGIN_M)
    west, south, east, north = (np.floor(value / CELL_M) * CELL_M for value in wide.bounds)
    shape = (int((north - south) / CELL_M) + 2, int((east - west) / CELL_M) + 2)
    x, y = np.meshgrid(west + np.arange(shape[1]) * CELL_M, south + np.arange(shape[0]) * CELL_M)
    shapely.prepare([outline, wide])
    return Grid(west, south, shape, shapely.contains_xy(outline, x, y), shapely.contains_xy(wide, x, y))


def label(grid: Grid, sites: Sites, areas: Floats) -> Labels:
    """Label the cells near the krai; `areas` are the municipalities' official areas (any unit, only shares count)."""
    reach = _reach(grid.centres(grid.near), sites)
    reach -= _fit(reach[grid.inside[grid.near]][::4], areas)
    soft = np.exp(-_SHARPNESS * (reach - reach.min(axis=1, keepdims=True)))
    soft /= soft.sum(axis=1, keepdims=True)
    scores = np.zeros((*grid.shape, sites.count), np.float32)
    for index in range(sites.count):
        scores[..., index] = _blurred(grid, soft[:, index])
    return Labels(grid, scores, np.where(grid.near, scores.argmax(axis=2), -1))


def _reach(centres: Floats, sites: Sites) -> Floats:
    """(cells, municipalities): log of the weighted distance to the municipality's nearest site."""
    weight = np.clip(sites.population, *_PEOPLE) ** (-2 * _POPULATION_POWER)
    best = np.full((len(centres), sites.count), np.inf)
    for (x, y), owner, factor in zip(sites.xy, sites.owner, weight, strict=True):
        square = ((centres[:, 0] - x) ** 2 + (centres[:, 1] - y) ** 2 + _CORE_M**2) * factor
        np.minimum(best[:, owner], square, out=best[:, owner])
    reach: Floats = 0.5 * np.log(best)
    return reach


def _fit(reach: Floats, areas: Floats) -> Floats:
    """What to take off `reach` so that every municipality gets its share of the cells."""
    wanted = areas / areas.sum() * len(reach)
    bonus = np.zeros(len(areas))
    for turn in range(_ROUNDS):
        got = np.bincount((reach - bonus).argmin(axis=1), minlength=len(areas))
        bonus += (0.25 if turn < _ROUNDS * 2 / 3 else 0.1) * np.log(wanted / np.maximum(got, 1))
    return bonus


def _blurred(grid: Grid, values: Floats) -> Floats:
    """Gaussian blur of values of the cells near the krai; nothing comes from the cells beyond."""
    field = np.zeros(grid.shape)
    field[grid.near] = values
    reach = int(3 * _BLUR_M / CELL_M)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * CELL_M / _BLUR_M) ** 2)
    for axis in (0, 1):
        field = _convolved(field, kernel / kernel.sum(), axis)
    return field


def _convolved(field: Floats, kernel: Floats, axis: int) -> Floats:
    reach = len(kernel) // 2
    padded = np.pad(field, [(reach, reach) if i == axis else (0, 0) for i in (0, 1)])
    windows = [np.take(padded, range(i, i + field.shape[axis]), axis=axis) for i in range(len(kernel))]
    total: Floats = np.sum([weight * window for weight, window in zip(kernel, windows, strict=True)], axis=0)
    return total
