"""The accents of categories and the icons: data of palette.toml, the same on the map and in the charts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kubmap.domain import Category
from kubmap.feeds import words


@dataclass(frozen=True, slots=True)
class Accent:
    """A category as readers see it: its name and its colour on light and on dark paper."""

    category: Category
    name: str
    short: str
    light: str
    dark: str


@lru_cache(maxsize=1)
def accents() -> tuple[Accent, ...]:
    """All mapped categories in the order of the legend."""
    text = files("kubmap.web").joinpath("palette.toml").read_text(encoding="utf-8")
    return tuple(_accent(row) for row in tomllib.loads(text)["category"])


def _accent(row: dict[str, str]) -> Accent:
    category = Category(row["id"])
    return Accent(category, words.category_name(category), words.category_short(category), row["light"], row["dark"])


def stylesheet() -> str:
    """CSS: --accent-<category> on light and dark paper; --accent for what has data-category or accent-<category>."""
    light = "".join(f"--accent-{each.category.value}:{each.light};" for each in accents())
    dark = "".join(f"--accent-{each.category.value}:{each.dark};" for each in accents())
    picks = "".join(
        f'[data-category="{name}"],.accent-{name}{{--accent:var(--accent-{name})}}\n'
        for name in (each.category.value for each in accents())
    )
    return (
        f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{{dark}}}\n{picks}"
    )


def pinned(selector: str) -> str:
    """CSS: the accents below an element that says which paper it lies on (data-theme), whatever the system prefers."""
    return "".join(
        f'{selector}[data-theme="{theme}"]{{'
        + "".join(f"--accent-{each.category.value}:{getattr(each, theme)};" for each in accents())
        + "}\n"
        for theme in ("light", "dark")
    )
