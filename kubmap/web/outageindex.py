"""One outage index a process: routes and pages ask the same, and of a new snapshot only what changed is read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kubmap.read.residents import OutageIndex, grown

if TYPE_CHECKING:
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source


class IndexCache:
    """The outage index of the newest snapshot."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: OutageIndex | None = None

    def of(self, source: Source, now: Snapshot) -> OutageIndex:
        """The index of this snapshot."""
        known = self._index
        if known is not None and known.revision == now.etag:
            return known
        with self._lock:
            known = self._index
            if known is None or known.revision != now.etag:
                taken_back = source.ledger.taken_back() if source.ledger else ()
                known = self._index = grown(now, source.atlas, known, taken_back=taken_back)
            return known
