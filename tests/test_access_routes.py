"""Every route of the app that changes something, from the route table: who may not, does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kubmap.domain import Role
from kubmap.settings import settings
from kubmap.web import app, auth, public
from kubmap.web.loginform import FormPage
from kubmap.web.write import Guarded, Methods, Private, Write
from tests.accounts import PASSWORD, SITE, log_in

WRITES = ("POST", "PUT", "PATCH", "DELETE")
OURS = {"X-Kubmap": "1", "Origin": SITE}
FORMS = {"/login", "/login/password", "/logout", "/logout/everywhere"}
"""The exceptions: forms of the login, with a token each. They read no record and change none."""
BELOW_STCORE = re.compile(r"/_stcore/upload_file/|/_stcore/agent")
"""What Streamlit itself takes: files for a session that is open, with its own XSRF token."""


def guarded(route: Route) -> tuple[Guarded, ...]:
    endpoint = route.endpoint
    if isinstance(endpoint, Methods):
        return tuple(endpoint.by_method.values())
    return (endpoint,) if isinstance(endpoint, Guarded) else ()


def path_of(route: Route) -> str:
    """An address of the route, with something for each parameter."""
    return re.sub(r"\{[^}]+\}", "1", route.path)


def writes() -> Iterator[pytest.param]:
    for route in app.routes():
        for each in guarded(route):
            if isinstance(each, Write):
                yield pytest.param(each.method, path_of(route), each.role, id=f"{each.method} {route.path}")


def tells() -> Iterator[pytest.param]:
    for route in app.routes():
        for each in guarded(route):
            if isinstance(each, Private):
                yield pytest.param(path_of(route), id=route.path)


@pytest.fixture(scope="module")
def clients(tmp_path_factory) -> Iterator[dict[str, TestClient]]:
    """The app's own routes over a home of the test; browsers of nobody and of each role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBMAP_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("KUBMAP_DATABASE_URL", raising=False)
        patch.delenv("KUBMAP_SECRET", raising=False)
        settings.cache_clear()
        auth.shared.cache_clear()
        site = Starlette(routes=app.routes())

        def browser() -> TestClient:
            return TestClient(site, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)

        found = {"nobody": browser()}
        for role in Role:
            auth.shared().users.add(role.value, role, password=PASSWORD, by="test")
            found[role.value] = browser()
            assert log_in(found[role.value], role.value).status_code == 303
        yield found
    settings.cache_clear()
    auth.shared.cache_clear()


@pytest.mark.parametrize(("method", "path", "role"), list(writes()))
def test_who_may_not_write_does_not(clients, method, path, role):
    def ask(who: str, headers: dict[str, str]) -> int:
        sent = clients[who].request(method, path, json={}, headers=headers)
        assert "access-control-allow-origin" not in sent.headers
        assert sent.headers["cache-control"] == "no-store"
        return sent.status_code

    assert role.may(Role.EDITOR)
    assert ask("nobody", OURS) == 401
    assert ask("reader", OURS) == 403
    if role is Role.CHIEF:
        assert ask("editor", OURS) == 403
    for foreign in (
        {"Origin": SITE},
        {"X-Kubmap": "1", "Origin": "https://evil.example"},
        {"X-Kubmap": "1", "Origin": "null"},
        {"X-Kubmap": "1", "Sec-Fetch-Site": "cross-site"},
    ):
        assert ask("chief", foreign) == 403


def test_there_are_such_routes():
    assert len(list(writes())) > 10
    assert len(list(tells())) > 3


@pytest.mark.parametrize("path", list(tells()))
def test_what_is_private_is_told_to_nobody_else(clients, path):
    assert clients["nobody"].get(path).status_code == 401
    assert clients["reader"].get(path).status_code == 403


def test_every_other_route_takes_no_write(clients):
    """Asked of the routes themselves, whatever their table says: the only exceptions are the forms of the login."""
    taken = set()
    for route in app.routes():
        own = {each.method for each in guarded(route)}
        for method in WRITES:
            if method in own:
                continue
            sent = clients["chief"].request(method, path_of(route), headers=OURS)
            if sent.status_code != 405:
                taken.add((method, route.path))
    assert taken == {("POST", path) for path in FORMS}
    assert {route.path for route in app.routes() if isinstance(route.endpoint, FormPage)} == FORMS | {"/login/oidc"}


@pytest.mark.parametrize("path", sorted(FORMS))
def test_the_forms_do_nothing_without_their_token(clients, path):
    data = {"login": "chief", "password": PASSWORD, "old": PASSWORD, "new": "другой пароль", "again": "другой пароль"}
    for headers in ({}, {"Origin": SITE}, {"Origin": "https://evil.example"}):
        clients["chief"].post(path, data=data, headers=headers)
        clients["nobody"].post(path, data=data, headers=headers)
    auth.shared().forget()
    assert auth.shared().user_of(clients["chief"].cookies)
    assert auth.shared().user_of(clients["nobody"].cookies) is None
    assert auth.shared().users.verify("chief", PASSWORD, address="203.0.113.1")


def test_streamlit_itself_takes_no_other_write():
    whole = st.App(app.MENU, routes=app.routes(), middleware=app.middleware())
    whole._runtime = whole._create_runtime()
    ours = {route.path for route in app.routes()}
    table = whole._build_starlette_app().routes
    assert ours <= {route.path for route in table}
    theirs = [route for route in table if getattr(route, "path", None) not in ours]
    taking = [route.path for route in theirs if set(getattr(route, "methods", None) or ()) & set(WRITES)]
    assert [path for path in taking if not BELOW_STCORE.match(path)] == []


def test_the_public_process_has_no_login_and_no_write(monkeypatch):
    table = {}
    monkeypatch.setattr(public, "Starlette", lambda **options: table.update(options) or Starlette(**options))
    site = TestClient(public.build(lambda: None), follow_redirects=False, raise_server_exceptions=False)
    assert len(table["routes"]) > 10
    assert not [route.path for route in table["routes"] if guarded(route) or isinstance(route.endpoint, FormPage)]
    for path in (*FORMS, "/login/oidc", "/api/v1/desk/paste"):
        for method in ("GET", *WRITES):
            assert site.request(method, path, headers=OURS).status_code == 404
    for route in table["routes"]:
        for method in WRITES:
            assert site.request(method, path_of(route), headers=OURS).status_code == 405
