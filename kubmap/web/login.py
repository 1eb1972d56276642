"""The routes of the login: plain HTML forms, beside Streamlit. Not part of the public process.

GET  /login             the form; who is logged in sees their account and the ways out
POST /login             checks, begins a session, goes on to `next`
GET  /logout            asks; POST ends this session, /logout/everywhere all of the account
GET  /login/password    another password; POST sets it
GET  /login/oidc        takes the token of a page that the OIDC provider's login reached
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from itsdangerous import BadData
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from kubmap.errors import InputError, LoginError
from kubmap.web import auth, loginpage, oidc
from kubmap.web.auth import COOKIE, DEVICE
from kubmap.web.loginform import HEADERS, FormPage, Visit
from kubmap.web.loginpage import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubmap.desk.access import User
    from kubmap.store.users import Account
    from kubmap.web.auth import Auth

_LOG = logging.getLogger(__name__)

FORM: Final = "kubmap_form"
"""Cookie that a form's token belongs to: a page of another site cannot log anybody in or out."""
FORM_S: Final = 12 * 3600
DEVICE_S: Final = 180 * 24 * 3600
DIFFER: Final = "Новый пароль и его повтор не совпадают."
STALE: Final = "Страница устарела или браузер не принимает cookie: попробуйте ещё раз."


