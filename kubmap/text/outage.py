"""What an outage notice says beyond the incident: kind, windows, recovery, exceptions, streets, cause, provider.

The end of the works is not the end of the outage, and a supply window is neither: they are kept apart (see NOTES on
wording in docs and rules/outage.toml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from operator import contains
from typing import NamedTuple

from kubmap.atlas.words import fold
from kubmap.domain import Category, Interval, Moment, Outage, OutageKind, Utility
from kubmap.text.data import load
from kubmap.text.frame import read_story
from kubmap.text.when import When

_TITLE = 2_000  # characters of a title that are read
_STREETS = 60  # streets of one notice that are kept
_MANY = re.compile(r"улиц\s")  # «тридцать улиц Краснодара» names no street
_UTILITIES = {
    Category.OUTAGE_WATER: Utility.WATER,
    Category.OUTAGE_POWER: Utility.POWER,
    Category.OUTAGE_GAS: Utility.GAS,
    Category.OUTAGE_HEAT: Utility.HEAT,
}


class Pattern(NamedTuple):
    """A pattern that is tried only in a text with one of the pieces that it needs (no pieces: in every text)."""

    regex: re.Pattern[str]
    needs: tuple[str, ...]

    def search(self, text: str) -> re.Match[str] | None:
        return self.regex.search(text) if self._may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.regex.finditer(text) if self._may_match(text) else iter(())

    def _may_match(self, text: str) -> bool:
        return not self.needs or any(map(contains, repeat(text), self.needs))


def _pattern(name: str, regex: str) -> Pattern:
    return Pattern(re.compile(regex), tuple(load("outage")["needs"].get(name, ())))


@lru_cache(maxsize=1)
def _folded() -> dict[str, Pattern]:
    return {name: _pattern(name, rf"(?<!\w)(?:{regex})") for name, regex in load("outage")["folded"].items()}


@lru_cache(maxsize=1)
def _written() -> tuple[Pattern, Pattern, re.Pattern[str]]:
    """Patterns of a provider, of a list of streets after a mark, of one street in the list."""
    data = load("outage")["written"]
    item = rf"(?:{data['street_mark']}\s*)?(?:{data['street_name']})(?:{data['house']}){{0,30}}"
    first = rf"(?<!\w){data['street_mark']}\s*(?:{data['street_name']})(?:{data['house']}){{0,30}}"
    streets = rf"{first}(?:(?:,\s+|\s+и\s+|\s+[–—-]\s+){item}){{0,40}}"
    provider = rf"(?<!\w)(?:{data['provider']})"
    return _pattern("provider", provider), _pattern("streets", streets), re.compile(item)


def _kind(folded: str, supply: Sequence[Interval]) -> OutageKind:
    """Supply by hours before a weak pressure before nothing at all."""
    patterns = _folded()
    if supply or patterns["schedule"].search(folded):
        return OutageKind.LIMITED_SCHEDULE
    if patterns["pressure"].search(folded) and not patterns["off"].search(folded):
        return OutageKind.REDUCED_PRESSURE
    return OutageKind.OFF


def _hours(said: str) -> float:
    return float(said) if said.isdigit() else float(load("outage")["hours"][said])


def _recovery(folded: str) -> tuple[float, float] | None:
    """Hours (least, most) that the system needs after the works."""
    found = _folded()["recovery"].search(folded)
    if not found:
        return None
    least = _hours(found["least"])
    most = _hours(found["most"] or found["most2"] or found["least"])
    return (least, most) if least <= most else (most, least)


def _slices(text: str, folded: str, name: str, group: str) -> tuple[str, ...]:
    return tuple(text[slice(*found.span(group))].strip(" ,(") for found in _folded()[name].finditer(folded))


def _cause(text: str, folded: str) -> str | None:
    """The stated cause («из-за порыва…»), else the works, else the breakage, as written."""
    for name in ("cause", "works", "breakage"):
        found = _folded()[name].search(folded)
        if found:
            return _clipped(text[slice(*found.span("cause"))])
    return None


@lru_cache(maxsize=1)
def _clause() -> re.Pattern[str]:
    return re.compile(rf",\s+(?=[а-яё])|{load('outage')['written']['clause']}")


def _clipped(phrase: str) -> str:
    """Up to where the main clause goes on («порыва трубы | без воды остались…»)."""
    return _clause().split(phrase, maxsplit=1)[0].strip(" ,«")


def _streets(text: str) -> tuple[str, ...]:
    """Streets with their houses, as written, in order, each once."""
    _, lists, item = _written()
    found: list[str] = []
    for whole in lists.finditer(text):
        parts = [part.group().strip(" ,") for part in item.finditer(whole.group())]
        if len(parts) > 1 or not _MANY.match(parts[0]):
            found += parts
    return tuple(dict.fromkeys(found))[:_STREETS]


def _provider(text: str) -> str | None:
    found = _written()[0].search(text)
    return found.group().strip() if found else None


def _works(when: When, folded: str) -> Interval | None:
    """The window of the works; of an announced repair without a window, what is known of it."""
    if not _folded()["work_word"].search(folded):
        return None
    known: tuple[Moment | None, Moment | None] = (when.starts_at, when.ends_at)
    return when.works or (Interval(*known) if any(known) else None)


def read_outage(
    text: str, title: str | None, when: When, category: Category, places: tuple[str, ...] = ()
) -> Outage | None:
    """The outage of a teaser of an outage category; None for every other category. `places` are what it concerns."""
    utility = _UTILITIES.get(category)
    if utility is None:
        return None
    story, title = read_story(text), title and title[:_TITLE]
    begin, end = story.frame.main
    main, folded = story.raw[begin:end], story.folded[begin:end]
    whole = f"{fold(title or '')}. {folded}"
    return Outage(
        utility=utility,
        kind=_kind(whole, when.supply),
        works=_works(when, folded),
        supply=when.supply,
        recovery_hours=_recovery(folded),
        places=places,
        exceptions=_slices(main, folded, "exceptions", "what"),
        streets=_streets(main),
        cause=_cause(main, folded) or (_cause(title, fold(title)) if title else None),
        provider=_provider(main) or (_provider(title) if title else None),
        withdrawn=bool(_folded()["withdrawn"].search(whole)),
    )
