"""What the columns of a file mean, remembered by the header: who said it last, and when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, insert, select

from kubmap.atlas.words import fold
from kubmap.domain import MOSCOW
from kubmap.store import codec
from kubmap.store import engine as engines
from kubmap.store.schema import mappings as table
from kubmap.store.store import Store


@dataclass(frozen=True, slots=True)
class Remembered:
    """The meaning of a header's columns: `fields` by column, and `values` that hold for the whole file."""

    kind: str
    header: tuple[str, ...]
    fields: tuple[str | None, ...]
    values: Mapping[str, str]
    actor: str
    at: datetime


def signature(header: Sequence[str]) -> str:
    """Hex sha256 of the names of the columns in their order; case, ё and spaces do not matter."""
    names = (" ".join(fold(name).split()) for name in header)
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()


def recall(store: Store, header: Sequence[str], kind: str | None = None) -> Remembered | None:
    """What was said last of a file with this header, as of this kind or of any; None for a new one."""
    known = table.c.signature == signature(header)
    query = select(table).where(known if kind is None else known & (table.c.kind == kind)).order_by(table.c.at.desc())
    with engines.reading(store.engine) as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else _remembered(row)


def remember(  # noqa: PLR0913  keyword-only options
    store: Store,
    kind: str,
    header: Sequence[str],
    *,
    fields: Sequence[str | None],
    values: Mapping[str, str],
    actor: str,
    at: datetime,
) -> None:
    """Keep it for the next file with this header, in place of what was said before."""
    key = signature(header)
    row = {
        "kind": kind,
        "signature": key,
        "header": codec.dumps(list(header)),
        "content": codec.dumps({"fields": list(fields), "values": dict(values)}),
        "actor": actor,
        "at": at.astimezone(MOSCOW).isoformat(),
    }
    with engines.writing(store.engine) as connection:
        connection.execute(delete(table).where(table.c.kind == kind, table.c.signature == key))
        connection.execute(insert(table), row)


def forget(store: Store, kind: str, header: Sequence[str]) -> None:
    """The next file with this header is guessed again."""
    with engines.writing(store.engine) as connection:
        connection.execute(delete(table).where(table.c.kind == kind, table.c.signature == signature(header)))


def _remembered(row: Mapping[Any, Any]) -> Remembered:
    content = codec.loads(row["content"])
    return Remembered(
        kind=row["kind"],
        header=tuple(codec.loads(row["header"])),
        fields=tuple(content["fields"]),
        values=content["values"],
        actor=row["actor"],
        at=cast("datetime", codec.moment_from_text(row["at"])),
    )
