"""Numbers of the store as a whole: revision, epoch, demo, the edition of the rules of doubt."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, insert, select, update

from kubmap.store.schema import meta

Key = Literal["revision", "epoch", "demo", "doubts"]


def read(connection: Connection, key: Key) -> int:
    """The number, 0 when it was never written."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key)) or 0


def write(connection: Connection, key: Key, value: int) -> None:
    changed = connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(meta).values(key=key, value=value))
