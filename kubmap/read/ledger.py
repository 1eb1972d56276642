"""StoreLedger: what feeds tell beyond what is published now, out of the store and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubmap.domain import Category, Incident, Status
from kubmap.errors import NotFoundError
from kubmap.read.issue import Issue

if TYPE_CHECKING:
    from kubmap.store.store import Store

OUTAGES = tuple(category for category in Category if category.is_outage)


class StoreLedger:
    """A `kubmap.read.issue.Ledger` over a store."""

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
