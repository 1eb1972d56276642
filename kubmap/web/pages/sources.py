"""Ленты: feeds that become drafts; add one after a trial reading, see how each does, ask it now."""

from __future__ import annotations

import logging
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from kubmap.desk.access import require
from kubmap.desk.feeds import Feeds, fetcher_of
from kubmap.domain import Role
from kubmap.errors import AccessError, KubmapError
from kubmap.settings import settings
from kubmap.store.sources import MAX_NAME
from kubmap.store.store import Store
from kubmap.web import auth
from kubmap.web.login import address_of
from kubmap.web.pages import frame
from kubmap.web.pages.loadlist import plain
from kubmap.web.rootpath import root
from kubmap.web.source import source

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kubmap.desk.access import User
    from kubmap.desk.feeds import Trial
    from kubmap.desk.preview import Shown
    from kubmap.store.pull import Outcome
    from kubmap.store.sources import Source

_LOG = logging.getLogger(__name__)

PATH: Final = "sources"
URL, TRIAL, TOLD, REMOVING = "sources-url", "sources-trial", "sources-told", "sources-removing"
ISOLATE, POP = "\u2068", "\u2069"
"""Around a name of strangers, so that its direction ends with it."""
ADDED_BY: Final = {"cli": "командная строка"}

STYLE: Final = """<style>
.kubmap-rows { list-style: none; margin: 0; padding: 0 !important; border-top: 1px solid rgba(128, 122, 108, .35); }
.kubmap-rows li { margin: 0 !important; padding: .55rem 0; overflow-wrap: anywhere; line-height: 1.4;
  border-bottom: 1px solid rgba(128, 122, 108, .35); }
.kubmap-rows p { margin: 0; }
.kubmap-rows .told { opacity: .75; font-size: .92rem; }
.kubmap-rows .wrong { border-left: 3px solid #b3261e; padding-left: .6rem; }
.kubmap-feed h3 { margin: 0; padding: 0; font-size: 1.1rem !important; overflow-wrap: anywhere; }
.kubmap-feed p { margin: .15rem 0 0; overflow-wrap: anywhere; line-height: 1.4; }
.kubmap-feed .where { opacity: .75; font-size: .9rem; }
.kubmap-feed .bad { border-left: 3px solid #b3261e; padding-left: .6rem; }
.kubmap-feed .state { font-size: .85rem; font-weight: 400; opacity: .8; margin-left: .3rem; }
</style>"""


@lru_cache(maxsize=1)
def feeds() -> Feeds:
    """The feeds of this process's store."""
    chosen = settings()
    store = Store(chosen.store_url)
    store.migrate()
    return Feeds(store, source().atlas, fetcher_of(chosen.fetch_allow, chosen.fetch_ports))


def show() -> None:
    """The page."""
    st.html(frame.STYLE + STYLE)
    st.title("Ленты", anchor=False)
    try:
        who = require(auth.current(), Role.EDITOR)
        found = feeds().every(who)
    except AccessError as error:
        _refused(error)
        return
    except KubmapError as error:
        st.error(plain(str(error)))
        return
    st.caption(f"Сообщения из лент RSS и Atom становятся черновиками в «Редакции», каждое один раз. {_rhythm()}")
    _add()
    _list(who, found)


def _refused(error: AccessError) -> None:
    st.info(str(error))
    if error.anonymous:
        st.html(f'<a href="{escape(root() + address_of(f"/{PATH}"))}" target="_self">Войти</a>')


def _rhythm() -> str:
    minutes = settings().pull_minutes
    if not minutes:
        return "Опрашивает их команда kubmap pull по расписанию сервера."
    return f"Сервер опрашивает их сам, раз в {minutes:g} мин."


def do(action: Callable[[Feeds, User], Any], said: str = "") -> Any:
    """Do it as whoever looks at the page now, and say how it went; None when it went wrong."""
    try:
        done = action(feeds(), require(auth.current(), Role.EDITOR))
    except KubmapError as error:
        words = str(error)
        st.session_state[TOLD] = (False, words[:1].upper() + words[1:])
        return None
    except SQLAlchemyError:
        _LOG.exception("the database failed")
        st.session_state[TOLD] = (False, "База данных не отвечает, попробуйте через минуту.")
        return None
    if said:
        st.toast(said, icon=":material/check:")
    return True if done is None else done


def _add() -> None:
    st.subheader("Добавить ленту", anchor=False)
    with st.form("sources-try", border=False):
        st.text_input("Адрес ленты", max_chars=2_000, key=URL, placeholder="https://…/rss.xml")
        st.form_submit_button("Прочитать для пробы", on_click=_try)
    told = st.session_state.pop(TOLD, None)
    if told:
        (st.success if told[0] else st.error)(plain(told[1]))
    trial = st.session_state.get(TRIAL)
    if trial is not None:
        _tried(trial)


def _try() -> None:
    st.session_state.pop(TRIAL, None)
    url = str(st.session_state[URL])
    trial = do(lambda feeds, who: feeds.trial(who, url))
    if trial is not None:
        st.session_state[TRIAL] = trial
        st.session_state["sources-name"] = trial.title


