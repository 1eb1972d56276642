"""The command line: thin wrappers; each command imports what it needs, so that a short one starts fast."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from kubmap import backupcli, feedcli, usercli
from kubmap.errors import InputError, KubmapError

if TYPE_CHECKING:
    from rich.console import Console

    from kubmap.desk.fileimport import Choices
    from kubmap.store import Store
    from kubmap.store.intake import Report
    from kubmap.store.rows import BadRow
    from kubmap.workers import Make

EXIT_CODES = """
Exit codes: **0** done · **1** done, but some lines were set aside (see the rejects file) or a check failed ·
**2** wrong usage, or a file that cannot be read · **3** kubmap cannot go on (the message says why).
"""

app = typer.Typer(
    name="kubmap",
    help="Incident and outage map of Krasnodar Krai: teasers in, located records on a map out.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
atlas_app = typer.Typer(help="What is where: check what ships, build it again.", no_args_is_help=True)
app.add_typer(atlas_app, name="atlas")
app.add_typer(usercli.app, name="user")
app.add_typer(backupcli.app)
app.add_typer(feedcli.source_app, name="source")
app.add_typer(feedcli.pull_app)


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


InFile = Annotated[Path, typer.Argument(help="JSON lines; - for standard input.", allow_dash=True)]
OutFile = Annotated[Path, typer.Option("-o", "--output", help="Where the answers go; - for standard output.")]
RejectsFile = Annotated[Path | None, typer.Option("--rejects", help="Where lines that cannot be read are set aside.")]
Jobs = Annotated[
    int | None,
    typer.Option("-j", "--jobs", help="Processes for a large input; all cores if not given.", min=1, max=256),
]
STDIO = Path("-")


@app.command(epilog=EXIT_CODES)
def serve(  # noqa: PLR0917  (typer passes them by name)
    host: Annotated[str | None, typer.Option(help="Address to listen on [KUBMAP_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [KUBMAP_PORT].", min=1, max=65535)] = None,
    seed: Annotated[bool, typer.Option("--seed", help="Put the demonstration items into an empty store.")] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Only the map page and the public routes, without the editors' pages.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes, with --public.", min=1, max=64)] = 1,
    trust_proxy: Annotated[
        str | None,
        typer.Option(help="Proxies (addresses or networks, by comma) whose X-Forwarded-* count."),
    ] = None,
) -> None:
    """Serve the app and the public routes until interrupted."""
    from kubmap.settings import settings

    if not public and workers > 1:
        raise typer.BadParameter("--workers goes with --public: the editors' pages live in one process")
    if port:  # the processes of --workers read it, and links begin with it where no public address is set
        os.environ["KUBMAP_PORT"] = str(port)
        settings.cache_clear()
    store = _store()
    if seed:
        _seed(store)
    if not public:
        _welcome(store)
    store.close()
    host, port = host or settings().host, port or settings().port
    out().print(f"kubmap is at [bold]http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}[/bold]")  # noqa: S104
    if public:
        from kubmap.web import public as process

        process.serve(host=host, port=port, workers=workers, trusted=trust_proxy)
    else:
        from kubmap.web.server import serve as run

        run(host=host, port=port, trusted=trust_proxy)


@app.command(epilog=EXIT_CODES)
def publish(
    folder: Annotated[Path, typer.Argument(help="Folder of the site; made when it is not there.", file_okay=False)],
) -> None:
    """Write the map, its records and the feeds as a static site; what has not changed is not touched."""
    from kubmap.web.publish import publish as write
    from kubmap.web.source import open_source

    out().print(write(open_source(warm=False), folder).summary(), highlight=False)


@app.command(epilog=EXIT_CODES)
def parse(source: InFile, output: OutFile = STDIO, rejects: RejectsFile = None, jobs: Jobs = None) -> None:
    """Read teasers, one JSON object a line: category, times, casualties, places, one location with its reasons."""
    from kubmap.workers import parsing

    _batch(source, output, rejects, jobs, parsing)


@app.command(epilog=EXIT_CODES)
def compare(source: InFile, output: OutFile = STDIO, rejects: RejectsFile = None, jobs: Jobs = None) -> None:
    """Judge pairs of teasers, one JSON object a line: the same event or not, with a score and reasons."""
    from kubmap.workers import comparing

    _batch(source, output, rejects, jobs, comparing)


@app.command(epilog=EXIT_CODES)
def explain(
    text: Annotated[str, typer.Argument(help="The teaser; - to read it from standard input.")],
    title: Annotated[str | None, typer.Option(help="Its headline.")] = None,
    published: Annotated[str | None, typer.Option(help="When it was published: 2021-11-23 or a date-time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead of tables.")] = False,
) -> None:
    """Show how a teaser is read: tokens, frame, rules fired, candidates with their scores, and why the winner won."""
    from kubmap.atlas.atlas import load_atlas
    from kubmap.geocode.explain import explain as explained
    from kubmap.geocode.explain import explanation_json
    from kubmap.geocode.reading import teaser_from_json
    from kubmap.printout import show

    body = sys.stdin.read() if text == str(STDIO) else text
    try:
        teaser = teaser_from_json({"text": body, "title": title, "published": published})
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    explanation = explained(teaser, load_atlas())
    if as_json:
        sys.stdout.write(json.dumps(explanation_json(explanation), ensure_ascii=False, indent=2) + "\n")
    else:
        show(out(), explanation)


@app.command(epilog=EXIT_CODES)
def geocode(
    query: Annotated[str, typer.Argument(help="A place in words, such as «на 1362-м км М-4 «Дон»».")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object instead of words.")] = False,
    limit: Annotated[int, typer.Option(help="How many candidates at the most.", min=1, max=50)] = 5,
) -> None:
    """Find a place offline; exit status 1 when there is none in the krai."""
    from kubmap.geocode.geocoder import KubanGeocoder

    found = KubanGeocoder().geocode(query, exactly_one=False, limit=limit) or []
    if as_json:
        sys.stdout.write(json.dumps([place.raw for place in found], ensure_ascii=False, indent=2) + "\n")
    for place in () if as_json else found:
        out().print(_place_line(place.raw), highlight=False)
    if not found:
        err().print("No such place in Krasnodar Krai.")
        raise typer.Exit(1)


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

    number = write(_store(), target, drafts=drafts, history=history)
    out().print(f"{number} records in {target}", highlight=False)


@app.command(epilog=EXIT_CODES)
def seed() -> None:
    """Put the demonstration items of November 2021 into the store; twice is once."""
    _seed(_store())


@atlas_app.command("check", epilog=EXIT_CODES)
def atlas_check(
    reference: Annotated[
        Path | None, typer.Option(help="GeoJSON of the true municipalities, to measure the borders.", exists=True)
    ] = None,
) -> None:
    """Check that what ships is whole: 44 municipalities, 7 zones, valid borders, settlements inside them."""
    from kubmap.atlas.atlas import data_folder
    from kubmap.atlas.check import check, render

    report = check(data_folder(), reference)
    out().print(render(report), highlight=False, markup=False)
    if not report.is_whole:
        raise typer.Exit(1)


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
    with _progress("import") as advance:
        report = intake_file(
            _store(),
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

    store, now = _store(), datetime.now(MOSCOW)
    opened, plan = planned(store, source, choices, now)
    if preview:
        from kubmap.desk.preview import shown
        from kubmap.printout import rows_shown

        rows_shown(out(), opened, plan, shown(opened, plan, load_atlas(), limit=preview))
        return
    target = rejects or source.with_name(f"{source.stem}.rejects{suffix_of(source, opened.form)}")
    with _progress("import", total=count(opened)) as advance:
        report = import_file(
            store, opened, plan, load_atlas(), now=now, target=target, on_reject=_tell, progress=advance
        )
    _end_import(report, target)


def _end_import(report: Report, rejects: Path) -> None:
    out().print(report.summary(), highlight=False)
    if report.rejected:
        err().print(f"{report.rejected} set aside in {rejects}: mend them there and import that file.")
        raise typer.Exit(1)


def _store() -> Store:
    """The store of the settings, migrated to the newest schema."""
    from kubmap.settings import settings
    from kubmap.store import Store

    settings().home.mkdir(parents=True, exist_ok=True)
    store = Store(settings().store_url)
    store.migrate()
    return store


def _reader() -> Any:
    from functools import partial

    from kubmap.atlas.atlas import load_atlas
    from kubmap.geocode.reading import read_teaser

    return partial(read_teaser, atlas=load_atlas())


def _seed(store: Store) -> None:
    from kubmap.store.intake import seed as put

    out().print(put(store, _reader()).summary(), highlight=False)


def _welcome(store: Store) -> None:
    """Print the password of the first account; it is kept nowhere."""
    made = usercli.first_editor(store)
    if made:
        login, password = made
        out().print(f"First account: login [bold]{login}[/bold], password [bold]{password}[/bold]", highlight=False)
        out().print("The password is shown this once; `kubmap user passwd editor` sets another.", highlight=False)


def _tell(row: BadRow) -> None:
    err().print(f"line {row.line}: {row.reason}", highlight=False, markup=False)


def _batch(source: Path, output: Path, rejects: Path | None, jobs: int | None, make: Make) -> None:
    from kubmap.geocode.batch import encode
    from kubmap.workers import cores, run

    bad = 0
    with _reading(source) as (lines, size), _writing(output) as good, _writing(rejects) as aside:
        for answers in run(lines, make, jobs=jobs or cores(), size=size):
            good.write(answers.good)
            for item in answers.rejects:
                bad += 1
                aside.write(encode(item.as_dict()))
                if rejects is None:
                    err().print(f"line {item.line}: {item.reason}", highlight=False, markup=False)
    if bad:
        where = f"set aside in {rejects}" if rejects else "left out; name a file with --rejects to keep them"
        err().print(f"{bad} line(s) {where}.")
        raise typer.Exit(1)


@contextmanager
def _reading(path: Path) -> Iterator[tuple[Iterable[bytes], int | None]]:
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
    with file, _progress(path.name, total=size) as advance:
        yield _counted(file, advance), size


def _counted(file: BinaryIO, advance: Any) -> Iterator[bytes]:
    from kubmap.geocode.batch import bounded

    for line in bounded(file):
        yield line
        advance(len(line))


@contextmanager
def _writing(path: Path | None) -> Iterator[BinaryIO]:
    """A file, standard output for «-», nowhere for None."""
    if path == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with open(path or "/dev/null", "wb") as file:  # noqa: PTH123  (os.devnull is no path of a user)
        yield file


@contextmanager
def _progress(label: str, total: int | None = None) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield lambda _step=1: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda step=1: bar.advance(task, step)


def _place_line(raw: Mapping[str, Any]) -> str:
    point = "no pin" if raw["lat"] is None else f"{raw['lat']:.4f}, {raw['lon']:.4f}"
    radius = "" if raw["radius_m"] is None else f" ± {raw['radius_m'] / 1000:.1f} km"
    return f"{point}{radius}  {raw['label']}  ({raw['precision']}; {raw['municipality'] or 'krai'})"


def main() -> None:
    """Run the command line; an error of kubmap's own is a message, not a traceback."""
    try:
        app()
    except KubmapError as error:
        err().print(f"kubmap: {error}", style="red", highlight=False, markup=False)
        raise SystemExit(3) from None


if __name__ == "__main__":
    main()
