"""From mentions to one honest place: an ordered list of rules, the first that can answer does.

Each rule is a small function of the evidence; it returns a Resolution or None. What lost is kept as alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kubmap.domain import Category
from kubmap.geocode import abroad, onroad, onstreet, settled, wide
from kubmap.geocode.resolution import Resolution
from kubmap.geocode.score import Evidence
from kubmap.text.places import Mention

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

Rule = Callable[[Evidence], "Resolution | None"]

RULES: tuple[Rule, ...] = (
    abroad.no_incident,
    abroad.outside,
    onroad.road_km,
    onroad.cut_road,
    settled.away,
    settled.between,
    onroad.road_of_ends,
    onroad.road_in_district,
    onroad.bridge,
    onroad.crossing,
    onroad.part_in_town,
    settled.settlements,
    onroad.unknown_road,
    onstreet.streets_alone,
    wide.victim_in_district,
    wide.provider_in_districts,
    wide.rural_head,
    wide.districts,
    wide.provider_area,
    wide.zone,
    onroad.part_of_road,
    onroad.road_line,
    onroad.way_to,
    wide.weak,
    wide.krai,
    wide.dateline,
    wide.silence,
)


def resolve(mentions: Sequence[Mention], atlas: Atlas, *, category: Category, year: int | None = None) -> Resolution:
    """One location for the mentions of a teaser. `year` (of publication) dates the km counting of a road."""
    evidence = Evidence(atlas, tuple(mentions), category, year)
    for rule in RULES:
        found = rule(evidence)
        if found is not None:
            return found
    return Resolution(None)
