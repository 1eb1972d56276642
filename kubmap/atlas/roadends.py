"""End points of roads: finding their names in any case among the words of a text, and the roads that join them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kubmap.atlas.road import Road, RoadName
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.roadwords import DISTRICT, END, Key, Words, key_of

if TYPE_CHECKING:
    from kubmap.atlas.roads import RoadNetwork

_QUALITY = re.compile(r"(?<!ск)(?:ая|ое|ый|ий|ые|ую|ого)$")
"""An adjective that wants its noun («Голубая Бухта»), unlike «Павловская»."""
_JOINED = frozenset(RULES["ends"]["joined"])
_LONG = 6  # letters of a stem: a shorter one has too many neighbours
_KEPT = 20_000  # pairs of ends whose roads are remembered
_SPLIT = re.compile(r"\s+—\s+")
_PLACE = re.compile(r"[А-ЯЁ][а-яё]+(?:[- ](?:на-)?[А-ЯЁ][а-яё]+)*")


class End(NamedTuple):
    """An end point found in a text: `after` is the word that follows; `known` whether any road of the atlas has it."""

    name: str
    key: Key
    after: int
    known: bool


class NameEntry(NamedTuple):
    """A name of one or more roads; `quoted` ones count only after a road word."""

    key: Key
    road_ids: tuple[str, ...]
    quoted: bool
    part: tuple[float, float] | None


class EndIndex:
    """End points, places and names of a network's roads by the stems of their words."""

    def __init__(self, network: RoadNetwork) -> None:
        self._routes = {road.id: tuple(map(_route_keys, _texts(road, "route"))) for road in network.roads.values()}
        self._places = {road.id: frozenset(key_of(p.place) for p in road.posts if _PLACE.fullmatch(p.place))
                        for road in network.roads.values()}  # fmt: skip
        self._along = {road_id: self._places[road_id].union(*routes) for road_id, routes in self._routes.items()}
        self._ends = _by_first({key: (name, key_of(name)) for key, name in _end_names(network).items()})
        self._names = _by_first(_entries(network.names()))
        self._known: dict[tuple[Key, ...], tuple[str, ...]] = {}
        self._single = {key[0]: name for key, name in _end_names(network).items() if len(key) == 1}

    def begins_name(self, first: str) -> bool:
        """Whether a road's name begins with this stem."""
        return first in self._names

    def begins_end(self, first: str) -> bool:
        """Whether an end point's name begins with this stem."""
        return first in self._ends

    def names_at(self, words: Words, i: int) -> list[tuple[int, NameEntry]]:
        """Names that start at word `i`, which has the mark NAME, longest first: (words, entry)."""
        found = self._names[words.stem(i)]
        return [(len(key), entry) for key, entry in found if len(key) == 1 or words.has(i, key)]

    def end_at(self, words: Words, i: int, original: str, *, loose: bool = False) -> End | None:
        """The end point at word `i`; `loose` also takes a capitalised word of `original` that no road has."""
        start = words.skip_types(i)
        for key, (name, full) in self._ends[words.stem(start)] if words.heads[start] & END else ():
            after = start + len(key)
            if (len(key) == 1 or words.has(start, key)) and not words.heads[after] & DISTRICT:
                return End(name, full, after, known=True)
        return _unknown(words, start, original, typed=start > i) if loose else None

    def mended(self, ends: Sequence[End]) -> list[End]:
        """The ends, each unknown one as the end point of a road whose name is a slip of the pen away, if one is."""
        return [end if end.known else self._meant(end) for end in ends]

    def _meant(self, end: End) -> End:
        word = "".join(end.key) if len(end.key) == 1 else ""
        if len(word) < _LONG:
            return end
        near = process.extract(word, self._single.keys(), scorer=OSA.distance, score_cutoff=1, limit=2)
        if len(near) != 1:
            return end
        name = self._single[near[0][0]]
        return End(name, key_of(name), end.after, known=True)

    def roads_of(self, ends: Sequence[End]) -> tuple[str, ...]:
        """Roads that join all these ends, best first: the very route, a part of one, places on the way."""
        keys = tuple([end.key for end in ends if end.known])
        return self._remembered(keys, self._joining) if len(keys) > 1 else ()

    def _remembered(self, keys: tuple[Key, ...], make: Callable[[tuple[Key, ...]], tuple[str, ...]]) -> tuple[str, ...]:
        """What `make` says of ends, asked once: news names the same roads again and again."""
        found = self._known.get(keys)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[keys] = make(keys)
        return found

    def _joining(self, keys: tuple[Key, ...]) -> tuple[str, ...]:
        wanted = frozenset(keys)
        joining = [road_id for road_id, along in self._along.items() if wanted <= along]
        return tuple(sorted(joining, key=lambda road_id: self._rank(road_id, keys, wanted)))

    def _rank(self, road_id: str, keys: Sequence[Key], wanted: frozenset[Key]) -> int:
        """0 the very route, 1 a part of one, 2 places on the way."""
        routes = self._routes[road_id]
        if any({route[0], route[-1]} == {keys[0], keys[-1]} and wanted <= set(route) for route in routes):
            return 0
        return 1 if any(wanted <= set(route) for route in routes) else 2

    def roads_with(self, end: End) -> tuple[str, ...]:
        """Roads that start or end there, then those that pass."""
        return self._remembered((end.key,), self._touching)

    def _touching(self, keys: tuple[Key, ...]) -> tuple[str, ...]:
        key = keys[0]
        rank = {road_id: min((0 if key in (route[0], route[-1]) else 1 for route in routes if key in route),
                             default=2 if key in self._places[road_id] else 9)
                for road_id, routes in self._routes.items()}  # fmt: skip
        return tuple(sorted((road_id for road_id in rank if rank[road_id] < 9), key=rank.__getitem__))

    def of_adjective(self, adjective: str) -> End | None:
        """«анапск» -> Анапа, «ейск» -> Ейск."""
        for suffix in _SUFFIXES:
            noun = adjective.removesuffix(suffix)
            if adjective.endswith(suffix) and noun in self._single:
                name = self._single[noun]
                return End(name, key_of(name), 0, known=True)
        return None


