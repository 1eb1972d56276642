"""Room: what all parts of the desk share: the store, the atlas, the clock, the board."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from kubmap.desk import joining
from kubmap.desk.access import User
from kubmap.desk.board import Board
from kubmap.desk.searching import Searcher
from kubmap.desk.values import Duplicate, Presence
from kubmap.domain import MOSCOW, Incident
from kubmap.store import engine as engines
from kubmap.store import incidents, presence
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kubmap.atlas.atlas import Atlas
    from kubmap.store.incidents import Writer
    from kubmap.store.store import Store


def clock() -> datetime:
    """Now, Moscow time."""
    return datetime.now(MOSCOW)


class Room:
    """Parts of `kubmap.desk.desk.Desk` inherit from it; every public method of theirs asks for the role first."""

    def __init__(self, store: Store, atlas: Atlas, *, now: Callable[[], datetime] = clock) -> None:
        self._store = store
        self._atlas = atlas
        self._now = now
        self._board = Board(self._reading)
        self._searcher = Searcher(self._reading)

    def _reading(self) -> AbstractContextManager[Connection]:
        """One state of the store."""
        return engines.reading(self._store.engine)

    def _writing(self) -> AbstractContextManager[Writer]:
        """One transaction."""
        return self._store.writing()

    def _duplicates(self, incident: Incident, *, wait: bool = True) -> tuple[Duplicate, ...] | None:
        """None where much has to be read for them, and nobody wants to wait.

        Never asked while a connection is held: who waits for the board must not hold what its holder needs.
        """
        with self._board.looking() as now:
            if not (wait or self._board.is_ready(now, [incident])):
                return None
            matches = self._board.likely(now, [incident])[incident.id]
            ids = [each.id for each in matches]
            whole = {each.id: each for each in incidents.where(now, table.c.id.in_(ids))}
        return tuple(
            Duplicate(
                whole[match.id], match.score, match.same_event, match.reasons,
                joining.differences(incident, whole[match.id]), joining.offers(incident, whole[match.id]),
            )
            for match in matches
            if match.id in whole
        )  # fmt: skip

    def _others(self, connection: Connection, incident_id: str, me: User) -> tuple[Presence, ...]:
        found = presence.others(connection, [incident_id], me.name, self._now())
        return tuple(Presence(name, at) for _, name, at in found)
