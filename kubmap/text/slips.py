"""Misspelt names: the places of the krai whose name is a slip or two away from a long word."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kubmap.atlas.asked import Asked
from kubmap.atlas.atlas import Atlas
from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import fold
from kubmap.text.once import per_atlas

_SHORTEST, _LONG = 6, 9
"""Letters of a stem: a shorter one has too many neighbours; a longer one may bear two slips."""


def misspelt(atlas: Atlas, word: str) -> tuple[str, ...]:
    """Ids of the places whose stems are nearest to that of a folded word; none where the word is short."""
    return _misspelt_of(atlas)[word]


class _Misspelt(Asked[tuple[str, ...]]):
    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self._known, self._ids = _names(atlas)

    def tell(self, word: str) -> tuple[str, ...]:
        if not is_long(word):
            return ()
        wanted = stem(word)
        limit = 2 if len(wanted) >= _LONG else 1
        found = process.extract(wanted, self._known, scorer=OSA.distance, score_cutoff=limit, limit=4)
        best = min((away for _, away, _ in found), default=0)
        return tuple(i for _, away, at in found if away == best for i in self._ids[at])


@per_atlas
def _misspelt_of(atlas: Atlas) -> _Misspelt:
    return _Misspelt(atlas)


def is_long(word: str) -> bool:
    """Whether a folded word has so few neighbours that one of them may be meant."""
    return len(stem(word)) >= _SHORTEST


def _names(atlas: Atlas) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Stems of the one-word names, and the ids of each."""
    table: dict[str, list[str]] = {}
    for place in atlas.settlements.values():
        name = fold(place.name)
        if place.parent is None and " " not in name and len(key := stem(name)) >= _SHORTEST:
            table.setdefault(key, []).append(place.id)
    return list(table), list(table.values())
