"""A teaser's words -> the facts that the text itself gives: a draft.

Pure: the atlas is a value, and nothing is decided about where it happened (see kubmap.geocode).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubmap.domain import Casualties, Category, Moment, Outage, PlaceKind, Reason, Teaser
from kubmap.text import casualties, when
from kubmap.text.category import Classification, classify, on_road
from kubmap.text.frame import read_story
from kubmap.text.outage import read_outage
from kubmap.text.places import STORY, Mention, Role
from kubmap.text.where import mentions

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

_ROADS = frozenset({PlaceKind.ROAD, PlaceKind.ROAD_KM})
_UNSURE = frozenset({Category.NONE, Category.OTHER_EMERGENCY})
_SERVED = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})

MAX_CHARACTERS = 20_000
"""Of a longer text only the beginning is read: a teaser has about 400 characters."""


class Draft(NamedTuple):
    """What a teaser says; times as in `domain`, mentions with spans into the text or the title."""

    category: Category
    is_scheduled: bool | None
    starts_at: Moment | None
    ends_at: Moment | None
    casualties: Casualties
    outage: Outage | None
    mentions: tuple[Mention, ...]
    reasons: tuple[Reason, ...]


def parse(teaser: Teaser, atlas: Atlas) -> Draft:
    """Read category, times, casualties, outage and places; every rule that fired is among the reasons."""
    text, title = teaser.text[:MAX_CHARACTERS], (teaser.title or "")[:MAX_CHARACTERS] or None
    named = mentions(text, title, atlas, read_story(text).frame)
    found = _classified(text, title, named)
    times = when.read(text, title, teaser.published, category=found.category)
    hurt, counted = casualties.read(text, title, category=found.category)
    return Draft(
        category=found.category,
        is_scheduled=found.is_scheduled,
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        casualties=hurt,
        outage=read_outage(text, title, times, found.category, _served(named) if found.category.is_outage else ()),
        mentions=named,
        reasons=(*found.reasons, *times.reasons, *counted),
    )


def _served(named: tuple[Mention, ...]) -> tuple[str, ...]:
    """The places of the story by name, as the atlas writes them."""
    return tuple(dict.fromkeys([m.name for m in named if m.kind in _SERVED and m.role in STORY and m.name]))


def _classified(text: str, title: str | None, named: tuple[Mention, ...]) -> Classification:
    found = classify(text, title)
    if found.category not in _UNSURE:
        return found
    road = next((each for each in named if each.kind in _ROADS and each.role is Role.EVENT), None)
    if road is None:
        return found
    note = "названа дорога"
    return on_road(found, Reason("road_accident:named-road", note, road.start, road.end, road.source, road.text))
