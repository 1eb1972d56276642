"""Who comes by OIDC: which account the claims open, and the token that hands the browser over to our own session."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import streamlit as st

from kubmap.domain import MOSCOW, Role
from kubmap.settings import settings
from kubmap.web import auth as auths
from kubmap.web import oidc
from tests.accounts import accounts, log_in, site, token

NOW = datetime.now(MOSCOW)
EMAIL = "anna@kuban.example"
BROWSER = {"_streamlit_user": "signed by streamlit", "_streamlit_user_1": "more"}


def claims(**changes):
    return {"is_logged_in": True, "email": EMAIL, "email_verified": True, "iat": NOW.timestamp(), **changes}


class Someone(dict):
    """What Streamlit's st.user is: claims as items and attributes."""

    __getattr__ = dict.__getitem__

    def to_dict(self):
        return dict(self)


@pytest.fixture
def auth(tmp_path, monkeypatch):
    found = accounts(tmp_path)
    monkeypatch.setattr(auths, "shared", lambda: found)
    monkeypatch.delenv("KUBMAP_OIDC_EDITORS", raising=False)
    monkeypatch.delenv("KUBMAP_OIDC_CHIEFS", raising=False)
    settings.cache_clear()
    yield found
    settings.cache_clear()


@pytest.fixture
def listed(monkeypatch):
    monkeypatch.setenv("KUBMAP_OIDC_EDITORS", f"other@kuban.example, {EMAIL.upper()}")
    monkeypatch.setenv("KUBMAP_OIDC_CHIEFS", "boss@kuban.example")
    settings.cache_clear()


@pytest.fixture
def page(monkeypatch):
    """A Streamlit page in the browser of somebody whom the provider knows."""

    def open_by(who=None, cookies=None):
        monkeypatch.setattr(st, "secrets", {"auth": {}} if who is not None else {})
        monkeypatch.setattr(st, "user", Someone(who or {}))
        monkeypatch.setattr(auths, "_cookies", lambda: cookies or {})

    return open_by


def test_an_email_of_an_account_has_its_role(auth, page):
    auth.users.add(EMAIL, Role.CHIEF, password=None, by="cli")
    page(claims(email="Anna@Kuban.Example"))
    found = auths.current()
    assert (found.name, found.role) == (EMAIL, Role.CHIEF)


def test_listed_emails_become_accounts_when_they_first_come(auth, page, listed):
    page(claims())
    assert auths.current().role is Role.EDITOR
    page(claims(email="boss@kuban.example"))
    assert auths.current().role is Role.CHIEF
    assert [(each.actor, each.login) for each in auth.users.events()[:2]] == [
        ("oidc", "boss@kuban.example"),
        ("oidc", EMAIL),
    ]
    auth.users.set_role(EMAIL, Role.READER, by="chief")  # the table has the last word
    page(claims())
    assert auths.current().role is Role.READER


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody@kuban.example"},
        {"email": None},
        {"email": "editor"},
        {"email": "<script>@x"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"is_logged_in": False},
        {"iat": (NOW - timedelta(hours=13)).timestamp()},
        {"iat": None},
    ],
)
def test_others_are_readers(auth, page, listed, changes):
    before = len(auth.users.all())
    page(claims(**changes))
    assert auths.current() is None
    assert len(auth.users.all()) == before + ("iat" in changes)


def test_without_a_provider_nobody_comes_by_it(auth, page, listed):
    page(None)
    st.user.update(claims())
    assert not oidc.configured()
    assert auths.current() is None


def test_a_disabled_account_and_a_logout_everywhere_count_for_it_too(auth, page, listed):
    page(claims())
    assert auths.current()
    auth.users.logout_everywhere(EMAIL, by=EMAIL)
    assert auths.current() is None
    page(claims(iat=(datetime.now(MOSCOW) + timedelta(seconds=5)).timestamp()))  # logged in again at the provider
    assert auths.current()
    auth.users.set_disabled(EMAIL, disabled=True, by="chief")
    page(claims(iat=(datetime.now(MOSCOW) + timedelta(seconds=5)).timestamp()))
    assert auths.current() is None


def test_an_account_without_password_cannot_use_the_form(auth):
    auth.users.add(EMAIL, Role.EDITOR, password=None, by="cli")
    assert log_in(site(auth), EMAIL, "").status_code == 403
    assert log_in(site(auth), EMAIL, "None").status_code == 403


@pytest.fixture
def account(auth):
    return auth.users.add(EMAIL, Role.EDITOR, password=None, by="cli")


def browser(auth, cookies=BROWSER):
    client = site(auth)
    for name, value in cookies.items():
        client.cookies.set(name, value)
    return client


def test_the_token_begins_a_session_of_ours(auth, account):
    client = browser(auth)
    value = oidc.token(auth, account, BROWSER)
    sent = client.get("/login/oidc", params={"token": value, "next": "/desk?a=1"})
    assert (sent.status_code, sent.headers["location"]) == (303, "../desk?a=1")
    assert auth.user_of(client.cookies).name == EMAIL
    assert auth.users.get(EMAIL).last_login_at


def test_the_token_is_good_once(auth, account):
    value = oidc.token(auth, account, BROWSER)
    assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 303
    again = browser(auth)
    assert again.get("/login/oidc", params={"token": value}).status_code == 403
    assert auth.user_of(again.cookies) is None


@pytest.mark.parametrize("cookies", [{}, {"_streamlit_user": "of another browser"}, {"_streamlit_user_tokens": "x"}])
def test_the_token_is_good_in_its_browser_only(auth, account, cookies):
    value = oidc.token(auth, account, BROWSER)
    client = browser(auth, cookies)
    assert client.get("/login/oidc", params={"token": value}).status_code == 403
    assert auth.user_of(client.cookies) is None
    assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 303  # nobody used it up


def test_a_token_without_a_browser_is_good_nowhere(auth, account):
    value = oidc.token(auth, account, {})
    assert browser(auth, {}).get("/login/oidc", params={"token": value}).status_code == 403


def test_the_token_is_good_for_a_minute(auth, account, monkeypatch):
    value = oidc.token(auth, account, BROWSER)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: NOW.timestamp() + 3600)
    assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 403


@pytest.mark.parametrize("value", ["", "x", "a.b.c"])
def test_what_is_no_token(auth, value):
    assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 403


def test_a_token_of_another_kind_opens_nothing(auth, account):
    form = token(site(auth).get("/login").text)
    content = auth.timed("form").dumps({"login": EMAIL, "browser": "", "nonce": "1"})
    for value in (form, content):
        assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 403


def test_a_disabled_account_gets_no_session(auth, account):
    value = oidc.token(auth, account, BROWSER)
    auth.users.set_disabled(EMAIL, disabled=True, by="chief")
    assert browser(auth).get("/login/oidc", params={"token": value}).status_code == 403


def test_used_tokens_take_a_bounded_room(monkeypatch):
    monkeypatch.setattr(oidc, "USED", 10)
    tokens = oidc.Tokens()
    assert all(tokens.take(str(number)) for number in range(50))
    assert len(tokens._used) <= 11
    assert not tokens.take("49")


def test_logging_out_also_leaves_the_provider(auth, account):
    client = browser(auth)
    client.get("/login/oidc", params={"token": oidc.token(auth, account, BROWSER)})
    page = client.get("/logout").text
    assert "/login/password" not in page  # there is none to change
    sent = client.post("/logout", data={"token": token(page)}, headers={"Origin": "http://testserver"})
    assert sent.headers["location"] == "./auth/logout"
    assert auth.user_of(client.cookies) is None
