"""What the places that bear a name have in common, worked out once for each set of candidates that names give."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubmap.atlas.words import FOLDED
from kubmap.domain import PlaceKind
from kubmap.text.once import per_atlas
from kubmap.text.placewords import place_words

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

K = TypeVar("K")
V = TypeVar("V")
_KEPT = 20_000  # answers that a table remembers: the names of the atlas give fewer


class Table(dict[K, V]):
    """What depends on the candidates of a name only, worked out when first asked for."""

    def __init__(self, tell: Callable[[K], V]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, key: K) -> V:
        if len(self) >= _KEPT:
            self.clear()
        found = self[key] = self._tell(key)
        return found


class Bearers(NamedTuple):
    """The bearers of a name: `kind`, `name` and `inner` are those of a mention of the likeliest.

    `krai` are those in the krai; their largest has so many `people`, their `types` are those of the gazetteer, and
    `ordinary` says that all their names are ordinary words too.
    """

    kind: PlaceKind
    name: str
    inner: bool
    krai: tuple[str, ...]
    people: int
    types: frozenset[str]
    ordinary: bool


@per_atlas
def bearers_of(atlas: Atlas) -> Table[tuple[str, ...], Bearers]:
    """Candidates -> what is known of them together."""
    return Table(partial(_bearers, atlas))


def _bearers(atlas: Atlas, ids: tuple[str, ...]) -> Bearers:
    places = [atlas.settlements.get(i) or atlas.outside[i] for i in ids]
    best = max(places, key=lambda place: (place.id in atlas.settlements, place.population or 0))
    there = [place for place in places if place.id in atlas.settlements]
    outside = all(i in atlas.outside for i in ids)
    return Bearers(
        PlaceKind.OUTSIDE if outside else PlaceKind.SETTLEMENT,
        best.name,
        not outside and best.parent is not None,
        tuple(place.id for place in there),
        max((place.population or 0 for place in there), default=0),
        frozenset(place.type for place in there),
        all(FOLDED[place.name] in place_words().ordinary for place in there),
    )
