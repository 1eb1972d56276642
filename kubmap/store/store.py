"""Store: what the rest of kubmap knows of the database."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kubmap.domain import MOSCOW, Incident, Status
from kubmap.errors import NotFoundError
from kubmap.store import drafts, history, incidents, meta
from kubmap.store import engine as engines
from kubmap.store.checks import CHANGEABLE
from kubmap.store.history import HistoryEntry
from kubmap.store.incidents import Writer
from kubmap.store.light import Published
from kubmap.store.migrate import migrate
from kubmap.store.reader import Reader


def _clock() -> datetime:
    return datetime.now(MOSCOW)


class Store:
    """Incidents with versions and an append-only history, on SQLite or PostgreSQL; safe to share between threads.

    Every write appends to history in the same transaction. `now` gives the time of a write (aware).
    """

    def __init__(self, url: str, *, now: Callable[[], datetime] = _clock) -> None:
        self.engine = engines.open_engine(url)
        self._now = now

    def migrate(self) -> None:
        """Make or update the schema; call once before use. Raises DataError for a database of a newer kubmap."""
        migrate(self.engine)
        drafts.renew(self.engine)
        with engines.reading(self.engine) as connection:
            epoch = meta.read(connection, "epoch")
        if not epoch:
            self._begin_epoch()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Several changes in one transaction: all or none, and one new revision for readers."""
        with engines.writing(self.engine) as connection:
            yield Writer(connection, now=self._now)

    def add(self, incident: Incident, *, actor: str, reason: str = "") -> Incident:
        """The incident as stored, with its id and version 1. Raises InputError."""
        with self.writing() as writer:
            return writer.add(incident, actor=actor, reason=reason)

    def update(
        self, incident_id: str, *, expected_version: int, changes: Mapping[str, Any], actor: str, reason: str = ""
    ) -> Incident:
        """The next version, with `changes` {field: value}. Raises NotFoundError, ConflictError, InputError."""
        with self.writing() as writer:
            return writer.update(
                incident_id, expected_version=expected_version, changes=changes, actor=actor, reason=reason
            )

    def publish(self, incident_id: str, *, expected_version: int, actor: str, reason: str = "") -> Incident:
        """Show it to readers (a draft, or what was retracted). Raises as `update`."""
        changes = {"status": Status.PUBLISHED}
        return self.update(incident_id, expected_version=expected_version, changes=changes, actor=actor, reason=reason)

    def retract(self, incident_id: str, *, expected_version: int, actor: str, reason: str) -> Incident:
        """Take it from readers; its permalink tells the reason. Raises as `update`."""
        changes = {"status": Status.RETRACTED}
        return self.update(incident_id, expected_version=expected_version, changes=changes, actor=actor, reason=reason)

    def restore(
        self, incident_id: str, *, to_version: int, expected_version: int, actor: str, reason: str = ""
    ) -> Incident:
        """A new version that says what `to_version` said. Raises as `update`."""
        with self.writing() as writer:
            old = history.snapshot(writer.connection, incident_id, to_version)
            if old is None:
                raise NotFoundError(f"нет версии {to_version} записи {incident_id}")
            changes = {name: getattr(old, name) for name in CHANGEABLE}
            return writer.update(
                incident_id, expected_version=expected_version, changes=changes, actor=actor, reason=reason
            )

    def get(self, incident_id: str) -> Incident:
        """Raises NotFoundError."""
        with engines.reading(self.engine) as connection:
            return incidents.get(connection, incident_id)

    def find(self, *, status: Status | None = None, after: str | None = None, limit: int = 100) -> tuple[Incident, ...]:
        """Newest first; `after` is the id of the last incident of the page before."""
        with engines.reading(self.engine) as connection:
            return incidents.find(connection, status=status, after=after, limit=limit)

    def history(self, incident_id: str) -> tuple[HistoryEntry, ...]:
        """All versions, oldest first. Raises NotFoundError."""
        with engines.reading(self.engine) as connection:
            found = history.entries(connection, incident_id)
        if not found:
            raise NotFoundError(f"нет записи {incident_id}")
        return found

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Several questions to one state of what is published; see `kubmap.store.reader`."""
        with engines.reading(self.engine) as connection:
            yield Reader(connection)

    def revision(self) -> int:
        """A number that grows by one with each transaction that changed what readers see; cheap to ask."""
        with engines.reading(self.engine) as connection:
            return meta.read(connection, "revision")

    def demo(self) -> bool:
        """Whether what is published is the demonstration data."""
        with engines.reading(self.engine) as connection:
            return bool(meta.read(connection, "demo"))

    def published(self) -> Published:
        """One consistent state, read in one transaction."""
        with engines.reading(self.engine) as connection:
            return Published(
                epoch=meta.read(connection, "epoch"),
                revision=meta.read(connection, "revision"),
                demo=bool(meta.read(connection, "demo")),
                incidents=tuple(incidents.published(connection)),
            )

    def _begin_epoch(self) -> None:
        with engines.writing(self.engine) as connection:
            if not meta.read(connection, "epoch"):
                meta.write(connection, "epoch", secrets.randbits(48) | 1)
