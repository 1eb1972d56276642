"""The form's fields: an incident as editors type it, and what they typed as values of the domain.

Everything is a string here, as it stands in a field; half a date is kept too. Errors name the field, in Russian.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kubmap.desk.values import FieldErrors
from kubmap.domain import MOSCOW, Casualties, Category, Interval, Outage, OutageKind, Utility
from kubmap.errors import InputError
from kubmap.store import codec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kubmap.domain import Incident, Moment

Raw = dict[str, str]

SCHEDULED: Final = {"": None, "да": True, "нет": False}
PEOPLE: Final = ("dead", "injured", "children")
OUTAGE_FIELDS: Final = (
    "utility", "kind", "works_start", "works_end", "supply", "recovery", "places", "exceptions", "streets", "cause",
    "provider", "withdrawn",
)  # fmt: skip
TEXTS: Final = ("title", "text", "source_name", "source_url")
MOMENTS: Final = ("starts_at", "ends_at", "published_at")

_MOMENT = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:[ ,]+(?:в +)?(\d{1,2})[:.](\d{2}))?")
_WINDOW = re.compile(r"(?P<from>.+?)\s*(?:–|—|-|\bдо\b)\s*(?P<to>[^–—-]+)")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_HOURS = re.compile(r"(\d+(?:[.,]\d+)?)(?:\s*(?:–|—|-|до)\s*(\d+(?:[.,]\d+)?))?(?:\s*ч(?:ас(?:а|ов)?|\.)?)?")
_CENTURY = 2000
_DAY_END = 24


# a record as it stands in the fields


def raw(incident: Incident) -> Raw:
    """All fields of the form."""
    found = {name: getattr(incident, name) or "" for name in TEXTS}
    found |= {name: moment_words(getattr(incident, name)) for name in MOMENTS}
    found |= {name: _count_words(getattr(incident.casualties, name)) for name in PEOPLE}
    found["category"] = incident.category.value
    found["is_scheduled"] = next(words for words, value in SCHEDULED.items() if value is incident.is_scheduled)
    return found | raw_outage(incident.outage)


def raw_outage(outage: Outage | None) -> Raw:
    """The fields of the outage; empty ones where there is none."""
    if outage is None:
        return dict.fromkeys(OUTAGE_FIELDS, "")
    works = outage.works or Interval(None, None)
    return {
        "utility": outage.utility.value,
        "kind": outage.kind.value,
        "works_start": moment_words(works.start),
        "works_end": moment_words(works.end),
        "supply": "\n".join(map(window_words, outage.supply)),
        "recovery": _recovery_words(outage.recovery_hours),
        "places": "\n".join(outage.places),
        "exceptions": "\n".join(outage.exceptions),
        "streets": "\n".join(outage.streets),
        "cause": outage.cause or "",
        "provider": outage.provider or "",
        "withdrawn": "да" if outage.withdrawn else "",
    }


def moment_words(moment: Moment | None) -> str:
    """«22.11.2021 5:00», «22.11.2021» or nothing."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return f"{moment:%d.%m.%Y}"
    local = moment.astimezone(MOSCOW)
    return f"{local:%d.%m.%Y} {local.hour}:{local:%M}"


def window_words(window: Interval) -> str:
    """«27.11.2021 6:00 – 9:00»; an end on another day has its date."""
    start, end = moment_words(window.start), moment_words(window.end)
    day, _, clock = end.partition(" ")
    return f"{start} – {clock if clock and start.startswith(day) else end}"


def _count_words(count: int | None) -> str:
    return "" if count is None else str(count)


def _recovery_words(hours: tuple[float, float] | None) -> str:
    if hours is None:
        return ""
    least, most = (f"{each:g}".replace(".", ",") for each in hours)
    return least if least == most else f"{least}–{most}"


# what was typed as values


