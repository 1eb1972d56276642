"""SnapshotCache: the snapshot of now; after a publish only what changed is read from the store."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from kubmap.atlas.atlas import load_atlas
from kubmap.read.columns import Columns, columns_of
from kubmap.read.details import StoreDetails
from kubmap.read.membership import Membership
from kubmap.read.places import PlaceIndex
from kubmap.read.snapshot import Kept, Snapshot
from kubmap.store.light import Light, State
from kubmap.store.reader import Reader
from kubmap.store.store import Store

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

_LOG = logging.getLogger(__name__)

POLL_S = 0.3
"""Least time between two looks at the store's revision; readers see a publish after this and the reading of it.

Open pages ask once a second (static/source.js): together they stay below two seconds.
"""

SPARE = 4
"""Places and headlines that nothing refers to are dropped when there are so many times more than those in use."""


class SnapshotCache:
    """Thread-safe. One thread reads the store; the others go on with the snapshot of before (except the very first).

    `atlas` tells which zones a place touches that spans several; the one that ships unless given. `warm` has a thread
    prepare search and grouping after each reading, so that no reader waits for it.
    """

    def __init__(
        self,
        store: Store,
        *,
        atlas: Atlas | None = None,
        warm: bool = False,
        poll_s: float = POLL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._atlas = atlas
        self._warm = warm
        self._poll_s = poll_s
        self._clock = clock
        self._lock = threading.Lock()
        self._details = StoreDetails(store)
        self._snapshot: Snapshot | None = None
        self._places: PlaceIndex | None = None
        self._kept = Kept()
        self._slots = 0
        self._next_poll = 0.0

    def current(self) -> Snapshot:
        """The newest snapshot; the one of before while the database does not answer."""
        known = self._snapshot
        if known is None:
            with self._lock:
                return self._snapshot or self._load()
        if self._clock() >= self._next_poll and self._lock.acquire(blocking=False):
            try:
                return self._refreshed(known)
            finally:
                self._lock.release()
        return known

    def peek(self) -> Snapshot | None:
        """The snapshot known, where no look at the store is due or another thread is at it; never waits."""
        fresh = self._clock() < self._next_poll or self._lock.locked()
        return self._snapshot if fresh else None

    def _refreshed(self, known: Snapshot) -> Snapshot:
        self._next_poll = self._clock() + self._poll_s
        try:
            return known if self._store.revision() == known.revision else self._load()
        except SQLAlchemyError:
            _LOG.exception("the store does not answer; serving revision %d", known.revision)
            return known

    def _load(self) -> Snapshot:
        with self._store.reading() as reader:
            state = reader.state()
            known = self._snapshot
            if known is not None and _follows(state, known) and self._is_tidy(known):
                self._snapshot = self._changed(known, state, reader)
            else:
                self._snapshot = self._built(state, reader)
        self._next_poll = self._clock() + self._poll_s
        if self._warm:
            threading.Thread(target=_prepare, args=(self._snapshot,), name="kubmap-warm", daemon=True).start()
        return self._snapshot

    def _is_tidy(self, known: Snapshot) -> bool:
        return max(len(known.places), self._slots) <= SPARE * (len(known) + 256)

    def _built(self, state: State, reader: Reader) -> Snapshot:
        self._places = PlaceIndex.begin(Membership(self._atlas or load_atlas()))
        self._kept, self._slots = Kept(), 0
        return self._made(state, self._columns(reader.light()))

    def _changed(self, known: Snapshot, state: State, reader: Reader) -> Snapshot:
        """The snapshot of before with the rows that changed since."""
        rows = list(reader.light(since=known.revision))
        old = [known.rows[row.id] for row in rows if row.id in known.rows]
        keep = np.ones(len(known), dtype=bool)
        keep[old] = False
        new = self._columns(row for row in rows if row.shown)
        columns, moved = known.columns.merged(keep, new)
        return known.followed(self._made(state, columns), moved)

    def _columns(self, rows: Iterator[Light]) -> Columns:
        assert self._places is not None, "a first build makes it"
        columns = columns_of(rows, self._places, self._kept.heads, first_slot=self._slots)
        self._slots += len(columns)
        return columns

    def _made(self, state: State, columns: Columns) -> Snapshot:
        assert self._places is not None, "a first build makes it"
        return Snapshot(
            epoch=state.epoch,
            revision=state.revision,
            demo=state.demo,
            columns=columns,
            places=self._places.grown(),
            details=self._details,
            kept=self._kept,
        )


def _prepare(snapshot: Snapshot) -> None:
    try:
        snapshot.prepare()
    except SQLAlchemyError:
        _LOG.exception("the store does not answer; search will be prepared when somebody searches")


def _follows(state: State, known: Snapshot) -> bool:
    """Whether the store went on from the state that is known (and was not replaced by another or an older one)."""
    return state.epoch == known.epoch and state.revision >= known.revision > 0
