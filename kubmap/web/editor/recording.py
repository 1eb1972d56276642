"""Actions on the open record: save, publish, retract, the place, versions, likely duplicates, two editors at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from kubmap.desk.access import require
from kubmap.domain import Role
from kubmap.errors import InputError, NotFoundError
from kubmap.store import codec
from kubmap.web.editor import fields
from kubmap.web.editor import map as deskmap
from kubmap.web.editor.acting import Acts, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.desk.access import User
    from kubmap.desk.values import Opened
    from kubmap.domain import Incident, Location
    from kubmap.web.editor.room import Room

    Sent = Mapping[str, Any]


def base_of(opened: Opened, version: int | None = None) -> Incident:
    """The version that the editor's changes are made to: that of the form, of the working copy, else the newest."""
    wanted = version or opened.working_base or opened.incident.version
    if wanted == opened.incident.version:
        return opened.incident
    found = next((each.snapshot for each in opened.history if each.version == wanted), None)
    if found is None:
        raise NotFoundError(f"нет версии {wanted} этой записи")
    return found


def ground(opened: Opened, sent: Mapping[str, Any]) -> Incident:
    """The version that a place is set over: that of the working copy, else the one that the page showed."""
    return base_of(opened, opened.working_base or int(sent.get("base") or 0) or None)


def seen(opened: Opened) -> Incident:
    """The record as the working copy has it, but for the form's fields: its words, what was read in them, its place."""
    base, kept = base_of(opened), opened.working
    words: dict[str, Any] = {name: str(kept[name]) for name in ("text", "title") if name in kept}
    return replace(base, **words, **fields.read_anew(kept), **fields.placed(kept))


def verified(opened: Opened) -> bool:
    """Whether a person has seen to the place, in the working copy or in the record."""
    return bool(opened.working.get("location_verified", base_of(opened).location_verified))


class FormActs(Acts):
    """Buttons and keys of the form."""

    def on_save(self, here: Room, who: User, sent: Sent) -> None:
        saved = self._store(who, sent, publish=False)
        here.epoch += 1
        here.clash = None
        here.said = f"сохранена версия {saved.version}"

    def on_publish(self, here: Room, who: User, sent: Sent) -> None:
        """Save what was typed and show it to readers; the next of the queue is opened."""
        incident_id = str(sent["id"])
        draft = self._store(who, sent, publish=self._turned(who, sent))
        outcome = self.desk.publish(who, [incident_id], versions={incident_id: draft.version})
        if outcome.failed:
            here.epoch += 1
            here.problem = f"Не опубликовано: {outcome.failed[0].why}"
            return
        self._leave(here, incident_id)
        report(here, outcome, "Опубликовано")

    def _turned(self, who: User, sent: Sent) -> bool:
        """Whether somebody rejected, retracted or merged it meanwhile: then the desk asks before it is shown."""
        opened = self.desk.open(who, str(sent["id"]))
        return base_of(opened, int(sent["base"])).status is not opened.incident.status

    def _store(self, who: User, sent: Sent, *, publish: bool) -> Incident:
        opened = self.desk.open(who, str(sent["id"]))
        typed = {**opened.working, **sent.get("fields", {})}
        base = base_of(opened, int(sent["base"]))
        changes = fields.changes(base, typed)
        reason = str(typed.get("why") or "").strip()
        return self.desk.save(
            who, opened.incident.id, base_version=base.version, changes=changes, reason=reason, publish=publish
        ).incident

    def _leave(self, here: Room, incident_id: str) -> None:
        here.epoch += 1
        here.show(here.after(incident_id) if here.chosen.status == "draft" else incident_id)

    def on_reject(self, here: Room, who: User, sent: Sent) -> None:
        outcome = self.desk.reject(who, [str(sent["id"])])
        self._leave(here, str(sent["id"]))
        report(here, outcome, "Отклонено")

    def on_retract(self, here: Room, who: User, sent: Sent) -> None:
        self.desk.retract(who, str(sent["id"]), str(sent.get("reason", "")))
        here.epoch += 1
        here.toast = {"words": "Снято с карты. По постоянной ссылке читатели увидят причину."}

    def on_reset(self, here: Room, who: User, sent: Sent) -> None:
        self.desk.discard(who, str(sent["id"]))
        here.epoch += 1
        here.clash = None
        here.said = "правки отброшены"

    def on_reread(self, here: Room, who: User, sent: Sent) -> None:
        """Read the text as it stands now; what was read goes into the fields, not into the record."""
        opened = self.desk.open(who, str(sent["id"]))
        base = base_of(opened, int(sent["base"]))
        typed = {**opened.working, **sent.get("fields", {})}
        changes = fields.changes(base, typed)
        fresh = {**changes, **self.desk.reread(who, base.id, changes)}
        self.desk.autosave(who, base.id, base_version=base.version, changes=fields.kept(base, fresh))
        here.epoch += 1
        here.said = "прочитано заново: проверьте поля"

    def on_purge(self, here: Room, who: User, sent: Sent) -> None:
        self.desk.purge(who, str(sent["id"]), str(sent.get("reason", "")))
        here.show("")
        here.toast = {"words": "Запись и её история удалены навсегда."}

    def on_close(self, here: Room, _: User, __: Sent) -> None:
        here.show("")


