"""Outlook: what is off across the krai at one moment and in the coming days, by municipality; from the index alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kubmap.read.course import Phase
from kubmap.read.residents import STALE_TOLD

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Municipality, Settlement
    from kubmap.read.residents import Notice, OutageIndex

AHEAD = timedelta(days=7)
"""How far the coming days reach."""
_NOW = frozenset({Phase.OFF, Phase.LIMITED, Phase.REDUCED, Phase.RECOVERING})


@dataclass(frozen=True, slots=True)
class Item:
    """A notice in one municipality: the places there that it concerns; none: all of the municipality."""

    notice: Notice
    phase: Phase
    places: tuple[Settlement, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The notices of one municipality; None: of the whole krai."""

    municipality: Municipality | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What holds now, what begins within AHEAD, what has no end and no news; each by municipality, by name.

    `unplaced` counts notices of now and of the coming days that name no place that the atlas knows, or one of several.
    """

    now: tuple[Part, ...]
    soon: tuple[Part, ...]
    stale: tuple[Part, ...]
    unplaced: int = 0


def outlook(index: OutageIndex, now: datetime) -> Outlook:
    """The outlook at `now` (aware)."""
    told = [(notice, phase) for notice in index.notices.values() if (phase := _told(notice, now)) is not None]
    placed = [(notice, phase) for notice, phase in told if notice.served.is_placed]
    return Outlook(
        now=_parts([each for each in placed if each[1] in _NOW], index.atlas),
        soon=_parts([each for each in placed if each[1] is Phase.ANNOUNCED], index.atlas),
        stale=_parts([each for each in placed if each[1] is Phase.STALE], index.atlas),
        unplaced=sum(phase is not Phase.STALE for _, phase in told)
        - sum(phase is not Phase.STALE for _, phase in placed),
    )


def _told(notice: Notice, now: datetime) -> Phase | None:
    """The phase of what belongs to the outlook."""
    found = notice.course
    if found.start >= now + AHEAD or now >= found.last + STALE_TOLD:
        return None
    phase = found.phase(now)
    return phase if phase in _NOW or phase in {Phase.ANNOUNCED, Phase.STALE} else None


def _parts(told: Iterable[tuple[Notice, Phase]], atlas: Atlas) -> tuple[Part, ...]:
    found: dict[str, list[Item]] = defaultdict(list)
    for notice, phase in told:
        for key, places in _homes(notice, atlas):
            found[key].append(Item(notice, phase, tuple(places)))
    parts = [Part(atlas.municipalities.get(key), tuple(sorted(items, key=_order))) for key, items in found.items()]
    return tuple(sorted(parts, key=lambda part: part.municipality.name if part.municipality else ""))


def _homes(notice: Notice, atlas: Atlas) -> Iterator[tuple[str, Sequence[Settlement]]]:
    """Ids of the municipalities that a notice concerns with its places there, the greatest first; "" for the krai."""
    served = notice.served
    if served.krai:
        yield "", ()
    yield from ((key, ()) for key in sorted(served.municipalities))
    places: dict[str, list[Settlement]] = defaultdict(list)
    for place_id in served.places:
        place = atlas.settlements[place_id]
        if place.municipality not in served.municipalities:
            places[place.municipality].append(place)
    for key, found in places.items():
        yield key, sorted(found, key=lambda place: (-(place.population or 0), place.id))


def _order(item: Item) -> tuple[datetime, str]:
    return item.notice.course.start, item.notice.incident.id
