"""Is an atlas whole, and how far are its borders from a reference: what `kubmap atlas check` prints.

Distances and areas are measured in EPSG:32637. `area_right` counts only land that both sides cover, because the coast
and the border of the krai come from other sources than the borders inside; `reference_covered` says how much that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from pyproj import Transformer

from kubmap.atlas.areas import DETAILS, AreaIndex, Outlines
from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.model import Settlement
from kubmap.atlas.words import fold
from kubmap.errors import DataError, InputError

_EXPECTED = {"municipalities": 44, "zones": 7}
_STEP_M = 500.0  # spacing of the points where the borders are compared
_TOUCH_M = 60.0  # references' polygons may miss each other by this much along a common border
_SMALLEST_HOLE = 0.01  # square degrees, about 90 km²
_NOT_SETTLEMENTS = {"место", "район", "микрорайон"}
_SHORT_NAMES = {"ключ": "горячий ключ"}  # as the OpenStreetMap extract writes it


@dataclass(frozen=True, slots=True)
class Error:
    """Distances between two sets of borders, metres."""

    median_m: float
    p90_m: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Against a reference. Shares are 0..1.

    `to_drawn` is measured from points of the reference's inner borders to the nearest drawn one, `to_reference` the
    other way. `worst` has the five municipalities with the smallest share of the land right.
    """

    reference: str
    area_right: float
    reference_covered: float
    to_drawn: Error
    to_reference: Error
    worst: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`problems` is empty when the atlas is whole; `inside` is the share of settlements inside their municipality."""

    municipalities: int
    zones: int
    settlements: int
    inside: float
    outside: tuple[str, ...]
    problems: tuple[str, ...]
    comparison: Comparison | None

    @property
    def is_whole(self) -> bool:
        return not self.problems


def check(atlas_folder: Path, reference: Path | None = None) -> Report:
    """Check the atlas in a folder; with a GeoJSON of polygons with the property `district`, measure the borders.

    Raises DataError when the atlas cannot be read, InputError when the reference cannot be used.
    """
    atlas = load_atlas(atlas_folder)
    areas = AreaIndex.load(atlas_folder)
    places = [s for s in atlas.settlements.values() if s.municipality and s.type not in _NOT_SETTLEMENTS]
    misplaced = _misplaced(areas, places)
    names = {id_: municipality.name for id_, municipality in atlas.municipalities.items()}
    return Report(
        municipalities=len(atlas.municipalities),
        zones=len(atlas.zones),
        settlements=len(places),
        inside=1 - len(misplaced) / len(places),
        outside=tuple(f"{s.name} ({names[s.municipality]})" for s in misplaced),
        problems=tuple(_problems(areas, set(atlas.municipalities), set(atlas.zones))),
        comparison=compare(areas, names, reference) if reference else None,
    )


def _misplaced(areas: AreaIndex, places: Sequence[Settlement]) -> list[Settlement]:
    drawn = areas.municipality_at_many([s.lat for s in places], [s.lon for s in places])
    return [s for s, found in zip(places, drawn, strict=True) if found != s.municipality]


def _problems(areas: AreaIndex, municipalities: set[str], zones: set[str]) -> list[str]:
    """What is wrong with the files."""
    found = []
    for kind, ids in (("municipalities", municipalities), ("zones", zones)):
        if len(ids) != _EXPECTED[kind]:
            found.append(f"{kind}: {len(ids)} instead of {_EXPECTED[kind]}")
        for detail in DETAILS:
            drawn = areas.outlines(kind, detail=detail)  # type: ignore[arg-type]
            found += _file_problems(f"{kind}_{detail}", drawn, ids)
    return found + _union_problems(areas)


def _file_problems(file: str, drawn: Outlines, ids: set[str]) -> list[str]:
    if set(drawn.ids) != ids:
        return [f"{file}: missing or too many: {', '.join(sorted(set(drawn.ids) ^ ids))}"]
    bad = [f"{file}: {id_}: {shapely.is_valid_reason(shape)}" for id_, shape in _invalid(drawn)]
    if not shapely.coverage_is_valid(drawn.shapes):
        edges = shapely.coverage_invalid_edges(drawn.shapes)
        where = ", ".join(id_ for id_, edge in zip(drawn.ids, edges, strict=True) if edge)
        bad.append(f"{file}: overlaps, or common borders that differ: {where}")
    return bad + [f"{file}: a gap at {', '.join(near)}" for near in _gaps(drawn)]


def _gaps(drawn: Outlines) -> list[list[str]]:
    """Ids around each hole of the whole that is smaller than a hole can be (Adygea's is 7,800 km²)."""
    parts = shapely.get_parts(shapely.union_all(drawn.shapes))
    holes = [shapely.polygons(ring) for part in parts for ring in part.interiors]
    small = [hole for hole in holes if shapely.area(hole) < _SMALLEST_HOLE]
    return [[drawn.ids[i] for i in sorted(drawn.tree.query(hole, predicate="intersects"))] for hole in small]


def _invalid(drawn: Outlines) -> list[tuple[str, Any]]:
    return [(id_, shape) for id_, shape in zip(drawn.ids, drawn.shapes, strict=True) if not shapely.is_valid(shape)]


def _union_problems(areas: AreaIndex) -> list[str]:
    """A zone must be the union of its municipalities, at every detail."""
    found = []
    for detail in DETAILS:
        zones = areas.outlines("zones", detail=detail)
        parts = areas.outlines("municipalities", detail=detail)
        owner = np.array([feature["properties"]["zone"] for feature in parts.features.values()])
        for id_, shape in zip(zones.ids, zones.shapes, strict=True):
            if not shapely.equals(shapely.union_all(parts.shapes[owner == id_]), shape):
                found.append(f"zones_{detail}: {id_} is not the union of its municipalities")
    return found


def compare(areas: AreaIndex, names: Mapping[str, str], reference: Path) -> Comparison:
    """Measure the drawn municipalities (high detail) against the reference's polygons."""
    drawn = areas.outlines("municipalities", detail="high")
    ours = _metres(drawn.shapes)
    theirs = _metres(_reference(reference, [names[id_] for id_ in drawn.ids]))
    everything = shapely.union_all(ours)
    covered = shapely.area(shapely.intersection(theirs, everything))
    right = shapely.area(shapely.intersection(ours, theirs))
    order = np.argsort(right / covered)[:5]
    inner_ours, inner_theirs = _inner_border(ours), _inner_border(theirs)
    return Comparison(
        reference=reference.name,
        area_right=float(right.sum() / covered.sum()),
        reference_covered=float(covered.sum() / shapely.area(theirs).sum()),
        to_drawn=_error(inner_theirs, inner_ours),
        to_reference=_error(inner_ours, inner_theirs),
        worst=tuple((names[drawn.ids[i]], float(right[i] / covered[i])) for i in order),
    )


def _metres(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    move = Transformer.from_crs(4326, 32637, always_xy=True).transform
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    return moved


def _reference(path: Path, names: Sequence[str]) -> NDArray[np.object_]:
    """The reference's polygons in the order of `names`."""
    try:
        frame = geopandas.read_file(path)
        shapes = dict(zip(frame["district"].map(_plain), frame.geometry, strict=True))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DataSourceError) as error:
        raise InputError(f"{path}: polygons with the property «district» are wanted ({error})") from error
    missing = [name for name in names if _plain(name) not in shapes]
    if missing:
        raise InputError(f"{path}: these municipalities are missing: {', '.join(missing)}", field="district")
    valid: NDArray[np.object_] = shapely.make_valid(np.array([shapes[_plain(name)] for name in names]))
    return valid


def _plain(name: str) -> str:
    words = fold(name).removeprefix("город ").removesuffix(" район").strip()
    return _SHORT_NAMES.get(words, words)


def _inner_border(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The parts of the outlines that run along another polygon, as many short lines."""
    tree = shapely.STRtree(shapes)
    lines = []
    for index, shape in enumerate(shapes):
        steps = shapely.segmentize(shape.boundary, _STEP_M)
        middles = _middles(steps)
        near, other = tree.query(shapely.points(middles[:, :2].mean(axis=1)), predicate="dwithin", distance=_TOUCH_M)
        lines.append(shapely.linestrings(middles[np.unique(near[other != index])]))
    if not sum(map(len, lines)):
        raise DataError("no two municipalities touch: the borders cannot be compared")
    return np.concatenate(lines)


def _middles(line: Any) -> NDArray[np.float64]:
    """(n, 2, 2): the segments of a line or several."""
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(line)]
    return np.concatenate([np.stack([xy[:-1], xy[1:]], axis=1) for xy in parts])


def _error(points_of: NDArray[np.object_], lines: NDArray[np.object_]) -> Error:
    """From points of one border, weighted by the length of their segments, to the nearest of the other."""
    points = shapely.line_interpolate_point(points_of, 0.5, normalized=True)
    _, distance = shapely.STRtree(lines).query_nearest(points, all_matches=False, return_distance=True)
    order = np.argsort(distance)
    share = np.cumsum(shapely.length(points_of)[order]) / shapely.length(points_of).sum()
    median, p90 = (float(distance[order][np.searchsorted(share, part)]) for part in (0.5, 0.9))
    return Error(median, p90)


def render(report: Report) -> str:
    """The report for people, one figure a line."""
    lines = [
        f"municipalities {report.municipalities}",
        f"zones {report.zones}",
        "coverage valid" if report.is_whole else "coverage NOT valid",
        *(f"  {problem}" for problem in report.problems),
        f"settlements inside their municipality {report.inside:.1%} of {report.settlements}",
        *(f"  outside: {name}" for name in report.outside),
    ]
    return "\n".join(lines + (_compared(report.comparison) if report.comparison else []))


def _compared(found: Comparison) -> list[str]:
    there, back = found.to_drawn, found.to_reference
    return [
        f"against {found.reference}:",
        f"area labelled right {found.area_right:.1%}",
        f"area of the reference that is drawn {found.reference_covered:.1%}",
        f"boundary error median {there.median_m:.0f} m, p90 {there.p90_m:.0f} m",
        f"boundary error the other way median {back.median_m:.0f} m, p90 {back.p90_m:.0f} m",
        *(f"  worst: {name} {share:.1%}" for name, share in found.worst),
    ]
