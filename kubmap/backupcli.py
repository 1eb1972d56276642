"""`kubmap backup` and `kubmap restore`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kubmap.console import open_store
from kubmap.domain import MOSCOW

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write; must not be there yet.", dir_okay=False)],
) -> None:
    """Copy the whole store into an archive while it serves: records, history, accounts, sources."""
    from kubmap.store.backup import backup as make

    store = open_store()
    try:
        made = make(store.engine, file, now=datetime.now(MOSCOW))
    finally:
        store.close()
    typer.echo(f"{file}: {made.rows} rows of {len(made.sheets)} tables, schema {made.schema}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Archive of `kubmap backup`.", exists=True, dir_okay=False)],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="SQLite: move a store that has data aside (FILE.before-…).")
    ] = False,
) -> None:
    """Put an archive back, checked and whole, into an empty store; stop the server first."""
    from kubmap.settings import settings
    from kubmap.store.backup import restore as put

    found = put(settings().store_url, file, replace=replace, now=datetime.now(MOSCOW))
    typer.echo(f"{file}: {found.rows} rows of {found.made_at.isoformat(' ', 'minutes')} are back; log in again")
