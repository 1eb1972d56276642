"""The desk of this process, over the store of the settings; pages and routes share it."""

from __future__ import annotations

from functools import lru_cache

from kubmap.desk.desk import Desk
from kubmap.settings import settings
from kubmap.store.store import Store
from kubmap.web.source import source


@lru_cache(maxsize=1)
def desk() -> Desk:
    """The one of this process; tests clear it with `desk.cache_clear()`."""
    atlas = source().atlas
    store = Store(settings().store_url)
    store.migrate()
    return Desk(store, atlas)
