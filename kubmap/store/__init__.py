"""The database: versioned incidents, append-only history, imports."""

from kubmap.store.history import Change, HistoryEntry
from kubmap.store.store import Store

__all__ = ["Change", "HistoryEntry", "Store"]
