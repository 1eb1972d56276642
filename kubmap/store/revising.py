"""A revised notice becomes the next version of the one before it, instead of a second record.

The one before is of the same utility, place, company and day (or the new one says that it moved or was called off), and
tells something else. Who retells the same is left to the search for duplicates.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import Connection

from kubmap.atlas.words import fold, words
from kubmap.domain import Incident, Moment, Outage
from kubmap.geocode.compare import judge
from kubmap.geocode.event import day_of, of_incident
from kubmap.store import codec, history, incidents
from kubmap.store.earlier import NEAR, SHOWN, Earlier, names_of, span_of
from kubmap.store.incidents import Writer
from kubmap.store.renewal import marks_of, merged
from kubmap.store.schema import incidents as table

_CHUNK = 500  # ids a query


class Predecessors:
    """The outages that some fresh ones may revise: read once for a batch, found by rule.

    What the same import added is revised only by a notice that says that it changes something: two rows of one table
    are two outages (of the forenoon, of the afternoon).
    """

    def __init__(self, connection: Connection, fresh: Iterable[Incident], earlier: Earlier) -> None:
        self._found: dict[str, Incident] = {}
        self._own = earlier.own
        notices = [each for each in fresh if each.outage is not None]
        if not notices:
            return
        earlier.refresh(connection)
        ids = sorted({each for notice in notices for each in earlier.near(notice, changes=says_changed(notice))})
        shown = table.c.status.in_([each.value for each in SHOWN]) & table.c.duplicate_of.is_(None)
        for start in range(0, len(ids), _CHUNK):
            for each in incidents.where(connection, shown & table.c.id.in_(ids[start : start + _CHUNK])):
                self.put(each)

    def put(self, incident: Incident) -> None:
        """Take the newest version of an incident, or a new one."""
        if incident.outage is not None:
            self._found[incident.id] = incident

    def add(self, incident: Incident) -> None:
        """Take what this import added."""
        self._own.add(incident.id)
        self.put(incident)

    def find(self, fresh: Incident) -> Incident | None:
        """The notice that `fresh` revises, the last told of several; None where it revises none."""
        if fresh.outage is None:
            return None
        changed = says_changed(fresh)
        others = (each for each in self._found.values() if changed or each.id not in self._own)
        found = [each for each in others if same_notice(fresh, each)]
        return max(found, key=lambda each: (_told(each), each.id), default=None)


def revised(writer: Writer, current: Incident, fresh: Incident, *, key: str, actor: str) -> Incident | None:
    """`current` as `fresh` tells it now; the same version where that was told before, None where it tells nothing else.

    What an editor changed stays; `key` is how an import knows `fresh` again.
    """
    if _told(fresh) < _told(current) or fresh.text in _past_texts(writer.connection, current.id):
        return current
    whole = completed(fresh, current)
    if _says(whole) == _says(current):
        return None
    wanted = merged(current, whole, seen=_seen(writer.connection, current.id))
    wanted = replace(wanted, text=fresh.text, source_url=fresh.source_url or current.source_url)
    own = {"import_key": key, "import_marks": codec.dumps(marks_of(whole) | {"status": current.status.value})}
    reason = "отмена отключения" if fresh.outage and fresh.outage.withdrawn else "уточнённое сообщение"
    return writer.change(current, wanted, actor=actor, reason=reason, **own)


def same_notice(fresh: Incident, old: Incident) -> bool:
    """Whether both tell of one outage: utility, place, company and streets agree, and so do the days."""
    if fresh.category is not old.category or fresh.outage is None or old.outage is None:
        return False
    if not (_same_place(fresh, old) and _agree(fresh.outage, old.outage)):
        return False
    if says_changed(fresh) and (_meet(fresh, old) or old.is_scheduled is not False):
        return _near(fresh, old)
    return _meet(fresh, old) and judge(of_incident(old), of_incident(fresh)).same_event


def says_changed(incident: Incident) -> bool:
    """«перенесено», «продлили до», «отменено»: the notice itself speaks of one before."""
    withdrawn = incident.outage is not None and incident.outage.withdrawn
    return withdrawn or bool(_changed().search(fold(f"{incident.title or ''} {incident.text}"[:4_000])))


def completed(fresh: Incident, old: Incident) -> Incident:
    """`fresh` with what it leaves unsaid taken from the notice before it."""
    new, known = fresh.outage, old.outage
    assert new is not None, "only outages are revised"
    assert known is not None, "only outages are revised"
    keep_times = new.withdrawn or fresh.starts_at is None
    return replace(
        fresh,
        starts_at=old.starts_at if keep_times else fresh.starts_at,
        ends_at=old.ends_at if new.withdrawn else _later(fresh, old),
        is_scheduled=old.is_scheduled if fresh.is_scheduled is None or new.withdrawn else fresh.is_scheduled,
        location=old.location if new.withdrawn or fresh.location is None else fresh.location,
        outage=replace(
            known if new.withdrawn else new,
            withdrawn=new.withdrawn,
            works=known.works if new.withdrawn or new.works is None else new.works,
            supply=new.supply or known.supply,
            recovery_hours=new.recovery_hours or known.recovery_hours,
            places=known.places if new.withdrawn else new.places or known.places,
            exceptions=new.exceptions or known.exceptions,
            streets=new.streets or known.streets,
            cause=new.cause or known.cause,
            provider=new.provider or known.provider,
        ),
    )


def _later(fresh: Incident, old: Incident) -> Moment | None:
    """The end that is told; of one before it only where it can still hold."""
    if fresh.ends_at is not None or old.ends_at is None:
        return fresh.ends_at
    begun = fresh.starts_at
    return old.ends_at if begun is None or day_of(old.ends_at) >= day_of(begun) else None


def _says(incident: Incident) -> tuple[object, ...]:
    """What a resident plans by."""
    outage = incident.outage
    assert outage is not None, "only outages are revised"
    told = (outage.kind, outage.supply, outage.recovery_hours, outage.exceptions, outage.withdrawn)
    return (incident.starts_at, incident.ends_at, *told)


def _same_place(fresh: Incident, old: Incident) -> bool:
    here, there = fresh.location, old.location
    if here is None or there is None:
        return False
    homes = {here.municipality, there.municipality} - {None}
    return len(homes) < 2 and bool(names_of(fresh) & names_of(old))


def _agree(new: Outage, known: Outage) -> bool:
    """Companies and streets, as far as both tell them."""
    streets = not (new.streets and known.streets) or bool(set(map(words, new.streets)) & set(map(words, known.streets)))
    return streets and (not (new.provider and known.provider) or _one_company(new.provider, known.provider))


def _one_company(one: str, other: str) -> bool:
    """By the beginnings of their words: a name stands in any case."""
    first, second = ({word[:5] for word in words(name) if len(word) > 3} for name in (one, other))
    return bool(first & second) or not first or not second


def _meet(fresh: Incident, old: Incident) -> bool:
    one, other = span_of(fresh), span_of(old)
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


def _near(fresh: Incident, old: Incident) -> bool:
    """A change is told before what it changes is long over."""
    one, other = span_of(fresh), span_of(old)
    if one is None or other is None:
        return False
    told = _told(fresh)
    return abs(one[0] - other[0]) <= NEAR and (told == date.min or told <= other[1] + timedelta(days=1))


def _told(incident: Incident) -> date:
    return day_of(incident.published_at) if incident.published_at else date.min


def _past_texts(connection: Connection, incident_id: str) -> set[str]:
    return {entry.snapshot.text for entry in history.entries(connection, incident_id)}


def _seen(connection: Connection, incident_id: str) -> Mapping[str, str]:
    """Marks of the last import; of a record that was typed in, its own: nothing but what it says was read."""
    found = connection.scalar(table.select().with_only_columns(table.c.import_marks).where(table.c.id == incident_id))
    if found:
        marks: Mapping[str, str] = codec.loads(found)
        return marks
    return marks_of(incidents.get(connection, incident_id))


@lru_cache(maxsize=1)
def _changed() -> re.Pattern[str]:
    data = tomllib.loads(files("kubmap.store").joinpath("rules.toml").read_text(encoding="utf-8"))
    return re.compile(rf"(?<!\w)(?:{data['changed']})")
