"""The data of the queue: drafts by confidence, or what is published or retracted, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubmap.desk.values import Page, QueueFilter
from kubmap.domain import Category, Incident, Status
from kubmap.feeds import words
from kubmap.web import palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.desk.values import QueueItem
    from kubmap.web.editor.room import Chosen, Room

TABS: Final = (("draft", "Черновики"), ("published", "Карта"), ("retracted", "Снятые"))
EMPTY: Final = {
    "draft": "Черновиков нет. Вставьте сообщение выше.",
    "published": "Ничего не найдено.",
    "retracted": "Снятых и отклонённых записей нет.",
}
GENERAL: Final = {"rival": "могло быть и другое место"}
"""Doubts whose words name the place of one record."""
PLAIN: Final = "#8a857a"


def data(desk: Desk, who: User, here: Room, *, dark: bool) -> dict[str, Any]:
    """What the queue shows; remembers the order of its records in the room."""
    chosen = here.chosen
    if chosen.status == "draft":
        page = desk.queue(who, queue_filter(chosen), limit=here.shown)
        rows = [_draft(each, dark=dark) for each in page.items]
        choices = _choices(page.counts, page.items)
    else:
        found = _found(desk, who, chosen, here.shown)
        page, rows = found, [row(each, dark=dark) for each in found.items]  # type: ignore[assignment]
        choices = {"category": _categories(), "doubt": [], "source": []}
    here.order = tuple(each["id"] for each in rows)
    return {
        "tabs": [{"id": name, "name": title, "count": _count(name, chosen, page)} for name, title in TABS],
        "filter": {name: getattr(chosen, name) for name in ("status", "text", "category", "doubt", "source")},
        "choices": choices,
        "items": rows,
        "total": page.total,
        "next": page.next,
        "open": here.open,
        "stamp": here.stamp,
        "empty": "По этому отбору ничего нет." if _narrowed(chosen) else EMPTY.get(chosen.status, ""),
    }


def queue_filter(chosen: Chosen) -> QueueFilter:
    """What the desk is asked for."""
    known = {each.value for each in Category}
    return QueueFilter(
        categories=frozenset({Category(chosen.category)}) if chosen.category in known else None,
        sources=frozenset({chosen.source}) if chosen.source else None,
        doubts=frozenset({chosen.doubt}) if chosen.doubt else None,
        text=chosen.text,
    )


def row(incident: Incident, *, dark: bool) -> dict[str, Any]:
    """A record as a line of the list."""
    return {
        "id": incident.id,
        "category": words.category_name(incident.category),
        "colour": colour(incident.category, dark=dark),
        "headline": words.headline(incident),
        "when": words.when(incident),
        "where": incident.location.label if incident.location else "без места",
        "verified": incident.location_verified,
        "confidence": None,
        "doubts": [],
        "duplicates": 0,
        "open_by": [],
    }


def colour(category: Category, *, dark: bool) -> str:
    """The category's accent on this paper."""
    found = next((each for each in palette.accents() if each.category is category), None)
    return PLAIN if found is None else found.dark if dark else found.light


def _draft(item: QueueItem, *, dark: bool) -> dict[str, Any]:
    return row(item.incident, dark=dark) | {
        "confidence": item.confidence,
        "doubts": [each.words for each in item.doubts],
        "duplicates": item.duplicates or 0,
        "open_by": list(item.open_by),
    }


def _found(desk: Desk, who: User, chosen: Chosen, limit: int) -> Page[Incident]:
    category = Category(chosen.category) if chosen.category in {each.value for each in Category} else None
    return desk.find(who, chosen.text, status=Status(chosen.status), category=category, limit=limit)


def _count(name: str, chosen: Chosen, page: Page[Any]) -> int | None:
    return page.total if name == chosen.status else None


def _narrowed(chosen: Chosen) -> bool:
    return bool(chosen.text or chosen.category or chosen.doubt or chosen.source)


def _categories() -> list[tuple[str, str]]:
    return [(each.value, words.category_name(each)) for each in Category]


def _choices(counts: Mapping[str, Mapping[str, int]], items: Iterable[QueueItem]) -> dict[str, list[tuple[str, str]]]:
    """Filters that find something, with how much."""
    categories = dict(_categories())
    doubts = {each.code: each.words for item in items for each in item.doubts} | GENERAL
    return {
        "category": [(name, f"{categories.get(name, name)} ({n})") for name, n in counts.get("category", {}).items()],
        "doubt": [(name, f"{doubts[name]} ({n})") for name, n in counts.get("doubt", {}).items() if name in doubts],
        "source": [(name, f"{name} ({n})") for name, n in counts.get("source", {}).items() if name],
    }
