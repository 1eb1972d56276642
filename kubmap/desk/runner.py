"""Loads run beside the server: small ones in a thread of it, large ones in a process of their own, at low priority.

Either tells the store how far it is, so nobody has to wait for it; a process goes on when the server stops.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

from kubmap.desk.bulk import Bulk
from kubmap.errors import InputError
from kubmap.store.loads import Load

_LOG = logging.getLogger(__name__)

SMALL: int = 300
"""Rows that a thread of the server reads in a second or two."""
_NICE = 5


def start(bulk: Bulk, load: Load, *, rows: int | None, home: Path, database_url: str) -> None:
    """Begin or go on with a load, and return at once. `rows` is about how many there are left."""
    if rows is not None and rows <= SMALL:
        threading.Thread(target=_run, args=(bulk, load.id), name=f"load-{load.id}", daemon=True).start()
        return
    env = {**os.environ, "KUBMAP_HOME": str(home.resolve()), "KUBMAP_DATABASE_URL": database_url}
    process = subprocess.Popen(  # noqa: S603  our own interpreter and module; the id is one of the store
        [sys.executable, "-m", "kubmap.desk.runner", load.id],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=process.wait, name=f"wait-{load.id}", daemon=True).start()


def _run(bulk: Bulk, load_id: str) -> None:
    try:
        bulk.run(load_id)
    except InputError as error:
        _LOG.warning("load %s: %s", load_id, error)
    except Exception:  # noqa: BLE001  told in the load; a thread has nobody to tell
        _LOG.exception("load %s", load_id)


def main(load_id: str) -> None:
    """Run a load of the store of the settings."""
    from kubmap.atlas.atlas import load_atlas  # noqa: PLC0415  only the process of a load needs them
    from kubmap.settings import settings  # noqa: PLC0415
    from kubmap.store.store import Store  # noqa: PLC0415

    if hasattr(os, "nice"):
        os.nice(_NICE)
    store = Store(settings().store_url)
    _run(Bulk(store, load_atlas(), settings().home), load_id)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
