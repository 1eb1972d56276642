"""The part of the desk that puts two records of one event together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubmap.desk import acting, editing, joining
from kubmap.desk.access import User, require
from kubmap.desk.room import Room
from kubmap.desk.values import Duplicate, Joined
from kubmap.domain import Incident, Role
from kubmap.errors import InputError
from kubmap.store import incidents, pairs

if TYPE_CHECKING:
    from kubmap.store.incidents import Writer

Versions = Mapping[str, int]
"""Versions that the editor saw, by id."""


class Pairing(Room):
    """Likely duplicates, and what becomes of them."""

    def duplicates(self, who: User | None, incident_id: str) -> tuple[Duplicate, ...]:
        """Likely duplicates among drafts and what is published, side by side. Raises NotFoundError."""
        require(who, Role.EDITOR)
        return self._duplicates(self._store.get(incident_id)) or ()

    def merge(
        self, who: User | None, keep: str, other: str, *, take: Collection[str] = (), versions: Versions | None = None
    ) -> Joined:
        """Two records of one event: `keep` gets the other's sources and the fields to `take`; the other leaves the map.

        Raises NotFoundError, ConflictError, InputError.
        """
        me = require(who, Role.EDITOR)
        with self._joining(keep, other, versions) as (writer, kept, gone):
            wanted = joining.merged(kept, gone, take=take)
            left = joining.absorbed(gone, kept)
            return acting.join(writer, kept, wanted, gone, left, actor=me.name, action="объединено", now=self._now())

    def link_update(
        self, who: User | None, earlier: str, later: str, *, versions: Versions | None = None
    ) -> Joined:  # fmt: skip
        """`later` tells `earlier` anew: its facts become the next version of the earlier, which keeps its place.

        Raises NotFoundError, ConflictError, InputError.
        """
        me = require(who, Role.EDITOR)
        with self._joining(earlier, later, versions) as (writer, first, last):
            wanted = joining.updated(first, last)
            left = joining.absorbed(last, first)
            return acting.join(writer, first, wanted, last, left, actor=me.name, action="обновление", now=self._now())

    def not_duplicate(self, who: User | None, one: str, other: str) -> None:
        """Remembered for the pair, both ways. Raises NotFoundError, InputError."""
        me = require(who, Role.EDITOR)
        with self._joining(one, other, None) as (writer, *_):
            pairs.remember(writer.connection, one, other, actor=me.name, at=self._now())

    @contextmanager
    def _joining(
        self, one: str, other: str, versions: Versions | None
    ) -> Iterator[tuple[Writer, Incident, Incident]]:  # fmt: skip
        if one == other:
            raise InputError("Это одна и та же запись.", field="other")
        seen = versions or {}
        with self._writing() as writer:
            both = [editing.expect(incidents.get(writer.connection, each), seen.get(each)) for each in (one, other)]
            yield writer, both[0], both[1]
