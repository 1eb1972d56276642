"""Words as letters of casualties.toml (N a number, M a number of people, P people, s one person, D «погиб»…)."""

from __future__ import annotations

from functools import lru_cache

from kubmap.atlas.asked import Asked
from kubmap.text.data import load
from kubmap.text.lexicon import Lexicon

_MARKS = {",": ",", ";": ";", ":": ";", ".": ".", "!": ".", "?": ".", "…": ".", "—": "-", "(": ",", ")": ","}


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    data = load("casualties")
    return Lexicon(data["classes"], data["endings"])


@lru_cache(maxsize=1)
def numbers() -> dict[str, int]:
    data = load("casualties")
    return {**data["numbers"], **data["instrumental"]}


@lru_cache(maxsize=1)
def _collective() -> frozenset[str]:
    return frozenset(load("casualties")["collective"]["words"].split())


class _Letters(Asked[str]):
    """Folded token -> its letter, "" for a mark that says nothing; each word is asked once."""

    def tell(self, word: str) -> str:
        return _letter(word) if word[0].isalnum() else _MARKS.get(word, "")


LETTERS = _Letters()


def _letter(word: str) -> str:
    """The class of a folded word; where it has several, the first of the alphabet of importance."""
    if word == "и":
        return "&"
    if word in _collective():
        return "M"
    if word.isdecimal() or word in numbers():
        return "N"
    found = _lexicon().concepts(word)
    return next((letter for letter in "DdrIiejmwLTGZXFSWHVEYyKcbznhspPAQCB" if letter in found), "o")
