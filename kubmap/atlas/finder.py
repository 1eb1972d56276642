"""A settlement for what a person has typed: «станица анапская», «Октябрьский Ейский», «Крымск, мкр Надежда», slips too.

`NameIndex.search` knows names; here words of types and of what holds the place (district, city) choose among homonyms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import TYPE_CHECKING

from kubmap.atlas.words import words

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

TYPES: dict[str, str] = {
    "г": "город", "город": "город", "пгт": "пгт", "ст": "станица", "станица": "станица", "ца": "станица",
    "с": "село", "село": "село", "п": "посёлок", "пос": "посёлок", "поселок": "посёлок", "х": "хутор", "хут": "хутор",
    "хутор": "хутор", "аул": "аул", "д": "деревня", "деревня": "деревня", "мкр": "микрорайон",
    "микрорайон": "микрорайон", "мкрн": "микрорайон", "разъезд": "разъезд",
}  # fmt: skip
"""Folded words of types as people write them before a name."""

_IDLE = frozenset({"район", "района", "р", "н", "мо", "го", "край", "краснодарский", "в", "во", "на", "около"})
"""Words that choose nothing among places of the krai."""
_LEAST = 3
"""Letters of a word that says what holds the place («ейск» of «Ейский район»)."""
_ALIKE = 0.8
_LONGEST = 6
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
_LAYOUT = str.maketrans(_LATIN + _LATIN.upper(), _CYRILLIC + _CYRILLIC.upper())


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: folded words of the name, the type if one was told."""

    said: tuple[str, ...]
    type: str | None


def find(atlas: Atlas, query: str, *, limit: int = 10) -> list[Settlement]:
    """Settlements of the krai for `query`, best first; empty where nothing is like it.

    What was typed with a Latin keyboard («rhsvcr») is read as the Cyrillic keys.
    """
    wishes = [query]
    if query.isascii() and any(map(str.isalpha, query)):
        wishes.append(query.translate(_LAYOUT))
    found = (_found(atlas, _wish(each)) for each in wishes)
    return next((each[:limit] for each in found if each), [])


def holder(place: Settlement, atlas: Atlas) -> str:
    """What tells a place from its homonyms: «Ейский район», «Сочи», of a part of a town the town too."""
    home = atlas.municipality_of(place)
    parent = atlas.settlements.get(place.parent) if place.parent else None
    names = [each.name for each in (parent, home) if each and each.name != place.name]
    return ", ".join(dict.fromkeys(names))


def _wish(query: str) -> Wish:
    said = words(query)[:_LONGEST]
    named = tuple(word for word in said if word not in TYPES)
    kind = next((TYPES[word] for word in said if word in TYPES), None)
    return Wish(named, kind) if named and named != said else Wish(said, None)


def _found(atlas: Atlas, wish: Wish) -> list[Settlement]:
    """The name as typed, else the name beside what holds it, both first without slips."""
    if not wish.said:
        return []
    for slips in (False, True):
        for found in (_named(atlas, wish.said, slips=slips), _held(atlas, wish.said, slips=slips)):
            if found:
                return _ordered(found, wish)
    return []


def _named(atlas: Atlas, said: Sequence[str], *, slips: bool) -> list[Settlement]:
    return atlas.names.search(" ".join(said), limit=60, slips=slips)


def _held(atlas: Atlas, said: Sequence[str], *, slips: bool) -> list[Settlement]:
    """Places that some of the words name while the others name the district or the city around."""
    for name, around in _splits(said):
        found = [each for each in _named(atlas, name, slips=slips) if _inside(each, around, atlas, slips=slips)]
        if found:
            return found
    return []


def _splits(said: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    for cut in range(len(said) - 1, 0, -1):
        yield said[:cut], said[cut:]
        yield said[cut:], said[:cut]


def _inside(place: Settlement, around: Iterable[str], atlas: Atlas, *, slips: bool) -> bool:
    known = words(holder(place, atlas))
    telling = [word for word in around if word not in _IDLE]
    return all(any(_same(word, each) or (slips and _like(word, each)) for each in known) for word in telling)


def _same(typed: str, known: str) -> bool:
    """«ейский», «ейск» of «ейский»: one begins with the other, but for a case ending."""
    least = max(_LEAST, len(known) - 3)
    return known.startswith(typed[:least]) if len(typed) >= _LEAST else False


def _like(typed: str, known: str) -> bool:
    return SequenceMatcher(None, typed, known).ratio() >= _ALIKE


def _ordered(found: Sequence[Settlement], wish: Wish) -> list[Settlement]:
    """Of the type that was told first; what is no settlement last; otherwise as found."""
    same = [each for each in found if wish.type is None or each.type == wish.type]
    rest = [each for each in found if each not in same] if len(same) < len(found) else []
    ordered = [*_lived_in(same), *_lived_in(rest)]
    return list(islice(ordered, 60))


def _lived_in(found: Sequence[Settlement]) -> list[Settlement]:
    return sorted(found, key=lambda place: place.type == "место")
