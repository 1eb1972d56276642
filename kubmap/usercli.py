"""`kubmap user …`: accounts of the desk from the command line, and the first one of a new installation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kubmap.console import open_store
from kubmap.domain import Role
from kubmap.errors import InputError

if TYPE_CHECKING:
    from kubmap.store import Store
    from kubmap.store.sessions import Limits
    from kubmap.store.users import Account, Users

BY: Final = "cli"
"""Who the log of changes says did it."""

app = typer.Typer(help="Accounts of the desk: who may edit, who may manage.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Login: letters, digits, . _ - @ +; an e-mail address for OIDC.")]
Given = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")]
Made = Annotated[bool, typer.Option("--generate", help="Make a random password and print it once.")]


@app.command()
def add(
    login: Login,
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.EDITOR,
    *,
    password_stdin: Given = False,
    generate: Made = False,
    oidc: Annotated[bool, typer.Option("--oidc", help="No password: the login is an e-mail that OIDC proves.")] = False,
) -> None:
    """Add an account; asks for the password without showing it, unless told otherwise."""
    users = _users()
    password = None if oidc else _password(login, password_stdin, generate)
    made = users.add(login, role, password=password, by=BY)
    typer.echo(f"{made.login}: {made.role.value}")
    _show(password, generate)


@app.command("list")
def list_() -> None:
    """List the accounts: login, role, state, sessions, last login."""
    from kubmap.store.sessions import Sessions

    users = _users()
    sessions = Sessions(users.engine, limits=_limits()).count()
    for each in users.all():
        last = each.last_login_at.isoformat(" ", "minutes") if each.last_login_at else "never"
        typer.echo(f"{each.login}\t{each.role.value}\t{_state(each)}\tsessions {sessions.get(each.id, 0)}\tlast {last}")


@app.command()
def passwd(login: Login, *, password_stdin: Given = False, generate: Made = False) -> None:
    """Set another password; the account is logged out everywhere."""
    users = _users()
    users.get(login)
    password = _password(login, password_stdin, generate)
    users.set_password(login, password, by=BY)
    typer.echo(f"{login}: password set, logged out everywhere")
    _show(password, generate)


@app.command("role")
def role_(login: Login, role: Annotated[Role, typer.Argument(help="What the account may do from now on.")]) -> None:
    """Give an account another role; it counts from the next request on."""
    _users().set_role(login, role, by=BY)
    typer.echo(f"{login}: {role.value}")


@app.command()
def disable(login: Login) -> None:
    """Bar an account; it is logged out everywhere."""
    _users().set_disabled(login, disabled=True, by=BY)
    typer.echo(f"{login}: disabled")


@app.command()
def enable(login: Login) -> None:
    """Let a disabled account log in again."""
    _users().set_disabled(login, disabled=False, by=BY)
    typer.echo(f"{login}: enabled")


@app.command()
def logout(login: Login) -> None:
    """Log an account out everywhere."""
    _users().logout_everywhere(login, by=BY)
    typer.echo(f"{login}: logged out everywhere")


def first_editor(store: Store) -> tuple[str, str] | None:
    """Login and password of an editor made because there was no account at all; None when there is one."""
    from kubmap.store.passwords import random_password
    from kubmap.store.users import Users

    users = Users(store.engine)
    if users.all():
        return None
    password = random_password()
    try:
        made = users.add("editor", Role.EDITOR, password=password, by=BY)
    except InputError:  # another process that starts was faster
        return None
    return made.login, password


def _password(login: str, given: bool, generate: bool) -> str:
    from kubmap.store.passwords import check, login_of, random_password

    if given and generate:
        raise typer.BadParameter("--password-stdin and --generate exclude each other")
    if generate:
        return random_password()
    if given:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter("no terminal to ask for a password: give --password-stdin or --generate")
    kept = login_of(login)
    while True:
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            return check(typed, kept)
        except InputError as error:
            typer.echo(error, err=True)


def _show(password: str | None, generate: bool) -> None:
    """A password that was made is told once, when it is set."""
    if generate and password:
        typer.echo(f"password: {password}")


def _state(account: Account) -> str:
    return "disabled" if account.disabled else "active" if account.has_password else "oidc"


def _users() -> Users:
    from kubmap.store.users import Users

    return Users(open_store().engine)


def _limits() -> Limits:
    from datetime import timedelta

    from kubmap.settings import settings
    from kubmap.store.sessions import Limits

    return Limits(timedelta(hours=settings().session_idle_hours), timedelta(days=settings().session_days))
