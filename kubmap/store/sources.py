"""Sources: the feeds that are polled, how they do, and which record each of their items became."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from kubmap.domain import MOSCOW
from kubmap.errors import FetchError, InputError, NotFoundError
from kubmap.store import engine as engines
from kubmap.store.fetch import checked
from kubmap.store.identity import uuid7
from kubmap.store.rows import plain_text
from kubmap.store.schema import source_items as items
from kubmap.store.schema import sources as table

MAX_NAME = 200
MAX_SOURCES = 500
FORGOTTEN = timedelta(days=90)
"""An item that its feed has not shown for so long is not waited for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed. `next_at`: not to be asked before; `error` and `told` are of the last try, in Russian."""

    id: str
    name: str
    url: str
    enabled: bool
    etag: str | None
    last_modified: str | None
    tried_at: datetime | None
    succeeded_at: datetime | None
    failures: int
    next_at: datetime | None
    error: str
    items: int
    told: str
    added_by: str
    added_at: datetime

    def is_due(self, now: datetime) -> bool:
        return self.enabled and (self.next_at is None or self.next_at <= now)


def add(engine: Engine, *, url: str, name: str, by: str, now: datetime) -> Source:
    """A feed to poll from now on. Raises InputError that names the field: a bad address, one that is there already."""
    address, called = address_of(url), name_of(name)
    row = {
        "id": uuid7(now), "name": called, "url": address, "enabled": True, "etag": None, "last_modified": None,
        "tried_at": None, "succeeded_at": None, "failures": 0, "next_at": None, "error": "", "items": 0, "told": "",
        "added_by": by, "added_at": _text(now),
    }  # fmt: skip
    with engines.writing(engine) as connection:
        known = list(connection.execute(select(table.c.url, table.c.name)))
        if address in {each for each, _ in known}:
            raise InputError("такая лента уже есть", field="url")
        if len(known) >= MAX_SOURCES:
            raise InputError(f"лент уже {MAX_SOURCES}: удалите лишние", field="url")
        connection.execute(insert(table), row)
    return _source(row)


def address_of(url: str) -> str:
    """The address of a feed as it is kept. Raises InputError."""
    try:
        return checked(url.strip()).geturl()
    except FetchError as error:
        raise InputError(str(error), field="url") from error


def name_of(name: str) -> str:
    """The name of a feed on one line. Raises InputError."""
    found = " ".join(plain_text("название", name).split())
    if not found or len(found) > MAX_NAME:
        raise InputError(f"назовите ленту: до {MAX_NAME} знаков", field="name")
    return found


def every(engine: Engine) -> tuple[Source, ...]:
    """By name."""
    with engines.reading(engine) as connection:
        found = map(_source, connection.execute(select(table)).mappings())
        return tuple(sorted(found, key=lambda each: (each.name.lower(), each.id)))


def find(engine: Engine, told: str) -> Source:
    """The feed of an id, an address or, when only one has it, a name. Raises NotFoundError."""
    found = [each for each in every(engine) if told in {each.id, each.url, each.name}]
    if len(found) != 1:
        raise NotFoundError(f"нет ленты «{told[:100]}»" if not found else f"лент «{told[:100]}» несколько: дайте адрес")
    return found[0]


def due(engine: Engine, now: datetime) -> tuple[Source, ...]:
    """Those to ask now, longest waiting first."""
    found = [each for each in every(engine) if each.is_due(now)]
    return tuple(sorted(found, key=lambda each: _text(each.tried_at) if each.tried_at else ""))


def set_enabled(engine: Engine, source_id: str, *, enabled: bool) -> None:
    """Poll it, or no more; one that is switched on begins without its failures. Raises NotFoundError."""
    fresh = {"failures": 0, "next_at": None, "error": ""} if enabled else {}
    _change(engine, source_id, {"enabled": enabled, **fresh})


def rename(engine: Engine, source_id: str, name: str) -> None:
    """Raises NotFoundError, InputError."""
    _change(engine, source_id, {"name": name_of(name)})


def remove(engine: Engine, source_id: str) -> None:
    """Poll it no more; what came from it stays. Raises NotFoundError."""
    with engines.writing(engine) as connection:
        connection.execute(delete(items).where(items.c.source_id == source_id))
        _one(connection.execute(delete(table).where(table.c.id == source_id)).rowcount)


def succeed(engine: Engine, source: Source, *, now: datetime, values: Mapping[str, Any]) -> None:
    """Note a try that went well; `values` are further columns. A source that is gone is none to note."""
    told = {"failures": 0, "error": "", "next_at": None, "tried_at": _text(now), "succeeded_at": _text(now), **values}
    with engines.writing(engine) as connection:
        if "url" in told and _taken(connection, str(told["url"]), source.id):
            told = {name: value for name, value in told.items() if name != "url"}
        connection.execute(update(table).where(table.c.id == source.id).values(told))


def fail(  # noqa: PLR0913  keyword-only
    engine: Engine, source: Source, *, now: datetime, error: str, wait: timedelta, gone: bool = False
) -> None:
    """Note a try that failed; `gone` switches the source off."""
    told = {
        "failures": source.failures + 1, "error": error[:500], "tried_at": _text(now), "next_at": _text(now + wait),
    }  # fmt: skip
    with engines.writing(engine) as connection:
        values = {**told, "enabled": False} if gone else told
        connection.execute(update(table).where(table.c.id == source.id).values(values))


def known_items(engine: Engine, source_id: str) -> dict[str, str]:
    """By item, the import key of its record."""
    with engines.reading(engine) as connection:
        query = select(items.c.item, items.c.import_key).where(items.c.source_id == source_id)
        return {row.item: row.import_key for row in connection.execute(query)}


def note_items(engine: Engine, source_id: str, seen: Mapping[str, str], *, now: datetime) -> None:
    """Remember which record each item became; those that were not seen for long are forgotten."""
    one = {"source_id": source_id, "seen_at": _text(now)}
    rows = [{**one, "item": item, "import_key": key} for item, key in seen.items()]
    with engines.writing(engine) as connection:
        if connection.scalar(select(table.c.id).where(table.c.id == source_id)) is None:
            return
        for part in _parts(list(seen)):
            connection.execute(delete(items).where((items.c.source_id == source_id) & items.c.item.in_(part)))
        old = items.c.seen_at < _text(now - FORGOTTEN)
        connection.execute(delete(items).where((items.c.source_id == source_id) & old))
        if rows:
            connection.execute(insert(items), rows)


def item_of(told: str) -> str:
    """The digest that an item of a feed is known by."""
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def _parts(names: list[str], size: int = 200) -> Iterable[list[str]]:
    return (names[at : at + size] for at in range(0, len(names), size))


def _taken(connection: Connection, url: str, source_id: str) -> bool:
    other = (table.c.url == url) & (table.c.id != source_id)
    return connection.scalar(select(table.c.id).where(other)) is not None


def _change(engine: Engine, source_id: str, values: Mapping[str, Any]) -> None:
    with engines.writing(engine) as connection:
        _one(connection.execute(update(table).where(table.c.id == source_id).values(values)).rowcount)


def _one(rows: int) -> None:
    if rows != 1:
        raise NotFoundError("такой ленты уже нет")


def _text(moment: datetime) -> str:
    return moment.astimezone(MOSCOW).isoformat()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(MOSCOW) if text else None


def _source(row: Mapping[Any, Any]) -> Source:
    moments = {name: _moment(row[name]) for name in ("tried_at", "succeeded_at", "next_at", "added_at")}
    return Source(**{name: row[name] for name in Source.__slots__} | {"enabled": bool(row["enabled"])} | moments)
