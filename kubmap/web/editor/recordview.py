"""The data of the open record: its form, its place, its map, what stands below it, the three-way view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubmap.desk import joining, places
from kubmap.domain import Category, OutageKind, Precision, Status, Utility
from kubmap.feeds import words
from kubmap.store.confidence import confidence
from kubmap.web.editor import fields, recording
from kubmap.web.editor import map as deskmap
from kubmap.web.editor import words as told
from kubmap.web.editor.pasting import AUTOSAVE
from kubmap.web.editor.text import segments
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.desk.values import Clash, Difference, Duplicate, Opened
    from kubmap.domain import Incident, Location
    from kubmap.store.history import HistoryEntry
    from kubmap.web.editor.room import Room

CHOICES = {
    "category": [(each.value, words.category_name(each)) for each in Category],
    "is_scheduled": [("", "не сказано"), ("да", "да, запланировано"), ("нет", "нет")],
    "utility": [("", "по категории"), *((each.value, told.UTILITIES[each]) for each in Utility)],
    "kind": [(each.value, told.KINDS[each]) for each in OutageKind],
}
COARSE = "Приблизьте карту и поставьте точку ещё раз: станет точнее."
FINE_M = 1_000
"""A point that a click set on a map of the whole krai reaches further, metres."""
QUIET_KEYS = frozenset({"location", "location_verified", "reasons", "alternatives"})


def editor(opened: Opened, who: User, here: Room) -> dict[str, Any]:
    """The form with what was typed over the record."""
    base = recording.base_of(opened)
    now = recording.seen(opened)
    stored = fields.raw(base)
    kept = {name: str(value) for name, value in opened.working.items() if name not in QUIET_KEYS}
    sure, doubts = confidence(now) if base.status is Status.DRAFT else (None, ())
    return {
        "id": base.id,
        "version": opened.incident.version,
        "base": base.version,
        "user": who.id,
        "autosave": root() + AUTOSAVE,
        "touch": f"{root()}/api/v1/desk/incidents/{base.id}/touch",
        "stamp": here.stamp,
        "epoch": here.epoch,
        "said": here.said,
        "status": opened.incident.status.value,
        "status_words": told.STATUSES[opened.incident.status],
        "permalink": f"{root()}/?id={base.id}" if opened.incident.status is Status.PUBLISHED else None,
        "confidence": sure,
        "doubts": [each.words for each in doubts],
        "segments": {
            name: [_segment(each) for each in segments(getattr(now, name) or "", now.reasons, source=name)]
            for name in ("title", "text")
        },
        "fields": stored | kept,
        "stored": stored,
        "choices": CHOICES,
        "errors": here.errors,
        "problem": here.problem,
        "others": [each.name for each in opened.others],
        "newer": _newer(opened),
        "kept_at": opened.working_at.isoformat() if opened.working and opened.working_at else None,
        "can": _can(opened, who),
    }


def _segment(each: Any) -> dict[str, Any]:
    return {"text": each.text, "kind": each.kind, "notes": list(each.notes)}


def _newer(opened: Opened) -> str:
    """What somebody else saved since the working copy was begun."""
    base = recording.base_of(opened)
    if base.version == opened.incident.version:
        return ""
    last = opened.history[-1]
    names = [told.field_name(each.field) for each in last.diff if each.field not in told.QUIET]
    changed = f" (изменено: {', '.join(names)})" if names else ""
    by = f"версия {last.version}: {last.actor}{changed}"
    return f"Пока вы правили, сохранена {by}. При сохранении правки соединятся."


def _can(opened: Opened, who: User) -> dict[str, bool]:
    status = opened.incident.status
    return {
        "publish": status is not Status.PUBLISHED,
        "save": True,
        "reject": status is Status.DRAFT,
        "retract": status is Status.PUBLISHED,
        "reset": bool(opened.working),
        "purge": recording.may_purge(who),
    }


# the place


def place(opened: Opened, desk: Desk, who: User, atlas: Atlas, here: Room) -> dict[str, Any]:
    """What is known of the place, what else it could be, the roads to choose from."""
    now = recording.seen(opened)
    location = now.location
    known = roads(desk, who, atlas)
    return {
        "id": now.id,
        "base": now.version,
        "location": None if location is None else _location(location),
        "verified": recording.verified(opened),
        "alternatives": [
            {
                "n": n,
                "label": each.location.label,
                "where": each.location.municipality,
                "why": each.why,
                "chosen": deskmap.same_place(each.location, location),
            }
            for n, each in enumerate(now.alternatives, start=1)
        ],
        "roads": known,
        "road": _road_id(known, location),
        "km": f"{location.km:g}".replace(".", ",") if location and location.km is not None else "",
        "wide": _wide(location),
        "places": f"{root()}/api/v1/desk/places",
        "problem": here.place_problem,
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "label": location.label,
        "precision": words.precision(location),
        "hint": COARSE if location.method == places.METHOD and (location.radius_m or 0) > FINE_M else "",
        "municipality": location.municipality,
        "zone": location.zone,
    }


def _wide(location: Location | None) -> list[dict[str, str]]:
    krai = location is not None and location.precision is Precision.KRAI
    found = [] if krai else [{"how": "krai", "words": "Весь край, без точки"}]
    return found if location is None else [*found, {"how": "nowhere", "words": "Убрать место"}]


def roads(desk: Desk, who: User, atlas: Atlas) -> list[tuple[str, str, str]]:
    """(id, name, which kilometres are known) of every road."""
    named = ((each, atlas.roads.road(each.id).name) for each in desk.roads(who))
    return [(each.id, _road_name(each.label, name), _kilometres(each.km_min, each.km_max)) for each, name in named]


def _kilometres(least: float, most: float) -> str:
    return f"известны километры {least:g}–{most:g}".replace(".", ",")


def _road_name(label: str, name: str) -> str:
    return name if name.startswith(label) else f"{label} {name}"


def _road_id(known: list[tuple[str, str, str]], location: Location | None) -> str:
    if location is None or not location.road:
        return ""
    return next((road_id for road_id, label, _ in known if location.road in {road_id, label}), "")


def map_data(opened: Opened, *, dark: bool) -> dict[str, Any]:
    """What the map draws."""
    now = recording.seen(opened)
    category = str(opened.working.get("category", now.category.value))
    return deskmap.shown(
        incident_id=now.id, base=now.version, location=now.location, alternatives=now.alternatives,
        verified=recording.verified(opened), category=category, dark=dark,
    )  # fmt: skip


# below


def tail(opened: Opened, here: Room) -> dict[str, Any]:
    """Likely duplicates, versions (newest first) and reasons."""
    return {
        "id": opened.incident.id,
        "version": opened.incident.version,
        "status": opened.incident.status.value,
        "stamp": here.stamp,
        "can_restore": True,
        "searching": not opened.duplicates_known,
        "twins": [_twin(each, opened.incident) for each in opened.duplicates],
        "history": [_version(each) for each in reversed(opened.history)],
        "reasons": [(" ".join(each.read.split()), each.note or each.rule) for each in opened.incident.reasons],
    }


def _twin(found: Duplicate, mine: Incident) -> dict[str, Any]:
    other = found.incident
    live = other.status is Status.PUBLISHED and mine.status is not Status.PUBLISHED
    offers = joining.offers(other, mine) if live else found.offers
    return {
        "id": other.id,
        "into": "other" if live else "open",  # what readers see never leaves the map for a draft
        "headline": words.headline(other),
        "status_words": told.STATUSES[other.status],
        "likeness": told.likeness(found.score),
        "why": "; ".join(each.note for each in found.reasons if each.note),
        "fields": [_pair(each) for each in found.fields if not _both_silent(each)],
        "merge_words": f"Останется {'опубликованная' if live else 'открытая'} запись, источники обеих сохранятся",
        "take_words": f"При объединении взять у {'открытой' if live else 'похожей'}:",
        "offers": [{"name": name, "words": told.field_name(name)} for name in offers],
        "link_words": "Похожая запись получит то, что сказано в открытой, как новую версию",
        "same": found.same_event,
        "version": other.version,
        "mine": mine.version,
    }


def _both_silent(each: Difference) -> bool:
    return not told.value(each.name, each.one) and not told.value(each.name, each.other)


def _pair(each: Difference) -> dict[str, Any]:
    return {
        "field": told.field_name(each.name),
        "one": told.value(each.name, each.one),
        "other": told.value(each.name, each.other),
        "same": each.same,
    }


def _version(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "version": entry.version,
        "when": told.when(entry.at),
        "who": entry.actor,
        "why": entry.reason,
        "changes": [
            {
                "field": told.field_name(each.field),
                "before": told.json_value(each.field, each.before),
                "after": told.json_value(each.field, each.after),
            }
            for each in entry.diff
            if each.field not in told.QUIET
        ],
        "fields": told.told(entry.snapshot),
    }


# two editors at once


def clash(found: tuple[str, Clash, bool]) -> dict[str, Any]:
    """The three-way view: what has to be decided."""
    incident_id, clashing, publish = found
    return {
        "id": incident_id,
        "version": clashing.theirs.version,
        "by": clashing.by,
        "when": told.when(clashing.at),
        "publish": publish,
        "merged": [told.field_name(name) for name in clashing.merged],
        "fields": [
            {
                "name": each.name,
                "field": told.field_name(each.name),
                "base": told.value(each.name, each.base),
                "theirs": told.value(each.name, each.theirs),
                "mine": told.value(each.name, each.mine),
            }
            for each in clashing.fields
        ],
    }
