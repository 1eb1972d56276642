"""The board: what the desk keeps in memory of the store (the queue, the index of duplicates), read change by change.

Every process has its own; any number of threads share it. Nothing here is the truth: that is the store. Many drafts are
read by a thread; until it has, the database tells the queue (`drawer`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from threading import RLock, Thread
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from kubmap.atlas.words import fold
from kubmap.desk import drawer, watch
from kubmap.desk.entry import Entry, View, counted, entry_of, page, token
from kubmap.desk.twins import Twins
from kubmap.desk.values import QueueFilter
from kubmap.domain import Incident, Status
from kubmap.store import incidents, pairs
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubmap.read.similar import Match

_LOG = logging.getLogger(__name__)

AT_ONCE = 1_000
"""Records that are read for the queue while an editor waits (about half a second)."""
_CHUNK = 500
_FEW = 60
_PAUSE_S = 0.005


class Board:
    """Ask inside `looking`: everything then tells of one state of the store, not older than the connection's."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading
        self._preparing = False
        self._waiting = 0
        self._todo: list[int] = []
        self._counts: Mapping[str, Mapping[str, int]] = {}
        self._lock = RLock()
        self._mark: watch.Mark | None = None
        self._entries: dict[str, Entry] | None = None
        self._reading_entries = False
        self._ranked: list[Entry] | None = None
        self._twins = Twins()

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Hold the board, brought up to date by what the connection given sees."""
        self._waiting += 1
        try:
            self._lock.acquire()
        finally:
            self._waiting -= 1
        try:
            with self._reading() as connection:  # after the lock: no older state than the board's is read
                self._catch_up(connection)
                yield connection
        finally:
            self._lock.release()

    def view(self, connection: Connection, wanted: QueueFilter, *, me: str, after: str | None, limit: int) -> View:
        """A page of the queue. Raises InputError for an `after` that no page gave."""
        if self._entries is None and drawer.holds_many(connection, AT_ONCE):
            found = drawer.view(connection, wanted, me=me, after=after, limit=limit)
            if found is not None:
                self._read_entries_soon()
                return found
        ranked = self._all(connection)
        passed = passing(ranked, wanted, me=me)
        shown = page(passed, after, limit)
        following = token(shown[-1]) if shown and shown[-1] is not passed[-1] else None
        return View(tuple(shown), len(passed), following, self._counts)

    @property
    def is_whole(self) -> bool:
        """Whether all drafts are in memory."""
        return self._entries is not None

    def _all(self, connection: Connection) -> Sequence[Entry]:
        """All drafts, in the order of the queue."""
        if self._entries is None:
            self._entries = _drafts(connection)
        if self._ranked is None:
            self._ranked = sorted(self._entries.values(), key=lambda each: each.rank)
            self._counts = counted((each.category, each.zone, each.source, each.codes, 1) for each in self._ranked)
        return self._ranked

    def _read_entries_soon(self) -> None:
        if not self._reading_entries:
            self._reading_entries = True
            Thread(target=self._read_entries, name="kubmap-queue", daemon=True).start()

    def _read_entries(self) -> None:
        """Read all drafts, then what changed meanwhile."""
        try:
            with self._reading() as connection:
                mark, found = watch.mark(connection), _drafts(connection)
            with self.looking() as connection:
                if self._entries is None and self._mark is not None and self._mark.epoch == mark.epoch:
                    self._entries = found
                    for each in _versions(connection, watch.changed(connection, mark)):
                        self._enter(each)
        except SQLAlchemyError:
            _LOG.exception("the store does not answer; the queue is read when it is asked for again")
        finally:
            self._reading_entries = False

    def is_ready(self, connection: Connection, found: Iterable[Incident]) -> bool:
        """Whether `likely` answers at once; where much has to be read for it, a thread does, the last asked for first.

        The months of one question are read from the latest on.
        """
        missing = self._twins.missing(found)
        if not missing or (not self._todo and self._twins.count(connection, missing) <= AT_ONCE):
            return True
        self._todo = [*(each for each in self._todo if each not in missing), *sorted(missing)]
        if not self._preparing:
            self._preparing = True
            Thread(target=self._prepare, args=(self._twins,), name="kubmap-twins", daemon=True).start()
        return False

    def _prepare(self, twins: Twins) -> None:
        """Read months, a few records at a time, so that nobody waits for it."""
        try:
            while (month := self._next(twins)) is not None:
                with self.looking() as connection:
                    ids = twins.ids(connection, month)
                for start in range(0, len(ids), _FEW):
                    self._let_pass()
                    with self.looking() as connection:
                        twins.take(connection, ids[start : start + _FEW])
                twins.end(month)
        except SQLAlchemyError:
            _LOG.exception("the store does not answer; likely duplicates are read when they are asked for again")
        finally:
            self._preparing = False

    def _next(self, twins: Twins) -> int | None:
        """The month to read; None when all are, or when the board began anew."""
        with self._lock:
            if self._twins is not twins:
                return None
            return self._todo.pop() if self._todo else None

    def _let_pass(self) -> None:
        """Editors first: a lock alone does not say who waits longer."""
        sleep(_PAUSE_S)
        while self._waiting:
            sleep(_PAUSE_S)

    def likely(self, connection: Connection, found: Iterable[Incident]) -> dict[str, tuple[Match, ...]]:
        """By id, likely duplicates without the pairs that an editor told apart."""
        given = list(found)
        apart = pairs.apart(connection, [each.id for each in given])
        matches = {each.id: self._twins.find(connection, each) for each in given}
        return {
            name: tuple(match for match in those if match.id not in apart.get(name, ()))
            for name, those in matches.items()
        }

    def _catch_up(self, connection: Connection) -> None:
        now = watch.mark(connection)
        if self._mark is None or now.epoch != self._mark.epoch:
            self._entries, self._twins, self._todo = None, Twins(), []
        elif now.history > self._mark.history:
            fresh = _versions(connection, watch.changed(connection, self._mark))
            while part := list(islice(fresh, _CHUNK)):
                self._take(part)
        else:
            return
        self._ranked = None
        self._mark = now

    def _take(self, fresh: list[Incident]) -> None:
        for each in fresh:
            self._enter(each)
        self._twins.changed(fresh)

    def _enter(self, incident: Incident) -> None:
        if self._entries is None:
            return
        if incident.status is Status.DRAFT:
            self._entries[incident.id] = entry_of(incident)
        else:
            self._entries.pop(incident.id, None)


def _drafts(connection: Connection) -> dict[str, Entry]:
    return {each.id: entry_of(each) for each in incidents.where(connection, table.c.status == Status.DRAFT.value)}


def _versions(connection: Connection, ids: Sequence[str]) -> Iterator[Incident]:
    """These records as they are now."""
    for start in range(0, len(ids), _CHUNK):
        yield from incidents.where(connection, table.c.id.in_(ids[start : start + _CHUNK]))


def passing(entries: Iterable[Entry], wanted: QueueFilter, *, me: str) -> list[Entry]:
    """The drafts that pass, in the order given."""
    needles = fold(wanted.text).split()
    return [each for each in entries if _passes(each, wanted, me) and all(word in each.words for word in needles)]


def _passes(entry: Entry, wanted: QueueFilter, me: str) -> bool:
    return (
        (not wanted.categories or entry.category in wanted.categories)
        and (not wanted.zones or entry.zone in wanted.zones)
        and (not wanted.sources or entry.source in wanted.sources)
        and (not wanted.doubts or any(doubt.code in wanted.doubts for doubt in entry.doubts))
        and (not wanted.mine or entry.author == me)
        and _on_days(entry, wanted)
    )


def _on_days(entry: Entry, wanted: QueueFilter) -> bool:
    if wanted.since is None and wanted.until is None:
        return True
    if entry.days is None:
        return False
    first, last = entry.days
    return (wanted.since is None or last >= wanted.since) and (wanted.until is None or first <= wanted.until)