def changes(base: Incident, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields say otherwise than `base`, as {field of the incident: value}; unknown keys are passed over.

    Raises FieldErrors that names every field that cannot be read.
    """
    stored = raw(base)
    fields = stored | {name: str(value) for name, value in typed.items() if name in stored}
    differing = {name for name, value in fields.items() if value != stored[name]}
    reader = _Reader(base, fields, differing)
    found = {**reader.plain(), **reader.people(), **reader.outage()}
    if reader.errors:
        raise FieldErrors(reader.errors)
    return found | _beside(base, typed)


def _beside(base: Incident, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in no field: the place of the map, and what a new reading concluded.

    A place goes with its mark: the desk takes one without it for an editor's own.
    """
    found = {**placed(typed), **read_anew(typed)}
    changed = {name: value for name, value in found.items() if value != getattr(base, name)}
    if "location" in changed and "location_verified" in found:
        changed["location_verified"] = found["location_verified"]
    return changed


def placed(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The place that the map left in a working copy ({} there: none) and whether a person has seen to it."""
    found: dict[str, Any] = {}
    if "location" in kept:
        found["location"] = codec.location_from_json(kept["location"]) if kept["location"] else None
    if "location_verified" in kept:
        found["location_verified"] = bool(kept["location_verified"])
    return found


def read_anew(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Reasons and alternatives of a new reading that is not saved yet."""
    readers = {"reasons": codec.reason_from_json, "alternatives": codec.alternative_from_json}
    return {name: tuple(map(read, kept[name])) for name, read in readers.items() if name in kept}


def kept(base: Incident, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of a record as its working copy keeps them: strings of the form, JSON of what stands in no field."""
    after = replace(base, **changes)
    found: dict[str, Any] = {name: value for name, value in raw(after).items() if value != raw(base)[name]}
    found |= {name: None for name, value in raw(after).items() if value == raw(base)[name]}
    json = codec.to_json(after)
    found |= {name: json.get(name, []) for name in ("reasons", "alternatives") if name in changes}
    if "location" in changes:
        found["location"] = json.get("location", {})
    if "location_verified" in changes:
        found["location_verified"] = after.location_verified
    return found


class _Reader:
    """Reads the fields that differ; collects what is wrong by field."""

    def __init__(self, base: Incident, fields: Raw, differing: set[str]) -> None:
        self.errors: dict[str, str] = {}
        self._base = base
        self._fields = fields
        self._differing = differing

    def plain(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._differing & {*TEXTS, *MOMENTS, "category", "is_scheduled"}:
            self._put(found, name, READERS.get(name, _text))
        return found

    def people(self) -> dict[str, Any]:
        if not self._differing & set(PEOPLE):
            return {}
        found: dict[str, Any] = {}
        for name in PEOPLE:
            self._put(found, name, _count)
        return {"casualties": Casualties(**found)} if found.keys() == set(PEOPLE) else {}

    def outage(self) -> dict[str, Any]:
        """An outage as the category wants one; its fields where there was none before."""
        if not self._fields["category"].startswith("outage_"):
            return {"outage": None} if self._base.outage else {}
        if not self._differing & {*OUTAGE_FIELDS, "category"}:
            return {}
        found: dict[str, Any] = {}
        for name in OUTAGE_FIELDS:
            self._put(found, name, OUTAGE_READERS.get(name, _text))
        if found.keys() != set(OUTAGE_FIELDS):
            return {}
        return {"outage": _outage(self._base.outage, found, self._fields["category"], self._differing)}

    def _put(self, found: dict[str, Any], name: str, read: Callable[[str], Any]) -> None:
        try:
            found[name] = read(self._fields[name])
        except InputError as error:
            self.errors[name] = str(error)


def _outage(before: Outage | None, found: dict[str, Any], category: str, differing: set[str]) -> Outage:
    own = Utility(category.removeprefix("outage_"))
    utility = found["utility"] if "utility" in differing and found["utility"] else own
    start, end = found.pop("works_start"), found.pop("works_end")
    values = found | {
        "utility": utility,
        "kind": found["kind"] or OutageKind.OFF,
        "works": Interval(start, end) if start or end else None,
        "recovery_hours": found.pop("recovery"),
    }
    return replace(before, **values) if before else Outage(**values)


def _text(value: str) -> str | None:
    return value.strip() or None


def _wanted_text(value: str) -> str:
    if not value.strip():
        raise InputError("текст пуст: вставьте сообщение", field="text")
    return value.strip()


def _category(value: str) -> Category:
    return Category(value)


def _scheduled(value: str) -> bool | None:
    return SCHEDULED.get(value)


def _count(value: str) -> int | None:
    if not value.strip():
        return None
    if not re.fullmatch(r"\d{1,6}", value.strip()):
        raise InputError("нужно целое число, например 2; пусто — не сказано")
    return int(value)


def moment(value: str) -> Moment | None:
    """«22.11.2021 5:00», «22.11.21», «27.11.2021 24:00»; None for an empty field. Raises InputError."""
    if not value.strip():
        return None
    found = _MOMENT.fullmatch(value.strip())
    if not found:
        raise InputError("не читается: пишите 22.11.2021 или 22.11.2021 5:00")
    day, month, year, hour, minute = found.groups()
    try:
        on = date(int(year) + (_CENTURY if len(year) == 2 else 0), int(month), int(day))
        return on if hour is None else _at(on, int(hour), int(minute))
    except ValueError:
        raise InputError("такого дня или часа нет: проверьте числа") from None


def _at(on: date, hour: int, minute: int) -> datetime:
    """24:00 is 0:00 of the next day."""
    if (hour, minute) == (_DAY_END, 0):
        return datetime(on.year, on.month, on.day, tzinfo=MOSCOW) + timedelta(days=1)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=MOSCOW)


def _windows(value: str) -> tuple[Interval, ...]:
    return tuple(_window(line.strip()) for line in value.splitlines() if line.strip())


def _window(line: str) -> Interval:
    found = _WINDOW.fullmatch(line)
    if not found:
        raise InputError(f"«{line[:40]}» не читается: пишите 27.11.2021 6:00 – 9:00")
    start = moment(found["from"])
    clock = _CLOCK.fullmatch(found["to"].strip())
    if clock and isinstance(start, datetime):
        try:
            return Interval(start, _at(start.astimezone(MOSCOW).date(), int(clock[1]), int(clock[2])))
        except ValueError:
            raise InputError(f"«{line[:40]}»: такого часа нет") from None
    return Interval(start, moment(found["to"]))


def _recovery(value: str) -> tuple[float, float] | None:
    if not value.strip():
        return None
    found = _HOURS.fullmatch(value.strip())
    if not found:
        raise InputError("не читается: пишите 4 или 4–6 (часов)")
    least, most = (float(each.replace(",", ".")) for each in (found[1], found[2] or found[1]))
    if least > most:
        raise InputError("первое число больше второго")
    return least, most


def _names(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_split(value)))


def _split(value: str) -> Iterable[str]:
    return (name.strip(" ;,") for name in value.splitlines() if name.strip(" ;,"))


def _kind(value: str) -> OutageKind | None:
    return OutageKind(value) if value else None


def _utility(value: str) -> Utility | None:
    return Utility(value) if value else None


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": _wanted_text,
    "category": _category,
    "is_scheduled": _scheduled,
    **dict.fromkeys(MOMENTS, moment),
}
OUTAGE_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "utility": _utility,
    "kind": _kind,
    "works_start": moment,
    "works_end": moment,
    "supply": _windows,
    "recovery": _recovery,
    "places": _names,
    "exceptions": _names,
    "streets": _names,
    "withdrawn": lambda value: value == "да",
}
