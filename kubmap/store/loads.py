"""Imports in the background: what runs, how far it is, and what became of it; every process can ask.

A load belongs to one run at a time. Its counts are written after the rows that they count, so one that was broken off
goes on where its counts are: at worst the last rows are read again, which doubles nothing (`kubmap.store.intake`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import insert, select, update

from kubmap.domain import MOSCOW
from kubmap.errors import InputError, NotFoundError
from kubmap.store import codec
from kubmap.store import engine as engines
from kubmap.store.identity import uuid7
from kubmap.store.intake import Report
from kubmap.store.schema import loads as table
from kubmap.store.store import Store

SILENT = timedelta(seconds=60)
"""A running load that was not heard of for so long was broken off: its process is gone."""


class State(StrEnum):
    """Where a load stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Load:
    """An import of a file. `plan` is how it is read, `total` the rows of the file as far as that is known.

    `mark` is how many bytes of the rejects belong to the rows that `report` counts.
    """

    id: str
    name: str
    state: State
    actor: str
    plan: Mapping[str, Any]
    total: int | None
    report: Report
    mark: int
    cancel: bool
    message: str
    started_at: datetime
    at: datetime

    def broken_off(self, now: datetime) -> bool:
        """Whether it should run and does not."""
        return self.state in {State.RUNNING, State.WAITING} and now - self.at > SILENT

    def under_way(self, now: datetime) -> bool:
        return self.state in {State.RUNNING, State.WAITING} and not self.broken_off(now)


def begin(store: Store, *, name: str, actor: str, plan: Mapping[str, Any], now: datetime) -> Load:
    """A load that waits to be run."""
    at = now.astimezone(MOSCOW).isoformat()
    row = {
        "id": uuid7(now), "name": name, "state": State.WAITING.value, "actor": actor, "plan": codec.dumps(plan),
        "total": None, "report": "{}", "mark": 0, "cancel": False, "message": "", "started_at": at, "at": at,
    }  # fmt: skip
    with engines.writing(store.engine) as connection:
        connection.execute(insert(table), row)
    return _load(row)


def get(store: Store, load_id: str) -> Load:
    """Raises NotFoundError."""
    with engines.reading(store.engine) as connection:
        row = connection.execute(select(table).where(table.c.id == load_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"нет загрузки {load_id}")
    return _load(row)


def last(store: Store, *, limit: int = 20) -> tuple[Load, ...]:
    """The newest first."""
    with engines.reading(store.engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit)).mappings()
        return tuple(map(_load, rows))


def take(store: Store, load_id: str, *, now: datetime) -> Load:
    """Claim a load for this run: one that waits, or that was broken off, cancelled or failed.

    Raises InputError when it runs elsewhere or is done.
    """
    with engines.writing(store.engine) as connection:
        row = connection.execute(select(table).where(table.c.id == load_id)).mappings().first()
        if row is None:
            raise NotFoundError(f"нет загрузки {load_id}")
        found = _load(row)
        if found.state is State.DONE or (found.state is State.RUNNING and not found.broken_off(now)):
            raise InputError("эта загрузка уже идёт или закончена")
        values = {"state": State.RUNNING.value, "cancel": False, "message": "", "at": _text(now)}
        connection.execute(update(table).where(table.c.id == load_id).values(values))
    return get(store, load_id)


def tell(  # noqa: PLR0913  keyword-only options
    store: Store,
    load_id: str,
    *,
    now: datetime,
    report: Report | None = None,
    mark: int | None = None,
    total: int | None = None,
    state: State | None = None,
    message: str | None = None,
) -> bool:
    """How far it is; what is None stays. Returns whether somebody wants it stopped."""
    values: dict[str, Any] = {"at": _text(now)}
    if report is not None:
        values["report"] = codec.dumps({each.name: getattr(report, each.name) for each in fields(Report)})
    told = {"mark": mark, "total": total, "state": state and state.value, "message": message}
    values |= {name: value for name, value in told.items() if value is not None}
    with engines.writing(store.engine) as connection:
        connection.execute(update(table).where(table.c.id == load_id).values(values))
        return bool(connection.scalar(select(table.c.cancel).where(table.c.id == load_id)))


def cancel(store: Store, load_id: str) -> None:
    """Ask the run to stop after the rows that it is at."""
    with engines.writing(store.engine) as connection:
        connection.execute(update(table).where(table.c.id == load_id).values(cancel=True))


def _text(moment: datetime) -> str:
    return moment.astimezone(MOSCOW).isoformat()


def _load(row: Mapping[Any, Any]) -> Load:
    return Load(
        id=row["id"],
        name=row["name"],
        state=State(row["state"]),
        actor=row["actor"],
        plan=codec.loads(row["plan"]),
        total=row["total"],
        report=Report(**codec.loads(row["report"])),
        mark=row["mark"],
        cancel=bool(row["cancel"]),
        message=row["message"],
        started_at=cast("datetime", codec.moment_from_text(row["started_at"])),
        at=cast("datetime", codec.moment_from_text(row["at"])),
    )
