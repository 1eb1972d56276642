"""Records by their words, for editors: all of the archive, whatever its status, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from kubmap.atlas.words import fold
from kubmap.domain import Category, Incident, Status
from kubmap.store import incidents
from kubmap.store.schema import incidents as table

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_STREAMED = 2_000
_LONGEST = 2_000  # characters of a question


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` are words that all occur, an id, or a link that holds one."""

    text: str = ""
    status: Status | None = None
    category: Category | None = None
    source: str | None = None


def find(connection: Connection, wanted: Wanted, *, after: str | None, limit: int) -> tuple[tuple[Incident, ...], int]:
    """A page, and how many there are from there on."""
    condition = _condition(wanted)
    if after is not None:
        condition &= table.c.id < after
    words = fold(wanted.text[:_LONGEST]).split()
    if named := _ID.search(wanted.text[:_LONGEST].lower()):
        condition, words = and_(condition, table.c.id == named.group()), []
    if not words:
        total = connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
        ids = list(connection.scalars(select(table.c.id).where(condition).order_by(table.c.id.desc()).limit(limit)))
    else:
        found = _holding(connection, condition, words)
        ids, total = found[:limit], len(found)
    whole = {each.id: each for each in incidents.where(connection, table.c.id.in_(ids))}
    return tuple(whole[each] for each in ids), total


def _condition(wanted: Wanted) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = true()
    if wanted.status is not None:
        condition &= table.c.status == wanted.status.value
    if wanted.category is not None:
        condition &= table.c.category == wanted.category.value
    if wanted.source is not None:
        condition &= table.c.source_name == wanted.source
    return condition


def _holding(connection: Connection, condition: ColumnElement[bool], words: list[str]) -> list[str]:
    """Ids of the records whose words hold all of these: case and ё do not matter, so the database cannot tell."""
    columns = (table.c.id, table.c.title, table.c.text, table.c.location, table.c.source_name)
    query = select(*columns).where(condition).order_by(table.c.id.desc()).execution_options(yield_per=_STREAMED)
    found: list[str] = []
    for incident_id, *parts in connection.execute(query):
        told = fold(" ".join(part for part in parts if part))
        if all(word in told for word in words):
            found.append(incident_id)
    return found
