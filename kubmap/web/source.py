"""Where the web layer takes its values from: the atlas and the snapshot. The only module that opens the store."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.read.cache import SnapshotCache
from kubmap.read.ledger import StoreLedger
from kubmap.settings import settings
from kubmap.store.store import Store
from kubmap.web.outageindex import IndexCache

if TYPE_CHECKING:
    from pathlib import Path

    from kubmap.atlas.atlas import Atlas
    from kubmap.read.issue import Ledger
    from kubmap.read.snapshot import Snapshot


class Snapshots(Protocol):
    """Gives the snapshot of now; `kubmap.read.cache.SnapshotCache` is one, a test gives its own."""

    def current(self) -> Snapshot: ...


@dataclass(frozen=True, slots=True)
class Source:
    """What routes and pages read."""

    atlas: Atlas
    folder: Path
    snapshots: Snapshots
    frame_ancestors: str = "*"
    public_url: str = "http://127.0.0.1:8501"
    ledger: Ledger | None = None
    outages: IndexCache = field(default_factory=IndexCache, compare=False, repr=False)

    def now(self) -> Snapshot:
        """The snapshot to answer from; every answer of a request comes from one."""
        return self.snapshots.current()

    def peek(self) -> Snapshot | None:
        """The snapshot known now, at no cost; None when `now` must look, which may take long."""
        peek = getattr(self.snapshots, "peek", None)
        return None if peek is None else cast("Snapshot | None", peek())


def open_source(*, warm: bool = True) -> Source:
    """The source of the settings: the atlas that ships, the store migrated; `warm` as of `SnapshotCache`."""
    chosen = settings()
    chosen.home.mkdir(parents=True, exist_ok=True)
    store = Store(chosen.store_url)
    store.migrate()
    atlas = load_atlas()
    snapshots = SnapshotCache(store, atlas=atlas, warm=warm)
    return Source(atlas, data_folder(), snapshots, chosen.frame_ancestors, chosen.public_url, StoreLedger(store))


_OPENING = threading.Lock()


@lru_cache(maxsize=1)
def _opened() -> Source:
    return open_source()


def source() -> Source:
    """The one source of this process, whoever asks first."""
    with _OPENING:  # two threads that ask at once would hold the archive twice
        return _opened()
