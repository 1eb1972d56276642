"""Connections: how SQLite and PostgreSQL are opened, read and written.

Writers go one after another (BEGIN IMMEDIATE; on PostgreSQL a row lock), so what is read inside `writing` is still true
when it commits. Readers never wait and see one state of the store.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from kubmap.errors import InputError

BUSY_MS = 20_000
"""How long a writer waits for the one before it."""

_LOCK = 0x6B75626D6170  # "kubmap": key of the advisory lock on PostgreSQL

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # or INSERT OR REPLACE deletes behind the triggers' back
)


def open_engine(url: str) -> Engine:
    """An engine of `sqlite:///FILE` or `postgresql+psycopg://…`; makes the folder of the file.

    Raises InputError for another kind of address.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError("KUBMAP_DATABASE_URL: not a database URL", field="database_url") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database:
        _make_private(Path(parsed.database))
        return _sqlite(create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000}))
    if parsed.drivername != "postgresql+psycopg":
        message = f"KUBMAP_DATABASE_URL: use sqlite:///FILE or postgresql+psycopg://…, not {parsed.drivername}"
        raise InputError(message, field="database_url")
    try:
        return create_engine(parsed, pool_pre_ping=True)
    except NoSuchModuleError:  # pragma: no cover - psycopg is a dependency
        raise InputError("psycopg is not installed", field="database_url") from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store, and writes nothing."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect() as plain:
        connection = plain.execution_options(**level)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other writer is in; commits at the end, rolls back on an error."""
    with engine.connect() as plain:
        connection = plain.execution_options(kubmap_write=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection


def _make_private(file: Path) -> None:
    """The file of a new store is its owner's alone: it will hold accounts and drafts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)


def _sqlite(engine: Engine) -> Engine:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: _on_begin does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Write-ahead logging; the switch of a new file does not wait for others by itself, whatever the timeout."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("kubmap_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