class Login:
    """The handlers, over the accounts that `shared` gives."""

    def __init__(self, shared: Callable[[], Auth] = auth.shared) -> None:
        self._shared = shared

    def show(self, visit: Visit) -> Response:
        """The form, or who is logged in."""
        who = self._shared().user_of(visit.cookies)
        if who and "next" in visit.request.query_params:
            return self._go(visit, visit.next)
        note = "Вы вышли." if "out" in visit.request.query_params else ""
        return self._account(visit, who) if who else self._form(visit, note=note)

    def enter(self, visit: Visit) -> Response:
        """Check login and password."""
        if not self._is_fresh(visit):
            return self._form(visit, error=STALE, status=HTTPStatus.FORBIDDEN)
        shared, login = self._shared(), visit.field("login")
        try:
            device = self._device(visit, login)
            account = shared.users.verify(login, visit.field("password"), address=visit.address, device=device)
        except LoginError as error:
            name = (
                repr(login) if shared.users.id_of(login) else "no such login"
            )  # it may be a password, typed too early
            _LOG.warning("login refused: %s from %s", name, visit.address)
            return self._refused(visit, error)
        _LOG.info("login: %s from %s", account.login, visit.address)
        return self.welcome(visit, account)

    def leave(self, visit: Visit) -> Response:
        """End this session."""
        if not self._is_fresh(visit):
            return self.ask(visit)
        self._shared().end(visit.cookies)
        return self._left(visit)

    def leave_everywhere(self, visit: Visit) -> Response:
        """End all sessions of the account."""
        shared = self._shared()
        who = shared.user_of(visit.cookies)
        if who and not self._is_fresh(visit):
            return self.ask(visit)
        if who:
            shared.users.logout_everywhere(who.name, by=who.name)
            shared.forget()
        return self._left(visit)

    def ask(self, visit: Visit) -> Response:
        """Whether to log out, and where; a link alone does it to nobody."""
        who = self._shared().user_of(visit.cookies)
        return self._account(visit, who) if who else self._go(visit, "/login")

    def show_password(self, visit: Visit) -> Response:
        who = self._shared().user_of(visit.cookies)
        return self._password(visit, who) if who else self._go(visit, "/login?next=/login/password")

    def set_password(self, visit: Visit) -> Response:
        """Another password: the old one is asked for, other devices are logged out, this one goes on."""
        shared = self._shared()
        who = shared.user_of(visit.cookies)
        if who is None:
            return self._go(visit, "/login")
        if not self._is_fresh(visit):
            return self._password(visit, who, error=STALE, status=HTTPStatus.FORBIDDEN)
        new = visit.field("new")
        if new != visit.field("again"):
            return self._password(visit, who, error=DIFFER, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            device = self._device(visit, who.name)
            shared.users.verify(who.name, visit.field("old"), address=visit.address, device=device)
            shared.users.set_password(who.name, new, by=who.name)
        except LoginError as error:
            text = _told(error) if error.wait_s else "Нынешний пароль не подходит."
            return self._password(visit, who, error=text, status=HTTPStatus.FORBIDDEN)
        except InputError as error:
            return self._password(visit, who, error=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        shared.forget()
        return self.welcome(visit, shared.users.get(who.name))

    def from_oidc(self, visit: Visit) -> Response:
        """The OIDC provider knows who it is: begin a session of ours."""
        shared = self._shared()
        account = oidc.redeemed(shared, visit.request.query_params.get("token", ""), visit.cookies)
        if account is None:
            return self._form(visit, error="Ссылка для входа устарела: войдите ещё раз.", status=HTTPStatus.FORBIDDEN)
        shared.users.seen(account.login)
        _LOG.info("login by OIDC: %s from %s", account.login, visit.address)
        return self.welcome(visit, account)

    def welcome(self, visit: Visit, account: Account) -> Response:
        """A new session instead of what the browser had, and on to where the editor wanted."""
        shared = self._shared()
        shared.end(visit.cookies)
        response = self._go(visit, visit.next)
        age = int(shared.sessions.limits.absolute.total_seconds())
        self._keep(visit, response, COOKIE, shared.begin(account), age)
        known = self._device(visit, account.login) or secrets.token_urlsafe(12)
        kept = shared.signer(DEVICE).sign(f"{known}:{account.id}").decode("ascii")
        self._keep(visit, response, DEVICE, kept, DEVICE_S)
        return response

    def _device(self, visit: Visit, login: str) -> str | None:
        """The number of this browser, if the account of `login` was used in it before."""
        shared = self._shared()
        number, _, account_id = (shared.opened(visit.cookies, DEVICE) or "").partition(":")
        return number if number and shared.users.id_of(login) == account_id else None

    def _keep(self, visit: Visit, response: Response, name: str, value: str, age: int | None) -> None:
        secure = self._shared().secure or visit.request.url.scheme == "https"
        response.set_cookie(
            name, value, max_age=age, path=visit.base or "/", secure=secure, httponly=True, samesite="lax"
        )

    def _is_fresh(self, visit: Visit) -> bool:
        """Whether the form's token is of this browser and not old."""
        try:
            found = self._shared().timed("form").loads(visit.field("token"), max_age=FORM_S)
        except BadData:
            return False
        return isinstance(found, str) and secrets.compare_digest(found, visit.cookies.get(FORM, ""))

    def _page(self, visit: Visit, make: Callable[[Form], str], status: HTTPStatus = HTTPStatus.OK) -> Response:
        nonce = visit.cookies.get(FORM) or secrets.token_urlsafe(18)
        form = Form(visit.next, self._shared().timed("form").dumps(nonce), visit.at)
        response = HTMLResponse(make(form), int(status), HEADERS)
        self._keep(visit, response, FORM, nonce, None)
        return response

    def _form(self, visit: Visit, *, error: str = "", note: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
        name, provider = visit.field("login"), oidc.configured()
        return self._page(
            visit, lambda form: loginpage.login(form, name=name, error=error, note=note, oidc=provider), status
        )

    def _account(self, visit: Visit, who: User) -> Response:
        has_password = self._shared().users.get(who.name).has_password
        return self._page(visit, lambda form: loginpage.account(form, who, has_password=has_password))

    def _password(self, visit: Visit, who: User, *, error: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
        return self._page(visit, lambda form: loginpage.password(form, who, error=error), status)

    def _refused(self, visit: Visit, error: LoginError) -> Response:
        status = HTTPStatus.TOO_MANY_REQUESTS if error.wait_s else HTTPStatus.FORBIDDEN
        response = self._form(visit, error=_told(error), status=status)
        if error.wait_s:
            response.headers["Retry-After"] = str(error.wait_s)
        return response

    def _left(self, visit: Visit) -> Response:
        """Also out of what Streamlit keeps of an OIDC provider, or the next page would log in again."""
        by_oidc = any(name.startswith(oidc.COOKIES) for name in visit.cookies)
        response = self._go(visit, "/auth/logout" if by_oidc else "/login?out=1")
        response.delete_cookie(COOKIE, path=visit.base or "/", httponly=True, samesite="lax")
        return response

    @staticmethod
    def _go(visit: Visit, path: str) -> Response:
        return RedirectResponse(visit.to(path), HTTPStatus.SEE_OTHER, HEADERS)

    def routes(self) -> list[Route]:
        """All of them."""
        pages = (
            FormPage("/login", show=self.show, act=self.enter),
            FormPage("/login/password", show=self.show_password, act=self.set_password),
            FormPage("/login/oidc", show=self.from_oidc),
            FormPage("/logout", show=self.ask, act=self.leave),
            FormPage("/logout/everywhere", act=self.leave_everywhere),
        )
        return [Route(page.at, page) for page in pages]


def _told(error: LoginError) -> str:
    return f"{error} Повторите через {loginpage.wait_words(error.wait_s)}." if error.wait_s else str(error)


def address_of(path: str) -> str:
    """The path of the login that comes back to `path`; both are of this app."""
    return f"/login?next={quote(path, safe='/')}"


def routes() -> list[Route]:
    """The routes over the settings."""
    return Login().routes()
