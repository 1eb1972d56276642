"""Desk: everything that editors do. Every method takes who does it first, and asks whether they may.

Reading a page of teasers happens outside of transactions; every change is one transaction with its history.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kubmap.desk import acting, drafting, editing, joining, places
from kubmap.desk import board as boards
from kubmap.desk.access import User, require
from kubmap.desk.confidence import confidence
from kubmap.desk.paste import split
from kubmap.desk.values import (
    PASTE,
    Duplicate,
    Joined,
    Opened,
    Outcome,
    Page,
    PasteResult,
    Presence,
    QueueFilter,
    QueueItem,
    Saved,
    Working,
)
from kubmap.domain import MOSCOW, Incident, Location, Moment, Role
from kubmap.errors import InputError, NotFoundError
from kubmap.store import engine as engines
from kubmap.store import history, incidents, pairs, presence, purge, undo, working
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kubmap.atlas.atlas import Atlas
    from kubmap.desk.places import PlaceChoice, RoadChoice
    from kubmap.store.history import HistoryEntry
    from kubmap.store.incidents import Writer
    from kubmap.store.purge import Purged
    from kubmap.store.store import Store

LONGEST_PAGE: Final = 500
"""Drafts of one page of the queue."""
WORKING_KEPT: Final = timedelta(days=60)
"""Working copies that nobody touched for longer are dropped."""

Versions = Mapping[str, int]
"""Versions that the editor saw, by id; a record of another version is left alone."""


def _clock() -> datetime:
    return datetime.now(MOSCOW)


class Desk:
    """Safe to share between threads; every process has its own over the same store."""

    def __init__(self, store: Store, atlas: Atlas, *, now: Callable[[], datetime] = _clock) -> None:
        self._store = store
        self._atlas = atlas
        self._now = now
        self._board = boards.Board()

    # paste

    def paste(
        self,
        who: User | None,
        text: str,
        *,
        published: Moment | None = None,
        source_name: str | None = None,
        source_url: str | None = None,
    ) -> PasteResult:
        """Every teaser of the text as a draft; what was stored before is not stored twice.

        Without `published`, the date in front of a teaser counts, else today. Raises InputError.
        """
        me = require(who, Role.EDITOR)
        said = split(text)
        if not said.pieces:
            raise InputError("В тексте нет ни одного сообщения: вставьте хотя бы одно предложение.", field="text")
        origin = drafting.origin(self._now(), published, source_name=source_name, source_url=source_url)
        fresh = drafting.read(said.pieces, origin, self._atlas)
        with self._store.writing() as writer:
            drafts = drafting.store(writer, fresh, actor=me.name)
            working.discard(writer.connection, me.name, PASTE)
        return PasteResult(tuple(drafts), said.left_out)

    # queue

    def queue(
        self, who: User | None, filters: QueueFilter | None = None, *, after: str | None = None, limit: int = 50
    ) -> Page[QueueItem]:
        """Drafts, the least confident first. Raises InputError for an `after` that no page gave."""
        me = require(who, Role.EDITOR)
        wanted = filters or QueueFilter()
        with engines.reading(self._store.engine) as connection, self._board.looking(connection):
            ranked = self._board.ranked()
            passing = boards.passing(ranked, wanted, me=me.name)
            page = boards.page(passing, after, min(max(limit, 1), LONGEST_PAGE))
            items = self._items(connection, page, me)
            following = boards.token(page[-1]) if page and page[-1] is not passing[-1] else None
            return Page(items, len(passing), following, boards.counts(ranked))

    def _items(self, connection: Connection, page: list[boards.Entry], me: User) -> tuple[QueueItem, ...]:
        ids = [each.id for each in page]
        whole = {each.id: each for each in incidents.where(connection, table.c.id.in_(ids))}
        likely = self._board.likely(connection, whole.values())
        opened: dict[str, list[str]] = {}
        for incident_id, name, _ in presence.others(connection, ids, me.name, self._now()):
            opened.setdefault(incident_id, []).append(name)
        return tuple(
            QueueItem(
                whole[each.id], each.confidence, each.doubts, len(likely[each.id]), tuple(opened.get(each.id, ()))
            )
            for each in page
            if each.id in whole
        )

    # one record

    def open(self, who: User | None, incident_id: str) -> Opened:
        """A record with its history, likely duplicates, the editor's working copy and who else has it open.

        Raises NotFoundError.
        """
        me = require(who, Role.EDITOR)
        with engines.reading(self._store.engine) as connection:
            incident = incidents.get(connection, incident_id)
            copy = working.get(connection, me.name, incident_id)
            sure, doubts = confidence(incident)
            return Opened(
                incident=incident,
                confidence=sure,
                doubts=doubts,
                history=history.entries(connection, incident_id),
                duplicates=self._duplicates(connection, incident),
                others=self._others(connection, incident_id, me),
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
        with self._store.writing() as writer:
            saved = editing.save(
                writer, incident_id, base_version=base_version, changes=changes, actor=me.name, reason=reason,
                publish=publish,
            )  # fmt: skip
            working.discard(writer.connection, me.name, incident_id)
        return saved

    def publish(self, who: User | None, ids: Iterable[str], *, versions: Versions | None = None) -> Outcome:
        """Show drafts to readers; each that cannot be is among `failed`."""
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
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
        with self._store.writing() as writer:
            return acting.each(
                writer, ids, lambda it: editing.reject(writer, it, actor=me.name, reason=reason), versions=versions,
                actor=me.name, action="отклонить", now=self._now(),
            )  # fmt: skip

    def undo(self, who: User | None, token: str) -> Outcome:
        """Take an action back by a new version of each; what changed since is left alone and told.

        Raises NotFoundError for an action that was taken back or is old, AccessError for another editor's.
        """
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
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
        with self._store.writing() as writer:
            current = editing.expect(incidents.get(writer.connection, incident_id), base_version)
            return editing.retract(writer, current, actor=me.name, reason=reason)

    def restore(
        self, who: User | None, incident_id: str, to_version: int, *, base_version: int | None = None, reason: str = ""
    ) -> Incident:
        """A new version that says what an old one said. Raises NotFoundError, ConflictError."""
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
            current = editing.expect(incidents.get(writer.connection, incident_id), base_version)
            return editing.restore(writer, current, to_version, actor=me.name, reason=reason)

    # duplicates

    def duplicates(self, who: User | None, incident_id: str) -> tuple[Duplicate, ...]:
        """Likely duplicates among drafts and what is published, side by side. Raises NotFoundError."""
        require(who, Role.EDITOR)
        with engines.reading(self._store.engine) as connection:
            return self._duplicates(connection, incidents.get(connection, incident_id))

    def _duplicates(self, connection: Connection, incident: Incident) -> tuple[Duplicate, ...]:
        with self._board.looking(connection):
            matches = self._board.likely(connection, [incident])[incident.id]
        whole = {each.id: each for each in incidents.where(connection, table.c.id.in_([each.id for each in matches]))}
        return tuple(
            Duplicate(
                whole[match.id], match.score, match.same_event, match.reasons,
                joining.differences(incident, whole[match.id]), joining.offers(incident, whole[match.id]),
            )
            for match in matches
            if match.id in whole
        )  # fmt: skip

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
        with self._store.writing() as writer:
            both = [editing.expect(incidents.get(writer.connection, each), seen.get(each)) for each in (one, other)]
            yield writer, both[0], both[1]

    # places

    def at_point(
        self, who: User | None, lat: float, lon: float, *, radius_m: float | None = None, zoom: float | None = None
    ) -> Location:
        """See `places.at_point`."""
        require(who, Role.EDITOR)
        return places.at_point(self._atlas, lat, lon, radius_m=radius_m, zoom=zoom)

    def at_road_km(self, who: User | None, road_id: str, km: float) -> Location:
        """See `places.at_road_km`."""
        require(who, Role.EDITOR)
        return places.at_road_km(self._atlas, road_id, km)

    def at_place(self, who: User | None, place_id: str, *, near: bool = False) -> Location:
        """See `places.at_place`."""
        require(who, Role.EDITOR)
        return places.at_place(self._atlas, place_id, near=near)

    def at_krai(self, who: User | None) -> Location:
        """The krai as a whole: no pin."""
        require(who, Role.EDITOR)
        return places.at_krai()

    def find_places(self, who: User | None, query: str, *, limit: int = 10) -> tuple[PlaceChoice, ...]:
        """Places for what was typed, best first."""
        require(who, Role.EDITOR)
        return places.find_places(self._atlas, query, limit=limit)

    def roads(self, who: User | None) -> tuple[RoadChoice, ...]:
        """Roads for the form «дорога + км»."""
        require(who, Role.EDITOR)
        return places.roads(self._atlas)

    # working copies and presence

    def autosave(
        self, who: User | None, key: str, *, base_version: int | None = None, changes: Mapping[str, Any]
    ) -> datetime:
        """Keep what was typed (JSON values; None takes a key out); `key` is an incident's id or PASTE.

        Returns when it was kept. Raises InputError for more than 2 MB, NotFoundError for an unknown incident.
        """
        me = require(who, Role.EDITOR)
        now = self._now()
        with self._store.writing() as writer:
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
        with engines.reading(self._store.engine) as connection:
            copies = working.of_owner(connection, me.name)
        return tuple(Working(each.target, each.base_version, each.content, each.at) for each in copies)

    def discard(self, who: User | None, key: str) -> None:
        """Drop a working copy; none is no error."""
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
            working.discard(writer.connection, me.name, key)

    def touch(self, who: User | None, incident_id: str) -> tuple[Presence, ...]:
        """Say that the editor has it open, at least every 15 s; returns who else has. Raises NotFoundError."""
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
            incidents.get(writer.connection, incident_id)
            presence.touch(writer.connection, incident_id, me.name, self._now())
            return self._others(writer.connection, incident_id, me)

    def others(self, who: User | None, incident_id: str) -> tuple[Presence, ...]:
        """Who else has it open."""
        me = require(who, Role.EDITOR)
        with engines.reading(self._store.engine) as connection:
            return self._others(connection, incident_id, me)

    def leave(self, who: User | None, incident_id: str) -> None:
        """The editor closed it."""
        me = require(who, Role.EDITOR)
        with self._store.writing() as writer:
            presence.leave(writer.connection, incident_id, me.name)

    def _others(self, connection: Connection, incident_id: str, me: User) -> tuple[Presence, ...]:
        found = presence.others(connection, [incident_id], me.name, self._now())
        return tuple(Presence(name, at) for _, name, at in found)

    # chief

    def purge(self, who: User | None, incident_id: str, reason: str) -> Purged:
        """Remove a record wholly, with its history, for legal reasons. Raises InputError without one, NotFoundError."""
        me = require(who, Role.CHIEF)
        if not reason.strip():
            raise InputError("Назовите причину: она останется в журнале удалений.", field="reason")
        with self._store.writing() as writer:
            return purge.purge(writer, incident_id, actor=me.name, reason=reason.strip(), at=self._now())

    def purged(self, who: User | None) -> tuple[Purged, ...]:
        """The log of removals, newest first."""
        require(who, Role.CHIEF)
        with engines.reading(self._store.engine) as connection:
            return purge.log(connection)
