"""Вход и выход: the corner of every page that says who is logged in, and the page of a login by OIDC."""

from __future__ import annotations

import json
import logging
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from kubmap.desk.access import ROLE_NAMES
from kubmap.web import auth, oidc, rootpath
from kubmap.web.localpath import DESK, local
from kubmap.web.login import address_of
from kubmap.web.pages import frame
from kubmap.web.rootpath import root

if TYPE_CHECKING:
    from kubmap.desk.access import User
    from kubmap.store.users import Account

_LOG = logging.getLogger(__name__)

PATH: Final = "account"

STYLE: Final = """<style>
[data-testid="stElementContainer"]:has(.kubmap-account), .stElementContainer:has(.kubmap-account) {
  position: absolute; height: 0; }
.kubmap-account { position: fixed; top: .8rem; right: 3.6rem; z-index: 1000000; font-size: .9rem; line-height: 2rem; }
.kubmap-account a { display: flex; gap: .6em; color: inherit; text-decoration: none; padding: 0 .5rem; }
.kubmap-account span { max-width: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; opacity: .75; }
.kubmap-account b { font-weight: 400; text-decoration: underline; text-underline-offset: 3px; }
.kubmap-account a:hover { text-decoration: underline; }
@media (max-width: 760px) { .kubmap-account span { max-width: 6rem; } }
</style>"""


def corner() -> User | None:
    """Draw who is logged in, or the way in, in the page's head; returns who it is.

    Readers' pages go on without the database; there, nobody is logged in.
    """
    here = _here()
    try:
        who = auth.current()
        account = None if auth.known() else oidc.account()
    except SQLAlchemyError:
        _LOG.exception("the store does not answer")
        return None
    if account is not None:
        _hand_over(account, here)
    st.html(STYLE + _corner(who, here))
    return who


def _corner(who: User | None, here: str) -> str:
    if who is None:
        way = root() + (f"/{PATH}" if oidc.configured() else address_of(here))
        return f'<div class="kubmap-account"><a href="{escape(way)}" target="_self"><b>Войти</b></a></div>'
    name = escape(who.name)
    return (
        f'<div class="kubmap-account"><a href="{escape(root())}/logout?next={quote(here)}" target="_self" '
        f'title="{name}, {ROLE_NAMES[who.role]}: учётная запись и выход"><span>{name}</span><b>Выйти</b></a></div>'
    )


def _here() -> str:
    """Path and query of the page, to come back to."""
    return local(rootpath.here(), DESK)


def _hand_over(account: Account, here: str) -> None:
    """Let the browser fetch our own cookie: the routes beside Streamlit know no other."""
    token = oidc.token(auth.shared(), account, st.context.cookies)
    way = json.dumps(f"{root()}/login/oidc?token={token}&next={quote(here, safe='/')}").replace("<", "\\u003c")
    st.html(f"<script>window.location.replace({way})</script>", unsafe_allow_javascript=True)


def show() -> None:
    """The page: ways in by OIDC and by a password, or who is logged in."""
    st.html(frame.STYLE)
    st.title("Вход для редакции", anchor=False)
    who = auth.current()
    if who is not None:
        st.markdown(f"Вы вошли: {ROLE_NAMES[who.role]}.")
        st.text(who.name)
        _link(f"{root()}/logout", "Учётная запись и выход")
    elif not oidc.configured():
        _link(root() + address_of(DESK), "Войти")
    elif st.user.is_logged_in:
        st.warning("Вход устарел, либо этой учётной записи нет среди редакторов: тогда вас добавит главный редактор.")
        st.text(str(st.user.get("email") or ""))
        if st.button("Войти заново", type="primary"):
            st.login()
    else:
        if st.button("Войти через учётную запись редакции", type="primary"):
            st.login()
        _link(root() + address_of(DESK), "Войти по логину и паролю")


def _link(address: str, label: str) -> None:
    """A link that opens in this tab: another one would keep the cookies of before."""
    st.html(f'<p><a href="{escape(address)}" target="_self">{escape(label)}</a></p>')
