"""Polling: each feed is asked apart from the others, its items become drafts, what went wrong is noted with it.

Feeds are fetched and parsed in threads, a few at a time, each with a deadline; one that hangs is left behind. Only the
calling thread writes, feed after feed, and only while it holds the lease: one process polls at a time. Whatever breaks
off, the next poll does again: items are known by their words.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kubmap.domain import MOSCOW
from kubmap.errors import FetchError, KubmapError
from kubmap.store import sources
from kubmap.store.feeditems import Items, items_of, named
from kubmap.store.fetch import Fetched, Fetcher
from kubmap.store.identity import import_key
from kubmap.store.intake import Read, Report, intake
from kubmap.store.leases import Lease
from kubmap.store.rows import BadRow, Row
from kubmap.store.sources import Source
from kubmap.store.store import Store
from kubmap.store.waiting import asked_for, wait

_LOG = logging.getLogger(__name__)

ACTOR = "feed"
"""Who the history says wrote it."""
LEASE = "pull"
FEED_S = 60.0
"""A feed that is not fetched and parsed by then is left behind."""
AT_ONCE = 8
_TICK_S = 0.5
_RENEW_S = 30.0

_WORDS = {
    401: "сервер не пускает без пароля", 403: "сервер не пускает", 404: "по этому адресу ничего нет",
    410: "ленты больше нет: опрос выключен", 429: "сервер просит спрашивать реже", 503: "сервер занят",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking one feed; `told` says it in Russian. `report` is None where nothing was read."""

    source: Source
    ok: bool
    told: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a thread found: an answer with its items, or an error."""

    source: Source
    got: Fetched | None = None
    items: Items | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Puller:
    """Polls the feeds of a store.

    `read` reads teasers, `now` gives the time (aware), `clock` seconds that only grow, `draw` numbers of 0..1.
    """

    store: Store
    read: Read
    fetcher: Fetcher
    now: Callable[[], datetime] = lambda: datetime.now(MOSCOW)
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.random
    feed_s: float = FEED_S

    def pull(self, only: Sequence[Source] | None = None) -> Iterator[Outcome] | None:
        """Ask the feeds that are due, or just `only`, due or not; the outcomes as they come.

        None: another process polls now. The iterator has to be used up (or closed): it holds the lease.
        """
        lease = Lease(self.store.engine, LEASE, self.now)
        if not lease.take():
            return None
        return self._held(lease, only)

    def _held(self, lease: Lease, only: Sequence[Source] | None) -> Iterator[Outcome]:
        try:
            asked = sources.due(self.store.engine, self.now()) if only is None else only
            renewed = self.clock()
            for looked in self._looks(list(asked)):
                if self.clock() - renewed > _RENEW_S:
                    if not lease.take():
                        _LOG.warning("another process polls now: this one stops")
                        return
                    renewed = self.clock()
                if looked is not None:
                    yield self._settled(looked)
        finally:
            try:
                lease.end()
            except SQLAlchemyError:
                _LOG.warning("the lease could not be given up; it ends by itself", exc_info=True)

    def _looks(self, waiting: list[Source]) -> Iterator[_Looked | None]:
        """What the threads find, as it comes; None now and then, while they look."""
        done: queue.SimpleQueue[_Looked] = queue.SimpleQueue()
        running: dict[str, tuple[Source, float]] = {}
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                source = waiting.pop(0)
                running[source.id] = (source, self.clock())
                threading.Thread(target=lambda one: done.put(self.look(one)), args=(source,), daemon=True).start()
            try:
                found = done.get(timeout=_TICK_S)
            except queue.Empty:
                yield from self._left_behind(running)
                yield None
                continue
            if running.pop(found.source.id, None):
                yield found

    def _left_behind(self, running: dict[str, tuple[Source, float]]) -> Iterator[_Looked]:
        """Feeds that hang; their threads end when they end, and nobody listens to them."""
        late = [source for source, since in running.values() if self.clock() - since > self.feed_s]
        for source in late:
            del running[source.id]
            yield _Looked(source, error=FetchError("лента не прочиталась вовремя"))

    def look(self, source: Source) -> _Looked:
        """Fetch and parse one feed; writes nothing and raises nothing."""
        try:
            got = self.fetcher.get(source.url, etag=source.etag, last_modified=source.last_modified)
            items = items_of(got.content, url=got.url, now=self.now()) if got.status == 200 else None
        except Exception as error:  # noqa: BLE001  told with the feed; one must not stop the others
            return _Looked(source, error=error)
        return _Looked(source, got, items)

    def _settled(self, looked: _Looked) -> Outcome:
        """Store what was found, or note why there is nothing."""
        try:
            if looked.got is None or looked.got.status not in {200, 304}:
                return self._failed(looked)
            return self._stored(looked, looked.got)
        except SQLAlchemyError:
            _LOG.exception("feed %s: the database failed", looked.source.url)
            return Outcome(looked.source, ok=False, told="база данных не ответила; лента будет прочитана снова")
        except Exception as error:  # noqa: BLE001  as above
            return self._failed(replace(looked, got=None, error=error))

    def _failed(self, looked: _Looked) -> Outcome:
        source, got, now = looked.source, looked.got, self.now()
        told = _why(looked)
        pause = wait(source.failures + 1, draw=self.draw, asked=asked_for(got.retry_after if got else None, now))
        gone = got is not None and got.status == 410
        sources.fail(self.store.engine, source, now=now, error=told, wait=pause, gone=gone)
        return Outcome(source, ok=False, told=told)

    def _stored(self, looked: _Looked, got: Fetched) -> Outcome:
        source = looked.source
        if looked.items is None:
            sources.succeed(self.store.engine, source, now=self.now(), values={})
            return Outcome(source, ok=True, told="нового нет")
        report, refused = self._taken(source, looked.items)
        told = _words(report, refused, looked.items)
        values: dict[str, Any] = {
            "etag": got.etag, "last_modified": got.last_modified, "items": source.items + report.added, "told": told,
        }  # fmt: skip
        moved = {"url": sources.address_of(got.url)} if got.moved else {}
        sources.succeed(self.store.engine, source, now=self.now(), values=values | moved)
        return Outcome(source, ok=True, told=told, report=report)

    def _taken(self, source: Source, items: Items) -> tuple[Report, list[BadRow]]:
        """The items as drafts; which record each became is remembered."""
        before = sources.known_items(self.store.engine, source.id)
        rows = [named(row, source.name, before.get(items.ids.get(row.line, ""), "")) for row in items.rows]
        refused: list[BadRow] = []
        report = intake(self.store, rows, self.read, publish=False, actor=ACTOR, on_reject=refused.append)
        out = {row.line for row in refused}
        seen = {
            items.ids[row.line]: import_key(row.teaser.text, row.teaser.source_url)
            for row in rows
            if isinstance(row, Row) and row.line in items.ids and row.line not in out
        }
        sources.note_items(self.store.engine, source.id, seen, now=self.now())
        return report, refused


def _why(looked: _Looked) -> str:
    if looked.got is not None:
        status = looked.got.status
        words = _WORDS.get(status, "ошибка на сервере" if status >= 500 else "неожиданный ответ сервера")
        return f"{words} ({status})"
    if isinstance(looked.error, KubmapError):
        return str(looked.error)
    _LOG.error("feed %s", looked.source.url, exc_info=looked.error)
    return "лента не читается; подробности в журнале сервера"


def _words(report: Report, refused: Sequence[BadRow], items: Items) -> str:
    """«новых 2, изменилось 1, прежних 17; не принято 1: запись 3: нет текста»."""
    told = f"новых {report.added}, изменилось {report.updated}, прежних {report.unchanged}"
    if refused:
        told += f"; не принято {len(refused)}: запись {refused[0].line}: {refused[0].reason[:200]}"
    left = items.total - len(items.rows)
    return told + (f"; ещё {left} старых не прочитано" if left else "")
