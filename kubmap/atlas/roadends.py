"""End points of roads: finding their names in any case among the words of a text, and the roads that join them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, starmap
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubmap.atlas.asked import Asked, Begins
from kubmap.atlas.road import Road, RoadMention, RoadName
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.words import words as split_words

if TYPE_CHECKING:
    from kubmap.atlas.roads import RoadNetwork

Key = tuple[str, ...]
Span = tuple[int, int]

_WORD = re.compile(r"[^\W\d_]+|\d+")
_DASH = re.compile("[-—/]")
_TYPES = frozenset(RULES["ends"]["types"])
_ENDINGS = tuple(sorted(RULES["ends"]["endings"], key=len, reverse=True))
_DISTRICT = frozenset(RULES["ends"]["district"])
_IRREGULAR: dict[str, str] = RULES["ends"]["irregular"]
_ADJECTIVE = re.compile(r"(?:ск|цк|н)(?:ая|ое|ой|ую|ий|ый|ом|ого|ому|им|ым|ою)$")
_QUALITY = re.compile(r"(?<!ск)(?:ая|ое|ый|ий|ые|ую|ого)$")
"""An adjective that wants its noun («Голубая Бухта»), unlike «Павловская»."""
_JOINED = frozenset(RULES["ends"]["joined"])
_KEPT = 20_000  # pairs of ends whose roads are remembered
_SPLIT = re.compile(r"\s+—\s+")
_PLACE = re.compile(r"[А-ЯЁ][а-яё]+(?:[- ](?:на-)?[А-ЯЁ][а-яё]+)*")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A folded word without its case ending; at least three letters stay («Анапой» -> «анап»)."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    return next((word[: -len(e)] for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), word)


class _Stems(Asked[str]):
    """Folded word -> its stem."""

    def tell(self, word: str) -> str:
        return stem(word)


_STEMS = _Stems()


def key_of(name: str) -> Key:
    """The stems of a name's words."""
    return tuple(map(stem, split_words(name)))


