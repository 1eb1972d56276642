"""StoreLedger: what feeds tell beyond what is published now, out of the store and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubmap.domain import Category, Incident, Status
from kubmap.errors import NotFoundError
from kubmap.read.issue import Fate, Issue

if TYPE_CHECKING:
    from kubmap.store.history import HistoryEntry
    from kubmap.store.store import Store

OUTAGES = tuple(category for category in Category if category.is_outage)


class StoreLedger:
    """A `kubmap.read.issue.Ledger` over a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def taken_back(self) -> Sequence[Incident]:
        with self._store.reading() as reader:
            return tuple(reader.taken_back(OUTAGES))

    def fate(self, incident_id: str) -> Fate | None:
        try:
            entries = self._store.history(incident_id)
        except NotFoundError:
            return None
        now = entries[-1].snapshot
        if now.status is not Status.RETRACTED or all(each.snapshot.status is not Status.PUBLISHED for each in entries):
            return None
        told = next(each for each in reversed(entries) if _retracts(each))
        return Fate(told.reason, told.at, now.duplicate_of)

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


def _retracts(entry: HistoryEntry) -> bool:
    """Whether this version took it away; a record that was stored so is its own first one."""
    return entry.version == 1 or any(
        change.field == "status" and change.after == Status.RETRACTED.value for change in entry.diff
    )
