"""The login below a path: of a mount, of a server's root_path, of Streamlit's option, of a proxy that hides its own."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from kubmap.web import app as apps
from kubmap.web.localpath import beside, local
from kubmap.web.login import Login
from kubmap.web.rootpath import base_of
from tests.accounts import PASSWORD, SITE, accounts, token

NEW = "другая лошадь батарея"


async def said(request):
    return PlainTextResponse(request.url.path)


def plain(auth):
    return [*Login(lambda: auth).routes(), Route("/desk", said), Route("/account", said), Route("/", said)]


def stripping(app, prefix):
    """A proxy that takes its own path off and does not tell."""

    async def asked(scope, receive, send):
        if scope["type"] == "http":
            assert scope["path"].startswith(f"{prefix}/")
            scope = {**scope, "path": scope["path"].removeprefix(prefix), "raw_path": b""}
        await app(scope, receive, send)

    return asked


def at_root(auth):
    return TestClient(Starlette(routes=plain(auth)), base_url=SITE), ""


def mounted(auth):
    return TestClient(Starlette(routes=[Mount("/kuban", routes=plain(auth))]), base_url=SITE), "/kuban"


def mounted_twice(auth):
    inner = Starlette(routes=[Mount("/map", routes=plain(auth))])
    return TestClient(Starlette(routes=[Mount("/kuban", app=inner)]), base_url=SITE), "/kuban/map"


def rooted(auth):
    """As uvicorn --root-path: the path has it, and the scope tells it."""
    return TestClient(Starlette(routes=plain(auth)), base_url=SITE, root_path="/kuban"), "/kuban"


def optioned(auth):
    """As Streamlit's server.baseUrlPath: the routes themselves are below it."""
    return TestClient(Starlette(routes=apps._below(plain(auth), "/kuban")), base_url=SITE), "/kuban"


def proxied(auth):
    return TestClient(stripping(Starlette(routes=plain(auth)), "/kuban"), base_url=SITE), "/kuban"


WAYS = (at_root, mounted, mounted_twice, rooted, optioned, proxied)


@pytest.fixture(params=WAYS, ids=lambda each: each.__name__)
def below(request, tmp_path):
    client, prefix = request.param(accounts(tmp_path))
    client.follow_redirects = False
    hidden = request.param is proxied
    return client, prefix, "/" if hidden else prefix or "/"


def links(url, page):
    """Where the links, files and forms of a page lead."""
    return {urljoin(url, unescape(each)) for each in re.findall(r'(?:href|action)="([^"]*)"', page)}


def sent(client, url, to, **fields):
    """The form on `url` whose action leads to `to`."""
    page = client.get(url)
    assert page.status_code == 200
    assert to in links(str(page.url), page.text)
    data = {"token": token(page.text), **fields}
    return client.post(to, data=data, headers={"Origin": SITE})


def target(answer):
    assert answer.status_code == 303
    return urljoin(str(answer.url), answer.headers["location"])


def test_everything_leads_to_where_the_app_is(below):
    client, prefix, cookies = below
    home = f"{SITE}{prefix}"
    entered = sent(client, f"{home}/login", f"{home}/login", login="editor", password=PASSWORD, next="/desk?id=1")
    assert target(entered) == f"{home}/desk?id=1"
    assert client.get(target(entered)).status_code == 200
    kept = {each.partition("=")[0]: each for each in entered.headers.get_list("set-cookie")}
    for each in ("kubmap_session", "kubmap_device"):
        assert f"Path={cookies};" in f"{kept[each]};"
    page = client.get(f"{home}/login")
    found = links(f"{home}/login", page.text)
    assert found >= {f"{home}/{path}" for path in ("", "desk", "logout", "logout/everywhere", "login/password")}
    assert all(each.startswith(f"{home}/") for each in found)
    deep = client.get(f"{home}/login/password")
    assert all(each.startswith(f"{home}/") for each in links(f"{home}/login/password", deep.text))
    fields = {"old": PASSWORD, "new": NEW, "again": NEW, "next": f"{prefix}/desk"}
    changed = sent(client, f"{home}/login/password", f"{home}/login/password", **fields)
    expected = f"{home}/desk" if cookies == (prefix or "/") else f"{home}{prefix}/desk"  # a hidden path is not known
    assert target(changed) == expected
    left = sent(client, f"{home}/logout", f"{home}/logout")
    assert target(left) == f"{home}/login?out=1"
    assert f"Path={cookies};" in f"{left.headers['set-cookie']};"
    assert client.cookies.get("kubmap_session") is None
    assert target(client.get(f"{home}/login/password")) == f"{home}/login?next=/login/password"
    assert target(client.get(f"{home}/logout")) == f"{home}/login"


EVIL = (
    "https://evil.example", "//evil.example", "/\\evil.example", "/%2f/evil.example", "javascript:alert(1)",
    "/kuban//evil.example", "/kuban/%2f%2fevil.example", "/../evil", "/desk/../../evil", "/%2e%2e/evil", "/..",
    "/kuban/../evil", "/./..", "/kuban/login", "/kuban", "kuban/desk", "/%252e%252e/evil", "/desk/%2e./x",
)  # fmt: skip


@pytest.mark.parametrize("wanted", EVIL)
def test_it_goes_on_to_nowhere_else(below, wanted):
    client, prefix, _ = below
    home = f"{SITE}{prefix}"
    gone = target(sent(client, f"{home}/login", f"{home}/login", login="editor", password=PASSWORD, next=wanted))
    assert gone.startswith(f"{home}/")
    assert urlsplit(gone).netloc == urlsplit(SITE).netloc
    assert ".." not in gone


@pytest.mark.parametrize("wanted", ["/javascript:alert(1)", "/data:text/html,x", "/@evil.example", "/evil.example"])
def test_a_path_is_never_taken_for_an_address(below, wanted):
    client, prefix, _ = below
    home = f"{SITE}{prefix}"
    gone = sent(client, f"{home}/login", f"{home}/login", login="editor", password=PASSWORD, next=wanted)
    assert target(gone) == f"{home}{wanted}"
    deep = sent(
        client, f"{home}/login/password", f"{home}/login/password", old=PASSWORD, new=NEW, again=NEW, next=wanted
    )
    assert target(deep) == f"{home}{wanted}"


@pytest.mark.parametrize(
    ("scope", "base"),
    [
        ({"path": "/login"}, ""),
        ({"path": "/kuban/login"}, "/kuban"),
        ({"path": "/kuban/login", "root_path": "/kuban"}, "/kuban"),
        ({"path": "/login", "root_path": "/kuban/"}, "/kuban"),
        ({"path": "/map/login", "root_path": "/kuban"}, "/kuban/map"),
        ({"path": "/login", "root_path": "//evil.example"}, ""),
        ({"path": "/login", "root_path": "/a;b"}, ""),
        ({"path": "/../login"}, ""),
        ({"path": "/login/other"}, ""),
    ],
)
def test_what_stands_before_a_path(scope, base):
    assert base_of(scope, "/login") == base


def test_a_path_may_be_told_with_what_stands_before_it():
    assert local("/kuban/desk?id=1", base="/kuban") == "/desk?id=1"
    assert local("/kubanian/desk", base="/kuban") == "/kubanian/desk"
    assert local("/kuban/logout", base="/kuban") == "/desk"
    assert beside("/", "/login") == "./"
    assert beside("/", "/login/password") == "../"
    assert beside("/a/b?c=/d", "/login/password") == "../a/b?c=/d"
