"""Settings: documented, validated, read from the environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from kubmap.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = set(re.findall(r"^\| `(KUBMAP_\w+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    assert documented == {f"KUBMAP_{name.upper()}" for name in Settings.model_fields}


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBMAP_HOME", str(tmp_path))
    monkeypatch.setenv("KUBMAP_PORT", "9000")
    monkeypatch.delenv("KUBMAP_DATABASE_URL", raising=False)
    assert Settings().port == 9000
    assert Settings().store_url == f"sqlite:///{tmp_path.resolve() / 'kubmap.sqlite'}"


def test_the_database_url_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBMAP_DATABASE_URL", "postgresql+psycopg://localhost/kubmap")
    assert Settings().store_url == "postgresql+psycopg://localhost/kubmap"


def test_a_bad_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBMAP_PORT", "70000")
    with pytest.raises(ValidationError, match="port"):
        Settings()


def test_unset_links_begin_where_it_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBMAP_PUBLIC_URL", raising=False)
    monkeypatch.setenv("KUBMAP_PORT", "9000")
    assert Settings().public_url == "http://127.0.0.1:9000"
    monkeypatch.setenv("KUBMAP_PUBLIC_URL", "https://karta.example")
    assert Settings().public_url == "https://karta.example"
