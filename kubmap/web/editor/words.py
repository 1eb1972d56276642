"""Values of a record in words: for the history, the comparison of likely duplicates and the three-way view."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from kubmap.domain import MOSCOW, Casualties, Category, Interval, Location, Outage, OutageKind, Status, Utility
from kubmap.feeds import words
from kubmap.store import codec
from kubmap.web.editor import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubmap.domain import Incident

FIELDS: Final = {
    "status": "Состояние", "category": "Категория", "title": "Заголовок", "text": "Текст", "starts_at": "Начало",
    "ends_at": "Конец", "is_scheduled": "Запланировано", "casualties": "Пострадавшие", "location": "Место",
    "location_verified": "Место проверено", "outage": "Отключение", "source_name": "Источник",
    "source_url": "Ссылка на источник", "sources": "Источники", "published_at": "Опубликовано источником",
    "duplicate_of": "Дубликат записи", "update_of": "Обновление записи", "created_by": "Кем создано",
}  # fmt: skip
"""Names of fields in Russian, in the order in which records are told."""

QUIET: Final = frozenset({"reasons", "alternatives", "created_by"})
"""Fields whose changes follow from others; the history does not tell them."""

STATUSES: Final = {Status.DRAFT: "черновик", Status.PUBLISHED: "на карте", Status.RETRACTED: "снято"}
UTILITIES: Final = {Utility.WATER: "вода", Utility.POWER: "свет", Utility.GAS: "газ", Utility.HEAT: "тепло"}
KINDS: Final = {
    OutageKind.OFF: "нет совсем",
    OutageKind.REDUCED_PRESSURE: "слабый напор",
    OutageKind.LIMITED_SCHEDULE: "подача по часам",
}
YES: Final = {True: "да", False: "нет", None: "не сказано"}


def field_name(name: str) -> str:
    """The field in Russian; its own name where there is no other."""
    return FIELDS.get(name, name)


def value(name: str, given: Any) -> str:
    """A value of the domain in words; "" for nothing."""
    if given is None or given in ("", ()):
        return ""
    teller = TELLERS.get(name)
    return teller(given) if teller else _plain(given)


def json_value(name: str, given: Any) -> str:
    """The same for a value as the history keeps it."""
    reader = READERS.get(name)
    if given is None or reader is None:
        return value(name, given)
    return value(name, reader(given))


def told(incident: Incident) -> list[tuple[str, str]]:
    """The whole record, field by field, without what it does not say."""
    found = [(title, value(name, getattr(incident, name, None))) for name, title in FIELDS.items()]
    return [(title, said) for title, said in found if said]


def place(location: Location) -> str:
    """«Крымск (населённый пункт, ± 4,6 км)»."""
    return f"{location.label} ({words.precision(location)})"


def likeness(score: float) -> str:
    """«сходство 85 %»."""
    return f"сходство {round(score * 100)} %"


def when(moment: datetime) -> str:
    """«23 ноября 2021, 12:03:05» of a version."""
    local = moment.astimezone(MOSCOW)
    return f"{words.day_words(local.date())}, {local:%H:%M:%S}"


def _plain(given: Any) -> str:
    if isinstance(given, bool):
        return YES[given]
    if isinstance(given, date | datetime):
        return fields.moment_words(given)
    if isinstance(given, list | tuple):
        return "; ".join(_plain(each) for each in given)
    return str(getattr(given, "label", None) or getattr(given, "name", None) or given)


def _outage(outage: Outage) -> str:
    raw = fields.raw_outage(outage)
    said = [
        UTILITIES[outage.utility],
        KINDS[outage.kind],
        f"работы: {_interval(outage.works)}" if outage.works else "",
        f"подача: {'; '.join(map(fields.window_words, outage.supply))}" if outage.supply else "",
        f"восстановление, ч: {raw['recovery']}" if raw["recovery"] else "",
        f"где: {', '.join(outage.places)}" if outage.places else "",
        f"кроме: {', '.join(outage.exceptions)}" if outage.exceptions else "",
        f"улицы: {', '.join(outage.streets)}" if outage.streets else "",
        f"причина: {outage.cause}" if outage.cause else "",
        f"поставщик: {outage.provider}" if outage.provider else "",
        "отменено" if outage.withdrawn else "",
    ]
    return "; ".join(each for each in said if each)


def _sources(given: Any) -> str:
    """Further sources by name or address; values of the domain, or JSON as the history keeps them."""
    told = (each if isinstance(each, dict) else {"name": each.source_name, "url": each.source_url} for each in given)
    names = (each.get("name") or each.get("source_name") or each.get("url") or each.get("source_url") for each in told)
    return "; ".join(name or "без названия" for name in names)


def _interval(interval: Interval) -> str:
    return words.interval_words(interval.start, interval.end) or "время не сказано"


TELLERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "status": lambda given: STATUSES[Status(given)],
    "category": lambda given: words.category_name(Category(given)),
    "is_scheduled": lambda given: YES[given],
    "location_verified": lambda given: YES[bool(given)],
    "casualties": lambda given: words.casualties(given) or "",
    "location": place,
    "outage": _outage,
    "sources": _sources,
}

READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "casualties": lambda given: Casualties(**given),
    "location": codec.location_from_json,
    "outage": codec.outage_from_json,
    **dict.fromkeys(fields.MOMENTS, codec.moment_from_text),
}
"""From what the history keeps to values of the domain."""