def _tried(trial: Trial) -> None:
    """The first items as they would be, and the name to add the feed by."""
    with st.container(border=True, key="sources-trial-box"):
        st.markdown(f"**Так будут прочитаны первые сообщения** (всего в ленте {trial.total})")
        rows = "".join(map(_row, trial.items)) or "<li>Сейчас в ленте нет сообщений.</li>"
        st.html(f'<ol class="kubmap-rows">{rows}</ol>')
        with st.form("sources-add", border=False):
            st.text_input("Как называть источник", max_chars=MAX_NAME, key="sources-name")
            with st.container(horizontal=True):
                st.form_submit_button("Добавить", type="primary", on_click=_keep)
                st.form_submit_button("Не добавлять", on_click=lambda: st.session_state.pop(TRIAL, None))


def _row(row: Shown) -> str:
    """An item as markup of our own around escaped words."""
    if row.issue:
        return f'<li class="wrong"><p>{escape(row.issue)}</p><p class="told">{escape(row.text)}</p></li>'
    head = " · ".join(filter(None, (row.what, row.place, row.when)))
    return f'<li><p>{escape(head)}</p><p class="told">{escape(row.text)}</p></li>'


def _keep() -> None:
    trial, name = st.session_state[TRIAL], str(st.session_state["sources-name"])
    if do(lambda feeds, who: feeds.add(who, url=trial.url, name=name), "Лента добавлена."):
        st.session_state.pop(TRIAL, None)
        st.session_state[URL] = ""


def _list(who: User, found: tuple[Source, ...]) -> None:
    if not found:
        st.caption("Лент пока нет.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Что опрашивается", anchor=False)
        asked = [each.id for each in found if each.enabled]
        if st.button("Опросить все сейчас", key="sources-pull-all", disabled=not asked):
            _pull(who, asked)
    for each in found:
        with st.container(border=True, key=f"source-{each.id}"):
            _source(who, each)


def _source(who: User, each: Source) -> None:
    st.html(f'<div class="kubmap-feed">{_told(each)}</div>')
    if st.session_state.get(REMOVING) == each.id:
        _confirm(each)
        return
    with st.container(horizontal=True):
        if st.button("Опросить сейчас", key=f"pull-{each.id}", disabled=not each.enabled):
            _pull(who, [each.id])
        label = "Выключить" if each.enabled else "Включить"
        st.button(label, key=f"switch-{each.id}", on_click=_switch, args=(each.id, not each.enabled))
        with st.popover("Назвать иначе"), st.form(f"rename-form-{each.id}", border=False):
            st.text_input("Название", each.name, max_chars=MAX_NAME, key=f"name-{each.id}")
            st.form_submit_button("Сохранить", on_click=_rename, args=(each.id,))
        st.button("Удалить", key=f"remove-{each.id}", on_click=_removing, args=(each.id,))


def _told(each: Source) -> str:
    """How a feed does, as markup of our own around escaped words."""
    lines = [
        f'<h3><bdi>{escape(each.name)}</bdi> <span class="state">{_state(each)}</span></h3>',
        f'<p class="where">{escape(each.url)}</p>',
    ]
    if each.error:
        again = f" Снова {_minute(each.next_at)}." if each.enabled and each.next_at else ""
        lines.append(f'<p class="bad">{escape(each.error[:1].upper() + each.error[1:])}.{again}</p>')
    last = (
        f"Прочитана {_minute(each.succeeded_at)}: <bdi>{escape(each.told)}</bdi>."
        if each.succeeded_at
        else "Ещё не прочитана."
    )
    by = escape(ADDED_BY.get(each.added_by, each.added_by))
    lines.append(f"<p>{last} Черновиков из неё: {each.items}.</p>")
    lines.append(f'<p class="where">Добавлена {_minute(each.added_at)}, {by}</p>')
    return "".join(lines)


def _state(each: Source) -> str:
    if not each.enabled:
        return "выключена"
    return f"не отвечает, попыток: {each.failures}" if each.failures else "опрашивается"


def _minute(at: datetime | None) -> str:
    return f"{at:%d.%m.%Y %H:%M}" if at else "—"


def _pull(who: User, ids: list[str]) -> None:
    with st.spinner("Опрашиваем…"):
        outcomes: tuple[Outcome, ...] | None = do(lambda feeds, _: feeds.pull(who, ids))
    if outcomes is not None:
        words = "; ".join(f"{ISOLATE}{each.source.name}{POP}: {each.told}" for each in outcomes)
        st.session_state[TOLD] = (all(each.ok for each in outcomes), words)
    st.rerun()


def _switch(source_id: str, enabled: bool) -> None:  # noqa: FBT001  (Streamlit passes it by position)
    said = "Лента включена." if enabled else "Лента выключена."
    do(lambda feeds, who: feeds.set_enabled(who, source_id, enabled=enabled), said)


def _rename(source_id: str) -> None:
    name = str(st.session_state[f"name-{source_id}"])
    do(lambda feeds, who: feeds.rename(who, source_id, name), "Название сохранено.")


def _removing(source_id: str | None) -> None:
    st.session_state[REMOVING] = source_id


def _confirm(each: Source) -> None:
    st.markdown("Удалить ленту? Её черновики и опубликованное останутся.")
    with st.container(horizontal=True):
        st.button("Да, удалить", key=f"yes-{each.id}", type="primary", on_click=_remove, args=(each.id,))
        st.button("Оставить", key=f"no-{each.id}", on_click=_removing, args=(None,))


def _remove(source_id: str) -> None:
    do(lambda feeds, who: feeds.remove(who, source_id), "Лента удалена.")
    st.session_state.pop(REMOVING, None)
