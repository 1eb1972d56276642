"""Roads named in a text: by ref, by name, by end points in either order, by one place, and cut short by «…».

The rules are small methods run in order over the words of a folded text; the words themselves are in rules/roads.toml
and data/geo/road_names.csv. Which of several roads is meant is decided by `kubmap.atlas.roadchoice`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress

from kubmap.atlas.asked import Begins
from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadchoice import Candidate, candidates
from kubmap.atlas.roadends import End, EndIndex, Span, Words
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.roads import RoadNetwork
from kubmap.atlas.words import fold

__all__ = ["Candidate", "Cues", "RoadMention", "RoadNames"]

_ROAD = re.compile(RULES["cue"]["road"])
_ROAD_BEGINS = Begins(RULES["cue"]["begins"])
_OTHER = re.compile(RULES["cue"]["other"])
_RAIL = re.compile(RULES["cue"]["rail"])
_CAR = re.compile(RULES["cue"]["car"])
_REFS = tuple(re.compile(RULES["refs"][key]) for key in ("road", "regional"))
_REF_BEGINS = Begins(RULES["refs"]["begins"])
_DASH = re.compile(RULES["link"]["dash"])
_CUT = re.compile(RULES["link"]["cut"])
_FILLER = frozenset(RULES["cue"]["filler"])
_FROM, _TO, _TOWARD = (frozenset(RULES["link"][key]) for key in ("from", "to", "toward"))
_JOIN = re.compile(r'[\s«»"(,]*')
_STRENGTH = {"ref": 0, "name": 1, "pair": 2, "cut": 3, "weak": 4}
_KINDS = {"ref": 0, "old_ref": 1, "typo": 2}
_CALL = 48
"""How far a road word may call a name over fillers, quotes and type words, characters."""
_PAIR = 120
"""How far the dash stands from where a pair of places begins, characters."""
_BEFORE, _AFTER = 60, 25
"""How far before and after a pair of places a road word is looked for, characters."""


class Cues:
    """Where the road words of a text are."""

    def __init__(self, words: Words) -> None:
        found = [match.span() for match in words.matches(_ROAD, _ROAD_BEGINS)]
        self.spans = [span for span in found if not _RAIL.search(words.text, max(0, span[0] - 16), span[0])]
        self._starts = [start for start, _ in self.spans]
        self._ends = [end for _, end in self.spans]
        self.starts, self.ends = frozenset(self._starts), frozenset(self._ends)

    def before(self, start: int, reach: int) -> int | None:
        """The end of the last road word at most `reach` characters before `start`."""
        i = bisect_right(self._ends, start) - 1
        return self._ends[i] if i >= 0 and start - self._ends[i] <= reach else None

    def near(self, start: int, end: int) -> bool:
        """Whether a road word is near enough to a pair of places."""
        i = bisect_left(self._starts, end)
        return self.before(start, _BEFORE) is not None or (i < len(self._starts) and self._starts[i] - end <= _AFTER)


class RoadNames:
    """All names of a network's roads, ready to be found."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.ends = EndIndex(network)
        self._refs = _ref_table(network)
        self._rules = (self._name, self._pair, self._cut, self._connected, self._adjective, self._toward)
        self._other_rules = (self._pair, self._connected, self._adjective, self._toward)

    def find(
        self,
        text: str,
        *,
        original: str | None = None,
        spans: Sequence[Span] | None = None,
        words: Sequence[str] | None = None,
    ) -> list[RoadMention]:
        """Mentions in order, not overlapping; `text` is folded, `original` is not: its capitals vouch for places.

        `words` and `spans` are those of the text, where the caller knows them.
        """
        laid = Words(text, spans, words)
        cues = Cues(laid)
        found = [*self._by_ref(laid, cues), *self._by_words(laid, cues, original or "")]
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
        text = words.text
        for pattern in _REFS:
            for match in words.matches(pattern, _REF_BEGINS):
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
        """Words where a rule can start: most words are no name, and stand far from a road word."""
        found = set(compress(range(len(words)), map(self.ends.firsts.__contains__, words.stems)))
        for start, end in cues.spans:
            first = words.index(end)
            found.add(max(0, words.index(start) - 1))
            found.update(range(first, words.index(end + _CALL)))
        return sorted(found)

    def _at(self, words: Words, i: int, cues: Cues, original: str) -> tuple[RoadMention | None, int]:
        """What the first rule that reads something at word `i` gives; a name or an end point has a stem of its own."""
        named = words.stems[i] in self.ends.firsts or words.is_type(i)
        for rule in self._rules if named else self._other_rules:
            mention, after = rule(words, i, cues, original)
            if mention:
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
        if i > 0 and not words.ends_call(i - 1, _FILLER, cues.ends):
            return False
        before = words.before(i, _FILLER)
        at = words.end(before) if before >= 0 else 0
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
        ends, after = self._chain_of_ends(words, i, original if called else "", loose=called)
        if len(ends) < 2:
            return None, i
        start, stop = words.start(i), words.end(after - 1)
        if not called and (_OTHER.search(words.text, max(0, start - _BEFORE), start) or words.apart(i, after)):
            return None, i
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
            if after >= len(words) or not _DASH.fullmatch(words.gap(after - 1)):
                break
        return ends, after

    def _cut(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«трассы станица Анапская — станица…»: one end point, the other cut off."""
        end = self.ends.end_at(words, i, "", loose=False)
        if not end or not self._called(words, words.skip_types_back(i), cues):
            return None, i
        match = _CUT.match(words.text, words.end(end.after - 1))
        if not match:
            return None, i
        found = words.mention(i, end.after, self.ends.roads_with(end), "cut", ends=(end.name,))
        return found._replace(end=match.end(), text=words.text[found.start : match.end()]), words.index(match.end())

    def _connected(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«дорога из Краснодара в Ейск», «трасса между Крымском и Анапой»."""
        if words.word(i) not in _FROM or not self._called(words, i, cues):
            return None, i
        first = self.ends.end_at(words, i + 1, "", loose=False)
        if not first or words.word(first.after) not in _TO:
            return None, i
        second = self.ends.end_at(words, first.after + 1, "", loose=False)
        if not second:
            return None, i
        ids = self.ends.roads_of([first, second])
        return words.mention(i, second.after, ids, "pair", ends=(first.name, second.name)), second.after

    def _adjective(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«анапская трасса»: the place's adjective before a road word."""
        if i + 1 >= len(words) or words.start(i + 1) not in cues.starts or words.gap(i) != " ":
            return None, i
        end = self.ends.of_adjective(words.stem(i))
        if not end or not words.is_adjective(i):
            return None, i
        return words.mention(i, i + 2, self.ends.roads_with(end), "weak", ends=(end.name,)), i + 2

    def _toward(self, words: Words, i: int, cues: Cues, _original: str) -> tuple[RoadMention | None, int]:
        """«трасса на Джубгу»."""
        if words.word(i) not in _TOWARD or not i or words.end(i - 1) not in cues.ends or words.gap(i - 1) != " ":
            return None, i
        end = self.ends.end_at(words, i + 1, "", loose=False)
        if not end:
            return None, i
        return words.mention(i - 1, end.after, self.ends.roads_with(end), "weak", ends=(end.name,)), end.after


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
