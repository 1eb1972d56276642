"""The word lists and patterns of roads (rules/roads.toml, rules/kilometres.toml), read once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "rules"


def read_rules(name: str) -> dict[str, Any]:
    """The tables of rules/<name>.toml."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


RULES = read_rules("roads")
