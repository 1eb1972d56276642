"""Filter: what a reader asked for, and which rows of a snapshot pass it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kubmap.read.columns import CATEGORIES, NO_DAY
from kubmap.read.search import needles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kubmap.domain import Category
    from kubmap.read.places import BBox, Mask
    from kubmap.read.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asked for; None or empty stands for everything. `since` and `until` are days, both included.

    An incident is in the period when any day of it is: from its start (else its publication) to its end (else its
    start). One without any date is in no period. Zones and municipalities are names; what spans several belongs to each
    of them. `text` are words that all occur in title, text or place: see `kubmap.read.search`.
    """

    categories: frozenset[Category] | None = None
    since: date | None = None
    until: date | None = None
    zones: frozenset[str] | None = None
    municipalities: frozenset[str] | None = None
    bbox: BBox | None = None
    text: str = ""


def mask(snapshot: Snapshot, wanted: Filter) -> Mask:
    """Whether each row passes."""
    passing = np.ones(len(snapshot), dtype=bool)
    for each in _masks(snapshot, wanted):
        passing &= each
    return passing


def _masks(snapshot: Snapshot, wanted: Filter) -> Iterator[Mask]:
    columns, places = snapshot.columns, snapshot.places
    if wanted.categories:
        yield lookup(np.array([each in wanted.categories for each in CATEGORIES]), columns.category)
    if wanted.zones:
        yield lookup(places.in_zones(wanted.zones), columns.place)
    if wanted.municipalities:
        yield lookup(places.in_municipalities(wanted.municipalities), columns.place)
    if wanted.bbox is not None:
        yield lookup(places.touching(wanted.bbox), columns.place)
    if wanted.since is not None:
        yield columns.last_day >= wanted.since.toordinal()
    if wanted.until is not None:
        yield (columns.first_day != NO_DAY) & (columns.first_day <= wanted.until.toordinal())
    if needles(wanted.text):
        snapshot.learn()
        yield snapshot.index.holding(wanted.text, columns.slot)


def lookup(table: Any, codes: Any) -> Mask:
    """What a table says of each code."""
    found: Mask = table[codes]
    return found
