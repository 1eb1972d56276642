"""Copies of a store: made while it serves, consistent; put back only whole and checked.

Sessions, presence and failed logins stay out: after a restore everybody logs in again.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from kubmap.domain import MOSCOW
from kubmap.errors import InputError
from kubmap.store import archive, meta
from kubmap.store import engine as engines
from kubmap.store.archive import Archive, Manifest, Row, Sheet
from kubmap.store.migrate import config, migrate
from kubmap.store.schema import metadata

PASSING = frozenset({"sessions", "presence", "login_failures", "purging", "leases"})
"""Tables that live for minutes or belong to a browser."""
_BATCH = 500
_LATER = {"incidents": "duplicate_of"}
"""Columns that refer to rows of their own table: written when all rows are there."""


def backup(engine: Engine, path: Path, *, now: datetime) -> Manifest:
    """One state of the store as an archive at `path`, written beside and renamed; mode 0600.

    Raises InputError when there is a file already, OSError.
    """
    if path.exists():
        raise InputError(f"{path}: такой файл уже есть; дайте другое имя")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    old_mask = os.umask(0o077)
    try:
        with engines.reading(engine) as connection:
            schema = connection.scalar(text("SELECT version_num FROM alembic_version"))
            tables = ((table.name, tuple(table.c.keys()), _rows(connection, table)) for table in _kept(metadata))
            made = archive.write(draft, str(schema), now.astimezone(MOSCOW), tables)
        _settle(draft, path)
    finally:
        os.umask(old_mask)
        draft.unlink(missing_ok=True)
    return made


def _settle(draft: Path, path: Path) -> None:
    """Under its name once its bytes are on the disk."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.rename(path)


def _kept(tables: MetaData) -> list[Table]:
    return [table for table in tables.sorted_tables if table.name not in PASSING]


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH)
    return (dict(row) for row in connection.execute(query).mappings())


def restore(url: str, path: Path, *, replace: bool = False, now: datetime) -> Manifest:
    """The store at `url` as the archive at `path` tells it; all or nothing.

    An older archive is brought to the schema of this kubmap. On SQLite, `replace` moves a store that is in the way
    aside (FILE.before-…); on PostgreSQL the database must be empty. Raises InputError, in Russian.
    """
    with Archive(path) as found:
        _known_schema(found.manifest)
        found.check()
        if make_url(url).drivername == "sqlite":
            _restore_file(url, found, replace=replace, now=now)
        else:
            _restore_server(url, found)
        return found.manifest


def _known_schema(manifest: Manifest) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if manifest.schema not in known:
        raise InputError(f"копия сделана более новым kubmap (схема {manifest.schema[:20]}): обновите kubmap")


def _restore_file(url: str, found: Archive, *, replace: bool, now: datetime) -> None:
    """A new file beside, filled and checked, then in the place of the old one."""
    target = Path(make_url(url).database or "")
    if target.exists():
        _let_go(url, target, replace=replace)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    engine = engines.open_engine(f"sqlite:///{draft}")
    try:
        _fill(engine, found)
        _leave_wal(engine)
        engine.dispose()
        if target.exists():
            target.rename(target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}"))
        draft.rename(target)
    finally:
        engine.dispose()
        for each in target.parent.glob(f"{draft.name}*"):
            each.unlink()


def _let_go(url: str, target: Path, *, replace: bool) -> None:
    """Make sure that the store in the way may be moved: empty or to be replaced, and nobody has it open."""
    engine = engines.open_engine(url)
    try:
        if not replace and not _is_empty(engine):
            raise InputError(f"{target}: в базе уже есть данные; с --replace она будет отложена в сторону")
        alone = _leave_wal(engine)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise InputError(f"{target}: базу держит открытой работающий kubmap; остановите его") from error
    finally:
        engine.dispose()
    if not alone:
        raise InputError(f"{target}: базу держит открытой работающий kubmap; остановите его")


def _leave_wal(engine: Engine) -> bool:
    """Put everything into the one file; False where somebody else has it open. Not possible inside a transaction."""
    engine.dispose()
    plain = engine.raw_connection()
    try:
        cursor = plain.cursor()
        cursor.execute("PRAGMA busy_timeout = 200")
        cursor.execute("PRAGMA journal_mode = DELETE")
        mode = cursor.fetchone()
        return mode is not None and mode[0] == "delete"
    finally:
        plain.close()
        engine.dispose()


def _restore_server(url: str, found: Archive) -> None:
    engine = engines.open_engine(url)
    try:
        if not _is_empty(engine):
            raise InputError("в базе PostgreSQL уже есть данные; создайте пустую базу и восстановите в неё")
        _fill(engine, found)
    finally:
        engine.dispose()


