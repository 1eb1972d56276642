"""The first rows of a file as they will be stored, in words; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kubmap.desk.plan import Opened, Plan, rows_of
from kubmap.domain import Category, Incident
from kubmap.errors import InputError
from kubmap.feeds import words
from kubmap.geocode.reading import read_teaser
from kubmap.store.intake import incident_of
from kubmap.store.rows import AnyRow, BadRow
from kubmap.store.sheets import Record

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it will be stored, in words, or why it will not (`issue`)."""

    line: int
    issue: str = ""
    what: str = ""
    place: str = ""
    streets: str = ""
    when: str = ""
    text: str = ""


def shown(opened: Opened, plan: Plan, atlas: Atlas, *, limit: int) -> tuple[Shown, ...]:
    """The first rows of a file as they will be stored. Raises InputError."""
    if opened.form == "records":
        found = islice(opened.sheet.records(), limit) if opened.sheet else ()
        return tuple(_shown_record(each) for each in found)
    return tuple(shown_row(row, atlas) for row in islice(rows_of(opened, plan, atlas), limit))


def shown_row(row: AnyRow, atlas: Atlas) -> Shown:
    """A row as it will be stored."""
    if isinstance(row, BadRow):
        return Shown(row.line, row.reason, text=row.raw[:300] or " · ".join(filter(None, row.cells))[:300])
    try:
        incident = incident_of(row.teaser, read_teaser(row.teaser, atlas))
        incident = row.given(incident) if row.given else incident
    except InputError as error:
        return Shown(row.line, str(error), text=row.teaser.text[:300])
    return _in_words(row.line, incident)


def _shown_record(record: Record | BadRow) -> Shown:
    if isinstance(record, BadRow):
        return Shown(record.line, record.reason, text=record.raw[:300])
    value = record.value or {}
    what = str(value.get("category", ""))
    known = words.category_name(Category(what)) if what in set(Category) else what
    place = value.get("location") or {}
    return Shown(record.line, what=known, place=str(place.get("label", "")), text=str(value.get("text", ""))[:300])


def _in_words(line: int, incident: Incident) -> Shown:
    outage, location = incident.outage, incident.location
    called_off = "отменено: " if outage is not None and outage.withdrawn else ""
    return Shown(
        line,
        what=f"{called_off}{words.category_name(incident.category)}",
        place=location.label if location else "",
        streets="; ".join(outage.streets) if outage else "",
        when=words.interval_words(incident.starts_at, incident.ends_at) or "",
        text=incident.text[:300],
    )
