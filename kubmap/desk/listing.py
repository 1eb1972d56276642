"""The part of the desk that lists: the queue of drafts, and records by their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kubmap.desk import searching
from kubmap.desk.access import User, require
from kubmap.desk.entry import Entry
from kubmap.desk.room import Room
from kubmap.desk.values import Page, QueueFilter, QueueItem
from kubmap.domain import Category, Incident, Role, Status
from kubmap.store import incidents, presence
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

LONGEST_PAGE: Final = 500
"""Records of one page."""


class Listing(Room):
    """The queue, and a search."""

    def queue(
        self, who: User | None, filters: QueueFilter | None = None, *, after: str | None = None, limit: int = 50
    ) -> Page[QueueItem]:
        """Drafts, the least confident first. Raises InputError for an `after` that no page gave."""
        me = require(who, Role.EDITOR)
        wanted = filters or QueueFilter()
        with self._board.looking() as connection:
            size = min(max(limit, 1), LONGEST_PAGE)
            view = self._board.view(connection, wanted, me=me.name, after=after, limit=size)
            items = self._items(connection, view.entries, me)
            if self._board.is_whole:  # one thing after another
                self._searcher.warm(connection)
            return Page(items, view.total, view.following, view.counts)

    def _items(self, connection: Connection, page: Sequence[Entry], me: User) -> tuple[QueueItem, ...]:
        ids = [each.id for each in page]
        whole = {each.id: each for each in incidents.where(connection, table.c.id.in_(ids))}
        ready = self._board.is_ready(connection, whole.values())
        likely = self._board.likely(connection, whole.values()) if ready else None
        opened: dict[str, list[str]] = {}
        for incident_id, name, _ in presence.others(connection, ids, me.name, self._now()):
            opened.setdefault(incident_id, []).append(name)
        return tuple(
            QueueItem(
                whole[each.id],
                each.confidence,
                each.doubts,
                None if likely is None else len(likely[each.id]),
                tuple(opened.get(each.id, ())),
            )
            for each in page
            if each.id in whole
        )

    def find(  # noqa: PLR0913  keyword-only options
        self,
        who: User | None,
        text: str = "",
        *,
        status: Status | None = None,
        category: Category | None = None,
        source: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Incident]:
        """Records of any status, newest first, by words that all occur in title, text or place, by an id or a link."""
        require(who, Role.EDITOR)
        wanted = searching.Wanted(text, status, category, source)
        found, total = self._searcher.find(wanted, after=after, limit=min(max(limit, 1), LONGEST_PAGE))
        more = len(found) < total and bool(found)
        return Page(found, total, found[-1].id if more else None)
