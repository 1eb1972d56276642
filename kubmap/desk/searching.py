"""Records by their words, for editors: all of the archive, whatever its status, newest first.

A process keeps the words of all records in memory from the first question on, change by change. Until they are read,
and after so many changes that reading them takes longer, the database is read through for each question.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock, Thread

from sqlalchemy import ColumnElement, Connection, and_, func, select, true
from sqlalchemy.exc import SQLAlchemyError

from kubmap.atlas.words import fold
from kubmap.desk import watch
from kubmap.desk.wordindex import WORN, Told, WordIndex
from kubmap.domain import Category, Incident, Status
from kubmap.store import incidents
from kubmap.store.schema import incidents as table

_LOG = logging.getLogger(__name__)

AT_ONCE = 1_000
"""Records whose words are read while an editor waits."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_STREAMED = 2_000
_CHUNK = 500
_LONGEST = 2_000  # characters of a question
_TRAITS = (table.c.status, table.c.category, table.c.source_name)
_PARTS = (table.c.title, table.c.text, table.c.location, table.c.source_name)

Found = tuple[tuple[Incident, ...], int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` are words that all occur, an id, or a link that holds one."""

    text: str = ""
    status: Status | None = None
    category: Category | None = None
    source: str | None = None

    @property
    def traits(self) -> tuple[str | None, ...]:
        """As the records' `_TRAITS`; None: any."""
        status, category = self.status and self.status.value, self.category and self.category.value
        return status, category, self.source


class Searcher:
    """Safe to share between threads; every process has its own over the same store."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading
        self._lock = Lock()
        self._mark: watch.Mark | None = None
        self._index: WordIndex | None = None
        self._preparing = False

    def find(self, wanted: Wanted, *, after: str | None, limit: int) -> Found:
        """A page, and how many there are from there on."""
        words = fold(wanted.text[:_LONGEST]).split()
        if words and not _ID.search(wanted.text[:_LONGEST].lower()):
            with self._lock, self._reading() as connection:  # after the lock: no older state than the index's is read
                if (index := self._known(connection)) is not None:
                    ids, total = index.find(words, traits=wanted.traits, after=after, limit=limit)
                    return _whole(connection, ids), total
        with self._reading() as connection:
            return find(connection, wanted, after=after, limit=limit)

    def warm(self, connection: Connection) -> None:
        """Somebody may search soon: have a thread read the words where there are many."""
        if self._index is None and _is_large(connection):
            self._prepare_soon()

    def prepare(self) -> None:
        """Read the words of all records, so that no editor waits for it."""
        with self._reading() as connection:
            mark, index = watch.mark(connection), WordIndex.of(_all(connection))
        with self._lock:
            self._mark, self._index = mark, index

    def _known(self, connection: Connection) -> WordIndex | None:
        """The index of what the connection sees; None where that would take longer than reading everything through."""
        now = watch.mark(connection)
        if self._index is None or self._mark is None or now.epoch != self._mark.epoch:
            self._index = None
            self._begin(connection, now)
        elif now != self._mark:
            self._follow(connection, now, self._mark, self._index)
        return self._index

    def _begin(self, connection: Connection, now: watch.Mark) -> None:
        if _is_large(connection):
            self._prepare_soon()
        else:
            self._mark, self._index = now, WordIndex.of(_all(connection))

    def _follow(self, connection: Connection, now: watch.Mark, before: watch.Mark, index: WordIndex) -> None:
        ids = watch.changed(connection, before)
        if len(ids) > max(index.whole // WORN, AT_ONCE):
            self._index = None
            self._prepare_soon()
            return
        self._mark, self._index = now, index.followed(_those(connection, ids))
        if self._index.is_worn():
            self._prepare_soon()

    def _prepare_soon(self) -> None:
        if not self._preparing:
            self._preparing = True
            Thread(target=self._prepare, name="kubmap-words", daemon=True).start()

    def _prepare(self) -> None:
        try:
            self.prepare()
        except SQLAlchemyError:
            _LOG.exception("the store does not answer; words are read when they are asked for again")
        finally:
            self._preparing = False


def find(connection: Connection, wanted: Wanted, *, after: str | None, limit: int) -> Found:
    """The same from the database alone, which is read through for words."""
    condition = _condition(wanted)
    if after is not None:
        condition &= table.c.id < after
    words = fold(wanted.text[:_LONGEST]).split()
    if named := _ID.search(wanted.text[:_LONGEST].lower()):
        condition, words = and_(condition, table.c.id == named.group()), []
    if not words:
        total = connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
        ids = list(connection.scalars(select(table.c.id).where(condition).order_by(table.c.id.desc()).limit(limit)))
    else:
        found = _holding(connection, condition, words)
        ids, total = found[:limit], len(found)
    return _whole(connection, ids), total


def _is_large(connection: Connection) -> bool:
    return len(connection.scalars(select(table.c.id).limit(AT_ONCE + 1)).all()) > AT_ONCE


def _whole(connection: Connection, ids: list[str]) -> tuple[Incident, ...]:
    whole = {each.id: each for each in incidents.where(connection, table.c.id.in_(ids))}
    return tuple(whole[each] for each in ids)


def _condition(wanted: Wanted) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = true()
    for column, trait in zip(_TRAITS, wanted.traits, strict=True):
        if trait is not None:
            condition &= column == trait
    return condition


def _holding(connection: Connection, condition: ColumnElement[bool], words: list[str]) -> list[str]:
    """Ids of the records whose words hold all of these: case and ё do not matter, so the database cannot tell."""
    query = select(table.c.id, *_PARTS).where(condition).order_by(table.c.id.desc())
    found: list[str] = []
    for incident_id, *parts in connection.execute(query.execution_options(yield_per=_STREAMED)):
        told = _told(parts)
        if all(word in told for word in words):
            found.append(incident_id)
    return found


def _all(connection: Connection) -> Iterator[Told]:
    return _read(connection, true())


def _those(connection: Connection, ids: list[str]) -> Iterator[Told]:
    for start in range(0, len(ids), _CHUNK):
        yield from _read(connection, table.c.id.in_(ids[start : start + _CHUNK]))


def _read(connection: Connection, condition: ColumnElement[bool]) -> Iterator[Told]:
    query = select(table.c.id, *_TRAITS, *_PARTS[:-1]).where(condition).order_by(table.c.id)
    for incident_id, *row in connection.execute(query.execution_options(yield_per=_STREAMED)):
        traits, parts = tuple(row[: len(_TRAITS)]), row[len(_TRAITS) :]
        yield Told(incident_id, traits, _told([*parts, traits[-1]]))


def _told(parts: list[str | None]) -> str:
    return fold(" ".join(part for part in parts if part))
