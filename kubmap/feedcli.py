"""`kubmap pull` and `kubmap source …`: feeds that become drafts, for cron and for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from kubmap.console import open_store
from kubmap.errors import FetchError, InputError

if TYPE_CHECKING:
    from kubmap.desk.feeds import Feeds
    from kubmap.store.sources import Source

BY: Final = "cli"
"""Who added a source from the command line."""

pull_app = typer.Typer()
source_app = typer.Typer(help="Feeds (RSS, Atom) that are polled: their items become drafts.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="Its name, address or id.")]


@pull_app.command()
def pull(
    source: Annotated[
        list[str] | None, typer.Argument(help="Feeds to ask now (name, address or id); those that are due if none.")
    ] = None,
) -> None:
    """Ask the feeds for news; exit status 1 when some failed. One process at a time: a second one does nothing."""
    from kubmap.store import sources

    feeds = _feeds()
    only = [sources.find(feeds.store.engine, each) for each in source] if source else None
    outcomes = feeds.puller().pull(only)
    if outcomes is None:
        typer.echo("another process polls now")
        return
    failed = 0
    for outcome in outcomes:
        failed += not outcome.ok
        typer.echo(f"{_plain(outcome.source.name)}: {_plain(outcome.told)}", err=not outcome.ok)
    if failed:
        raise typer.Exit(1)


@source_app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of an RSS or Atom feed.")],
    name: Annotated[str | None, typer.Option(help="What its items say they come from; its title if not given.")] = None,
    *,
    unread: Annotated[bool, typer.Option("--unread", help="Do not try to read it first.")] = False,
) -> None:
    """Add a feed after a trial reading."""
    from datetime import datetime

    from kubmap.domain import MOSCOW
    from kubmap.store import sources

    feeds = _feeds()
    if unread:
        if not name:
            raise typer.BadParameter("--unread needs --name")
    else:
        try:
            trial = feeds.tried(url)
        except (FetchError, InputError) as error:
            typer.echo(f"{_plain(url)}: {_plain(str(error))}", err=True)
            raise typer.Exit(1) from None
        url, name = trial.url, name or trial.title
        for item in trial.items:
            typer.echo(_plain(f"  {item.issue or f'{item.what}, {item.place}'}: {item.text[:100]}"))
    try:
        made = sources.add(feeds.store.engine, url=url, name=name, by=BY, now=datetime.now(MOSCOW))
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{made.id}\t{_plain(made.name)}\t{made.url}")


@source_app.command("list")
def list_() -> None:
    """List the feeds: name, address, state, last success, what came of the last try."""
    from kubmap.store import sources

    for each in sources.every(open_store().engine):
        last = each.succeeded_at.isoformat(" ", "minutes") if each.succeeded_at else "never"
        columns = (each.name, each.url, _state(each), f"records {each.items}", f"last {last}", each.error or each.told)
        typer.echo("\t".join(map(_plain, columns)))


@source_app.command()
def remove(source: Which) -> None:
    """Poll a feed no more; what came from it stays."""
    from kubmap.store import sources

    engine = open_store().engine
    found = sources.find(engine, source)
    sources.remove(engine, found.id)
    typer.echo(f"{_plain(found.name)}: removed")


@source_app.command()
def enable(source: Which) -> None:
    """Poll a feed again, from the next time on."""
    _switch(source, enabled=True)


@source_app.command()
def disable(source: Which) -> None:
    """Poll a feed no more until it is enabled."""
    _switch(source, enabled=False)


def _switch(told: str, *, enabled: bool) -> None:
    from kubmap.store import sources

    engine = open_store().engine
    found = sources.find(engine, told)
    sources.set_enabled(engine, found.id, enabled=enabled)
    typer.echo(f"{_plain(found.name)}: {'enabled' if enabled else 'disabled'}")


def _state(source: Source) -> str:
    if not source.enabled:
        return "disabled"
    return f"failed {source.failures} times" if source.failures else "ok"


def _plain(text: str) -> str:
    """Text of strangers on a terminal: one line, nothing that moves the cursor or turns the direction."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _feeds() -> Feeds:
    from kubmap.atlas.atlas import load_atlas
    from kubmap.desk.feeds import Feeds, fetcher_of
    from kubmap.settings import settings

    fetcher = fetcher_of(settings().fetch_allow, settings().fetch_ports)
    return Feeds(open_store(), load_atlas(), fetcher)
