"""What an editor may change: from a form's values (domain values or JSON) to domain values, with errors by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final

from kubmap.desk.values import FieldErrors
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
    Reason,
    Utility,
)  # fmt: skip
from kubmap.errors import InputError
from kubmap.store import codec
from kubmap.store.rows import moment_of

LONGEST_TEXT = 20_000
LONGEST_TITLE = 500
LONGEST_NAME = 300
LONGEST_URL = 2_000
MOST_PARTS = 500
MOST_PEOPLE = 1_000_000


def read(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as domain values.

    Raises FieldErrors that names every field that is unknown or cannot be read.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, given in changes.items():
        reader = READERS.get(name)
        if reader is None:
            errors[name] = f"поле «{name}» нельзя изменить"
            continue
        try:
            values[name] = reader(name, given)
        except InputError as error:
            errors[name] = str(error)
    if errors:
        raise FieldErrors(errors)
    return values


def check(incident: Incident) -> None:
    """Raises FieldErrors where the fields of a record contradict one another."""
    errors: dict[str, str] = {}
    if is_before(incident.ends_at, incident.starts_at):
        errors["ends_at"] = "конец раньше начала: исправьте одно из времён"
    outage = incident.outage
    if outage and outage.works and is_before(outage.works.end, outage.works.start):
        errors["outage"] = "конец работ раньше их начала"
    if errors:
        raise FieldErrors(errors)


def is_before(end: Moment | None, start: Moment | None) -> bool:
    """Whether `end` surely lies before `start`; a day lasts to its end."""
    if end is None or start is None:
        return False
    if isinstance(end, datetime):
        return end < (start if isinstance(start, datetime) else datetime.combine(start, time(), MOSCOW))
    return end < (start.astimezone(MOSCOW).date() if isinstance(start, datetime) else start)


def fitted(incident: Incident) -> Incident:
    """With an outage exactly where the category is one, of its utility."""
    if not incident.category.is_outage:
        return replace(incident, outage=None) if incident.outage else incident
    utility = Utility(incident.category.removeprefix("outage_"))
    if incident.outage is None:
        works = Interval(incident.starts_at, incident.ends_at) if incident.starts_at else None
        return replace(incident, outage=Outage(utility, works=works))
    if incident.outage.utility is utility:
        return incident
    return replace(incident, outage=replace(incident.outage, utility=utility))


def _text(longest: int, *, wanted: bool = False) -> Callable[[str, Any], str | None]:
    def read_text(name: str, given: Any) -> str | None:
        if given is not None and not isinstance(given, str):
            raise InputError("нужна строка", field=name)
        text = (given or "").strip()
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise InputError("текст содержит недопустимые символы", field=name)
        if len(text) > longest:
            raise InputError(f"длиннее {longest} знаков (сейчас {len(text)}): сократите", field=name)
        if wanted and not text:
            raise InputError("текст пуст", field=name)
        return text or None

    return read_text


def _url(name: str, given: Any) -> str | None:
    url = _text(LONGEST_URL)(name, given)
    if url and not url.lower().startswith(("http://", "https://")):
        raise InputError("нужен адрес, который начинается с http:// или https://", field=name)
    return url


def _category(name: str, given: Any) -> Category:
    try:
        return Category(given)
    except ValueError:
        raise InputError("нет такой категории", field=name) from None


def _moment(name: str, given: Any) -> Moment | None:
    if isinstance(given, datetime):
        return given.replace(tzinfo=MOSCOW) if given.tzinfo is None else given.astimezone(MOSCOW)
    try:
        return moment_of(given)
    except InputError:
        raise InputError("дата не читается: пишите 23.11.2021 или 23.11.2021 05:00", field=name) from None


def _flag(name: str, given: Any) -> bool | None:
    if given is None or isinstance(given, bool):
        return given
    raise InputError("нужно «да», «нет» или «не сказано»", field=name)


def _casualties(name: str, given: Any) -> Casualties:
    if given is None:
        return Casualties()
    said = given if isinstance(given, Casualties) else None
    if said is None:
        if not isinstance(given, Mapping) or not given.keys() <= {"dead", "injured", "children"}:
            raise InputError("нужны числа погибших, раненых и детей", field=name)
        said = Casualties(**given)
    for count in (said.dead, said.injured, said.children):
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            raise InputError("число пострадавших — целое, от нуля", field=name)
        if count is not None and count > MOST_PEOPLE:
            raise InputError("столько людей в крае нет", field=name)
    return said


def _location(name: str, given: Any) -> Location | None:
    if given is None or isinstance(given, Location):
        return given
    found: Location = _from_json(codec.location_from_json, name, given, "место не читается: поставьте его на карте")
    return found


def _outage(name: str, given: Any) -> Outage | None:
    if given is None or isinstance(given, Outage):
        return given
    filled = {"kind": "off", "supply": [], "places": [], "exceptions": [], "streets": []}
    given = {**filled, **given} if isinstance(given, Mapping) else given
    found: Outage = _from_json(codec.outage_from_json, name, given, "отключение не читается: проверьте время и виды")
    return found


def _verified(name: str, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    raise InputError("нужно «да» или «нет»", field=name)


def _several(kind: type, make: Callable[[Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    def read_several(name: str, given: Any) -> tuple[Any, ...]:
        if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_PARTS:
            raise InputError("список не читается: прочитайте сообщение заново", field=name)
        words = "не читается: прочитайте сообщение заново"
        return tuple(each if isinstance(each, kind) else _from_json(make, name, each, words) for each in given)

    return read_several


def _from_json(make: Callable[[Any], Any], name: str, given: Any, words: str) -> Any:
    try:
        return make(given)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        raise InputError(words, field=name) from None


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "title": _text(LONGEST_TITLE),
    "text": _text(LONGEST_TEXT, wanted=True),
    "category": _category,
    "source_name": _text(LONGEST_NAME),
    "source_url": _url,
    "published_at": _moment,
    "starts_at": _moment,
    "ends_at": _moment,
    "is_scheduled": _flag,
    "casualties": _casualties,
    "location": _location,
    "outage": _outage,
    "location_verified": _verified,
    "alternatives": _several(Alternative, codec.alternative_from_json),
    "reasons": _several(Reason, codec.reason_from_json),
}
"""By the name of each field that an editor may change."""

FORM: Final = tuple(name for name in READERS if name not in {"location_verified", "alternatives", "reasons"})
"""Fields that people read and write; the others come with them."""
