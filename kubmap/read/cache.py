"""SnapshotCache: the snapshot of now, read again only when the store's revision has changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from kubmap.read.snapshot import Snapshot, build
from kubmap.store.store import Store

_LOG = logging.getLogger(__name__)

POLL_S = 0.5
"""Least time between two looks at the store's revision; readers see a publish after this and the building."""


class SnapshotCache:
    """Thread-safe. One thread reads the store; the others go on with the snapshot of before (except the very first)."""

    def __init__(self, store: Store, *, poll_s: float = POLL_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._poll_s = poll_s
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
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
        self._snapshot = build(self._store.published())
        self._next_poll = self._clock() + self._poll_s
        return self._snapshot
