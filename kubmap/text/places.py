"""Mentions: what a phrase of a teaser names, and what part it plays in the story."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from kubmap.domain import PlaceKind, direct


@direct
class Role(StrEnum):
    """Why a place stands in the text. Only `EVENT` and `RESIDENTS` say where it happened."""

    EVENT = "event"
    RESIDENTS = "residents"
    """People of a place as a group: «300 жителей станицы», «краснодарцы»."""
    DIRECTION = "direction"
    ROUTE = "route"
    HOME = "home"
    SOURCE = "source"
    ARREST = "arrest"
    WEAK = "weak"
    """An adjective: «краснодарские дома», «анапская трасса»."""
    EXCEPTION = "exception"
    """«кроме мкр «Надежда»»."""
    RECALL = "recall"
    DATELINE = "dateline"
    TAIL = "tail"


STORY = frozenset({Role.EVENT, Role.RESIDENTS, Role.RECALL})
"""Roles of the places that the story is about."""


@direct
class Relation(StrEnum):
    """How the event stands to the place."""

    WITHIN = "within"
    NEAR = "near"
    BETWEEN = "between"
    AWAY = "away"
    """«в N км от X»: `Mention.away_km` tells how far."""


class Mention(NamedTuple):
    """A phrase that names a place (a tuple: several are made and changed for each text, and must be cheap).

    `start` and `end` are character offsets into `source` ("text" or "title"). `ids` are candidates: settlement ids
    (SETTLEMENT, and inner-city districts), municipality ids (DISTRICT), road ids (ROAD, ROAD_KM), provider ids, a zone
    id; none for STREET, KRAI, OUTSIDE and OTHER. `type_word` is the gazetteer's type that the text names («станица»).
    `group` joins the members of one list or of one «между X и Y». `ends` are the settlement ids at both ends of a road
    that the atlas does not hold, or of the one known end of a cut-off one.
    """

    text: str
    start: int
    end: int
    source: str
    kind: PlaceKind
    name: str
    ids: tuple[str, ...] = ()
    role: Role = Role.EVENT
    relation: Relation = Relation.WITHIN
    type_word: str | None = None
    group: int = 0
    rule: str = ""
    away_km: float | None = None
    bearing: float | None = None
    """Degrees from the north, of a place that is `away_km` away."""
    km: float | None = None
    km_to: float | None = None
    part: tuple[float, float] | None = None
    ends: tuple[tuple[str, ...], ...] = ()
    cut: bool = False
    inner: bool = False
    """A district, quarter or place inside a city."""
    federal: bool = False
    """The text calls the road federal."""


_AT = {name: at for at, name in enumerate(Mention._fields)}


def replace(mention: Mention, **changes: Any) -> Mention:
    """The mention with some fields changed (in half the time of `_replace`)."""
    values = list(mention)
    for name, value in changes.items():
        values[_AT[name]] = value
    return tuple.__new__(Mention, values)
