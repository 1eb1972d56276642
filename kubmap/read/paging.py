"""Pages of rows: a token names the last row of a page by its time and id, so it holds in later revisions too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kubmap.read.snapshot import Rows, Snapshot

TOKEN = re.compile(r"(-1|[0-9]{1,15})\.([!-~]{1,64})")
MAX_TOKEN = 80


def token(snapshot: Snapshot, row: int) -> str:
    """What asks for the rows after this one."""
    return f"{snapshot.columns.moment[row]}.{snapshot.columns.id[row]}"


def after(snapshot: Snapshot, rows: Rows, mark: str) -> Rows:
    """Those of the rows (newest first) that come after the one of the token.

    Raises:
        ValueError: no token.
    """
    found = TOKEN.fullmatch(mark)
    if found is None:
        raise ValueError(f"no token: {mark[:40]!r}")
    moment, incident_id = int(found[1]), found[2]
    moments = snapshot.columns.moment[rows]
    older = moments < moment
    same = np.flatnonzero(moments == moment)
    for at in same:
        older[at] = snapshot.columns.id[rows[at]] < incident_id
    return rows[older]
