"""What commands share: where they print, progress on a terminal, files or standard input and output."""

# ruff: noqa: PLC0415  (each command imports what it needs, so that a short one starts fast)

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kubmap.store import Store

EXIT_CODES = """
Exit codes: **0** done · **1** done, but some lines were set aside (see the rejects file) or a check failed ·
**2** wrong usage, or a file that cannot be read · **3** kubmap cannot go on (the message says why).
"""

RejectsFile = Annotated[Path | None, typer.Option("--rejects", help="Where lines that cannot be read are set aside.")]
STDIO = Path("-")


@cache
def out() -> Console:
    """Standard output; rich is imported by the first line that is printed (a tenth of a second)."""
    from rich.console import Console

    return Console()


@cache
def err() -> Console:
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True)


def open_store() -> Store:
    """The store of the settings, migrated to the newest schema."""
    from kubmap.settings import settings
    from kubmap.store import Store

    settings().home.mkdir(parents=True, exist_ok=True)
    store = Store(settings().store_url)
    store.migrate()
    return store


@contextmanager
def reading(path: Path) -> Iterator[tuple[Iterable[bytes], int | None]]:
    """Lines and size (bytes) of a file, with a progress bar on a terminal; standard input has no size."""
    if path == STDIO:
        yield _counted(sys.stdin.buffer, lambda _: None), None
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from None
    status = path.stat()
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    with file, progress(path.name, total=size) as advance:
        yield _counted(file, advance), size


def _counted(file: BinaryIO, advance: Any) -> Iterator[bytes]:
    from kubmap.geocode.batch import bounded

    for line in bounded(file):
        yield line
        advance(len(line))


@contextmanager
def writing(path: Path | None) -> Iterator[BinaryIO]:
    """A file, standard output for «-», nowhere for None."""
    if path == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with open(path or "/dev/null", "wb") as file:  # noqa: PTH123  (os.devnull is no path of a user)
        yield file


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield lambda _step=1: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda step=1: bar.advance(task, step)
