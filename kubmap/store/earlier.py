"""Which outages stand in the store, by utility and place: read once an import, so that each batch asks cheaply.

Only ids come out of here: what they say is read again when it matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from kubmap.atlas.words import words
from kubmap.domain import Category, Incident, Status
from kubmap.geocode.event import day_of
from kubmap.store import codec
from kubmap.store.schema import incidents as table

NEAR = timedelta(days=14)
"""What is moved was to begin no further away."""
SHOWN = (Status.PUBLISHED, Status.DRAFT)

Place = tuple[str, ...]
Span = tuple[date, date]

_OUTAGES = sorted(each.value for each in Category if each.is_outage)
_READ = (table.c.id, table.c.category, table.c.starts_at, table.c.ends_at, table.c.published_at, table.c.location,
         table.c.outage)  # fmt: skip


@dataclass(slots=True)
class Earlier:
    """The outages of the store; `refresh` takes those that came since. `own` are ids that the import added itself."""

    own: set[str] = field(default_factory=set)
    _spans: dict[tuple[str, Place], dict[str, Span]] = field(default_factory=lambda: defaultdict(dict))
    _last: str = ""

    def refresh(self, connection: Connection) -> None:
        there = table.c.category.in_(_OUTAGES) & table.c.status.in_([each.value for each in SHOWN])
        query = select(*_READ).where(there & (table.c.id > self._last) & table.c.duplicate_of.is_(None))
        for row in connection.execute(query.order_by(table.c.id).execution_options(yield_per=1000)).mappings():
            self._last = row["id"]
            span = _span_of(row)
            if span is None:
                continue
            for name in _names_of(row):
                self._spans[row["category"], name][row["id"]] = span

    def near(self, fresh: Incident, *, changes: bool) -> Iterator[str]:
        """Ids of outages of the same utility and place on the same days, or, when it `changes` one, near them."""
        span = span_of(fresh)
        wide = NEAR if changes else timedelta(0)
        for name in names_of(fresh) if span else ():
            for incident_id, (first, last) in self._spans.get((fresh.category.value, name), {}).items():
                meets = span is not None and span[0] - wide <= last and first <= span[1] + wide
                if meets and (changes or incident_id not in self.own):
                    yield incident_id


def names_of(incident: Incident) -> set[Place]:
    """The words of the places that a notice names."""
    told = incident.outage.places if incident.outage else ()
    return _names(told, incident.location.label if incident.location else "")


def span_of(incident: Incident) -> Span | None:
    """The first and the last day of an outage; of one without a beginning the day on which it was told."""
    begun = incident.starts_at or incident.published_at
    if begun is None:
        return None
    first = day_of(begun)
    return first, max(first, day_of(incident.ends_at)) if incident.ends_at else first


def _names(told: Iterable[str], label: str) -> set[Place]:
    return {words(name) for name in (*told, label.partition(",")[0]) if name}


def _names_of(row: Mapping[Any, Any]) -> set[Place]:
    outage = codec.loads(row["outage"]) if row["outage"] else {}
    location = codec.loads(row["location"]) if row["location"] else {}
    return _names(outage.get("places") or (), location.get("label") or "")


def _span_of(row: Mapping[Any, Any]) -> Span | None:
    begun = row["starts_at"] or row["published_at"]
    if begun is None:
        return None
    first = date.fromisoformat(begun[:10])
    return first, max(first, date.fromisoformat(row["ends_at"][:10])) if row["ends_at"] else first
