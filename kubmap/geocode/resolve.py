"""From mentions to one honest place: an ordered list of rules, the first that can answer does.

Each rule is a small function of the evidence; it returns a Resolution or None. What lost is kept as alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kubmap.domain import Category, PlaceKind
from kubmap.geocode import abroad, onroad, onstreet, roadmeeting, settled, wide
from kubmap.geocode.resolution import Resolution
from kubmap.geocode.score import Evidence
from kubmap.text.places import Mention, Relation

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

Rule = Callable[[Evidence], "Resolution | None"]
Named = frozenset[PlaceKind | Relation]

_ALWAYS: Named = frozenset()
_PLACE = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})
_DISTRICT = frozenset({PlaceKind.DISTRICT})
_KM = frozenset({PlaceKind.ROAD_KM})
_ROAD = frozenset({PlaceKind.ROAD, PlaceKind.ROAD_KM})
_PROVIDER = frozenset({PlaceKind.PROVIDER_AREA})
_BETWEEN = frozenset({Relation.BETWEEN})

RULES: Sequence[tuple[Rule, Named]] = (
    (abroad.no_incident, _ALWAYS),
    (abroad.outside, frozenset({PlaceKind.OUTSIDE, PlaceKind.ROAD_KM})),
    (onroad.road_km, _KM),
    (onroad.cut_road, _ROAD),
    (settled.away, _PLACE),
    (settled.between, _BETWEEN),
    (onroad.road_of_ends, _ROAD),
    (roadmeeting.road_at_border, _BETWEEN),
    (onroad.road_in_district, _ROAD),
    (roadmeeting.bridge, _ROAD),
    (roadmeeting.crossing, _BETWEEN),
    (onroad.part_in_town, _ROAD),
    (onroad.km_between, _KM),
    (settled.settlements, _PLACE),
    (onroad.unknown_road, _ROAD),
    (onroad.way_in_district, frozenset({PlaceKind.ROAD})),
    (onstreet.streets_alone, frozenset({PlaceKind.STREET})),
    (wide.victim_in_district, _DISTRICT),
    (wide.provider_in_districts, _PROVIDER),
    (wide.rural_head, _DISTRICT),
    (wide.districts, _DISTRICT),
    (wide.provider_area, _PROVIDER),
    (wide.zone, frozenset({PlaceKind.ZONE})),
    (onroad.part_of_road, _ROAD),
    (onroad.road_line, _ROAD),
    (onroad.way_to, _ROAD),
    (wide.weak, _PLACE),
    (wide.krai, frozenset({PlaceKind.KRAI})),
    (wide.dateline, _PLACE),
    (wide.silence, _ALWAYS),
)
"""Each rule with the kinds or relations of mentions of which the text must have one for it to answer (none: it may
always).
"""


class _Asked(dict[Named, Sequence[Rule]]):
    """The kinds and relations of a text's mentions -> the rules that may answer, in order: most texts have few."""

    def __missing__(self, named: Named) -> Sequence[Rule]:
        found = self[named] = tuple(rule for rule, needed in RULES if not needed or needed & named)
        return found


_ASKED = _Asked()


def resolve(mentions: Sequence[Mention], atlas: Atlas, *, category: Category, year: int | None = None) -> Resolution:
    """One location for the mentions of a teaser. `year` (of publication) dates the km counting of a road."""
    evidence = Evidence(atlas, mentions, category, year)
    for rule in _ASKED[evidence.named]:
        found = rule(evidence)
        if found is not None:
            return found
    return Resolution(None)
