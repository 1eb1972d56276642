"""What every stored incident must be; messages are for editors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from kubmap.domain import Category, Incident, Location, Status
from kubmap.errors import InputError

_STORES = {"id", "version", "created_by", "created_at", "updated_at"}
CHANGEABLE = frozenset(each.name for each in fields(Incident)) - _STORES
"""Fields that an update may set; the rest is the store's."""

_TEXTS = ("title", "text", "source_name", "source_url", "created_by", "duplicate_of")


def check_changes(changes: Mapping[str, Any]) -> None:
    """Raises InputError for a field that does not exist or is the store's own."""
    for name in changes:
        if name not in CHANGEABLE:
            raise InputError(f"поле «{name}» нельзя изменить", field=name)


def check(incident: Incident) -> None:
    """Raises InputError, naming the field, for an incident that must not be stored."""
    if not incident.text.strip():
        raise InputError("текст пуст", field="text")
    for name in _TEXTS:
        _check_text(name, getattr(incident, name))
    if incident.status is Status.PUBLISHED and incident.category is Category.NONE:
        raise InputError("«Не происшествие» на карту не ставится: выберите другую категорию", field="category")
    if incident.duplicate_of == incident.id:
        raise InputError("запись не может быть дубликатом самой себя", field="duplicate_of")
    for location in _locations(incident):
        _check_location(location)


def _check_text(name: str, value: str | None) -> None:
    if value is None:
        return
    if "\0" in value:
        raise InputError("текст содержит нулевой символ", field=name)
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise InputError("текст содержит недопустимые символы", field=name)


def _locations(incident: Incident) -> Iterator[Location]:
    if incident.location is not None:
        yield incident.location
    for alternative in incident.alternatives:
        yield alternative.location


def _check_location(location: Location) -> None:
    lat, lon = location.lat, location.lon
    if (lat is None) != (lon is None):
        raise InputError("нужны обе координаты или ни одной", field="location")
    if lat is None or lon is None:
        return
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise InputError("координаты вне допустимых пределов", field="location")
