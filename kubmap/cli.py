"""The command line: thin wrappers; each command imports what it needs, so that a short one starts fast."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kubmap import backupcli, batchcli, feedcli, importcli, usercli
from kubmap.console import EXIT_CODES, STDIO, err, open_store, out
from kubmap.errors import InputError, KubmapError

if TYPE_CHECKING:
    from kubmap.store import Store

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
app.add_typer(batchcli.app)
app.add_typer(importcli.app)
app.add_typer(usercli.app, name="user")
app.add_typer(backupcli.app)
app.add_typer(feedcli.source_app, name="source")
app.add_typer(feedcli.pull_app)


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
    store = open_store()
    if seed:
        importcli.put_seed(store)
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


def _welcome(store: Store) -> None:
    """Print the password of the first account; it is kept nowhere."""
    made = usercli.first_editor(store)
    if made:
        login, password = made
        out().print(f"First account: login [bold]{login}[/bold], password [bold]{password}[/bold]", highlight=False)
        out().print("The password is shown this once; `kubmap user passwd editor` sets another.", highlight=False)


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
