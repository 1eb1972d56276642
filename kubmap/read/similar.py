"""SimilarIndex: which stored incidents a new telling may repeat, out of 100,000 within milliseconds.

Blocking first, over columns: days that can meet, kinds that can be one, places within reach; shared words, the rarer
the heavier, rank what is left, and only the best are compared rule by rule. Texts are not kept twice: the index holds
first letters of words, and the traces of an incident are read when it is compared.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from threading import RLock
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kubmap.domain import Category, Incident, Reason
from kubmap.geocode.alike.kind import may_be_one
from kubmap.geocode.alike.where import ONE_TOWN_M, SLACK_M
from kubmap.geocode.compare import judge
from kubmap.geocode.event import Event, day_of, of_incident, of_reading
from kubmap.geocode.reading import Reading
from kubmap.geocode.traces import folded_words, stems

Mask: TypeAlias = npt.NDArray[np.bool_]

COMPARED = 20
"""How many of the likeliest incidents are compared rule by rule."""
CANDIDATES = 10_000
"""Of more incidents than these only those that share the rarest words are weighed by place and day."""
PAD_DAYS = 14
"""Two tellings whose days lie further apart are not one event (see the lags of alike.when)."""
RARE = 12.0
"""Weight of shared words (sum of log(incidents / incidents with the word)) that outweighs a place far away."""

_CATEGORIES = tuple(Category)
_ANY_DAY = (-(10**6), 10**8)
_FIELDS: tuple[tuple[str, Any], ...] = (
    ("first", np.int32), ("last", np.int32), ("lat", np.float32), ("lon", np.float32), ("radius", np.float32),
    ("category", np.int8), ("municipality", np.int16), ("live", np.bool_),
)  # fmt: skip
_ROOM = 1_024
_READ = 20_000  # characters of title and text whose words are indexed
_KEPT_EVENTS = 4_096
_DEGREE_M = 111_195.0


@dataclass(frozen=True, slots=True)
class Match:
    """An incident that a telling is like: its id, the score (0..1) and reasons of `compare`."""

    id: str
    score: float
    same_event: bool
    reasons: tuple[Reason, ...]


class SimilarIndex:
    """Add, discard and find; safe to share between threads."""

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        self._lock = RLock()
        self._clear()
        for each in incidents:
            self.add(each)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, incident_id: object) -> bool:
        return incident_id in self._rows

    def add(self, incident: Incident) -> None:
        """Index an incident; an older version of it is replaced."""
        with self._lock:
            self.discard(incident.id)
            row = len(self._incidents)
            if row == len(self._columns["live"]):
                self._grow()
            self._rows[incident.id] = row
            self._incidents.append(incident)
            for name, value in self._values(incident).items():
                self._columns[name][row] = value
            for word in stems(folded_words(f"{incident.title or ''} {incident.text}"[:_READ])):
                self._postings.setdefault(word, array("i")).append(row)

    def discard(self, incident_id: str) -> None:
        """Forget an incident; an unknown id is no error."""
        with self._lock:
            row = self._rows.pop(incident_id, None)
            if row is None:
                return
            self._columns["live"][row] = False
            self._incidents[row] = None
            self._events.pop(row, None)
            if len(self._incidents) > _ROOM and len(self._rows) * 2 < len(self._incidents):
                self._compact()

    def find(self, told: Reading | Incident, *, limit: int = 5) -> tuple[Match, ...]:
        """The incidents most like a telling, best first, itself left out; not all of them are the same event."""
        with self._lock:
            event = of_incident(told) if isinstance(told, Incident) else of_reading(told)
            own = self._rows.get(told.id) if isinstance(told, Incident) else None
            rows = [row for row in self._likely(event) if row != own]
            found = [self._match(event, row) for row in rows]
        return tuple(sorted(found, key=lambda match: (-match.score, match.id))[:limit])

    def _match(self, event: Event, row: int) -> Match:
        other = self._event(row)
        said = judge(event, other)
        return Match(self._incident(row).id, said.score, said.same_event, said.reasons)

    def _incident(self, row: int) -> Incident:
        found = self._incidents[row]
        assert found is not None, "a discarded row is never live"
        return found

    def _event(self, row: int) -> Event:
        found = self._events.get(row)
        if found is None:
            if len(self._events) >= _KEPT_EVENTS:
                self._events.clear()
            found = self._events[row] = of_incident(self._incident(row))
        return found

    # blocking

    def _likely(self, event: Event) -> list[int]:
        """Rows worth a comparison, the likeliest first."""
        rows = np.flatnonzero(self._in_time(event) & self._of_kind(event))
        if not len(rows):
            return []
        shared = self._shared(event)[rows]
        if len(rows) > CANDIDATES:
            worded = np.argpartition(-shared, CANDIDATES)[:CANDIDATES]
            rows, shared = rows[worded], shared[worded]
        away = self._away(event, rows)
        keep = (away <= 1.0) | (shared >= RARE)
        rows, rank = rows[keep], (shared + self._nearness(event, rows, away))[keep]
        best = np.argsort(-rank, kind="stable")[: COMPARED + 1]  # one more: the telling itself may be among them
        return [int(row) for row in rows[best]]

    def _in_time(self, event: Event) -> Mask:
        first, last = _span(event)
        count = len(self._incidents)
        columns = self._columns
        in_time = (columns["first"][:count] <= last + PAD_DAYS) & (columns["last"][:count] >= first - PAD_DAYS)
        result: Mask = in_time & columns["live"][:count]
        return result

    def _of_kind(self, event: Event) -> Mask:
        kin = np.array([may_be_one(event.category, other) for other in _CATEGORIES])
        result: Mask = kin[self._columns["category"][: len(self._incidents)]]
        return result

    def _shared(self, event: Event) -> npt.NDArray[np.float32]:
        """Weight of the words that each row shares with the event."""
        count = len(self._incidents)
        weights = np.zeros(count, dtype=np.float32)
        for word in event.traces.words | event.traces.capitals:
            rows = self._postings.get(word)
            if rows is not None:
                weights[np.frombuffer(rows, dtype=np.int32)] += max(0.1, log(count / len(rows)))
        return weights

    def _away(self, event: Event, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """Distance over what the radii allow (1 is the edge); 0 where either has no pin."""
        at, columns = event.location, self._columns
        if at is None or at.lat is None or at.lon is None:
            return np.zeros(len(rows), dtype=np.float32)
        north = (columns["lat"][rows] - at.lat) * _DEGREE_M
        east = (columns["lon"][rows] - at.lon) * (_DEGREE_M * float(np.cos(np.radians(at.lat))))
        reach = 2 * (np.maximum(columns["radius"][rows], at.radius_m or 0) + SLACK_M)
        town = self._towns.get(at.municipality or "", -1)
        reach = np.where((columns["municipality"][rows] == town) & (town >= 0), ONE_TOWN_M, reach)
        result: npt.NDArray[np.float32] = np.nan_to_num(np.hypot(north, east) / reach, nan=0.0)
        return result

    def _nearness(
        self, event: Event, rows: npt.NDArray[np.intp], away: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """What place, kind and day add to the rank, on the scale of shared words."""
        columns = self._columns
        same = columns["category"][rows] == _CATEGORIES.index(event.category)
        first, last = _span(event)
        gap = np.maximum(columns["first"][rows] - last, first - columns["last"][rows]).clip(0, PAD_DAYS)
        result: npt.NDArray[np.float32] = 4 * (1 - away.clip(0, 1)) + 4 * same - gap
        return result

    # upkeep

    def _clear(self) -> None:
        self._rows: dict[str, int] = {}
        self._incidents: list[Incident | None] = []
        self._events: dict[int, Event] = {}
        self._postings: dict[str, array[int]] = {}
        self._towns: dict[str, int] = {}
        self._columns: dict[str, npt.NDArray[Any]] = {name: np.zeros(_ROOM, dtype=kind) for name, kind in _FIELDS}

    def _grow(self) -> None:
        self._columns = {name: np.concatenate([old, np.zeros_like(old)]) for name, old in self._columns.items()}

    def _compact(self) -> None:
        """Build anew without the rows that were discarded."""
        kept = [each for each in self._incidents if each is not None]
        self._clear()
        for each in kept:
            self.add(each)

    def _values(self, incident: Incident) -> dict[str, Any]:
        at = incident.location
        first, last = _days((incident.published_at, incident.starts_at, incident.ends_at))
        town = at.municipality if at else None
        return {
            "first": first,
            "last": last,
            "lat": np.nan if at is None or at.lat is None else at.lat,
            "lon": np.nan if at is None or at.lon is None else at.lon,
            "radius": (at.radius_m or 0) if at else 0,
            "category": _CATEGORIES.index(incident.category),
            "municipality": self._towns.setdefault(town, len(self._towns)) if town else -1,
            "live": True,
        }


def _span(event: Event) -> tuple[int, int]:
    return _days((event.published, event.starts_at, event.ends_at))


def _days(moments: Iterable[Any]) -> tuple[int, int]:
    """First and last of the days as ordinals; every day when none is known."""
    known = [day_of(moment).toordinal() for moment in moments if moment is not None]
    return (min(known), max(known)) if known else _ANY_DAY