def _is_empty(engine: Engine) -> bool:
    """Whether nobody has put anything into the store yet."""
    there = set(inspect(engine).get_table_names())
    with engines.reading(engine) as connection:
        told = [table for table in _kept(metadata) if table.name in there and table.name != "meta"]
        return not any(connection.scalar(select(func.count()).select_from(table)) for table in told)


def _fill(engine: Engine, found: Archive) -> None:
    """The tables of the archive's schema with its rows, in one transaction; then the newer migrations."""
    with engines.writing(engine) as connection:
        _clear(connection)
        options = config()
        options.attributes["connection"] = connection
        command.upgrade(options, found.manifest.schema)
        tables = MetaData()
        tables.reflect(connection)
        for sheet in _in_order(tables, found.manifest):
            _load(connection, tables.tables[sheet.name], sheet, found)
        _check(connection, tables, found.manifest)
    migrate(engine)
    with engines.writing(engine) as connection:
        meta.write(connection, "epoch", secrets.randbits(48) | 1)  # what readers keep is of another store


def _clear(connection: Connection) -> None:
    """Without the tables of an empty store: their schema may be another than the archive's."""
    tables = MetaData()
    tables.reflect(connection)
    ours = {*metadata.tables, "alembic_version"}
    tables.drop_all(connection, tables=[table for table in tables.sorted_tables if table.name in ours])


def _in_order(tables: MetaData, manifest: Manifest) -> list[Sheet]:
    sheets = {sheet.name: sheet for sheet in manifest.sheets}
    names = [table.name for table in tables.sorted_tables]
    strange = set(sheets) - set(names) | (set(sheets) & {"alembic_version"})
    if strange:
        raise InputError(f"в копии неизвестные таблицы: {', '.join(sorted(strange))[:200]}")
    missing = {table.name for table in _kept(tables)} - set(sheets) - {"alembic_version"}
    if missing:
        raise InputError(f"в копии нет таблиц: {', '.join(sorted(missing))[:200]}")
    return [sheets[name] for name in names if name in sheets]


def _load(connection: Connection, table: Table, sheet: Sheet, found: Archive) -> None:
    if set(sheet.columns) != set(table.c.keys()):
        raise InputError(f"{sheet.name}: столбцы копии не те, что у схемы {found.manifest.schema}")
    later = _LATER.get(table.name)
    links: list[dict[str, Any]] = []
    if table.name == "meta":
        connection.execute(table.delete())
    rows = iter(found.rows(sheet))
    while batch := list(islice(rows, _BATCH)):
        for row in batch:
            _check_types(table, row)
            if later and row[later] is not None:
                links.append({"one": row["id"], "other": row[later]})
                row[later] = None
        _insert(connection, table, batch)
    for link in links:
        connection.execute(update(table).where(table.c.id == link["one"]).values({later: link["other"]}))
    _continue_numbers(connection, table)


def _insert(connection: Connection, table: Table, batch: Sequence[Row]) -> None:
    try:
        connection.execute(insert(table), batch)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))[:200]
        raise InputError(f"{table.name}: строки копии не принимает база ({reason})") from error


def _check_types(table: Table, row: Row) -> None:
    """What the column holds, and nothing else: SQLite would take anything. Raises InputError."""
    for column in table.columns:
        value = row[column.name]
        kind = bool if isinstance(column.type, Boolean) else int if isinstance(column.type, Integer) else str
        if value is None:
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InputError(f"{table.name}.{column.name}: в копии значение другого рода")


def _continue_numbers(connection: Connection, table: Table) -> None:
    """PostgreSQL counts its rows apart from them."""
    if connection.dialect.name != "postgresql" or not isinstance(table.c.get("id", table.c[0]).type, Integer):
        return
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table.name})
    if sequence:
        last = connection.scalar(select(func.max(table.c.id)))
        connection.execute(text("SELECT setval(:name, :last, :called)"),
                           {"name": sequence, "last": last or 1, "called": last is not None})  # fmt: skip


def _check(connection: Connection, tables: MetaData, manifest: Manifest) -> None:
    """What must be true of a store: the counts, a history up to each version, sound pages. Raises InputError."""
    for sheet in manifest.sheets:
        count = connection.scalar(select(func.count()).select_from(tables.tables[sheet.name]))
        if count != sheet.rows:
            raise InputError(f"{sheet.name}: записано {count} строк из {sheet.rows}")
    incidents, history = tables.tables["incidents"], tables.tables["history"]
    told = select(history.c.id).where(history.c.incident_id == incidents.c.id, history.c.version == incidents.c.version)
    orphans = connection.scalar(select(func.count()).select_from(incidents).where(~told.exists()))
    if orphans:
        raise InputError(f"в копии у {orphans} записей нет истории: она повреждена")
    if connection.dialect.name == "sqlite":
        _check_pages(connection)


def _check_pages(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise InputError("в копии есть ссылки на записи, которых нет")
    if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
        raise InputError("база после восстановления повреждена: проверьте диск")
