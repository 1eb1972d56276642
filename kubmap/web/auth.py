"""Who asks: the session cookie of a request or of a Streamlit page.

The cookie holds the secret of a session, signed; the session itself is a row of the store, so a logout, a disabled
account or another role counts from the next request on, in every tab and whatever copy of the cookie there is.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kubmap.desk.access import User
from kubmap.settings import settings
from kubmap.store.sessions import Limits, Sessions
from kubmap.store.store import Store
from kubmap.store.users import Account, Users
from kubmap.web.secret import secret_of

if TYPE_CHECKING:
    from collections.abc import Mapping

COOKIE: Final = "kubmap_session"
DEVICE: Final = "kubmap_device"
"""Says that an account was used in this browser before: failures of others do not lock its owner out."""
KNOWN_S: Final = 1.0
"""How long an answer of the store is believed."""
KNOWN: Final = 1_000


def user(account: Account) -> User:
    """Who it is, for the desk."""
    return User(account.id, account.login, account.role)


class Auth:
    """Accounts and sessions of one process, and the signatures of its cookies and tokens."""

    def __init__(self, users: Users, sessions: Sessions, secret: str, *, secure: bool = False) -> None:
        self.users = users
        self.sessions = sessions
        self.secure = secure
        self._secret = secret
        self._known: OrderedDict[str, tuple[float, User | None]] = OrderedDict()
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def signer(self, salt: str) -> Signer:
        """Signs what a browser keeps; each kind has a salt of its own."""
        return Signer(self._secret, salt=f"kubmap.{salt}", digest_method=hashlib.sha256)

    def timed(self, salt: str) -> URLSafeTimedSerializer:
        """Signs what is good for a while."""
        return URLSafeTimedSerializer(
            self._secret, salt=f"kubmap.{salt}", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def opened(self, cookies: Mapping[str, str], name: str = COOKIE) -> str | None:
        """What the cookie holds; None without one, or with one that we did not sign."""
        value = cookies.get(name)
        if not value:
            return None
        try:
            return self.signer(name).unsign(value).decode("ascii")
        except (BadSignature, UnicodeError):
            return None

    def begin(self, account: Account) -> str:
        """Log in; returns the value of the cookie."""
        return self.signer(COOKIE).sign(self.sessions.begin(account)).decode("ascii")

    def end(self, cookies: Mapping[str, str]) -> None:
        """Log out the session of the cookie."""
        secret = self.opened(cookies)
        if secret:
            self.sessions.end(secret)
            self.forget()

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        """Who is logged in; what the store says is believed for a second."""
        secret = self.opened(cookies)
        if secret is None:
            return None
        now = time.monotonic()
        with self._lock:
            at, found = self._known.get(secret, (-KNOWN_S, None))
        if now - at < KNOWN_S:
            return found
        account = self.sessions.find(secret)
        found = None if account is None else user(account)
        with self._lock:
            self._known[secret] = (now, found)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return found

    def used(self, cookies: Mapping[str, str]) -> None:
        """Somebody did something in this session: it lives on. Written down once in a few minutes."""
        secret = self.opened(cookies)
        if secret is None:
            return
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(secret, -math.inf) < self.sessions.exact.total_seconds():
                return
            self._noted[secret] = now
            while len(self._noted) > KNOWN:
                self._noted.popitem(last=False)
        self.sessions.note(secret)

    def forget(self) -> None:
        """Ask the store again at the next request: something was changed here."""
        with self._lock:
            self._known.clear()


@lru_cache(maxsize=1)
def shared() -> Auth:
    """The one of this process, over the settings; tests clear it with `shared.cache_clear()`."""
    chosen = settings()
    store = Store(chosen.store_url)
    store.migrate()
    limits = Limits(timedelta(hours=chosen.session_idle_hours), timedelta(days=chosen.session_days))
    return Auth(
        Users(store.engine),
        Sessions(store.engine, limits=limits),
        secret_of(chosen),
        secure=chosen.public_url.startswith("https://"),
    )


def user_of(cookies: Mapping[str, str]) -> User | None:
    """Who is logged in by these cookies of a request; None: nobody."""
    return shared().user_of(cookies)


def used(cookies: Mapping[str, str]) -> None:
    """Whoever is logged in by these cookies did something: the session lives on."""
    shared().used(cookies)


def current() -> User | None:
    """Who looks at the Streamlit page that runs; ask in every run, a role may be gone since the last one.

    A run of the whole page is a use of the session. One of a fragment is not: those run by a clock too, and a page that
    was left open would never log out.
    """
    from kubmap.web import oidc  # noqa: PLC0415  (it needs this module)

    found = user_of(_cookies())
    if found is None:
        return oidc.current()
    if not _in_fragment():
        used(_cookies())
    return found


def _in_fragment() -> bool:
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def known() -> bool:
    """Whether a session of ours is open in the browser of the Streamlit page that runs."""
    return user_of(_cookies()) is not None


def _cookies() -> Mapping[str, Any]:
    return st.context.cookies
