"""The main roads of OpenStreetMap as a coarse graph, to shape road lines between km posts.

Source: PyPI scgraph-data (MIT for the code; the data © OpenStreetMap contributors, ODbL 1.0). Its nodes are junctions
rounded to 0.001°, its edges know their true length and are drawn straight, so only nodes shape a line. The file is read
as text and never executed.
"""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from kubmap.atlas.build.fetch import Package, wheel
from kubmap.atlas.chain import Chain, distance_m

Point = tuple[float, float]
Edges = Mapping[int, Mapping[int, float]]

PACKAGE = Package(
    "scgraph-data", "2.0.0", "scgraph_data-2.0.0-py3-none-any.whl",
    "a8df15f4d9b4cce945f195b27c9e239ac49ebfa81aa948afc882b28653725406",
)  # fmt: skip
_MEMBER = "scgraph_data/world_highways.py"
_BOX = (43.2, 36.4, 47.2, 42.2)
"""South, west, north, east of what is kept."""
_REACH_M = 2500.0
"""A post further from the graph than this is not on it."""
_NEAR_POST_M = 700.0
"""Nodes nearer to a post than this add nothing but zigzag."""
_LONGEST = 1.25
"""A path may be this much longer than the km say."""
_DETOUR = 1.5
"""A path may be this much longer than the straight line."""
_FLAT_M = 80.0
"""Shape points that bend the line less than this are dropped."""

_ROW = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """`nodes` are (lat, lon); `edges` both ways, metres."""

    nodes: Mapping[int, Point]
    edges: Edges

    @classmethod
    def load(cls) -> RoadGraph:
        """Read the pinned wheel and keep what lies in the box."""
        with wheel(PACKAGE) as archive:
            lines = archive.read(_MEMBER).decode("utf-8").split("\n")
        graph = next(line for line in lines if line.startswith("graph="))
        nodes = json.loads(next(line for line in lines if line.startswith("nodes=")).removeprefix("nodes="))
        return cls(*_clip([tuple(node) for node in nodes], _ROW.findall(graph)))

    def shape(self, a: Point, b: Point, gap_m: float) -> list[Point]:
        """Nodes between two points of a road along the shortest path; none where the path does not fit the km."""
        path = [self.nodes[node] for node in self._path(a, b)]
        inner = [p for p in path if min(distance_m(p, a), distance_m(p, b)) > _NEAR_POST_M]
        line = [a, *inner, b]
        length, straight = sum(distance_m(p, q) for p, q in pairwise(line)), distance_m(a, b)
        fits = length <= _LONGEST * max(gap_m, straight) and length <= _DETOUR * straight
        return _simplified(line)[1:-1] if fits else []

    def _near(self, point: Point) -> list[tuple[int, int, float]]:
        """Edges (each once) with an end within a degree or so."""
        return [(i, j, length) for i, ends in self.edges.items() for j, length in ends.items()
                if i < j and min(_apart(self.nodes[i], point), _apart(self.nodes[j], point)) < 1.2]  # fmt: skip

    def _attached(self, point: Point) -> tuple[dict[int, float], tuple[int, int] | None]:
        """Nodes reached from a point off the graph, with the way there in metres, and the edge that it lies on."""
        ways = {i: d for i, node in self.nodes.items() if (d := distance_m(point, node)) < _REACH_M}
        on: tuple[float, int, int, float, float] | None = None
        for a, b, length in self._near(point):
            away, share = Chain((self.nodes[a], self.nodes[b]), (0.0, 1.0)).project(*point)
            if away < _REACH_M and (on is None or away < on[0]):
                on = away, a, b, share, length
        if on is None:
            return ways, None
        away, a, b, share, length = on
        ways[a] = min(ways.get(a, float("inf")), away + share * length)
        ways[b] = min(ways.get(b, float("inf")), away + (1 - share) * length)
        return ways, (a, b)

    def _path(self, a: Point, b: Point) -> list[int]:
        """Nodes of the shortest way; empty when the points lie on one edge or off the graph."""
        starts, edge_a = self._attached(a)
        goals, edge_b = self._attached(b)
        length, path = self._dijkstra(starts, goals)
        on_one_edge = edge_a is not None and edge_a == edge_b and distance_m(a, b) * 1.1 < length
        return [] if on_one_edge else path

    def _dijkstra(self, starts: dict[int, float], goals: dict[int, float]) -> tuple[float, list[int]]:
        queue = [(way, node, -1) for node, way in sorted(starts.items())]
        heapq.heapify(queue)
        came: dict[int, int] = {}
        best, last = float("inf"), -1
        while queue and queue[0][0] < best:
            way, node, previous = heapq.heappop(queue)
            if node in came:
                continue
            came[node] = previous
            if node in goals and way + goals[node] < best:
                best, last = way + goals[node], node
            for after, length in self.edges.get(node, {}).items():
                heapq.heappush(queue, (way + length, after, node))
        return best, _traced(came, last)


def _clip(nodes: list[Point], rows: list[str]) -> tuple[dict[int, Point], dict[int, dict[int, float]]]:
    south, west, north, east = _BOX
    kept = {i: p for i, p in enumerate(nodes) if south <= p[0] <= north and west <= p[1] <= east}
    edges: dict[int, dict[int, float]] = {i: {} for i in kept}
    for i in kept:
        for pair in filter(str.strip, rows[i].split(",")):
            j, km = pair.split(":")
            if int(j) in kept:
                edges[i][int(j)] = edges[int(j)][i] = float(km) * 1000
    return kept, edges


def _apart(a: Point, b: Point) -> float:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))


def _traced(came: Mapping[int, int], last: int) -> list[int]:
    path = []
    while last >= 0:
        path.append(last)
        last = came[last]
    return path[::-1]


def _simplified(line: list[Point]) -> list[Point]:
    """Douglas-Peucker with a tolerance of `_FLAT_M`."""
    if len(line) < 3:
        return line
    base = Chain((line[0], line[-1]), (0.0, 1.0))
    away = [base.project(*p)[0] for p in line[1:-1]]
    worst = max(range(len(away)), key=away.__getitem__) + 1
    if away[worst - 1] < _FLAT_M:
        return [line[0], line[-1]]
    return _simplified(line[: worst + 1])[:-1] + _simplified(line[worst:])
