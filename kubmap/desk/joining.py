"""Two records of one event: side by side, merged, or the later told as an update of the earlier; pure.

Merged: the kept record lists the other's sources; the other is retracted with `duplicate_of` and leaves map and queue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final

from kubmap.desk.fields import FORM, fitted
from kubmap.desk.values import Difference
from kubmap.domain import Casualties, Category, Incident, Precision, Status, Telling
from kubmap.errors import InputError
from kubmap.store.revising import completed

COMPARED: Final = FORM
"""Fields that are shown side by side."""

_OFFERED = ("starts_at", "ends_at", "is_scheduled", "casualties", "location", "outage", "title", "published_at")
_FINEST = {precision: rank for rank, precision in enumerate(Precision)}


def differences(one: Incident, other: Incident) -> tuple[Difference, ...]:
    """Field by field, in the order of the form."""
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in COMPARED)
    return tuple(Difference(name, mine, theirs, _alike(mine, theirs)) for name, mine, theirs in pairs)


def offers(keep: Incident, other: Incident) -> tuple[str, ...]:
    """The fields that `keep` leaves unsaid, or tells less finely, and `other` tells."""
    return tuple(name for name in _OFFERED if _lacks(name, keep, other))


def merged(keep: Incident, other: Incident, *, take: Collection[str] = ()) -> Incident:
    """`keep` with the other's sources and the fields to `take`.

    Raises InputError for a field that cannot be taken over.
    """
    for name in take:
        if name not in COMPARED or name == "text":
            raise InputError(f"поле «{name}» нельзя перенести", field="take")
    facts: dict[str, Any] = {name: getattr(other, name) for name in take}
    if "casualties" in facts:
        facts["casualties"] = _both(keep.casualties, other.casualties)
    if "location" in facts:
        facts |= {"location_verified": other.location_verified, "alternatives": other.alternatives}
    tellings = (*keep.sources, _telling(other), *other.sources)
    return fitted(replace(keep, **facts, sources=_sources(keep.source_url, tellings)))


def updated(earlier: Incident, later: Incident) -> Incident:
    """`earlier` as `later` tells it now; what the later leaves unsaid stays, and a verified place stays put."""
    if later.category is Category.NONE:
        later = replace(later, category=earlier.category)
    said = completed(later, earlier) if later.outage and earlier.outage else _filled(later, earlier)
    keep_place = earlier.location_verified and not later.location_verified
    place = earlier if keep_place or said.location is None else said
    return replace(
        said,
        id=earlier.id,
        version=earlier.version,
        status=earlier.status,
        location=place.location,
        alternatives=place.alternatives,
        location_verified=place.location_verified,
        duplicate_of=earlier.duplicate_of,
        created_by=earlier.created_by,
        created_at=earlier.created_at,
        updated_at=earlier.updated_at,
        title=later.title or earlier.title,
        sources=_sources(later.source_url, (*earlier.sources, _telling(earlier), *later.sources)),
    )


def absorbed(other: Incident, into: Incident) -> Incident:
    """What is left of a record that was merged into another."""
    return replace(other, status=Status.RETRACTED, duplicate_of=into.id)


def _filled(later: Incident, earlier: Incident) -> Incident:
    names = (name for name in FORM if getattr(later, name) is None)
    known = {name: getattr(earlier, name) for name in names}
    return fitted(replace(later, **known, casualties=_both(later.casualties, earlier.casualties)))


def _both(first: Casualties, second: Casualties) -> Casualties:
    """The first's numbers, the second's where it is silent."""
    counts = ("dead", "injured", "children")
    said = {name: getattr(first, name) for name in counts}
    return Casualties(**{name: getattr(second, name) if count is None else count for name, count in said.items()})


def _sources(own_url: str | None, tellings: Iterable[Telling]) -> tuple[Telling, ...]:
    """Further sources of a record: each address once, or without one each name and record; its own is left out."""
    found: dict[tuple[str | None, ...], Telling] = {}
    for telling in tellings:
        url, name = telling.source_url, telling.source_name
        if (url and url != own_url) or (not url and name):
            found.setdefault((url,) if url else (None, name, telling.incident_id), telling)
    return tuple(found.values())


def _telling(incident: Incident) -> Telling:
    return Telling(incident.source_name, incident.source_url, incident.published_at, incident.id)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.split() == other.split()
    return bool(one == other)


def _lacks(name: str, keep: Incident, other: Incident) -> bool:
    mine, theirs = getattr(keep, name), getattr(other, name)
    if name == "casualties":
        return bool(_both(mine, theirs) != mine)
    if name == "location" and mine is not None and theirs is not None:
        return not keep.location_verified and _FINEST[theirs.precision] < _FINEST[mine.precision]
    return mine is None and theirs is not None
