"""Names of settlements in a text: every case form, homonyms, adjectives, inhabitants; and search as people type.

The forms are made at build time (data/geo/forms.tsv), so that reading a text is dictionary look-ups only.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

from kubmap.atlas.asked import Asked
from kubmap.atlas.model import KRAI, Settlement
from kubmap.atlas.words import words

KINDS = ("nom", "obl", "adj", "demonym")
"""Nominative, another case, adjective («анапский»), inhabitants («анапчане»); in the order of preference."""

_Entry = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Words that name settlements. `length` is the number of words, `ids` those of all bearers of the name.

    The krai's come first, the most populous first. `kind` is one of KINDS. `common` says that the name is an ordinary
    word of the language too (Победа, Северный): without a capital or a type word it is hardly a name.
    """

    length: int
    ids: tuple[str, ...]
    kind: str
    common: bool = False

    @property
    def nominative(self) -> bool:
        return self.kind == "nom"


@dataclass(frozen=True, slots=True)
class Form:
    """A line of forms.tsv: a folded nominative and the forms that it takes."""

    name: str
    common: bool
    oblique: tuple[str, ...]
    adjective: tuple[str, ...]
    people: tuple[str, ...]


class NameIndex:
    """All names of the krai and of the places outside that the atlas knows."""

    def __init__(self, settlements: Iterable[Settlement], forms: Iterable[Form]) -> None:
        self._settlements = {place.id: place for place in settlements}
        self._bearers = _bearers(self._settlements.values())
        self._entries: dict[str, _Entry | list[_Entry]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self.second_words: set[str] = set()
        """Second words of the names that have several."""
        self._common: set[str] = set()
        self._known: dict[str, tuple[NameMatch, ...]] = {}
        self.alone = _ByKinds(self)
        for form in forms:
            self._add(form)

    def is_begun(self, word: str) -> bool:
        """Whether a name of several words begins with this folded word."""
        return self._lengths.get(word, (1,))[0] > 1

    def match(self, words: Sequence[str], start: int) -> list[NameMatch]:
        """Names that begin at `words[start]`, the longest first, at equal length in the order of KINDS.

        `words` are folded runs of letters or digits, as `kubmap.atlas.words.words` gives them.
        """
        found: list[NameMatch] = []
        known = self._known
        for length in self._lengths.get(words[start], ()):
            if start + length <= len(words):
                key = words[start] if length == 1 else " ".join(words[start : start + length])
                matches = known.get(key)
                found += self._remembered(key, length) if matches is None else matches
        return found

    def _remembered(self, key: str, length: int) -> tuple[NameMatch, ...]:
        """The matches of a key; those of a name are made once: news names the same places again and again."""
        found = tuple(self._matches(key, length))
        if found:
            self._known[key] = found
        return found

    def named(self, name: str) -> list[Settlement]:
        """Settlements of this name (nominative or alias, any spelling of ё, case and hyphen), the likeliest first."""
        return [self._settlements[i] for i in self._ids(" ".join(words(name)))]

    def search(self, query: str, *, limit: int = 10, slips: bool = True) -> list[Settlement]:
        """Settlements of the krai for what a person has typed so far: exact, then by prefix, then with slips.

        ё and е, capitals and hyphens do not matter; a prefix of any word of the name counts; homonyms are all listed.
        Without `slips` only what was typed counts.
        """
        wanted = words(query)
        if not wanted:
            return []
        ranked = sorted(
            (rank, -(place.population or 0), place.name, place.id)
            for key, place in self._searchable
            if (rank := _rank(key, wanted)) is not None
        )
        found = [self._settlements[place_id] for *_, place_id in ranked]
        if slips and not found:
            found = self._similar(" ".join(wanted))
        return list(islice(_distinct(found), limit))

    def _add(self, form: Form) -> None:
        if form.common:
            self._common.add(form.name)
        self._enter(form.name, (form.name, "nom"))
        for kind, keys in (("obl", form.oblique), ("adj", form.adjective), ("demonym", form.people)):
            for key in keys:
                self._enter(key, (form.name, kind))

    def _enter(self, key: str, entry: _Entry) -> None:
        there = self._entries.get(key)
        if there is None:
            self._entries[key] = entry
            self._measure(key)
        elif isinstance(there, list):
            there.append(entry)
        else:
            self._entries[key] = [there, entry]

    def _measure(self, key: str) -> None:
        """Remember how many words a name that begins with this word may have, most first."""
        first, space, rest = key.partition(" ")
        length = key.count(" ") + 1 if space else 1
        if space:
            self.second_words.add(rest.partition(" ")[0])
        known = self._lengths.get(first, ())
        if length not in known:
            self._lengths[first] = tuple(sorted((*known, length), reverse=True))

    def _matches(self, key: str, length: int) -> list[NameMatch]:
        there = self._entries.get(key)
        if there is None:
            return []
        entries = there if isinstance(there, list) else [there]
        return [match for kind in KINDS if (match := self._one(kind, entries, length)) is not None]

    def _one(self, kind: str, entries: Sequence[_Entry], length: int) -> NameMatch | None:
        names = [name for name, has in entries if has == kind]
        if not names:
            return None
        ids = self._ids(names[0]) if len(names) == 1 else self._ordered({i for name in names for i in self._ids(name)})
        return NameMatch(length, tuple(ids), kind, common=all(name in self._common for name in names))

    def _ids(self, name: str) -> Sequence[str]:
        return self._bearers.get(name, ())

    def _ordered(self, ids: Iterable[str]) -> list[str]:
        return [place.id for place in sorted((self._settlements[i] for i in ids), key=_weight)]

    @cached_property
    def _searchable(self) -> list[tuple[tuple[str, ...], Settlement]]:
        places = (place for place in self._settlements.values() if place.region == KRAI)
        return [(words(name), place) for place in places for name in (place.name, *place.aliases)]

    def _similar(self, text: str) -> list[Settlement]:
        """Names whose beginning is a slip or two away from what was typed, the closest first."""
        if len(text) < 4:
            return []
        begun: dict[str, list[Settlement]] = defaultdict(list)
        for key, place in self._searchable:
            begun[" ".join(key)[: len(text)]].append(place)
        close = difflib.get_close_matches(text, begun, n=8, cutoff=0.75)
        return [place for name in close for place in sorted(begun[name], key=_weight)]


class _Alone(Asked["tuple[str, ...] | None"]):
    """Folded word -> the candidates of names of this one word; None where a longer name begins with it too."""

    def __init__(self, names: NameIndex, kinds: Collection[str]) -> None:
        super().__init__()
        self._names, self._kinds = names, kinds

    def tell(self, word: str) -> tuple[str, ...] | None:
        if self._names.is_begun(word):
            return None
        found = [match.ids for match in self._names.match([word], 0) if match.kind in self._kinds]
        return found[0] if len(found) == 1 else tuple(dict.fromkeys(chain.from_iterable(found)))


class _ByKinds(dict[tuple[str, ...], _Alone]):
    """Kinds of names -> what the words of texts name alone: nearly all names are one word."""

    def __init__(self, names: NameIndex) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, kinds: tuple[str, ...]) -> _Alone:
        found = self[kinds] = _Alone(self._names, kinds)
        return found


def _bearers(settlements: Iterable[Settlement]) -> dict[str, tuple[str, ...]]:
    """Folded name -> ids, in the order of `_weight`."""
    found: dict[str, list[str]] = {}
    for place in sorted(settlements, key=_weight):
        for name in (place.name, *place.aliases):
            ids = found.setdefault(" ".join(words(name)), [])
            if place.id not in ids:
                ids.append(place.id)
    return {name: tuple(ids) for name, ids in found.items()}


def _weight(place: Settlement) -> tuple[bool, int, str]:
    return (place.region != KRAI, -(place.population or 0), place.id)


def _rank(key: Sequence[str], wanted: Sequence[str]) -> int | None:
    """0 the name itself, 1 it or a later word of it begins so, None no."""
    if tuple(key) == tuple(wanted):
        return 0
    for at in range(len(key) - len(wanted) + 1):
        part = key[at : at + len(wanted)]
        if tuple(part[:-1]) == tuple(wanted[:-1]) and part[-1].startswith(wanted[-1]):
            return 1
    return None


def _distinct(places: Iterable[Settlement]) -> Iterable[Settlement]:
    return {place.id: place for place in places}.values()
