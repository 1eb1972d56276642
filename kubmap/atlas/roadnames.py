"""Roads named in a text: by ref, by name, by end points in either order, by one place, and cut short by «…».

The rules are small methods run in order over the words of a folded text; the words themselves are in rules/roads.toml
and data/geo/road_names.csv. Which of several roads is meant is decided by `kubmap.atlas.roadchoice`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import compress

from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadchoice import Candidate, candidates
from kubmap.atlas.roadcues import Cues, Heads
from kubmap.atlas.roadends import End, EndIndex
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.roads import RoadNetwork
from kubmap.atlas.roadwords import (
    ADJECTIVE,
    END,
    FILLER,
    FROM,
    NAME,
    NUMBER,
    REF,
    STARTING,
    TOWARD,
    TYPE,
    Laid,
    Words,
    lay,
)
from kubmap.atlas.words import fold

__all__ = ["Candidate", "RoadMention", "RoadNames"]

_OTHER = re.compile(RULES["cue"]["other"])
_CAR = re.compile(RULES["cue"]["car"])
_REFS = tuple(re.compile(RULES["refs"][key]) for key in ("road", "regional"))
_DASH = re.compile(RULES["link"]["dash"])
_CUT = re.compile(RULES["link"]["cut"])
_TO = frozenset(RULES["link"]["to"])
_JOIN = re.compile(r'[\s«»"(,]*')
_STRENGTH = {"ref": 0, "name": 1, "pair": 2, "cut": 3, "weak": 4}
_KINDS = {"ref": 0, "old_ref": 1, "typo": 2}
_CALLING = FILLER | TYPE | NUMBER
"""Before a name that a road word or a ref calls stands one of these, or the road word itself."""
_CALL = 48
"""How far a road word may call a name over fillers, quotes and type words, characters."""
_PAIR = 120
"""How far the dash stands from where a pair of places begins, characters."""
_ANY = STARTING + 1  # a mark that every word has
_BEFORE = 60  # characters before a pair of places where a word that makes it no road is looked for

_Rule = Callable[[Words, int, Cues, str], tuple[RoadMention | None, int]]


class RoadNames:
    """All names of a network's roads, ready to be found."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.ends = EndIndex(network)
        self._refs = _ref_table(network)
        self._heads = Heads(self.ends)
        self._rules = [self._rules_of(head) for head in range(STARTING + 1)]

    def _rules_of(self, head: int) -> tuple[_Rule, ...]:
        """The rules to try at a word with these marks; places before a dash need no mark of their own."""
        rules = (
            (NAME, self._name), (_ANY, self._pair), (END | TYPE, self._cut), (FROM, self._connected),
            (ADJECTIVE, self._adjective), (TOWARD, self._toward),
        )  # fmt: skip
        return tuple(rule for mark, rule in rules if (head | _ANY) & mark)

    def find(self, text: str, *, original: str | None = None, laid: Laid | None = None) -> list[RoadMention]:
        """Mentions in order, not overlapping; `text` is folded, `original` is not: its capitals vouch for places.

        `laid` are the words of the text, where the caller knows them.
        """
        words = Words(text, laid or lay(text), self._heads)
        cues = Cues(words)
        found = [*self._by_ref(words, cues), *self._by_words(words, cues, original or "")]
        return [_quoted(text, mention) for mention in _merged(text, _disjoint(found))]

    def candidates(
        self,
        mention: RoadMention,
        *,
        km: float | None = None,
        municipality: str | None = None,
        year: int | None = None,
    ) -> list[Candidate]:
        """The roads that `mention` may mean, best first (see `kubmap.atlas.roadchoice`)."""
        return candidates(self.network, mention, km=km, municipality=municipality, year=year)

    # refs

    def _by_ref(self, words: Words, cues: Cues) -> Iterator[RoadMention]:
        text, begin = words.text, words.among(REF)
        for pattern in _REFS if begin else ():
            for match in words.matches(pattern, begin):
                key = _ref_key(match["letter"] + match["number"])
                near = cues.before(match.start(), 40)
                ids = self._refs.get(key, ())
                sure = ids and (near or _firm(match))
                named = sure or (near is not None and _adjoins(text, near, match))
                if named and not _CAR.search(text, max(0, match.start() - 12), match.start()):
                    yield RoadMention(match.start(), match.end(), ids, "ref", match.group())

    # names, pairs

    def _by_words(self, words: Words, cues: Cues, original: str) -> Iterator[RoadMention]:
        done = 0
        for i in self._worth_a_look(words, cues):
            if i >= done:
                mention, done = self._at(words, i, cues, original)
                if mention:
                    yield mention

    def _worth_a_look(self, words: Words, cues: Cues) -> list[int]:
        """Words where a rule can read something: most words are no name, and stand far from a road word."""
        dash, heads = words.has_dash(), words.heads
        found = set(words.among(NAME | END if dash else NAME))
        for start, end in cues.spans:
            before, first, last = max(0, words.index(start) - 1), words.index(end), words.index(end + _CALL)
            if heads[before] & ADJECTIVE:
                found.add(before)
            called = _called_from(heads, first, last)
            found.update(called if dash else [i for i in called if heads[i] & (FROM | TOWARD)])
        return sorted(found)

    def _at(self, words: Words, i: int, cues: Cues, original: str) -> tuple[RoadMention | None, int]:
        """What the first rule that reads something at word `i` gives."""
        for rule in self._rules[words.heads[i] & STARTING]:
            mention, after = rule(words, i, cues, original)
            if mention is not None:
                return mention, after
        return None, i + 1

    def _name(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """A name that needs nothing («Восточный обход») or a road word or ref before it («Дон»)."""
        for length, entry in self.ends.names_at(words, i):
            if not entry.quoted or self._called(words, i, cues):
                after = i + length
                return words.mention(i, after, entry.road_ids, "name", part=entry.part), after
        return None, i

    def _called(self, words: Words, i: int, cues: Cues) -> bool:
        """Whether a road word or a ref stands before word `i`, with fillers and quotes only between."""
        if i > 0 and not words.heads[i - 1] & (FILLER | NUMBER) and words.ends[i - 1] not in cues.ends:
            return False
        before = words.before(i)
        at = words.ends[before] if before >= 0 else 0
        return at in cues.ends or (
            words.text[at - 1 : at].isdigit()
            and any(
                match.end() == at for pattern in _REFS for match in pattern.finditer(words.text, max(0, at - 8), at)
            )
        )

    def _pair(self, words: Words, i: int, cues: Cues, original: str) -> tuple[RoadMention | None, int]:
        """End points joined by dashes."""
        if not words.dash_within(i, _PAIR):
            return None, i
        called = self._called(words, words.skip_types_back(i), cues)
        if not called and not words.heads[i] & (END | TYPE):
            return None, i
        ends, after = self._chain_of_ends(words, i, original if called else "", loose=called)
        if len(ends) < 2:
            return None, i
        start, stop = words.starts[i], words.ends[after - 1]
        if not called and (_OTHER.search(words.text, max(0, start - _BEFORE), start) or words.apart(i, after)):
            return None, i
        if (
            called
            and not all(end.known for end in ends)
            and (ids := self.ends.roads_of(mended := self.ends.mended(ends)))
        ):
            ends = mended
        else:
            ids = self.ends.roads_of(ends)
        cued = called or cues.near(start, stop)
        if not ids and not called:
            return None, i
        names = tuple(end.name for end in ends)
        return words.mention(i, after, ids, "pair" if cued else "weak", ends=names), after

    def _chain_of_ends(self, words: Words, i: int, original: str, *, loose: bool) -> tuple[list[End], int]:
        ends: list[End] = []
        after = i
        while end := self.ends.end_at(words, after, original, loose=loose):
            ends.append(end)
            after = end.after
            if after >= words.size or not _DASH.fullmatch(words.gap(after - 1)):
                break
        return ends, after

    def _cut(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«трассы станица Анапская — станица…»: one end point, the other cut off."""
        end = self.ends.end_at(words, i, "") if self._called(words, words.skip_types_back(i), cues) else None
        match = _CUT.match(words.text, words.ends[end.after - 1]) if end else None
        if not end or not match:
            return None, i
        found = words.mention(i, end.after, self.ends.roads_with(end), "cut", ends=(end.name,))
        return found._replace(end=match.end(), text=words.text[found.start : match.end()]), words.index(match.end())

    def _connected(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«дорога из Краснодара в Ейск», «трасса между Крымском и Анапой»."""
        if not self._called(words, i, cues):
            return None, i
        first = self.ends.end_at(words, i + 1, "")
        if not first or words.word(first.after) not in _TO:
            return None, i
        second = self.ends.end_at(words, first.after + 1, "")
        if not second:
            return None, i
        ids = self.ends.roads_of([first, second])
        return words.mention(i, second.after, ids, "pair", ends=(first.name, second.name)), second.after

    def _adjective(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«анапская трасса»: the place's adjective before a road word."""
        if i + 1 >= words.size or words.starts[i + 1] not in cues.starts or words.gap(i) != " ":
            return None, i
        end = self.ends.of_adjective(words.stem(i))
        if not end:
            return None, i
        return words.mention(i, i + 2, self.ends.roads_with(end), "weak", ends=(end.name,)), i + 2

    def _toward(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«трасса на Джубгу»."""
        if not i or words.ends[i - 1] not in cues.ends or words.gap(i - 1) != " ":
            return None, i
        end = self.ends.end_at(words, i + 1, "")
        if not end:
            return None, i
        return words.mention(i - 1, end.after, self.ends.roads_with(end), "weak", ends=(end.name,)), end.after


def _called_from(heads: list[int], first: int, last: int) -> list[int]:
    """Words of [first, last) that a road word right before the first may call: it, and what follows a filler."""
    after = compress(range(first + 1, last), map(_CALLING.__and__, heads[first : last - 1]))
    return [first, *after] if first < last else []


def _ref_key(ref: str) -> str:
    return "".join(RULES["refs"]["letters"].get(char, char) for char in fold(ref) if char.isalnum())


def _ref_table(network: RoadNetwork) -> dict[str, tuple[str, ...]]:
    """A ref to its roads: those that carry it now, then those that did, then slips of the pen."""
    named = sorted((n for n in network.names() if n.kind in _KINDS), key=lambda n: _KINDS[n.kind])
    table: dict[str, tuple[str, ...]] = {}
    for name in named:
        ids = table.get(_ref_key(name.text), ())
        table[_ref_key(name.text)] = ids if name.road_id in ids else (*ids, name.road_id)
    return table


def _firm(match: re.Match[str]) -> bool:
    """Whether a ref needs no road word: a hyphen or nothing inside («М-4», «М4»; not «а 146 домов», not «Е-50»)."""
    return match["gap"] in {"", "-", "—"} and match["letter"] not in RULES["refs"]["shy"]


def _adjoins(text: str, cue_end: int, match: re.Match[str]) -> bool:
    return match["gap"].strip() != "" and not text[cue_end : match.start()].strip(' «"')


def _disjoint(found: list[RoadMention]) -> list[RoadMention]:
    """The stronger of overlapping mentions, in text order."""
    if len(found) < 2:
        return found
    kept: list[RoadMention] = []
    for mention in sorted(found, key=lambda m: (m.start, _STRENGTH[m.by])):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
        elif _STRENGTH[mention.by] < _STRENGTH[kept[-1].by]:
            kept[-1] = mention
    return kept


def _quoted(text: str, mention: RoadMention) -> RoadMention:
    """With the quotation mark that closes the one inside (or right before) the mention."""
    start = mention.start - 1 if text[mention.start - 1 : mention.start] in {"«", '"'} else mention.start
    body = text[start : mention.end]
    open_ = body.count("«") > body.count("»") or body.count('"') % 2 == 1
    if not open_ or text[mention.end : mention.end + 1] not in {"»", '"'}:
        return mention
    return mention._replace(start=start, end=mention.end + 1, text=text[start : mention.end + 1])


def _merged(text: str, mentions: list[RoadMention]) -> list[RoadMention]:
    """«М-4» and «Дон» side by side are one mention when they share a road."""
    out: list[RoadMention] = []
    for mention in mentions:
        joined = _join(text, out[-1], mention) if out else None
        if joined:
            out[-1] = joined
        else:
            out.append(mention)
    return out


def _join(text: str, a: RoadMention, b: RoadMention) -> RoadMention | None:
    shared = tuple(i for i in a.road_ids if i in b.road_ids)
    if not shared or not _JOIN.fullmatch(text, a.end, b.start):
        return None
    best = min(a.by, b.by, key=_STRENGTH.__getitem__)
    return RoadMention(a.start, b.end, shared, best, text[a.start : b.end], a.ends or b.ends, a.part or b.part)
