"""Brings a database to the schema of this code: Alembic, run from inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from kubmap.errors import DataError
from kubmap.store import engine as engines

FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration; give `attributes["connection"]` before running a command."""
    result = Config()
    result.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return result


def migrate(engine: Engine) -> None:
    """Up to the newest revision, each migration in a transaction of its own; safe when several processes start.

    Raises DataError when the database was made by a newer kubmap.
    """
    scripts = ScriptDirectory.from_config(config())
    with engines.reading(engine) as connection:
        found = _found(connection, scripts)
    while found != scripts.get_current_head():
        with engines.writing(engine) as connection:
            found = _step(connection, scripts)


def _step(connection: Connection, scripts: ScriptDirectory) -> str | None:
    """One migration further, unless another process was faster; returns the revision that is there now."""
    if _found(connection, scripts) != scripts.get_current_head():
        options = config()
        options.attributes["connection"] = connection
        command.upgrade(options, "+1")
    return _found(connection, scripts)


def _found(connection: Connection, scripts: ScriptDirectory) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise DataError(f"the database is of a newer kubmap (schema {found}); update kubmap")
    return found