_SUFFIXES = ("ск", "инск", "ьск", "овск", "")


def _texts(road: Road, kind: str) -> list[str]:
    return [name.text for name in road.names if name.kind == kind]


def _route_keys(route: str) -> tuple[Key, ...]:
    return tuple(key_of(_full(part)) for part in _SPLIT.split(route))


def _full(name: str) -> str:
    same: dict[str, str] = RULES["ends"]["same"]
    return same.get(name, name)


def _end_names(network: RoadNetwork) -> dict[Key, str]:
    """Stems of every end point, place on the way and short name -> the name as routes write it."""
    names = [part for road in network.roads.values() for route in _texts(road, "route") for part in _SPLIT.split(route)]
    names += [p.place for road in network.roads.values() for p in road.posts if _PLACE.fullmatch(p.place)]
    names += RULES["ends"]["same"]
    return {key_of(name): _full(name) for name in names}


def _entries(names: Iterable[RoadName]) -> dict[Key, NameEntry]:
    table: dict[Key, NameEntry] = {}
    for name in names:
        if name.kind in {"name", "quoted"}:
            key = key_of(name.text)
            old = table.get(key)
            ids = (*old.road_ids, name.road_id) if old else (name.road_id,)
            table[key] = NameEntry(key, ids, name.kind == "quoted", None if old else name.part)
    return table


_T = TypeVar("_T")


def _by_first(table: dict[Key, _T]) -> dict[str, list[tuple[Key, _T]]]:
    """By the first stem, longest key first."""
    out: dict[str, list[tuple[Key, _T]]] = {}
    for key in sorted(table, key=len, reverse=True):
        out.setdefault(key[0], []).append((key, table[key]))
    return out


def _unknown(words: Words, i: int, original: str, *, typed: bool) -> End | None:
    """A place that no road has: a capitalised word or one with a type word, with the noun of an adjective."""
    if len(words.word(i)) < 3 or not words.word(i).isalpha():
        return None
    if not typed and not original[words.starts[i] : words.starts[i] + 1].isupper():
        return None
    after = i + 1
    while words.gap(after - 1) == "-" and words.word(after) in _JOINED:
        after += 1
    if _QUALITY.search(words.word(i)) and words.gap(i) == " " and words.word(after).isalpha():
        after += 1
    name = (original or words.text)[words.starts[i] : words.ends[after - 1]]
    return End(name, key_of(name), after, known=False)
