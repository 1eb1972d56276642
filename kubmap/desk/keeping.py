"""The part of the desk that keeps what is typed, and tells who else is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kubmap.desk.access import User, require
from kubmap.desk.room import Room
from kubmap.desk.values import PASTE, Presence, Working
from kubmap.domain import Role
from kubmap.store import incidents, presence, working

WORKING_KEPT: Final = timedelta(days=60)
"""Working copies that nobody touched for longer are dropped."""


class Keeping(Room):
    """Working copies and presence."""

    def autosave(
        self, who: User | None, key: str, *, base_version: int | None = None, changes: Mapping[str, Any]
    ) -> datetime:
        """Keep what was typed (JSON values; None takes a key out); `key` is an incident's id or PASTE.

        Returns when it was kept. Raises InputError for more than 2 MB, NotFoundError for an unknown incident.
        """
        me = require(who, Role.EDITOR)
        now = self._now()
        with self._writing() as writer:
            if key != PASTE:
                incidents.get(writer.connection, key)
            working.put(writer.connection, me.name, key, base_version=base_version, changes=changes, at=now)
            working.clean(writer.connection, now - WORKING_KEPT)
            if key != PASTE:
                presence.touch(writer.connection, key, me.name, now)
        return now

    def working(self, who: User | None) -> tuple[Working, ...]:
        """The editor's working copies, newest first."""
        me = require(who, Role.EDITOR)
        with self._reading() as connection:
            copies = working.of_owner(connection, me.name)
        return tuple(Working(each.target, each.base_version, each.content, each.at) for each in copies)

    def discard(self, who: User | None, key: str) -> None:
        """Drop a working copy; none is no error."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            working.discard(writer.connection, me.name, key)

    def touch(self, who: User | None, incident_id: str) -> tuple[Presence, ...]:
        """Say that the editor has it open, at least every 15 s; returns who else has. Raises NotFoundError."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            incidents.get(writer.connection, incident_id)
            presence.touch(writer.connection, incident_id, me.name, self._now())
            return self._others(writer.connection, incident_id, me)

    def others(self, who: User | None, incident_id: str) -> tuple[Presence, ...]:
        """Who else has it open."""
        me = require(who, Role.EDITOR)
        with self._reading() as connection:
            return self._others(connection, incident_id, me)

    def leave(self, who: User | None, incident_id: str) -> None:
        """The editor closed it."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            presence.leave(writer.connection, incident_id, me.name)
