"""How the app is put together: scripts, configuration, headers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.routing import Router
from starlette.testclient import TestClient
from streamlit import config as streamlit_config
from streamlit.web.server.app_discovery import discover_asgi_app

from kubmap.web import app, rootpath, server
from kubmap.web.app import MENU
from kubmap.web.pages import account, sources, upload, users

ROOT = Path(__file__).parents[1]


def test_the_menu_stands_apart_from_folders_that_streamlit_would_read_as_pages():
    assert MENU.is_file()
    assert not (MENU.parent / "pages").exists()


def test_streamlit_run_finds_the_app():
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_every_option_is_known_to_streamlit():
    options = server.config(host="127.0.0.1", port=8501)
    assert set(options) <= set(streamlit_config._config_options_template)
    assert (options["server.address"], options["server.port"]) == ("127.0.0.1", 8501)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("browser", "gatherUsageStats", False),
        ("client", "showErrorDetails", "none"),
        ("server", "fileWatcherType", "none"),
    ],
)
def test_nothing_leaves_the_machine_and_errors_stay_inside(section, name, value):
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert options[section][name] == value


@pytest.mark.parametrize(
    ("url", "option", "root"),
    [
        ("http://127.0.0.1:8501/", "", ""),
        ("https://news.example/kuban/", "", "/kuban"),  # the proxy takes the path off
        ("https://news.example/a/b-2/", "b-2", "/a/b-2"),
        (None, "kuban/", "/kuban"),
        ("https://evil.example//other.example/", "", ""),
        ('https://news.example/"><script>/', "kuban", "/kuban"),
        ("https://news.example/desk", "", ""),
        ("https://news.example/kuban/desk?id=1", "", "/kuban"),
        ("https://news.example/kuban/users/", "kuban", "/kuban"),
        ("https://news.example/../desk", "", ""),
    ],
)
def test_the_map_is_asked_below_the_path_that_the_reader_sees(monkeypatch, url, option, root):
    stand_in = SimpleNamespace(context=SimpleNamespace(url=url), get_option=lambda name: option)
    monkeypatch.setattr(rootpath, "st", stand_in)
    assert rootpath.root() == root


def test_the_public_routes_answer_below_the_base_path_too(monkeypatch):
    monkeypatch.setattr(app, "get_option", lambda name: "kuban")
    client = TestClient(Router(app.routes()))
    for path in ("/api/v1/openapi.json", "/kuban/api/v1/openapi.json"):
        assert client.get(path).status_code == 200
    assert client.get("/other/api/v1/openapi.json").status_code == 404


def test_the_editors_routes_are_below_the_base_path_too(monkeypatch):
    monkeypatch.setattr(app, "get_option", lambda name: "kuban")
    paths = {each.path: each.methods for each in app.routes()}
    for path in ("/login", "/login/password", "/logout/everywhere", "/api/v1/desk/autosave", "/desk/export.{form}"):
        assert paths[f"/kuban{path}"] == paths[path]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("https://news.example/", "/"),
        ("https://news.example", "/"),
        ("https://news.example/desk?id=1&x=%D1%8E", "/desk?id=1&x=%D1%8E"),
        ("https://news.example/a/b/desk?id=1", "/desk?id=1"),
        ("https://news.example/a/b/?id=1", "/?id=1"),
    ],
)
def test_a_page_is_named_without_what_stands_before_the_app(monkeypatch, url, here):
    stand_in = SimpleNamespace(context=SimpleNamespace(url=url), get_option=lambda _: None)
    monkeypatch.setattr(rootpath, "st", stand_in)
    assert rootpath.here() == here


def test_the_pages_of_the_menu_are_known():
    told = set(re.findall(r'url_path="(\w+)"', app.MENU.read_text("utf-8")))
    assert told | {each.PATH for each in (users, upload, sources, account)} == rootpath.PAGES
