"""What the read model takes from the store, without the database: light rows, states, all that is published.

A light row holds what lists and maps need, as the database keeps it (moments and nested values as text), so that a
hundred thousand of them are read in about a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kubmap.domain import Incident, Status
from kubmap.store import codec

HEAD_CHARS = 300
"""Of a text whose record has no title."""


@dataclass(frozen=True, slots=True)
class State:
    """Numbers of the store; (`epoch`, `revision`) names a state of what readers see for ever."""

    epoch: int
    revision: int
    demo: bool


class Light(NamedTuple):
    """The light row of an incident; `shown` is False for what readers must not see any more.

    `head` is the beginning of the text where there is no title. `casualties` and `location` are JSON.
    """

    id: str
    shown: bool
    version: int
    category: str
    title: str | None
    head: str | None
    published_at: str | None
    starts_at: str | None
    ends_at: str | None
    is_scheduled: bool | None
    casualties: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """All that readers may see at one revision, oldest first; (`epoch`, `revision`) names this state for ever."""

    epoch: int
    revision: int
    demo: bool
    incidents: tuple[Incident, ...]


def light_of(incident: Incident) -> Light:
    """The light row that the database would give of the incident."""
    row = codec.to_row(incident)
    head = None if (incident.title or "").strip(" ") else incident.text[:HEAD_CHARS]
    shown = incident.status is Status.PUBLISHED
    values = (row[name] for name in Light._fields[6:])
    return Light(incident.id, shown, incident.version, incident.category.value, incident.title, head, *values)
