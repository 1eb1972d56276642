"""The part of the desk that works on records: open, save, publish, take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kubmap.desk import acting, drafting, editing, fields, places
from kubmap.desk.access import User, require
from kubmap.desk.room import Room
from kubmap.desk.values import Opened, Outcome, Saved
from kubmap.domain import Incident, Role
from kubmap.errors import NotFoundError
from kubmap.store import history, incidents, undo, working
from kubmap.store.confidence import confidence

if TYPE_CHECKING:
    from kubmap.store.history import HistoryEntry

Versions = Mapping[str, int]
"""Versions that the editor saw, by id; a record of another version is left alone."""


class Recording(Room):
    """One record, or several of them at once."""

    def open(self, who: User | None, incident_id: str) -> Opened:
        """A record with its history, likely duplicates, the editor's working copy and who else has it open.

        Raises NotFoundError.
        """
        me = require(who, Role.EDITOR)
        with self._reading() as connection:
            incident = incidents.get(connection, incident_id)
            copy = working.get(connection, me.name, incident_id)
            entries = history.entries(connection, incident_id)
            others = self._others(connection, incident_id, me)
        sure, doubts = confidence(incident)
        likely = self._duplicates(incident, wait=False)
        return Opened(
            incident=incident,
            confidence=sure,
            doubts=doubts,
            history=entries,
            duplicates=likely or (),
            duplicates_known=likely is not None,
            others=others,
            working=copy.content if copy else {},
            working_base=copy.base_version if copy else None,
            working_at=copy.at if copy else None,
        )

    def version(self, who: User | None, incident_id: str, version: int) -> HistoryEntry:
        """An old version, whole. Raises NotFoundError."""
        require(who, Role.EDITOR)
        for entry in self._store.history(incident_id):
            if entry.version == version:
                return entry
        raise NotFoundError(f"нет версии {version} записи {incident_id}")

    def reread(self, who: User | None, incident_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What the program reads in the text as an editor has changed it: changes to put into the form and save.

        `changes` are those of the form (text, title, published_at count); a verified place is left alone. Raises
        FieldErrors, NotFoundError.
        """
        require(who, Role.EDITOR)
        return drafting.reread(self._store.get(incident_id), changes, self._atlas)

    def save(  # noqa: PLR0913  keyword-only options
        self,
        who: User | None,
        incident_id: str,
        *,
        base_version: int,
        changes: Mapping[str, Any],
        reason: str = "",
        publish: bool = False,
    ) -> Saved:
        """Store what an editor changed since `base_version`, and with `publish` show it to readers.

        What others changed meanwhile is kept; a field that both changed raises Clash. Raises FieldErrors too,
        NotFoundError. The editor's working copy is dropped.
        """
        me = require(who, Role.EDITOR)
        told = places.checked(self._atlas, fields.read(changes))
        with self._writing() as writer:
            saved = editing.save(
                writer, incident_id, base_version=base_version, changes=told, actor=me.name, reason=reason,
                publish=publish,
            )  # fmt: skip
            working.discard(writer.connection, me.name, incident_id)
        return saved

    def publish(self, who: User | None, ids: Iterable[str], *, versions: Versions | None = None) -> Outcome:
        """Show drafts to readers; each that cannot be is among `failed`."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            done = acting.each(
                writer, ids, lambda it: editing.publish(writer, it, actor=me.name), versions=versions, actor=me.name,
                action="опубликовать", now=self._now(),
            )  # fmt: skip
            for each in done.done:
                working.discard(writer.connection, me.name, each.id)
        return done

    def reject(
        self, who: User | None, ids: Iterable[str], *, reason: str = "", versions: Versions | None = None
    ) -> Outcome:
        """Turn drafts down: they leave the queue, and no import brings them back."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            return acting.each(
                writer, ids, lambda it: editing.reject(writer, it, actor=me.name, reason=reason), versions=versions,
                actor=me.name, action="отклонить", now=self._now(),
            )  # fmt: skip

    def undo(self, who: User | None, token: str) -> Outcome:
        """Take an action back by a new version of each; what changed since is left alone and told.

        Raises NotFoundError for an action that was taken back or is old, AccessError for another editor's.
        """
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            action = undo.get(writer.connection, token)
            if action is None:
                raise NotFoundError("Это действие уже отменено или сделано давно: верните версию в истории записи.")
            if action.actor != me.name:
                require(me, Role.CHIEF)
            undo.done(writer.connection, token)
            return acting.back(writer, action, actor=me.name)

    def retract(self, who: User | None, incident_id: str, reason: str, *, base_version: int | None = None) -> Incident:
        """Take a record from readers; its permalink tells the reason. Raises InputError, ConflictError."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            current = editing.expect(incidents.get(writer.connection, incident_id), base_version)
            return editing.retract(writer, current, actor=me.name, reason=reason)

    def restore(
        self, who: User | None, incident_id: str, to_version: int, *, base_version: int | None = None, reason: str = ""
    ) -> Incident:
        """A new version that says what an old one said. Raises NotFoundError, ConflictError."""
        me = require(who, Role.EDITOR)
        with self._writing() as writer:
            current = editing.expect(incidents.get(writer.connection, incident_id), base_version)
            return editing.restore(writer, current, to_version, actor=me.name, reason=reason)