class Words:
    """The words and numbers of a folded text, with stems."""

    def __init__(self, text: str, spans: Sequence[Span] | None = None, words: Sequence[str] | None = None) -> None:
        """`spans` of the words and the `words`, where the caller knows them."""
        self.text = text
        self._spans = spans or [m.span() for m in _WORD.finditer(text)]
        self._words = words or list(map(text.__getitem__, starmap(slice, self._spans)))
        self.stems = list(map(_STEMS.__getitem__, self._words))
        self._size = len(self._words)
        self._dashes: list[int] | None = None

    def __len__(self) -> int:
        return self._size

    def word(self, i: int) -> str:
        return self._words[i] if 0 <= i < self._size else ""

    def stem(self, i: int) -> str:
        return self.stems[i] if 0 <= i < self._size else ""

    def start(self, i: int) -> int:
        return self._spans[i][0]

    def end(self, i: int) -> int:
        return self._spans[i][1]

    def gap(self, i: int) -> str:
        """What stands between word `i` and the next."""
        after = self._spans[i + 1][0] if i + 1 < self._size else len(self.text)
        return self.text[self._spans[i][1] : after]

    def matches(self, pattern: re.Pattern[str], begins: Begins) -> Iterator[re.Match[str]]:
        """What `pattern` finds in the text, where it can begin at such words only."""
        done = 0
        for start, _ in compress(self._spans, map(begins.__getitem__, self._words)):
            found = pattern.match(self.text, start) if start >= done else None
            if found is not None:
                done = found.end()
                yield found

    def index(self, offset: int) -> int:
        """The first word at or after a character offset."""
        return bisect_left(self._spans, (offset, offset))

    def dash_within(self, i: int, reach: int) -> bool:
        """Whether a dash, a hyphen or a slash stands after the beginning of word `i`, at most so far."""
        if self._dashes is None:
            self._dashes = [found.start() for found in _DASH.finditer(self.text)]
        start = self._spans[i][0]
        at = bisect_left(self._dashes, start)
        return at < len(self._dashes) and self._dashes[at] < start + reach

    def is_type(self, i: int) -> bool:
        return self.stems[i] in _TYPES

    def is_adjective(self, i: int) -> bool:
        return bool(_ADJECTIVE.search(self.word(i)))

    def has(self, i: int, key: Key) -> bool:
        """Whether the words from `i` have these stems, with nothing but a space or a hyphen between them."""
        if len(key) == 1:
            return self.stems[i] == key[0]
        if tuple(self.stems[i : i + len(key)]) != key:
            return False
        return all(self.gap(k) in {" ", "-", "—", "  "} for k in range(i, i + len(key) - 1))

    def skip_types(self, i: int) -> int:
        """Past «г.», «станица», «ст-ца» before a name."""
        while self.stem(i) in _TYPES and self.gap(i).strip(" .-") == "":
            i += 1
        return i

    def skip_types_back(self, i: int) -> int:
        while i > 0 and self.stem(i - 1) in _TYPES and self.gap(i - 1).strip(" .-") == "":
            i -= 1
        return i

    def before(self, i: int, fillers: Iterable[str]) -> int:
        """The last word before `i` that is no filler; -1 when punctuation or the start of the text comes first."""
        i -= 1
        while i >= 0 and self.gap(i).strip(' «"') == "" and self.stem(i) in fillers:
            i -= 1
        return i if i >= 0 and self.gap(i).strip(' «"-:(') == "" else -1

    def ends_call(self, i: int, fillers: frozenset[str], ends: frozenset[int]) -> bool:
        """Whether word `i` may stand between a road word or a ref and a name, or end one: most words do not."""
        end = self._spans[i][1]
        return self.stems[i] in fillers or end in ends or self.text[end - 1].isdigit()

    def apart(self, first: int, after: int) -> bool:
        """Whether quotes close and open again between words («Краснодар» — «Сочи»: two teams, no road)."""
        return any("»" in self.gap(i) and "«" in self.gap(i) for i in range(first, after - 1))

    def mention(  # noqa: PLR0913  a mention has that many parts
        self,
        first: int,
        after: int,
        road_ids: tuple[str, ...],
        by: str,
        *,
        ends: tuple[str, ...] = (),
        part: tuple[float, float] | None = None,
    ) -> RoadMention:
        start, end = self.start(first), self.end(after - 1)
        return RoadMention(start, end, road_ids, by, self.text[start:end], ends, part)


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
    """End points, places and names of a network's roads by the stems of their words; `firsts` are the first stems."""

    def __init__(self, network: RoadNetwork) -> None:
        self._routes = {road.id: tuple(map(_route_keys, _texts(road, "route"))) for road in network.roads.values()}
        self._places = {road.id: frozenset(key_of(p.place) for p in road.posts if _PLACE.fullmatch(p.place))
                        for road in network.roads.values()}  # fmt: skip
        self._along = {road_id: self._places[road_id].union(*routes) for road_id, routes in self._routes.items()}
        self._ends = _by_first({key: (name, key_of(name)) for key, name in _end_names(network).items()})
        self._names = _by_first(_entries(network.names()))
        self._known: dict[tuple[Key, ...], tuple[str, ...]] = {}
        self.firsts = frozenset(self._ends) | frozenset(self._names)
        self._adjectives = {key[0]: name for key, name in _end_names(network).items() if len(key) == 1}

    def names_at(self, words: Words, i: int) -> list[tuple[int, NameEntry]]:
        """Names that start at word `i`, longest first: (words, entry)."""
        found = self._names.get(words.stem(i), ())
        return [(len(key), entry) for key, entry in found if words.has(i, key)]

    def end_at(self, words: Words, i: int, original: str, *, loose: bool) -> End | None:
        """The end point at word `i`; `loose` also takes a capitalised word of `original` that no road has."""
        start = words.skip_types(i)
        for key, (name, full) in self._ends.get(words.stem(start), ()):
            if words.has(start, key) and words.stem(start + len(key)) not in _DISTRICT:
                return End(name, full, start + len(key), known=True)
        return _unknown(words, start, original, typed=start > i) if loose else None

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
            if adjective.endswith(suffix) and noun in self._adjectives:
                name = self._adjectives[noun]
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
    if not typed and not original[words.start(i) : words.start(i) + 1].isupper():
        return None
    after = i + 1
    while words.gap(after - 1) == "-" and words.word(after) in _JOINED:
        after += 1
    if _QUALITY.search(words.word(i)) and words.gap(i) == " " and words.word(after).isalpha():
        after += 1
    name = (original or words.text)[words.start(i) : words.end(after - 1)]
    return End(name, key_of(name), after, known=False)
