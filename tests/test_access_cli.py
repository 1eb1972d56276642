"""`kubmap user`: accounts from the command line, and the first one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from kubmap import usercli
from kubmap.cli import app
from kubmap.domain import Role
from kubmap.errors import InputError, LoginError, NotFoundError
from kubmap.settings import settings
from kubmap.store import Store
from kubmap.store.users import Users
from kubmap.web import server
from tests.accounts import PASSWORD


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBMAP_HOME", str(tmp_path))
    monkeypatch.delenv("KUBMAP_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def users(store):
    return Users(store.engine)


def user(*args: str, given: str = "") -> Result:
    return CliRunner().invoke(app, ["user", *args], input=given)


def add(login: str, *args: str) -> Result:
    return user("add", login, "--password-stdin", *args, given=f"{PASSWORD}\n")


def test_add_list_and_change(users):
    assert add("Ivanov", "--role", "chief").exit_code == 0
    assert add("petrov").exit_code == 0
    assert user("role", "petrov", "reader").exit_code == 0
    assert user("disable", "petrov").exit_code == 0
    listed = user("list").output
    assert re.search(r"^ivanov\tchief\tactive\tsessions 0\tlast never$", listed, re.MULTILINE)
    assert re.search(r"^petrov\treader\tdisabled\t", listed, re.MULTILINE)
    assert user("enable", "petrov").exit_code == 0
    assert users.verify("petrov", PASSWORD, address="203.0.113.1").role is Role.READER
    assert {each.actor for each in users.events()} == {"cli"}


def test_a_password_is_made_and_printed_once(users):
    shown = user("add", "ivanov", "--generate").output
    password = re.search(r"^password: (\S+)$", shown, re.MULTILINE)[1]
    assert users.verify("ivanov", password, address="203.0.113.1")
    again = user("passwd", "ivanov", "--generate").output
    other = re.search(r"^password: (\S+)$", again, re.MULTILINE)[1]
    with pytest.raises(LoginError):
        users.verify("ivanov", password, address="203.0.113.1")
    assert users.verify("ivanov", other, address="203.0.113.1")


def test_a_password_that_is_set_ends_sessions(users):
    add("ivanov")
    before = users.get("ivanov").epoch
    assert user("passwd", "ivanov", "--password-stdin", given="совсем другой\n").exit_code == 0
    assert users.get("ivanov").epoch == before + 1
    assert user("logout", "ivanov").exit_code == 0
    assert users.get("ivanov").epoch == before + 2


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("add", "a b", "--generate"), InputError),
        (("passwd", "nobody", "--generate"), NotFoundError),
        (("role", "nobody", "chief"), NotFoundError),
        (("disable", "nobody"), NotFoundError),
        (("logout", "nobody"), NotFoundError),
    ],
)
def test_what_cannot_be_done_is_told(args, error):
    done = user(*args)
    assert isinstance(done.exception, error)  # main() makes a message of it
    assert "password:" not in done.output


def test_a_short_password_is_refused(users):
    done = user("add", "ivanov", "--password-stdin", given="short\n")
    assert isinstance(done.exception, InputError)
    assert users.all() == ()


def test_without_a_terminal_it_does_not_ask():
    assert user("add", "ivanov").exit_code == 2


def test_a_terminal_is_asked_until_the_password_is_good(monkeypatch, users):
    typed = iter(["короткий", "ivanov-ivanov"])
    monkeypatch.setattr(usercli.sys, "stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr(usercli.typer, "prompt", lambda *_, hide_input, **__: next(typed) if hide_input else None)
    usercli.add("ivanov", Role.EDITOR)
    assert users.verify("ivanov", "ivanov-ivanov", address="203.0.113.1")


def test_an_account_of_oidc_has_no_password(users):
    assert user("add", "a@kuban.example", "--oidc").exit_code == 0
    assert not users.get("a@kuban.example").has_password
    assert "\toidc\t" in user("list").output


@pytest.fixture
def served(monkeypatch):
    """`kubmap serve` that stops before it serves: what it was called with and what the server would trust."""
    seen: dict[str, object] = {}
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setattr(server.st.App, "run", lambda _, config: seen.update(config, trusted=trusted()))
    monkeypatch.setattr(server, "frugal", lambda: None)

    def trusted() -> object:
        return uvicorn.Config("kubmap:nothing").forwarded_allow_ips

    return seen


def test_serve_trusts_no_proxy_that_is_not_named(served):
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert served["trusted"] == ""  # not uvicorn's own 127.0.0.1, not what the environment says
    assert CliRunner().invoke(app, ["serve", "--trust-proxy", "10.0.0.7"]).exit_code == 0
    assert served["trusted"] == "10.0.0.7"


def test_serve_prints_the_first_password_once(served, users):
    first, second = (CliRunner().invoke(app, ["serve"]).output for _ in range(2))
    password = re.search(r"login editor, password (\S+)", first)[1]
    assert users.verify("editor", password, address="203.0.113.1")
    assert "password" not in second


def test_the_public_process_makes_no_account(monkeypatch, users):
    monkeypatch.setattr("kubmap.web.public.serve", lambda **_: None)
    done = CliRunner().invoke(app, ["serve", "--public"])
    assert (done.exit_code, users.all()) == (0, ())
    assert "password" not in done.output


def test_the_first_start_makes_one_editor_and_no_second(store, users):
    login, password = usercli.first_editor(store)
    assert users.verify(login, password, address="203.0.113.1").role is Role.EDITOR
    assert usercli.first_editor(store) is None
    assert [each.login for each in users.all()] == ["editor"]
