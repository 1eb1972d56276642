"""The pages of the login as HTML: no script, no inline style, every word of a person escaped."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from kubmap.desk.access import ROLE_NAMES
from kubmap.store.passwords import LONGEST, LONGEST_LOGIN, SHORTEST
from kubmap.web import assets
from kubmap.web.localpath import beside

if TYPE_CHECKING:
    from kubmap.desk.access import User

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_MARK: Final = (
    '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 '
    '0 0 0-7-7Zm0 9.6A2.6 2.6 0 1 1 12 6.4a2.6 2.6 0 0 1 0 5.2Z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form of ours sends along: where to go on, and the token that it came from us; `at` is the page's path."""

    next: str
    token: str
    at: str

    def hidden(self) -> str:
        return _hidden("next", self.next) + _hidden("token", self.token)

    def to(self, path: str) -> str:
        """The address of a path of this app, for an attribute."""
        return escape(beside(path, self.at))


def login(form: Form, *, name: str = "", error: str = "", note: str = "", oidc: bool = False) -> str:
    """The form of login and password; `name` is what was typed before."""
    focus = ("", " autofocus") if name else (" autofocus", "")
    account = f'<p class="more"><a href="{form.to("/account")}">Войти через учётную запись редакции</a></p>'
    provider = account if oidc else ""
    body = (
        f"{_note(note)}{_error(error)}"
        f'<form method="post" action="{form.to("/login")}">{form.hidden()}'
        '<label for="login">Логин</label>'
        f'<input id="login" name="login" value="{escape(name)}" maxlength="{LONGEST_LOGIN}" required '
        f'autocomplete="username" autocapitalize="none" spellcheck="false"{focus[0]}>'
        '<label for="password">Пароль</label>'
        f'<input id="password" name="password" type="password" maxlength="{LONGEST}" required '
        f'autocomplete="current-password"{focus[1]}>'
        '<button type="submit">Войти</button></form>'
        f'{provider}<p class="hint">Забыли пароль? Новый даст главный редактор или администратор.</p>'
    )
    return _page(form, "Вход для редакции", body)


def account(form: Form, who: User, *, has_password: bool) -> str:
    """Who is logged in, and the ways out."""
    change = f'<p class="more"><a href="{form.to("/login/password")}">Сменить пароль</a></p>'
    another = change if has_password else ""
    body = (
        f'<p class="who"><strong>{escape(who.name)}</strong><span>{ROLE_NAMES[who.role]}</span></p>'
        f'<p><a class="button" href="{form.to(form.next)}">Продолжить работу</a></p>'
        f"{_out(form, '/logout', 'Выйти')}"
        f"{_out(form, '/logout/everywhere', 'Выйти на всех устройствах')}"
        f"{another}"
    )
    return _page(form, "Вы вошли", body)


def password(form: Form, who: User, *, error: str = "") -> str:
    """The form of another password."""
    body = (
        f'<p class="who"><strong>{escape(who.name)}</strong><span>{ROLE_NAMES[who.role]}</span></p>{_error(error)}'
        f'<form method="post" action="{form.to("/login/password")}">{form.hidden()}'
        f'<input name="login" value="{escape(who.name)}" autocomplete="username" hidden>'
        f"{_secret('old', 'Нынешний пароль', 'current-password', ' autofocus')}"
        f"{_secret('new', 'Новый пароль', 'new-password')}"
        f'<p class="hint under">Не короче {SHORTEST} знаков. Хороши четыре случайных слова.</p>'
        f"{_secret('again', 'Новый пароль ещё раз', 'new-password')}"
        '<button type="submit">Сменить</button></form>'
        '<p class="hint">На других устройствах придётся войти заново.</p>'
    )
    return _page(form, "Смена пароля", body)


def wait_words(seconds: int) -> str:
    """«30 секунд», «2 минуты»: how long to wait, rounded up."""
    if seconds < 60:
        return f"{seconds} {_form_of(seconds, 'секунду', 'секунды', 'секунд')}"
    minutes = -(-seconds // 60)
    return f"{minutes} {_form_of(minutes, 'минуту', 'минуты', 'минут')}"


def _form_of(number: int, one: str, few: str, many: str) -> str:
    if number % 10 == 1 and number % 100 != 11:
        return one
    return few if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else many


def _secret(name: str, label: str, complete: str, more: str = "") -> str:
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="password" maxlength="{LONGEST}" '
        f'required autocomplete="{complete}"{more}>'
    )


def _out(form: Form, path: str, label: str) -> str:
    button = f'<button class="quiet" type="submit">{label}</button>'
    return f'<form method="post" action="{form.to(path)}">{form.hidden()}{button}</form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _note(text: str) -> str:
    return f'<p class="note" role="status">{escape(text)}</p>' if text else ""


def _error(text: str) -> str:
    return f'<p class="error" role="alert">{escape(text)}</p>' if text else ""


def _page(form: Form, title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title} — Кубань: происшествия и отключения</title>"
        f'<link rel="icon" href="{form.to(assets.url("kubmap", "favicon.svg"))}" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{form.to(assets.url("kubmap", "login.css"))}"></head>'
        f'<body><main><p class="site">{_MARK}<a href="{form.to("/")}">Кубань: происшествия и отключения</a></p>'
        f"<h1>{title}</h1>{body}</main></body></html>"
    )
