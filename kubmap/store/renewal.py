"""What a re-import may renew: the fields whose reading changed and that no editor touched; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kubmap.domain import Category, Incident, Status
from kubmap.store import codec
from kubmap.store.identity import import_key

READ_FIELDS = (
    "title",
    "published_at",
    "source_name",
    "category",
    "is_scheduled",
    "starts_at",
    "ends_at",
    "casualties",
    "location",
    "alternatives",
    "reasons",
    "outage",
)
"""Fields that a re-import may renew."""

_OF_PLACE = {"location", "alternatives"}


def marks_of(incident: Incident) -> dict[str, str]:
    """A digest a field of READ_FIELDS, and the status."""
    value = codec.to_json(incident)
    return {name: codec.mark(value.get(name)) for name in READ_FIELDS} | {"status": incident.status.value}


def merged(current: Incident, fresh: Incident, *, seen: Mapping[str, str]) -> Incident:
    """`current` with what `fresh` tells anew; `seen` are the marks of the import before.

    A field is renewed when the reading changed and no editor changed it since. A draft is published when `fresh` is,
    unless an import published it before (then an editor took it back).
    """
    if current.status is Status.PUBLISHED and fresh.category is Category.NONE:
        return current
    new, now = marks_of(fresh), marks_of(current)
    kept = _OF_PLACE if current.location_verified else set()
    names = [name for name in READ_FIELDS if name not in kept and now[name] == seen.get(name) != new[name]]
    result = replace(current, **{name: getattr(fresh, name) for name in names})
    awaited = current.status is Status.DRAFT and seen.get("status") == Status.DRAFT.value
    if awaited and fresh.status is Status.PUBLISHED and result.category is not Category.NONE:
        result = replace(result, status=Status.PUBLISHED)
    return result


def polled(current: Incident, fresh: Incident, *, seen: Mapping[str, str], formerly: str = "") -> Incident | None:
    """`current` with what an item of a polled feed tells anew; None when that needs a record of its own.

    `formerly` is the key that the item had, when it comes in other words now. A draft takes them unless an editor
    changed its own; what readers see, or what was merged, stays as it is, and the news becomes a draft beside it; what
    was turned down stays turned down.
    """
    if current.status is not Status.DRAFT:
        shown = current.status is Status.PUBLISHED or current.duplicate_of is not None
        return None if formerly and shown else current
    if not formerly:
        return merged(current, fresh, seen=seen)
    if import_key(current.text, current.source_url) != formerly:
        return current
    return replace(merged(current, fresh, seen=seen), text=fresh.text, source_url=fresh.source_url)
