"""What the parts of the desk ask for: each action is a method; who asks is looked up anew, the desk checks the role.

Actions run before the run that shows their effect. Whatever goes wrong is said in the page; what was typed stays in the
working copy and in the browser.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from kubmap.desk.values import Clash, FieldErrors
from kubmap.errors import AccessError, ConflictError, KubmapError, NotFoundError
from kubmap.web import auth
from kubmap.web.editor.room import PAGE, Chosen, Room, room
from kubmap.web.editor.said import counted, failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.desk.access import User
    from kubmap.desk.desk import Desk
    from kubmap.desk.values import Outcome
    from kubmap.web.source import Source

SIGNED_OUT: Final = "Вход закончился. Войдите снова: набранный текст сохранён."
FAILED: Final = "Не получилось: ошибка программы, она записана в журнал. Набранный текст сохранён."
TO_FORM: Final = {"casualties": "dead", "outage": "works_end"}
"""Where the form shows an error of a field that it has in parts."""


_LOG = logging.getLogger(__name__)


class Acts:
    """Actions of one kind; `__call__` finds the method by the name that the part sent."""

    def __init__(self, desk: Desk, source: Source) -> None:
        self.desk = desk
        self.source = source

    def __call__(self, sent: Mapping[str, Any]) -> None:
        """Do what was sent and keep in the room what is to be said of it."""
        here = room()
        before = here.open
        here.stamp += 1
        here.clear()
        method = getattr(self, f"on_{str(sent.get('action', '')).replace('-', '_')}", None)
        who = auth.current()
        if who is None or method is None:
            here.toast = {"words": SIGNED_OUT if who is None else "Такого действия нет.", "problem": True}
            return
        try:
            method(here, who, sent)
        except Clash as clash:
            here.clash = (str(sent.get("id", "")), clash, sent.get("action") == "publish" or bool(sent.get("publish")))
        except FieldErrors as error:
            told = dict(error.errors)
            here.place_problem = told.pop("location", "")
            here.errors = {TO_FORM.get(name, name): words for name, words in told.items()}
            here.problem = "Не сохранено: исправьте отмеченные поля." if told else f"Не сохранено: {here.place_problem}"
        except (AccessError, ConflictError, NotFoundError) as error:
            here.toast = {"words": _sentence(error), "problem": True}
        except KubmapError as error:
            here.problem = _sentence(error)
        except Exception:  # noqa: BLE001  a slip of ours must not take the page, and with it what is typed, away
            _LOG.exception("the action %s failed", sent.get("action"))
            here.toast = {"words": FAILED, "problem": True}
        if before and before != here.open:
            with suppress(KubmapError):
                self.desk.leave(who, before)


def _sentence(error: Exception) -> str:
    words = str(error)
    return words[:1].upper() + words[1:]


def report(here: Room, outcome: Outcome, verb: str) -> None:
    """Say what was done, what was not, and how to take it back."""
    done = len(outcome.done)
    here.toast = {
        "words": f"{verb}: {counted(done)}." if done else "Ничего не изменено.",
        "details": failures(outcome),
        "problem": not done,
        "undo": outcome.undo,
    }


class QueueActs(Acts):
    """The queue: what is shown, what is open, actions on several records."""

    def on_filter(self, here: Room, _: User, sent: Mapping[str, Any]) -> None:
        names = ("status", "text", "category", "doubt", "source")
        here.chosen = Chosen(**{name: str(sent.get(name) or "")[:300] for name in names})
        here.shown = PAGE

    def on_more(self, here: Room, _: User, __: Mapping[str, Any]) -> None:
        here.shown += PAGE

    def on_open(self, here: Room, _: User, sent: Mapping[str, Any]) -> None:
        here.show(str(sent["id"]))

    def on_publish_many(self, here: Room, who: User, sent: Mapping[str, Any]) -> None:
        self._many(here, sent, self.desk.publish(who, _ids(sent)), "Опубликовано")

    def on_reject_many(self, here: Room, who: User, sent: Mapping[str, Any]) -> None:
        self._many(here, sent, self.desk.reject(who, _ids(sent)), "Отклонено")

    def _many(self, here: Room, sent: Mapping[str, Any], outcome: Outcome, verb: str) -> None:
        if here.open in _ids(sent):
            here.show("")
        report(here, outcome, verb)


class BarActs(Acts):
    """The line above: take back, hide."""

    def on_undo(self, here: Room, who: User, sent: Mapping[str, Any]) -> None:
        outcome = self.desk.undo(who, str(sent["token"]))
        here.epoch += 1
        report(here, outcome, "Возвращено")

    def on_hush(self, here: Room, _: User, __: Mapping[str, Any]) -> None:
        here.toast = None


def _ids(sent: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in sent.get("ids", ())][:500]
