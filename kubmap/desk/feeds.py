"""Feeds of the desk: add one after a trial reading, look how they do, ask them now; for editors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from kubmap.desk.access import User, require
from kubmap.desk.preview import Shown, shown_row
from kubmap.domain import MOSCOW, Role
from kubmap.errors import FetchError, InputError
from kubmap.geocode.reading import read_teaser
from kubmap.store import sources
from kubmap.store.address import Guard
from kubmap.store.feeditems import items_of
from kubmap.store.fetch import Fetcher
from kubmap.store.pull import Outcome, Puller
from kubmap.store.sources import Source
from kubmap.store.store import Store

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

TRIED = 5
"""Items of a trial reading."""
BUSY = "ленты сейчас опрашивает другой процесс: посмотрите через минуту"


@dataclass(frozen=True, slots=True)
class Trial:
    """A feed as it would be read: its address (where permanent redirects led), its title, its first items in words."""

    url: str
    title: str
    total: int
    items: tuple[Shown, ...]


def fetcher_of(allow: str, ports: str) -> Fetcher:
    """From the settings KUBMAP_FETCH_ALLOW and KUBMAP_FETCH_PORTS. Raises InputError that names them."""
    try:
        return Fetcher(Guard.of(allow, ports))
    except ValueError as error:
        raise InputError(f"KUBMAP_FETCH_ALLOW, KUBMAP_FETCH_PORTS: {error}", field="fetch_allow") from error


class Feeds:
    """The feeds of one store. `now` gives the time (aware)."""

    def __init__(
        self,
        store: Store,
        atlas: Atlas,
        fetcher: Fetcher,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(MOSCOW),
    ) -> None:
        self.store = store
        self.atlas = atlas
        self.fetcher = fetcher
        self._now = now

    def every(self, who: User | None) -> tuple[Source, ...]:
        """By name. Raises AccessError."""
        require(who, Role.EDITOR)
        return sources.every(self.store.engine)

    def trial(self, who: User | None, url: str) -> Trial:
        """Read a feed without keeping anything. Raises InputError, FetchError, AccessError."""
        require(who, Role.EDITOR)
        return self.tried(url)

    def tried(self, url: str) -> Trial:
        """As `trial`, for the command line."""
        address = sources.address_of(url)
        got = self.fetcher.get(address)
        if got.status != 200:
            raise FetchError(f"сервер ответил {got.status} вместо ленты")
        found = items_of(got.content, url=got.url, now=self._now())
        shown = tuple(shown_row(row, self.atlas) for row in found.rows[:TRIED])
        kept = sources.address_of(got.url) if got.moved else address
        return Trial(kept, found.title[: sources.MAX_NAME], found.total, shown)

    def add(self, who: User | None, *, url: str, name: str) -> Source:
        """A feed to poll from now on. Raises InputError, AccessError."""
        editor = require(who, Role.EDITOR)
        return sources.add(self.store.engine, url=url, name=name, by=editor.name, now=self._now())

    def rename(self, who: User | None, source_id: str, name: str) -> None:
        """Raises NotFoundError, InputError, AccessError."""
        require(who, Role.EDITOR)
        sources.rename(self.store.engine, source_id, name)

    def set_enabled(self, who: User | None, source_id: str, *, enabled: bool) -> None:
        """Poll it, or no more. Raises NotFoundError, AccessError."""
        require(who, Role.EDITOR)
        sources.set_enabled(self.store.engine, source_id, enabled=enabled)

    def remove(self, who: User | None, source_id: str) -> None:
        """Poll it no more; its records stay. Raises NotFoundError, AccessError."""
        require(who, Role.EDITOR)
        sources.remove(self.store.engine, source_id)

    def pull(self, who: User | None, source_ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Ask these feeds now, due or not.

        Raises InputError while another process polls, NotFoundError, AccessError.
        """
        require(who, Role.EDITOR)
        asked = [sources.find(self.store.engine, each) for each in source_ids]
        outcomes = self.puller().pull(asked)
        if outcomes is None:
            raise InputError(BUSY)
        return tuple(outcomes)

    def puller(self) -> Puller:
        """What polls this store."""
        return Puller(self.store, partial(read_teaser, atlas=self.atlas), self.fetcher, now=self._now)
