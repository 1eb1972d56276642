"""`kubmap import`, `kubmap export`, `kubmap seed`: records into the store and out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kubmap.console import EXIT_CODES, RejectsFile, err, open_store, out, progress

if TYPE_CHECKING:
    from kubmap.desk.fileimport import Choices
    from kubmap.store import Store
    from kubmap.store.intake import Report
    from kubmap.store.rows import BadRow

app = typer.Typer()


@app.command("import", epilog=EXIT_CODES)
def import_(  # noqa: PLR0917  (typer passes them by name)
    source: Annotated[
        Path,
        typer.Argument(help="A table (.csv, .xlsx, .jsonl), notices (.txt), an export, a feed (.xml).", exists=True),
    ],
    publish: Annotated[bool, typer.Option("--publish", help="Publish what is an incident, instead of drafts.")] = False,
    revise: Annotated[
        bool, typer.Option("--revise", help="Let a revised outage notice be the next version of the one before it.")
    ] = False,
    rejects: RejectsFile = None,
    kind: Annotated[str | None, typer.Option(help="teasers or notices; told by the columns if not given.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="«Column=field», or FILE.toml with [columns] and [values]; can be repeated."),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="«field=value» for all rows, as «utility=вода»; can be repeated.")
    ] = None,
    preview: Annotated[
        int | None, typer.Option(help="Only show how the first N rows would be read.", min=1, max=1000)
    ] = None,
) -> None:
    """Read a file into the store: teasers, a utility's notices, an export of kubmap; the same item twice is one."""
    if kind not in {None, "teasers", "notices"}:
        raise typer.BadParameter("--kind is teasers or notices")
    if _is_plain(source) and not (kind or mapping or values or preview):
        _import_plain(source, rejects, publish=publish, revise=revise)
        return
    from kubmap.desk.fileimport import choices_of

    choices = choices_of(mapping or (), values or (), kind=kind, publish=publish, revise=revise)
    _import_table(source, rejects, choices, preview)


@app.command(epilog=EXIT_CODES)
def export(
    target: Annotated[Path, typer.Argument(help="OUT.jsonl, OUT.csv, OUT.xlsx or OUT.geojson.")],
    drafts: Annotated[bool, typer.Option("--drafts", help="Drafts and retracted records too.")] = False,
    history: Annotated[bool, typer.Option("--history", help="All versions of each record; only .jsonl.")] = False,
) -> None:
    """Write everything to a file; what .jsonl holds can be imported again as it was."""
    from kubmap.desk.export import write

    number = write(open_store(), target, drafts=drafts, history=history)
    out().print(f"{number} records in {target}", highlight=False)


@app.command(epilog=EXIT_CODES)
def seed() -> None:
    """Put the demonstration items of November 2021 into the store; twice is once."""
    put_seed(open_store())


def _is_plain(source: Path) -> bool:
    """Lines of teasers as `kubmap parse` takes them, or a feed: no columns to settle."""
    if source.suffix.lower() not in {".jsonl", ".ndjson"}:
        return source.suffix.lower() in {".xml", ".rss", ".atom"}
    from kubmap.store.records import is_record

    with source.open("rb") as file:
        line = file.readline(1 << 20)
    try:
        value = json.loads(line)
    except ValueError:
        return True
    return not isinstance(value, dict) or ("text" in value and not is_record(value))


def _import_plain(source: Path, rejects: Path | None, *, publish: bool, revise: bool) -> None:
    from kubmap.store.intake import intake_file

    rejects = rejects or source.with_suffix(".rejects.jsonl")
    with progress("import") as advance:
        report = intake_file(
            open_store(),
            source,
            _reader(),
            publish=publish,
            revise=revise,
            rejects=rejects,
            on_reject=_tell,
            progress=advance,
        )
    _end_import(report, rejects)


def _import_table(source: Path, rejects: Path | None, choices: Choices, preview: int | None) -> None:
    from datetime import datetime

    from kubmap.atlas.atlas import load_atlas
    from kubmap.desk.fileimport import import_file, planned
    from kubmap.desk.plan import count
    from kubmap.desk.rejects import suffix_of
    from kubmap.domain import MOSCOW

    store, now = open_store(), datetime.now(MOSCOW)
    opened, plan = planned(store, source, choices, now)
    if preview:
        from kubmap.desk.preview import shown
        from kubmap.printout import rows_shown

        rows_shown(out(), opened, plan, shown(opened, plan, load_atlas(), limit=preview))
        return
    target = rejects or source.with_name(f"{source.stem}.rejects{suffix_of(source, opened.form)}")
    with progress("import", total=count(opened)) as advance:
        report = import_file(
            store, opened, plan, load_atlas(), now=now, target=target, on_reject=_tell, progress=advance
        )
    _end_import(report, target)


def _end_import(report: Report, rejects: Path) -> None:
    out().print(report.summary(), highlight=False)
    if report.rejected:
        err().print(f"{report.rejected} set aside in {rejects}: mend them there and import that file.")
        raise typer.Exit(1)


def _reader() -> Any:
    from functools import partial

    from kubmap.atlas.atlas import load_atlas
    from kubmap.geocode.reading import read_teaser

    return partial(read_teaser, atlas=load_atlas())


def put_seed(store: Store) -> None:
    from kubmap.store.intake import seed as put

    out().print(put(store, _reader()).summary(), highlight=False)


def _tell(row: BadRow) -> None:
    err().print(f"line {row.line}: {row.reason}", highlight=False, markup=False)
