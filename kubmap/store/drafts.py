"""What rows of drafts keep for the queue: their confidence, their doubts and their zone.

Written with the draft, so that the queue is sorted, filtered and counted by the database. Told anew for all drafts when
the rules are others (`confidence.edition`), and for those of which nothing is kept yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, select, update

from kubmap.domain import Incident, Status
from kubmap.store import codec, meta
from kubmap.store import engine as engines
from kubmap.store.confidence import confidence, edition
from kubmap.store.schema import incidents as table

TRAITS: Final = ("confidence", "doubts", "zone")
"""The columns."""
SCALE: Final = 10_000
"""Of the confidence as it is stored: a whole number compares the same everywhere."""
DRAFTS: Final = table.c.status == Status.DRAFT.value
UNTOLD: Final = DRAFTS & table.c.confidence.is_(None)
"""Drafts of which nothing is kept: written by an older kubmap, or not by `Writer`."""
_BATCH = 500
_ASKED = [table.c[name] for name in table.c.keys() if name not in TRAITS]  # noqa: SIM118


def traits(incident: Incident) -> dict[str, Any]:
    """The columns of an incident; they are empty unless it is a draft."""
    if incident.status is not Status.DRAFT:
        return dict.fromkeys(TRAITS)
    sure, doubts = confidence(incident)
    zone = incident.location.zone if incident.location else None
    return {
        "confidence": round(sure * SCALE),
        "doubts": "".join(f"{each.code} " for each in doubts),
        "zone": zone or "",
    }


def renew(engine: Engine) -> None:
    """Tell what is not told yet, or was by other rules; safe when several processes start."""
    with engines.reading(engine) as connection:
        if not _is_due(connection):
            return
    with engines.writing(engine) as connection:
        if _is_due(connection):
            _tell(connection, everything=meta.read(connection, "doubts") != edition())
            meta.write(connection, "doubts", edition())


def _is_due(connection: Connection) -> bool:
    untold = connection.scalar(select(table.c.id).where(UNTOLD).limit(1))
    return untold is not None or meta.read(connection, "doubts") != edition()


def _tell(connection: Connection, *, everything: bool) -> None:
    setting = update(table).where(table.c.id == bindparam("of")).values({name: bindparam(name) for name in TRAITS})
    after = ""
    while True:
        those = (DRAFTS if everything else UNTOLD) & (table.c.id > after)
        rows = connection.execute(select(*_ASKED).where(those).order_by(table.c.id).limit(_BATCH)).mappings().all()
        if not rows:
            return
        connection.execute(setting, [{"of": row["id"], **_traits_of(row)} for row in rows])
        after = rows[-1]["id"]


def _traits_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    return traits(codec.from_row(row))