class PlaceActs(Acts):
    """Where it is: every way ends in the working copy, as a place that a person has set."""

    def on_place(self, here: Room, who: User, sent: Sent) -> None:
        self._put(here, who, sent, self.desk.at_place(who, str(sent["place"])))

    def on_road(self, here: Room, who: User, sent: Sent) -> None:
        try:
            km = float(str(sent.get("km", "")).strip().replace(",", "."))
        except ValueError:
            here.place_problem = "Километр не читается: нужно число, например 1362 или 11,5."
            return
        try:
            self._put(here, who, sent, self.desk.at_road_km(who, str(sent.get("road", "")), km))
        except (InputError, NotFoundError) as error:
            here.place_problem = str(error)

    def on_pick(self, here: Room, who: User, sent: Sent) -> None:
        opened = self.desk.open(who, str(sent["id"]))
        self._put(here, who, sent, self._alternative(opened, int(sent["n"])), opened)

    def on_krai(self, here: Room, who: User, sent: Sent) -> None:
        self._put(here, who, sent, self.desk.at_krai(who))

    def on_nowhere(self, here: Room, who: User, sent: Sent) -> None:
        self._put(here, who, sent, None)

    def on_verify(self, _: Room, who: User, sent: Sent) -> None:
        opened = self.desk.open(who, str(sent["id"]))
        base = ground(opened, sent)
        self.desk.autosave(who, base.id, base_version=base.version, changes={"location_verified": bool(sent["on"])})

    def on_point(self, here: Room, who: User, sent: Sent) -> None:
        """A click on the map; on the pin of an alternative it means that place, with its name and radius."""
        opened = self.desk.open(who, str(sent["id"]))
        lat, lon = float(sent["lat"]), float(sent["lng"])
        n = deskmap.chosen(seen(opened).alternatives, lat, lon)
        try:
            found = self._alternative(opened, n) if n else self.desk.at_point(who, lat, lon, zoom=float(sent["zoom"]))
            self._put(here, who, sent, found, opened)
        except InputError as error:
            here.place_problem = str(error)

    def _alternative(self, opened: Opened, n: int) -> Location:
        known = seen(opened).alternatives
        if not 1 <= n <= len(known):
            raise NotFoundError("такого варианта уже нет: список изменился")
        return known[n - 1].location

    def _put(self, _: Room, who: User, sent: Sent, where: Location | None, opened: Opened | None = None) -> None:
        found = opened or self.desk.open(who, str(sent["id"]))
        base = ground(found, sent)
        kept = codec.location_to_json(where) if where else {}
        changes = {"location": kept, "location_verified": where is not None}
        self.desk.autosave(who, base.id, base_version=base.version, changes=changes)


class TailActs(Acts):
    """Versions and likely duplicates; what somebody changed since it was shown is told, and nothing done."""

    def on_restore(self, here: Room, who: User, sent: Sent) -> None:
        version = int(sent["version"])
        self.desk.restore(who, str(sent["id"]), version, base_version=int(sent["base"]))
        here.epoch += 1
        here.toast = {"words": f"Восстановлена версия {version}; она стала новой, прежние остались в истории."}

    def on_open(self, here: Room, _: User, sent: Sent) -> None:
        here.show(str(sent["id"]))

    def on_merge(self, here: Room, who: User, sent: Sent) -> None:
        keep, gone = str(sent["id"]), str(sent["other"])
        if sent.get("into") == "other":
            keep, gone = gone, keep
        take = [str(name) for name in sent.get("take", ())]
        joined = self.desk.merge(who, keep, gone, take=take, versions=_compared(sent))
        here.epoch += 1
        here.show(keep)
        here.toast = {"words": "Объединено, источники обеих записей сохранены.", "undo": joined.undo}

    def on_link(self, here: Room, who: User, sent: Sent) -> None:
        joined = self.desk.link_update(who, str(sent["other"]), str(sent["id"]), versions=_compared(sent))
        here.epoch += 1
        here.show(str(sent["other"]))
        here.toast = {"words": "Связано: прежняя запись получила новую версию.", "undo": joined.undo}

    def on_distinct(self, here: Room, who: User, sent: Sent) -> None:
        self.desk.not_duplicate(who, str(sent["id"]), str(sent["other"]))
        here.toast = {"words": "Запомнено: это разные события. Эту пару больше не предложим."}


def _compared(sent: Sent) -> dict[str, int]:
    """The versions of the two records that the editor saw side by side."""
    return {str(sent["id"]): int(sent["mine"]), str(sent["other"]): int(sent["theirs"])}


class ClashActs(Acts):
    """The three-way view."""

    def on_settle(self, here: Room, who: User, sent: Sent) -> None:
        """Save what was chosen field by field, over the version that was shown."""
        if here.clash is None:
            return
        incident_id, clash, publish = here.clash
        chosen = sent.get("chosen", {})
        asked = [each for each in clash.fields if each.name != "status"]
        mine = {each.name: each.mine for each in asked if chosen.get(each.name) == "mine"}
        unless = next((each for each in clash.fields if each.name == "status"), None)
        publish = publish and (unless is None or chosen.get("status") == "mine")
        self.desk.save(
            who, incident_id, base_version=clash.theirs.version, changes={**clash.merged, **mine},
            reason="соединено с чужой правкой", publish=publish,
        )  # fmt: skip
        here.clash = None
        here.epoch += 1
        here.said = "правки соединены и сохранены"

    def on_later(self, here: Room, _: User, __: Sent) -> None:
        here.clash = None


def clicked(acts: PlaceActs) -> None:
    """What streamlit-folium reported: whose map was clicked and where."""
    found = (st.session_state.get(deskmap.KEY) or {}).get("last_clicked") or {}
    if found.get("record"):
        acts(
            {
                "action": "point",
                **{name: found.get(name) for name in ("lat", "lng", "zoom", "base")},
                "id": found["record"],
            }
        )


def may_purge(who: User) -> bool:
    """Whether the page offers what only a chief may do; the desk checks it again."""
    try:
        return require(who, Role.CHIEF) is who
    except PermissionError:
        return False
