"""Ledger: what feeds tell beyond what is published now: what was taken back, and when each version was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kubmap.domain import Category, Incident, Status
from kubmap.errors import NotFoundError

if TYPE_CHECKING:
    from kubmap.store.store import Store

OUTAGES = tuple(category for category in Category if category.is_outage)


@dataclass(frozen=True, slots=True)
class Issue:
    """A version of an incident that readers could see, or that took it from them; `at` is when."""

    version: int
    at: datetime
    shown: bool


class Ledger(Protocol):
    """Where the past of incidents is asked for."""

    def taken_back(self) -> Sequence[Incident]:
        """Outages that were published once and are retracted now."""
        ...

    def issues(self, incident_id: str) -> Sequence[Issue]:
        """The versions that went out, oldest first; none for an unknown id."""
        ...


class StoreLedger:
    """Out of the store and its history."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def taken_back(self) -> Sequence[Incident]:
        with self._store.reading() as reader:
            return tuple(reader.taken_back(OUTAGES))

    def issues(self, incident_id: str) -> Sequence[Issue]:
        try:
            entries = self._store.history(incident_id)
        except NotFoundError:
            return ()
        found: list[Issue] = []
        for entry in entries:
            shown = entry.snapshot.status is Status.PUBLISHED
            if shown or (found and found[-1].shown):
                found.append(Issue(entry.version, entry.at, shown))
        return tuple(found)
