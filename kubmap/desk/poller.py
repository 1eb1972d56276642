"""Polling beside the server: a thread looks at its watch, a process of low priority asks the feeds that are due.

A hostile or huge feed costs that process its time, never the server's; whatever fails is tried again at the next turn.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from kubmap.domain import MOSCOW
from kubmap.errors import KubmapError
from kubmap.settings import Settings, settings
from kubmap.store import sources
from kubmap.store.store import Store

_LOG = logging.getLogger(__name__)

FIRST_S = 5.0
"""After the start of the server."""
LONGEST_S = 900.0
"""A run that takes longer is stopped."""
_NICE = 5


def start(chosen: Settings) -> threading.Thread | None:
    """Poll from now on every `pull_minutes`; None when that is 0."""
    if not chosen.pull_minutes:
        return None
    turn = partial(poll_if_due, chosen)
    thread = threading.Thread(target=_forever, args=(turn, chosen.pull_minutes * 60), name="poller", daemon=True)
    thread.start()
    return thread


def _forever(turn: Callable[[], object], every_s: float) -> None:
    pause = min(FIRST_S, every_s)
    while True:
        time.sleep(pause)
        begun = time.monotonic()
        try:
            turn()
        except Exception:  # noqa: BLE001  a turn that fails must not be the last
            _LOG.exception("polling failed; the next turn tries again")
        pause = max(1.0, every_s - (time.monotonic() - begun))


def poll_if_due(chosen: Settings) -> bool:
    """Run a process that polls, if some feed is to be asked; returns whether there was one."""
    store = Store(chosen.store_url)
    try:
        if not sources.due(store.engine, datetime.now(MOSCOW)):
            return False
    finally:
        store.close()
    env = {**os.environ, "KUBMAP_HOME": str(chosen.home.resolve()), "KUBMAP_DATABASE_URL": chosen.store_url}
    command = [sys.executable, "-m", "kubmap.desk.poller"]
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL) as process:  # noqa: S603  ours
        try:
            process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            _LOG.warning("polling took longer than %.0f s: stopped", LONGEST_S)
            process.kill()
    return True


def main() -> None:
    """Poll the feeds of the settings' store that are due, once."""
    from kubmap.atlas.atlas import load_atlas  # noqa: PLC0415  only the process that polls needs them
    from kubmap.desk.feeds import Feeds, fetcher_of  # noqa: PLC0415

    chosen = settings()
    logging.basicConfig(level=chosen.log_level)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    store = Store(chosen.store_url)
    feeds = Feeds(store, load_atlas(), fetcher_of(chosen.fetch_allow, chosen.fetch_ports))
    for outcome in feeds.puller().pull() or ():
        level = logging.INFO if outcome.ok else logging.WARNING
        _LOG.log(level, "feed %s: %s", outcome.source.url, outcome.told)
    store.close()


if __name__ == "__main__":
    try:
        main()
    except KubmapError as error:
        _LOG.error("%s", error)
        sys.exit(3)
