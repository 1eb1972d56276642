"""The pages of residents inside Streamlit as HTML: a place, or what is off across the krai. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from kubmap.domain import Utility
from kubmap.feeds import clockwords
from kubmap.read.outages import Reach
from kubmap.read.outlook import AHEAD
from kubmap.read.residents import UTILITIES, Concern
from kubmap.web import outagepage, outagewords

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.read.outlook import Item, Outlook, Part

ROWS = 60
"""Rows of a list; of more each municipality is told in one line."""
PLACES = 4
"""Places named in a row, the most populous."""
WHOLE = "весь район или округ"
KRAI = "Весь край"

Link = Callable[[str], str]
"""The address of a place's page by its id."""


@dataclass(frozen=True, slots=True)
class Row:
    """A notice in a municipality in one line."""

    category: str
    name: str
    words: str
    gravity: str
    streets: bool
    places: tuple[dict[str, str], ...]
    more: int
    whole: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The notices of a municipality in one line: how many of each utility, and the places that are concerned."""

    name: str
    counts: tuple[tuple[str, str, int], ...]
    """Category, name of the utility, notices."""
    places: tuple[dict[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A list by municipalities, of notices or, where they are too many, of sums; `count` notices in all."""

    parts: tuple[tuple[str, tuple[Row, ...]], ...]
    sums: tuple[Sum, ...]
    count: int


def place_part(asked: outagepage.Asked, atlas: Atlas, site: outagepage.Site, link: Link) -> str:
    """The page of a place."""
    place = asked.state.place
    values = {
        "place": place,
        "about": outagepage.choice(place, atlas)["about"],
        "parent": atlas.settlements.get(place.parent) if place.parent else None,
        "parts": outagepage.inner(place, atlas),
        "other_moment": asked.other_moment,
        "at": clockwords.stamp(asked.state.now),
        "answer": Markup(outagepage.answer_part(asked, atlas, site)),  # noqa: S704  (escaped by its own template)
        "link": link,
        "root": site.root,
    }
    return outagepage.templates().get_template("outageplace.html").render(values)


def krai_part(found: Outlook, now: datetime, link: Link, *, other: bool) -> str:
    """What is off at `now`, in the coming days, and without news; `other`: that moment was asked for."""
    values = {
        "other": other, "at": clockwords.stamp(now),
        "now": _listed(found.now, now, link), "soon": _listed(found.soon, now, link),
        "stale": _listed(found.stale, now, link), "days": AHEAD.days, "unplaced": found.unplaced,
    }  # fmt: skip
    return outagepage.templates().get_template("outagekrai.html").render(values)


def _listed(parts: Sequence[Part], now: datetime, link: Link) -> Listed:
    count = len({item.notice.incident.id for part in parts for item in part.items})
    if sum(len(part.items) for part in parts) > ROWS:
        return Listed((), tuple(_sum(part, link) for part in parts), count)
    rows = tuple((_name(part), tuple(_row(item, now, link) for item in part.items)) for part in parts)
    return Listed(rows, (), count)


def _name(part: Part) -> str:
    return part.municipality.name if part.municipality else KRAI


def _sum(part: Part, link: Link) -> Sum:
    found = Counter(item.notice.incident.category for item in part.items)
    named = {UTILITIES[each]: (each.value, found[each]) for each in found}
    places = {place.id: place for item in part.items for place in item.places}
    greatest = sorted(places.values(), key=lambda place: (-(place.population or 0), place.id))
    return Sum(
        _name(part),
        tuple((named[each][0], outagewords.utility_name(each), named[each][1]) for each in Utility if each in named),
        tuple({"name": each.name, "link": link(each.id)} for each in greatest[:PLACES]),
        max(len(greatest) - PLACES, 0),
    )


def _row(item: Item, now: datetime, link: Link) -> Row:
    notice = item.notice
    concern = Concern(notice, Reach.NAMED, item.phase, notice.course.current(now), notice.course.following(now))
    return Row(
        category=notice.incident.category.value,
        name=outagewords.utility_name(notice.utility),
        words=outagewords.concern_brief(concern, now),
        gravity=outagewords.concern_gravity(concern),
        streets=bool(notice.streets),
        places=tuple({"name": each.name, "link": link(each.id)} for each in item.places[:PLACES]),
        more=max(len(item.places) - PLACES, 0),
        whole=WHOLE if notice.served.municipalities else KRAI.lower(),
    )
