"""Event: the one small value that two tellings are compared by, made of a reading or of a stored incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kubmap.domain import Casualties, Category, Incident, Location, Moment
from kubmap.geocode.reading import Reading
from kubmap.geocode.traces import Traces, traces


@dataclass(frozen=True, slots=True)
class Event:
    """Times as in `domain`; `traces` is what the words give."""

    category: Category
    is_scheduled: bool | None
    published: Moment | None
    starts_at: Moment | None
    ends_at: Moment | None
    casualties: Casualties
    location: Location | None
    traces: Traces


def of_reading(reading: Reading) -> Event:
    """The event that a teaser tells of."""
    said = reading.teaser
    return Event(
        reading.category,
        reading.is_scheduled,
        said.published if said else None,
        reading.starts_at,
        reading.ends_at,
        reading.casualties,
        reading.location,
        traces(said.text, said.title) if said else Traces("event"),
    )


def of_incident(incident: Incident) -> Event:
    """The event that a record keeps."""
    return Event(
        incident.category,
        incident.is_scheduled,
        incident.published_at,
        incident.starts_at,
        incident.ends_at,
        incident.casualties,
        incident.location,
        traces(incident.text, incident.title),
    )


def day_of(moment: Moment) -> date:
    """The calendar day of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment
