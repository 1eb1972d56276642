"""Border lines of labelled cells: where the scores of two neighbours are equal, not the staircase of the cells.

Between two cells of different labels the border passes where the two labels' scores are equal (linear along the line of
centres, as in dual contouring). The corners of cells where three or more labels meet are the ends of the lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import shapely

from kubmap.atlas.build.planar import Floats, Shape
from kubmap.atlas.build.tessellation import CELL_M, Labels

Corner: TypeAlias = tuple[int, int]
Step: TypeAlias = tuple[Corner, Corner, tuple[float, float]]
"""A unit edge of the grid between two labels: its corners (row, column) and the point where the border crosses it."""


def border_lines(labels: Labels) -> list[Shape]:
    """LineStrings in metres, each ending where three labels meet or the labels end, or closed."""
    steps = [*_steps(labels, 0), *_steps(labels, 1)]
    at: dict[Corner, list[int]] = defaultdict(list)
    for index, (one, other, _) in enumerate(steps):
        at[one].append(index)
        at[other].append(index)
    points = np.array([point for _, _, point in steps])
    return [shapely.LineString(line) for line in _walks(steps, dict(at), points)]


def _steps(labels: Labels, axis: int) -> Iterator[Step]:
    """Edges between cells that are neighbours along `axis` (0: north, 1: east)."""
    owner = labels.owner
    here = owner[:-1, :] if axis == 0 else owner[:, :-1]
    there = owner[1:, :] if axis == 0 else owner[:, 1:]
    rows, columns = np.nonzero((here != there) & (here >= 0) & (there >= 0))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        far = (row + 1, column) if axis == 0 else (row, column + 1)
        part = _crossing(labels, (row, column), far)
        x = labels.grid.west + (column + part * (axis == 1)) * CELL_M
        y = labels.grid.south + (row + part * (axis == 0)) * CELL_M
        yield far, (row + 1, column + 1), (x, y)


def _crossing(labels: Labels, near: Corner, far: Corner) -> float:
    """Where between two cells' centres (0..1) the scores of their labels are equal."""
    a, b = labels.owner[near], labels.owner[far]
    lead = float(labels.scores[near][a] - labels.scores[near][b])
    lag = float(labels.scores[far][b] - labels.scores[far][a])
    return lead / (lead + lag) if lead + lag > 0 else 0.5


def _walks(steps: list[Step], at: dict[Corner, list[int]], points: Floats) -> Iterator[list[Floats]]:
    used = [False] * len(steps)
    ends = [corner for corner, found in at.items() if len(found) != 2]
    starts = [(corner, index) for corner in sorted(ends) for index in at[corner]]
    rings = [(steps[index][0], index) for index in range(len(steps))]
    for corner, first in [*starts, *rings]:
        if not used[first]:
            path, last = _walk(steps, at, used, corner, first)
            inner = [points[index] for index in path]
            if corner == last and len(at[corner]) == 2:
                yield [*inner, inner[0]]
            else:
                yield [points[at[corner]].mean(axis=0), *inner, points[at[last]].mean(axis=0)]


def _walk(
    steps: list[Step], at: dict[Corner, list[int]], used: list[bool], corner: Corner, index: int
) -> tuple[list[int], Corner]:
    """Follow edges from `corner` over `index` to the next end, or around a ring; the edges and the last corner."""
    path = [index]
    used[index] = True
    start = corner
    while True:
        one, other, _ = steps[index]
        corner = other if one == corner else one
        following = [i for i in at[corner] if not used[i]]
        if len(at[corner]) != 2 or corner == start or not following:
            return path, corner
        index = following[0]
        used[index] = True
        path.append(index)
