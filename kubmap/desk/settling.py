"""What follows from an editor's changes by itself: a place that a human set is verified, and so on; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kubmap.desk.fields import fitted
from kubmap.domain import Alternative, Incident, Location, Reason

READ_BEFORE = "прочитано программой"
"""Why the place stands among the alternatives that an editor moved the pin from."""
_KEPT = 12  # alternatives


def settled(before: Incident, wanted: Incident, *, told: Collection[str]) -> Incident:
    """`wanted` with what the changed fields `told` bring about."""
    found = wanted
    if "location" in told:
        found = _placed(before, found, told)
    if ("text" in told or "title" in told) and "reasons" not in told:
        found = replace(found, reasons=tuple(_found_again(each, found) for each in found.reasons))
    if "category" in told or "outage" in told:
        found = fitted(found)
    return found


def _placed(before: Incident, wanted: Incident, told: Collection[str]) -> Incident:
    """Verified, and the place of before kept to come back to."""
    verified = wanted.location_verified if "location_verified" in told else True
    others = [each for each in wanted.alternatives if not same_place(each.location, wanted.location)]
    if "alternatives" in told:  # of a new reading, which the pin was not moved away from
        return replace(wanted, location_verified=verified, alternatives=tuple(others[:_KEPT]))
    old = before.location
    known = old is None or same_place(old, wanted.location) or any(same_place(each.location, old) for each in others)
    if not known and old is not None:
        others.insert(0, Alternative(old, 0.5, READ_BEFORE if not before.location_verified else "стояло раньше"))
    return replace(wanted, location_verified=verified, alternatives=tuple(others[:_KEPT]))


def same_place(one: Location, other: Location | None) -> bool:
    return other is not None and (one.lat, one.lon, one.label, one.precision) == (
        other.lat, other.lon, other.label, other.precision,
    )  # fmt: skip


def _found_again(reason: Reason, incident: Incident) -> Reason:
    """The reason with the words that it read where they stand now, or without them."""
    if reason.start is None or reason.end is None:
        return reason
    text = (incident.title or "") if reason.source == "title" else incident.text
    if reason.read and text[reason.start : reason.end] == reason.read:
        return reason
    at = text.find(reason.read) if reason.read else -1
    if at < 0 or text.find(reason.read, at + 1) >= 0:
        return replace(reason, start=None, end=None)
    return replace(reason, start=at, end=at + len(reason.read))
