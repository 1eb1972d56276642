"""Entry: a draft as the queue sorts and filters it; the order of the queue, and where a page of it goes on."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from kubmap.atlas.words import fold
from kubmap.desk.twins import days_of
from kubmap.domain import Incident
from kubmap.errors import InputError
from kubmap.store.confidence import Doubt, confidence

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""How many drafts of each category, zone, source and doubt."""

FACETS: Final = ("category", "zone", "source", "doubt")


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft as the queue sorts and filters it."""

    id: str
    version: int
    confidence: float
    doubts: tuple[Doubt, ...]
    category: str
    zone: str
    source: str
    days: tuple[date, date] | None
    author: str
    words: str

    @property
    def rank(self) -> tuple[float, str]:
        """Least confident first; of equals the older."""
        return self.confidence, self.id

    @property
    def codes(self) -> list[str]:
        """Of its doubts."""
        return [each.code for each in self.doubts]


@dataclass(frozen=True, slots=True)
class View:
    """A page of the queue: `total` drafts pass, `following` asks for the next page, `counts` are of all drafts."""

    entries: tuple[Entry, ...]
    total: int
    following: str | None
    counts: Counts


def entry_of(incident: Incident) -> Entry:
    sure, doubts = confidence(incident)
    at = incident.location
    begun = incident.starts_at or incident.published_at
    return Entry(
        incident.id, incident.version, sure, doubts, incident.category.value, (at.zone or "") if at else "",
        incident.source_name or "", days_of(incident) if begun else None, incident.created_by,
        words_of(incident.title, incident.text, at.label if at else ""),
    )  # fmt: skip


def words_of(title: str | None, text: str, place: str) -> str:
    """What the queue is searched by, folded."""
    return fold(f"{title or ''} {text} {place}")


def counted(rows: Iterable[tuple[str, str, str, Sequence[str], int]]) -> Counts:
    """Of rows (category, zone, source, codes of doubts, how many); the most first, of equals by name."""
    found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for category, zone, source, codes, count in rows:
        for name, values in zip(FACETS, ((category,), (zone,), (source,), codes), strict=True):
            for value in values:
                found[name][value] += count
    return {name: dict(sorted(those.items(), key=lambda each: (-each[1], each[0]))) for name, those in found.items()}


def page(entries: Sequence[Entry], after: str | None, limit: int) -> list[Entry]:
    """At most `limit` of the ranked entries that come after a token. Raises InputError for what is none."""
    start = bisect_right(entries, rank_of(after), key=lambda each: each.rank) if after else 0
    return list(entries[start : start + limit])


def token(entry: Entry) -> str:
    """What asks for the entries after this one, even when it has left the queue since."""
    return f"{entry.confidence:.4f}:{entry.id}"


def rank_of(text: str) -> tuple[float, str]:
    """Confidence and id of a token. Raises InputError."""
    sure, _, name = text.partition(":")
    try:
        return float(sure), name
    except ValueError:
        raise InputError("продолжение списка не читается: откройте очередь заново", field="after") from None
