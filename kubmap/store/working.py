"""Working copies: what editors typed and have not saved, one a person and record; on an open connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, delete, func, insert, select, update

from kubmap.errors import InputError
from kubmap.store import codec
from kubmap.store.schema import working as table

MAX_BYTES = 2_000_000
"""A larger working copy is refused: the longest page that can be pasted fits."""
MAX_COPIES = 500
"""A person keeps no more; the oldest go."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`content` is a JSON object as the page gave it; `base_version` the version it was typed over."""

    target: str
    base_version: int | None
    content: Mapping[str, Any]
    at: datetime


def get(connection: Connection, owner: str, target: str) -> Copy | None:
    query = select(table).where(_of(owner, target))
    row = connection.execute(query).mappings().first()
    return None if row is None else _copy(row)


def of_owner(connection: Connection, owner: str) -> tuple[Copy, ...]:
    """Newest first."""
    query = select(table).where(table.c.owner == owner).order_by(table.c.at.desc(), table.c.target)
    return tuple(map(_copy, connection.execute(query).mappings()))


def put(  # noqa: PLR0913  keyword-only
    connection: Connection, owner: str, target: str, *, base_version: int | None, changes: Mapping[str, Any],
    at: datetime,
) -> None:  # fmt: skip
    """Merge `changes` into the copy by top-level key (None takes a key out).

    A copy that was typed over another version stays, over the older of the two: another tab of the same editor may be
    at it, and whatever was saved since is compared at saving. Raises InputError for one that is too large.
    """
    known = get(connection, owner, target)
    content = {**(known.content if known else {}), **changes}
    if known and known.base_version is not None and base_version is not None:
        base_version = min(known.base_version, base_version)
    text = codec.dumps({name: value for name, value in content.items() if value is not None})
    if len(text.encode()) > MAX_BYTES:
        raise InputError(f"черновик больше {MAX_BYTES // 1_000_000} МБ: сохраните его по частям")
    row = {"base_version": base_version, "content": text, "at": codec.moment_to_text(at)}
    if known is None:
        connection.execute(insert(table).values(owner=owner, target=target, **row))
        _drop_oldest(connection, owner)
    else:
        connection.execute(update(table).where(_of(owner, target)).values(row))


def discard(connection: Connection, owner: str, target: str) -> None:
    connection.execute(delete(table).where(_of(owner, target)))


def forget(connection: Connection, target: str) -> None:
    """Everybody's copies of a record."""
    connection.execute(delete(table).where(table.c.target == target))


def clean(connection: Connection, before: datetime) -> int:
    """Drop what nobody touched since `before`; returns how many."""
    return connection.execute(delete(table).where(table.c.at < codec.moment_to_text(before))).rowcount


def _drop_oldest(connection: Connection, owner: str) -> None:
    count = connection.scalar(select(func.count()).where(table.c.owner == owner)) or 0
    if count > MAX_COPIES:
        oldest = select(table.c.target).where(table.c.owner == owner).order_by(table.c.at).limit(count - MAX_COPIES)
        targets = list(connection.scalars(oldest))
        connection.execute(delete(table).where(table.c.owner == owner, table.c.target.in_(targets)))


def _of(owner: str, target: str) -> Any:
    return (table.c.owner == owner) & (table.c.target == target)


def _copy(row: Any) -> Copy:
    at = cast("datetime", codec.moment_from_text(row["at"]))
    return Copy(row["target"], row["base_version"], codec.loads(row["content"]), at)
