"""Accounts of a test: a store in memory of one folder, cheap hashes, a site over it, and a browser's way to log in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from kubmap.domain import Role
from kubmap.store.passwords import Passwords
from kubmap.store.sessions import Limits, Sessions
from kubmap.store.store import Store
from kubmap.store.users import Users
from kubmap.web.auth import Auth
from kubmap.web.login import Login

PASSWORD = "верная лошадь батарея"
SITE = "http://testserver"
SECRET = "a secret of the tests, long enough for anybody"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def accounts(folder: Path, **options: object) -> Auth:
    """Three accounts named after their roles."""
    store = Store(f"sqlite:///{folder / 'kubmap.sqlite'}")
    store.migrate()
    users = Users(store.engine, passwords=Passwords(CHEAP))
    for role in Role:
        users.add(role.value, role, password=PASSWORD, by="test")
    sessions = Sessions(store.engine, limits=Limits(timedelta(hours=12), timedelta(days=7)))
    return Auth(users, sessions, SECRET, **options)  # type: ignore[arg-type]


def site(auth: Auth, *routes: BaseRoute, base: str = SITE) -> TestClient:
    """A browser before a site with the login and these routes; it follows no redirect by itself."""
    app = Starlette(routes=[*Login(lambda: auth).routes(), *routes])
    return TestClient(app, base_url=base, follow_redirects=False)


def token(page: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def log_in(client: TestClient, login: str, password: str = PASSWORD, **fields: str):
    """What the form answers."""
    page = client.get("/login").text
    data = {"login": login, "password": password, "token": token(page), **fields}
    return client.post("/login", data=data, headers={"Origin": SITE})
