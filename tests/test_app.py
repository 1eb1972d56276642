"""How the app is put together: scripts, configuration, headers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit import config as streamlit_config
from streamlit.web.server.app_discovery import discover_asgi_app

from kubmap.web import server
from kubmap.web.app import MENU

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
