"""Incidents as a CSV table that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from kubmap.feeds import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubmap.domain import Incident

HEADER = (
    "id", "category", "category_name", "title", "text", "starts_at", "ends_at", "published_at", "is_scheduled",
    "place", "municipality", "zone", "road", "km", "lat", "lon", "precision", "radius_m", "dead", "injured",
    "children", "source_name", "source_url",
)  # fmt: skip

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # Excel reads UTF-8 only with it


def guarded(value: object) -> str:
    """The cell as text; a string that a spreadsheet could take for a formula gets an apostrophe before it.

    Numbers are written as they are: a negative number is no formula.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _place_cells(incident: Incident) -> tuple[object, ...]:
    place = incident.location
    if place is None:
        return (None,) * 9
    return (
        place.label, place.municipality, place.zone, place.road, place.km, place.lat, place.lon, place.precision.value,
        place.radius_m,
    )  # fmt: skip


def plain_row(incident: Incident) -> tuple[object, ...]:
    """The cells of a record as they are, in the order of HEADER; write none of them unguarded."""
    hurt = incident.casualties
    return (
        incident.id, incident.category.value, words.category_name(incident.category), incident.title, incident.text,
        words.iso(incident.starts_at), words.iso(incident.ends_at), words.iso(incident.published_at),
        incident.is_scheduled, *_place_cells(incident), hurt.dead, hurt.injured, hurt.children, incident.source_name,
        incident.source_url,
    )  # fmt: skip


def row(incident: Incident) -> tuple[str, ...]:
    """The guarded cells of a record, in the order of HEADER."""
    return tuple(guarded(cell) for cell in plain_row(incident))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Any table as guarded CSV text (RFC 4180, UTF-8 with a byte order mark)."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in cells] for cells in rows)
    return out.getvalue()


def incidents_csv(incidents: Iterable[Incident]) -> str:
    """The records as CSV text."""
    return table(HEADER, ([*row(incident)] for incident in incidents))
