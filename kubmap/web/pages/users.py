"""Пользователи: accounts of the desk, for the chief. What is done here is told in the log below."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from kubmap.desk.access import ROLE_NAMES, require
from kubmap.domain import Role
from kubmap.errors import AccessError, InputError, NotFoundError
from kubmap.store.passwords import SHORTEST, login_of, random_password
from kubmap.web import auth
from kubmap.web.login import address_of
from kubmap.web.pages import frame
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from kubmap.desk.access import User
    from kubmap.store.users import Account, UserEvent, Users

PATH: Final = "users"
ACTIONS: Final = {
    "add": "добавил",
    "password": "сменил пароль",
    "role": "сменил роль",
    "disable": "отключил",
    "enable": "включил",
    "logout": "завершил сеансы",
}
ACTORS: Final = {"cli": "командная строка", "oidc": "первый вход через OIDC"}
SHOWN: Final = "users-password"
"""Session state: the password that was made last, shown until the next action."""


def show() -> None:
    """The page."""
    st.html(frame.STYLE)
    st.title("Пользователи", anchor=False)
    try:
        who = require(auth.current(), Role.CHIEF)
    except AccessError as error:
        _refused(error)
        return
    _password_once()
    accounts = auth.shared().users.all()
    _table(accounts, auth.shared().sessions.count())
    change, new = st.columns([3, 2], gap="large")
    with change:
        _change(accounts, who)
    with new:
        _new()
    _log(auth.shared().users.events())


def _refused(error: AccessError) -> None:
    st.info(str(error))
    if error.anonymous:
        st.html(f'<a href="{escape(root() + address_of(f"/{PATH}"))}" target="_self">Войти</a>')


def do(action: Callable[[Users, str], None], said: str) -> bool:
    """Do it as whoever looks at the page now, and say how it went; the role is asked for again."""
    shared = auth.shared()
    st.session_state.pop(SHOWN, None)
    try:
        who = require(auth.current(), Role.CHIEF)
        action(shared.users, who.name)
    except (InputError, NotFoundError, AccessError) as error:
        st.toast(str(error), icon=":material/error:", duration="long")
        return False
    shared.forget()
    st.toast(said, icon=":material/check:")
    return True


def _password_once() -> None:
    kept = st.session_state.get(SHOWN)
    if kept:
        login, password = kept
        with st.container(border=True, key="users-once"):
            st.markdown("**Пароль показан один раз.** Передайте его лично; сменить его можно после входа.")
            st.text(login)
            st.code(password, language=None)


def _table(accounts: Sequence[Account], sessions: dict[str, int]) -> None:
    rows = [
        {
            "Логин": each.login,
            "Роль": ROLE_NAMES[each.role],
            "Состояние": _state(each),
            "Сеансов": sessions.get(each.id, 0),
            "Последний вход": _minute(each.last_login_at),
            "Заведён": _minute(each.created_at),
        }
        for each in accounts
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _state(each: Account) -> str:
    if each.disabled:
        return "отключён"
    return "включён" if each.has_password else "только OIDC"


def _minute(at: datetime | None) -> str:
    return f"{at:%d.%m.%Y %H:%M}" if at else "—"


def _change(accounts: Sequence[Account], who: User) -> None:
    st.subheader("Изменить", anchor=False)
    by_login = {each.login: each for each in accounts}
    login = st.selectbox("Пользователь", list(by_login), key="users-whom")
    if login is None:
        return
    chosen = by_login[login]
    role = st.radio(
        "Роль", list(Role), index=list(Role).index(chosen.role), format_func=ROLE_NAMES.__getitem__, horizontal=True,
        key=f"users-role-{chosen.id}-{chosen.role}",
    )  # fmt: skip
    if chosen.id == who.id:
        st.caption("Это вы: без роли главного редактора вы сюда больше не войдёте.")
    st.button("Сменить роль", on_click=_set_role, args=(login, role), disabled=role == chosen.role)
    if chosen.id == who.id:  # a new password would end the very session that has to show it
        st.html(f'<a href="{escape(root())}/login/password" target="_self">Сменить свой пароль</a>')
    else:
        _buttons(chosen)


def _buttons(chosen: Account) -> None:
    with st.container(horizontal=True):
        st.button("Новый пароль", on_click=_new_password, args=(chosen.login,), help="Случайный, показан один раз.")
        st.button("Выйти на всех устройствах", on_click=_logout, args=(chosen.login,))
        label = "Включить" if chosen.disabled else "Отключить"
        st.button(label, on_click=_disable, args=(chosen.login, not chosen.disabled))


def _set_role(login: str, role: Role) -> None:
    do(lambda users, by: users.set_role(login, role, by=by), f"{login}: {ROLE_NAMES[role]}")


def _disable(login: str, disabled: bool) -> None:  # noqa: FBT001  (Streamlit passes it by position)
    said = f"{login}: {'отключён' if disabled else 'включён'}"
    do(lambda users, by: users.set_disabled(login, disabled=disabled, by=by), said)


def _logout(login: str) -> None:
    do(lambda users, by: users.logout_everywhere(login, by=by), f"{login}: все сеансы завершены")


def _new_password(login: str) -> None:
    """A random one, shown once; one's own is changed at /login/password."""
    password = random_password()
    if do(lambda users, by: users.set_password(login, password, by=by), f"{login}: новый пароль"):
        st.session_state[SHOWN] = (login, password)


def _new() -> None:
    st.subheader("Добавить", anchor=False)
    with st.form("users-new", border=False):
        st.text_input("Логин", max_chars=100, key="users-new-login", help="Буквы, цифры и . _ - @ +; без пробелов.")
        st.radio("Роль", list(Role), index=1, format_func=ROLE_NAMES.__getitem__, horizontal=True, key="users-new-role")
        st.text_input(
            "Пароль", type="password", key="users-new-password", autocomplete="new-password",
            placeholder="пусто: случайный", help=f"Не короче {SHORTEST} знаков. Пустой: случайный, показан один раз.",
        )  # fmt: skip
        st.form_submit_button("Добавить", type="primary", on_click=_add)


def _add() -> None:
    state: Any = st.session_state
    login, role = str(state["users-new-login"]), Role(state["users-new-role"])
    typed = str(state["users-new-password"])
    password = typed or random_password()
    if not do(lambda users, by: _added(users, login, role, password, by), f"{login}: {ROLE_NAMES[role]}"):
        return
    if not typed:
        state[SHOWN] = (login_of(login), password)
    state["users-new-login"] = state["users-new-password"] = ""


def _added(users: Users, login: str, role: Role, password: str, by: str) -> None:
    users.add(login, role, password=password, by=by)


def _log(events: Sequence[UserEvent]) -> None:
    st.subheader("Что делали с учётными записями", anchor=False)
    rows = [
        {
            "Когда": _minute(each.at),
            "Кто": ACTORS.get(each.actor, each.actor),
            "Что": ACTIONS.get(each.action, each.action),
            "Кого": each.login,
            "Подробно": _detail(each.detail),
        }
        for each in events
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height=260)


def _detail(text: str) -> str:
    """Roles in people's words."""
    names = {role.value: name for role, name in ROLE_NAMES.items()}
    return " → ".join(names.get(each, each) for each in text.split(" → "))
