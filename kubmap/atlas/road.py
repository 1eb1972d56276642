"""A road and what is known of it: values only. Lengths are km along the road, offsets metres, coordinates WGS 84."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kubmap.atlas.chain import Chain

END_TOLERANCE_KM = 1.0
"""A km this far beyond an end still counts as the end: tables and posts differ by hundreds of metres."""


@dataclass(frozen=True, slots=True)
class Post:
    """A km whose place is known to `offset_m`; `basis` is post, moved, scaled or zero (see build/roads.py)."""

    km: float
    place: str
    municipality: str
    lat: float
    lon: float
    offset_m: float
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class RoadName:
    """A name that texts use.

    `kind` is ref, old_ref, typo, name, quoted (needs a road word) or route (end points); `part` is the km that the name
    covers, None for the whole road.
    """

    road_id: str
    kind: str
    text: str
    part: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Road:
    """A road; `years` is when its km counting is in use (None: open).

    `beyond` says in which region the road goes on: (km_from, km_to, region).
    """

    id: str
    ref: str
    name: str
    cls: str
    confidence: str
    source: str
    years: tuple[int | None, int | None]
    names: tuple[RoadName, ...]
    posts: tuple[Post, ...]
    chain: Chain
    beyond: tuple[tuple[float, float, str], ...] = ()

    @property
    def km_min(self) -> float:
        return self.posts[0].km

    @property
    def km_max(self) -> float:
        return self.posts[-1].km

    @property
    def length_km(self) -> float:
        return self.km_max - self.km_min

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(name.text for name in self.names)

    @property
    def label(self) -> str:
        return self.ref or self.name

    def has_km(self, km: float) -> bool:
        return self.km_min - END_TOLERANCE_KM <= km <= self.km_max + END_TOLERANCE_KM


class RoadMention(NamedTuple):
    """A road named in a text.

    `road_ids` are candidates, best first (empty: a road that the atlas does not know); `by` is ref, name, pair, cut or
    weak; `ends` are the end points that the text gives; `part` the km of the road that the name covers.
    """

    start: int
    end: int
    road_ids: tuple[str, ...]
    by: str
    text: str
    ends: tuple[str, ...] = ()
    part: tuple[float, float] | None = None
