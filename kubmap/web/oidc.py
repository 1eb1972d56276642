"""Login by OpenID Connect, where Streamlit's secrets have [auth]: it asks the provider, we say who may what.

A verified e-mail address is a login of the users table; KUBMAP_OIDC_EDITORS and _CHIEFS make such accounts when they
first come. Everybody else is a reader. For the routes beside Streamlit the page hands the browser over to `/login/oidc`
with a token: good once, for a minute, in this browser only. From then on our own cookie counts.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from itsdangerous import BadData

from kubmap.domain import MOSCOW, Role
from kubmap.errors import InputError, KubmapError, NotFoundError
from kubmap.settings import settings
from kubmap.store.users import Account
from kubmap.web import auth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.desk.access import User
    from kubmap.web.auth import Auth

_LOG = logging.getLogger(__name__)

TOKEN_S: Final = 60
COOKIES: Final = "_streamlit_user"
"""How the names of the cookies begin in which Streamlit keeps what the provider said."""
USED: Final = 10_000


def configured() -> bool:
    """Whether there is an OIDC provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def current() -> User | None:
    """Who the provider says looks at this page; None where there is none, or for an account that may not log in."""
    found = account()
    return None if found is None else auth.user(found)


def account() -> Account | None:
    """The account of who the provider says looks at this page."""
    if not configured() or not st.user.is_logged_in:
        return None
    try:
        return account_of(auth.shared(), st.user.to_dict(), datetime.now(MOSCOW))
    except KubmapError:
        _LOG.exception("an account of OIDC cannot be used")
        return None


def account_of(found: Auth, claims: Mapping[str, Any], now: datetime) -> Account | None:
    """The account of an ID token's claims: e-mail verified, issued after the last logout everywhere.

    It counts for as long as a session may be idle: Streamlit keeps the claims for 30 days, and a session of ours that
    has expired must not begin anew by itself.
    """
    email = claims.get("email")
    if not isinstance(email, str) or "@" not in email or claims.get("email_verified") in {False, "false"}:
        return None
    known = _known(found, email)
    if known is None or known.disabled:
        return None
    issued = _issued(claims)
    if issued is None or now - issued > found.sessions.limits.idle:
        return None
    return None if known.out_at and issued <= known.out_at else known


def _issued(claims: Mapping[str, Any]) -> datetime | None:
    value = claims.get("iat")
    return datetime.fromtimestamp(value, MOSCOW) if isinstance(value, int | float) else None


def _known(found: Auth, email: str) -> Account | None:
    try:
        return found.users.get(email)
    except NotFoundError:
        role = _promised(email)
        return found.users.add(email, role, password=None, by="oidc") if role else None
    except InputError:  # no login can look so
        return None


def _promised(email: str) -> Role | None:
    chosen = settings()
    for role, listed in ((Role.CHIEF, chosen.oidc_chiefs), (Role.EDITOR, chosen.oidc_editors)):
        if email.casefold() in {each.strip().casefold() for each in listed.split(",") if each.strip()}:
            return role
    return None


def _browser(cookies: Mapping[str, str]) -> str:
    """The print of what Streamlit keeps in the browser: a token is good there only."""
    kept = sorted((name, value) for name, value in cookies.items() if name.startswith(COOKIES))
    return hashlib.sha256(repr(kept).encode()).hexdigest() if kept else ""


class Tokens:
    """Tokens that were used, for as long as they are good."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, nonce: str) -> bool:
        """Whether the token was not used before."""
        now = time.monotonic()
        with self._lock:
            while self._used and (now - next(iter(self._used.values())) > 2 * TOKEN_S or len(self._used) > USED):
                self._used.popitem(last=False)
            if nonce in self._used:
                return False
            self._used[nonce] = now
        return True


_TOKENS = Tokens()


def token(found: Auth, who: Account, cookies: Mapping[str, str]) -> str:
    """What the page gives the browser to show at `/login/oidc`."""
    content = {"login": who.login, "browser": _browser(cookies), "nonce": secrets.token_urlsafe(12)}
    return found.timed("oidc").dumps(content)


def redeemed(found: Auth, value: str, cookies: Mapping[str, str], tokens: Tokens = _TOKENS) -> Account | None:
    """The account that the token is for; None for one that is old, used, of another browser, or not ours."""
    try:
        content = found.timed("oidc").loads(value, max_age=TOKEN_S)
    except BadData:
        return None
    browser = _browser(cookies)
    if not browser or content["browser"] != browser or not tokens.take(content["nonce"]):
        return None
    try:
        known = found.users.get(content["login"])
    except NotFoundError:
        return None
    return None if known.disabled else known
