"""The part of the desk that is the chief's: removal for legal reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubmap.desk.access import User, require
from kubmap.desk.room import Room
from kubmap.domain import Role
from kubmap.errors import InputError
from kubmap.store import purge

if TYPE_CHECKING:
    from kubmap.store.purge import Purged


class Removing(Room):
    """Removal, and its log."""

    def purge(self, who: User | None, incident_id: str, reason: str) -> Purged:
        """Remove a record wholly, with its history, for legal reasons. Raises InputError without one, NotFoundError."""
        me = require(who, Role.CHIEF)
        if not reason.strip():
            raise InputError("Назовите причину: она останется в журнале удалений.", field="reason")
        with self._writing() as writer:
            return purge.purge(writer, incident_id, actor=me.name, reason=reason.strip(), at=self._now())

    def purged(self, who: User | None) -> tuple[Purged, ...]:
        """The log of removals, newest first."""
        require(who, Role.CHIEF)
        with self._reading() as connection:
            return purge.log(connection)
