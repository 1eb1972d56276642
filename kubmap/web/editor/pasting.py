"""The paste box: its data and what happens to a page of teasers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from kubmap.desk.values import PASTE
from kubmap.errors import InputError
from kubmap.web.editor import fields
from kubmap.web.editor.acting import Acts
from kubmap.web.editor.said import drafts, plural
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.desk.values import PasteResult
    from kubmap.web.editor.room import Room

EXAMPLE: Final = "Вставьте сообщение или целую страницу: каждое станет черновиком. Ctrl+Enter — прочитать."
LIMIT: Final = 1_500_000
AUTOSAVE: Final = "/api/v1/desk/autosave"


class PasteActs(Acts):
    """Reading what was pasted."""

    def on_read(self, here: Room, who: User, sent: Mapping[str, Any]) -> None:
        here.pasted = {}
        try:
            found = self.desk.paste(
                who, str(sent.get("text", "")), published=_day(sent), source_name=_text(sent, "source"),
                source_url=_text(sent, "link"),
            )  # fmt: skip
        except InputError as error:
            here.pasted = {"problem": str(error)}
            return
        here.pasted = told(found)
        here.toast = None
        here.chosen.status = "draft"
        first = next((each.incident.id for each in found if each.new), "")
        first = first or next((each.incident.id for each in found), "")
        if first:
            here.show(first)


def told(found: PasteResult) -> dict[str, Any]:
    """What became of the page, in words."""
    new = sum(each.new for each in found)
    known = Counter(each.note for each in found if not each.new)
    again = "; ".join(f"{note} — {count}" for note, count in known.items())
    parts = [f"Новых: {drafts(new)}." if new else "", f"Не новое: {again}." if again else ""]
    left = [{"text": each.text[:200], "why": each.why, "line": each.line} for each in found.left_out]
    return {
        "taken": True,
        "report": " ".join(part for part in parts if part) or "Сообщений не найдено.",
        "left": left,
        "left_words": f"Не стало черновиком: {plural(len(left), 'кусок', 'куска', 'кусков')}",
    }


def data(desk: Desk, who: User, here: Room) -> dict[str, Any]:
    """What the paste box shows; `kept` is what was typed and not read yet."""
    kept = next((each for each in desk.working(who) if each.key == PASTE), None)
    return {
        "user": who.id,
        "autosave": root() + AUTOSAVE,
        "example": EXAMPLE,
        "limit": LIMIT,
        "stamp": here.stamp,
        "kept": dict(kept.changes) if kept else {},
        "kept_at": kept.at.isoformat() if kept else None,
        **here.pasted,
    }


def _text(sent: Mapping[str, Any], name: str) -> str | None:
    return str(sent.get(name) or "").strip() or None


def _day(sent: Mapping[str, Any]) -> Any:
    try:
        return fields.moment(str(sent.get("day") or ""))
    except InputError as error:
        raise InputError(f"день публикации {error}", field="published") from None
