"""Places of another story that a text tells beside the one of its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubmap.atlas.chain import distance_m
from kubmap.domain import PlaceKind
from kubmap.text.frame import Frame
from kubmap.text.places import Mention, Role, replace

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

ASIDE_M = 40_000
"""How far from the title's place another story's is."""
TOWN = 15_000
"""People: a larger place is meant before its homonyms."""
_PLACED = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT, PlaceKind.ROAD, PlaceKind.ROAD_KM, PlaceKind.STREET})
_AREAS = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})
_TOLD = frozenset({Role.EVENT, Role.RESIDENTS})


def asides(found: list[Mention], head: list[Mention], frame: Frame, atlas: Atlas) -> list[Mention]:
    """A place that the text names after its first sentence, far from the title's, is of another story beside it.

    «Пожар на складе под Ейском // Горит кровля. Днём ранее тушили рынок в Сочи»: what the title says is not told again.
    """
    titled = [m for m in head if m.kind == PlaceKind.SETTLEMENT and m.role == Role.EVENT]
    told = [m for m in found if m.kind in _PLACED and m.role in _TOLD and m.ids]
    if len(titled) != 1 or not told or not frame.sentences or told[0].start < frame.sentences[0][1]:
        return found
    home = _certain(atlas, titled[0])
    if home is None or not all(_elsewhere(atlas, m, home) for m in told):
        return found
    return [replace(m, role=Role.TAIL) if m in told else m for m in found]


def _certain(atlas: Atlas, mention: Mention) -> Settlement | None:
    """The one place that a mention may mean, or a town among homonyms."""
    places = [place for i in mention.ids if (place := atlas.settlements.get(i)) is not None]
    best = max(places, key=lambda place: place.population or 0, default=None)
    return best if best is not None and (len(places) == 1 or (best.population or 0) >= TOWN) else None


def _elsewhere(atlas: Atlas, mention: Mention, home: Settlement) -> bool:
    """Whether every place that a mention may mean is of another municipality, and far away."""
    if mention.kind == PlaceKind.DISTRICT and not mention.inner:
        return mention.ids[0] != home.municipality
    places = [place for i in mention.ids if (place := atlas.settlements.get(i)) is not None]
    if mention.kind not in _AREAS or not places:
        return False
    return all(
        p.municipality != home.municipality and distance_m((p.lat, p.lon), (home.lat, home.lon)) > ASIDE_M
        for p in places
    )
