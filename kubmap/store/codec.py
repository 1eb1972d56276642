"""Incident <-> JSON and row: an exact round trip of the domain's values.

JSON leaves out what is None and empty tuples. Moments are ISO 8601: a day "2021-11-23", a minute with its offset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from sys import intern
from typing import Any

import orjson

from kubmap.domain import (
    MOSCOW,
    Alternative,
    Casualties,
    Category,
    Incident,
    Interval,
    Location,
    Moment,
    Outage,
    OutageKind,
    Precision,
    Reason,
    Status,
    Telling,
    Utility,
)

Json = dict[str, Any]

NESTED = ("casualties", "location", "alternatives", "reasons", "outage", "sources")
"""Fields that a row holds as JSON text."""

_PLAIN = ("id", "version", "title", "text", "source_name", "source_url", "is_scheduled", "location_verified")
_TAIL = ("duplicate_of", "created_by")
_MOMENTS = ("published_at", "starts_at", "ends_at", "created_at", "updated_at")


def moment_to_text(moment: Moment) -> str:
    """ISO 8601; a datetime must be aware and is written in Moscow time."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if moment.tzinfo is None:
        raise ValueError(f"a moment without time zone: {moment.isoformat()}")
    return moment.astimezone(MOSCOW).isoformat()


def moment_from_text(text: str) -> Moment:
    """The inverse of `moment_to_text`."""
    if len(text) == len("2021-11-23"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(MOSCOW)


def to_json(incident: Incident) -> Json:
    """Everything of the incident, JSON-safe."""
    result: Json = {name: getattr(incident, name) for name in (*_PLAIN, *_TAIL)}
    result["status"] = Status(incident.status).value
    result["category"] = Category(incident.category).value
    for name in _MOMENTS:
        moment = getattr(incident, name)
        result[name] = None if moment is None else moment_to_text(moment)
    result["casualties"] = _fields(incident.casualties) or None
    result["location"] = None if incident.location is None else location_to_json(incident.location)
    result["alternatives"] = [alternative_to_json(each) for each in incident.alternatives] or None
    result["reasons"] = [_fields(each) for each in incident.reasons] or None
    result["outage"] = None if incident.outage is None else outage_to_json(incident.outage)
    result["sources"] = [_telling_to_json(each) for each in incident.sources] or None
    return _without_none(result)


def from_json(value: Mapping[str, Any]) -> Incident:
    """The inverse of `to_json`."""
    location, outage = value.get("location"), value.get("outage")
    flat: Json = {name: value.get(name) for name in (*_PLAIN[:-1], *_TAIL)}
    flat |= {name: _moment(value.get(name)) for name in _MOMENTS}
    return Incident(
        **flat,
        status=Status(value["status"]),
        category=Category(value["category"]),
        casualties=Casualties(**value.get("casualties") or {}),
        location=None if location is None else location_from_json(location),
        alternatives=tuple(alternative_from_json(each) for each in value.get("alternatives") or ()),
        reasons=tuple(reason_from_json(each) for each in value.get("reasons") or ()),
        outage=None if outage is None else outage_from_json(outage),
        location_verified=bool(value.get("location_verified")),
        sources=tuple(_telling_from_json(each) for each in value.get("sources") or ()),
    )


def to_row(incident: Incident) -> Json:
    """Columns of `schema.incidents` that the domain knows."""
    row = dict.fromkeys((*_PLAIN, *_TAIL, *_MOMENTS, *NESTED)) | to_json(incident)
    for name in NESTED:
        row[name] = None if row[name] is None else dumps(row[name])
    row["location_verified"] = incident.location_verified
    return row


def from_row(row: Mapping[Any, Any]) -> Incident:
    """The inverse of `to_row`; further columns are ignored."""
    value = dict(row)
    for name in NESTED:
        value[name] = None if value[name] is None else orjson.loads(value[name])
    return from_json(value)


def dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def loads(text: str) -> Any:
    return orjson.loads(text)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of two `to_json` values, in the order of the field names."""
    names = sorted(before.keys() | after.keys())
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def mark(value: Any) -> str:
    """Twelve hex digits that stand for a JSON value."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()


def location_to_json(location: Location) -> Json:
    value = _fields(location)
    value["precision"] = Precision(location.precision).value
    if location.geometry is not None:
        value["geometry"] = dict(location.geometry)
    return value


def location_from_json(value: Mapping[str, Any]) -> Location:
    known: Json = {"lat": None, "lon": None, "radius_m": None} | _shared(value)
    known["precision"] = Precision(value["precision"])
    return Location(**known)


def alternative_to_json(alternative: Alternative) -> Json:
    return {"location": location_to_json(alternative.location), "score": alternative.score, "why": alternative.why}


def alternative_from_json(value: Mapping[str, Any]) -> Alternative:
    return Alternative(location_from_json(value["location"]), value["score"], value["why"])


def reason_from_json(value: Mapping[str, Any]) -> Reason:
    return Reason(**_shared(value))


def _telling_to_json(telling: Telling) -> Json:
    moment = telling.published_at
    return _fields(telling) | ({} if moment is None else {"published_at": moment_to_text(moment)})


def _telling_from_json(value: Mapping[str, Any]) -> Telling:
    published = _moment(value.get("published_at"))
    return Telling(value.get("source_name"), value.get("source_url"), published, value.get("incident_id"))


def _shared(value: Mapping[str, Any]) -> Json:
    """Equal strings as one object: rules, notes and names of places repeat in every incident."""
    return {name: intern(each) if isinstance(each, str) else each for name, each in value.items()}


def outage_to_json(outage: Outage) -> Json:
    value = _fields(outage)
    value["utility"], value["kind"] = Utility(outage.utility).value, OutageKind(outage.kind).value
    value["works"] = None if outage.works is None else _interval_to_json(outage.works)
    value["supply"] = [_interval_to_json(each) for each in outage.supply]
    for name in ("places", "exceptions", "streets"):
        value[name] = list(getattr(outage, name))
    value["withdrawn"] = outage.withdrawn or None
    return _without_none(value)


def outage_from_json(value: Mapping[str, Any]) -> Outage:
    works, hours = value.get("works"), value.get("recovery_hours")
    return Outage(
        utility=Utility(value["utility"]),
        kind=OutageKind(value["kind"]),
        works=None if works is None else _interval_from_json(works),
        supply=tuple(_interval_from_json(each) for each in value["supply"]),
        recovery_hours=None if hours is None else (hours[0], hours[1]),
        places=tuple(value["places"]),
        exceptions=tuple(value["exceptions"]),
        streets=tuple(value["streets"]),
        cause=value.get("cause"),
        provider=value.get("provider"),
        withdrawn=bool(value.get("withdrawn")),
    )


def _interval_to_json(interval: Interval) -> list[str | None]:
    return [None if each is None else moment_to_text(each) for each in (interval.start, interval.end)]


def _interval_from_json(value: list[str | None]) -> Interval:
    return Interval(_moment(value[0]), _moment(value[1]))


def _moment(text: str | None) -> Moment | None:
    return None if text is None else moment_from_text(text)


def _fields(value: Any) -> Json:
    """The fields of a flat dataclass, without those that are None."""
    return _without_none({each.name: getattr(value, each.name) for each in fields(value)})


def _without_none(value: Json) -> Json:
    return {name: each for name, each in value.items() if each is not None}
