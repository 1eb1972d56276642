"""What the desk gives back, as JSON; and the bodies of its requests, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kubmap.desk.values import Clash, FieldErrors
from kubmap.domain import Incident, Interval, Location, Outage
from kubmap.errors import InputError
from kubmap.store import codec

if TYPE_CHECKING:
    from kubmap.desk.values import Duplicate, Joined, Opened, Outcome, Page, PasteResult, Presence, QueueItem
    from kubmap.store.confidence import Doubt
    from kubmap.store.history import HistoryEntry

Json = dict[str, Any]

MOST_IDS = 500


def plain(value: Any) -> Any:
    """A domain value of a field, JSON-safe."""
    for kind, make in _MAKERS:
        if isinstance(value, kind):
            return make(value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def _flat(value: Any) -> Json:
    names = type(value).__dataclass_fields__
    return {name: plain(getattr(value, name)) for name in names}


_MAKERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Incident, codec.to_json),
    (Location, codec.location_to_json),
    (Outage, codec.outage_to_json),
    (datetime, codec.moment_to_text),
    (date, lambda day: day.isoformat()),
    (Interval, lambda each: [plain(each.start), plain(each.end)]),
)


def anything(value: Any) -> Any:
    """`plain`, of any dataclass and mapping of them too."""
    if isinstance(value, Mapping):
        return {name: anything(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [anything(each) for each in value]
    known = plain(value)
    return known if known is not value or not hasattr(value, "__dataclass_fields__") else _flat(value)


def paste(done: PasteResult) -> Json:
    return {
        "drafts": [
            {"incident": plain(each.incident), "new": each.new, "note": each.note, "line": each.line} for each in done
        ],
        "left_out": [{"text": each.text, "why": each.why, "line": each.line} for each in done.left_out],
    }


def queue(page: Page[QueueItem]) -> Json:
    return {
        "items": [_item(each) for each in page.items],
        "total": page.total,
        "next": page.next,
        "counts": {name: dict(each) for name, each in page.counts.items()},
    }


def found(page: Page[Incident]) -> Json:
    return {"items": [plain(each) for each in page.items], "total": page.total, "next": page.next}


def opened(it: Opened) -> Json:
    return {
        "incident": plain(it.incident),
        "confidence": it.confidence,
        "doubts": _doubts(it.doubts),
        "history": [entry(each, whole=False) for each in it.history],
        "duplicates": duplicates(it.duplicates),
        "duplicates_known": it.duplicates_known,
        "others": others(it.others),
        "working": dict(it.working),
        "working_base": it.working_base,
        "working_at": plain(it.working_at),
    }


def entry(it: HistoryEntry, *, whole: bool = True) -> Json:
    diff = [{"field": each.field, "before": each.before, "after": each.after} for each in it.diff]
    told = {"version": it.version, "at": plain(it.at), "actor": it.actor, "reason": it.reason, "diff": diff}
    return told | ({"snapshot": plain(it.snapshot)} if whole else {})


def duplicates(those: tuple[Duplicate, ...]) -> list[Json]:
    return [
        {
            "incident": plain(each.incident),
            "score": each.score,
            "same_event": each.same_event,
            "reasons": [anything(reason) for reason in each.reasons],
            "fields": [anything(field) for field in each.fields],
            "offers": list(each.offers),
        }
        for each in those
    ]


def others(those: tuple[Presence, ...]) -> list[Json]:
    return [{"name": each.name, "at": plain(each.at)} for each in those]


def outcome(it: Outcome) -> Json:
    return {
        "done": [plain(each) for each in it.done],
        "failed": [anything(each) for each in it.failed],
        "undo": it.undo,
    }


def joined(it: Joined) -> Json:
    return {"kept": plain(it.kept), "other": plain(it.other), "undo": it.undo}


def _item(it: QueueItem) -> Json:
    return {
        "incident": plain(it.incident),
        "confidence": it.confidence,
        "doubts": _doubts(it.doubts),
        "duplicates": it.duplicates,
        "open_by": list(it.open_by),
    }


def _doubts(those: tuple[Doubt, ...]) -> list[Json]:
    return [anything(each) for each in those]


# problems


def clash(error: Clash) -> Json:
    """The three-way view of a 409."""
    return {
        "clash": {
            "base": plain(error.base),
            "theirs": plain(error.theirs),
            "fields": [anything(each) for each in error.fields],
            "merged": anything(error.merged),
            "by": error.by,
            "at": plain(error.at),
        }
    }


def faults(error: FieldErrors) -> Json:
    """Every field that is wrong, for a 422."""
    return {"invalid_params": [{"name": name, "reason": words} for name, words in error.errors.items()]}


# bodies and queries in


def text(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A string of the body. Raises InputError."""
    value = data.get(name, default)
    if not isinstance(value, str):
        raise InputError(f"{name}: нужна строка", field=name)
    return value


def maybe(data: Mapping[str, Any], name: str) -> str | None:
    return None if data.get(name) is None else text(data, name)


def number(data: Mapping[str, Any], name: str) -> int:
    value = maybe_number(data, name)
    if value is None:
        raise InputError(f"{name}: нужно целое число", field=name)
    return value


def maybe_number(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31):
        raise InputError(f"{name}: нужно целое число", field=name)
    return value


def mapping(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise InputError(f"{name}: нужен объект", field=name)
    return value


def names(data: Mapping[str, Any], name: str, default: list[str] | None = None) -> list[str]:
    """A list of strings."""
    value = data.get(name, default)
    fine = isinstance(value, list) and len(value) <= MOST_IDS and all(isinstance(each, str) for each in value)
    if not fine:
        raise InputError(f"{name}: нужен список строк, не больше {MOST_IDS}", field=name)
    return list(value or ())


def versions(data: Mapping[str, Any]) -> dict[str, int] | None:
    """{id: version} of what the editor saw."""
    if data.get("versions") is None:
        return None
    given = mapping(data, "versions")
    return {name: number(given, name) for name in given}


def real(query: Mapping[str, str], name: str) -> float:
    """A number of the query; 1,5 is read too."""
    try:
        return float(query[name].replace(",", "."))
    except (KeyError, ValueError):
        raise InputError(f"{name}: нужно число", field=name) from None


def count(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) < 7):
        raise InputError(f"{name}: нужно целое число", field=name)
    return int(value)


def day(query: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(query[name]) if query.get(name) else None
    except ValueError:
        raise InputError(f"{name}: нужен день, например 2021-11-23", field=name) from None
