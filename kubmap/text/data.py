"""The rule files of kubmap/text/rules: read once each."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=32)
def load(name: str) -> dict[str, Any]:
    """The tables of rules/`name`.toml; raises FileNotFoundError for an unknown name."""
    return tomllib.loads(resources.files("kubmap.text").joinpath(f"rules/{name}.toml").read_text("utf-8"))
