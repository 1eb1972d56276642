"""What the words of a text may be to a road: where its road words are, and which rules a word may begin."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from kubmap.atlas.asked import Asked
from kubmap.atlas.roadends import EndIndex
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.roadwords import (
    ADJECTIVE,
    DISTRICT,
    END,
    FILLER,
    FROM,
    NAME,
    NUMBER,
    REF,
    ROAD,
    TOWARD,
    TYPE,
    Words,
    is_type,
    stem,
)

_ROAD = re.compile(RULES["cue"]["road"])
_RAIL = re.compile(RULES["cue"]["rail"])
_ROAD_BEGINS, _REF_BEGINS = (re.compile(RULES[key]["begins"]) for key in ("cue", "refs"))
_FILLER = frozenset(RULES["cue"]["filler"])
_DISTRICT = frozenset(RULES["ends"]["district"])
_FROM, _TOWARD = (frozenset(RULES["link"][key]) for key in ("from", "toward"))
_ADJECTIVE = re.compile(r"(?:ск|цк|н)(?:ая|ое|ой|ую|ий|ый|ом|ого|ому|им|ым|ою)$")
_BEFORE, _AFTER = 60, 25
"""How far before and after a pair of places a road word is looked for, characters."""


class Cues:
    """Where the road words of a text are."""

    def __init__(self, words: Words) -> None:
        found = [match.span() for match in words.matches(_ROAD, words.among(ROAD))]
        self.spans = [span for span in found if not _RAIL.search(words.text, max(0, span[0] - 16), span[0])]
        self.starts = [start for start, _ in self.spans]
        self.ends = [end for _, end in self.spans]

    def before(self, start: int, reach: int) -> int | None:
        """The end of the last road word at most `reach` characters before `start`."""
        i = bisect_right(self.ends, start) - 1
        return self.ends[i] if i >= 0 and start - self.ends[i] <= reach else None

    def near(self, start: int, end: int) -> bool:
        """Whether a road word is near enough to a pair of places."""
        i = bisect_left(self.starts, end)
        return self.before(start, _BEFORE) is not None or (i < len(self.starts) and self.starts[i] - end <= _AFTER)


class Heads(Asked[int]):
    """Folded word -> what it may begin; most words begin nothing."""

    def __init__(self, ends: EndIndex) -> None:
        super().__init__()
        self._ends = ends

    def tell(self, word: str) -> int:
        first, ends = stem(word), self._ends
        said = {
            NAME: ends.begins_name(first), END: ends.begins_end(first),
            TYPE: is_type(first), DISTRICT: first in _DISTRICT, FILLER: first in _FILLER, NUMBER: word[-1].isdigit(),
            ROAD: _ROAD_BEGINS.match(word), REF: _REF_BEGINS.match(word),
            FROM: word in _FROM, TOWARD: word in _TOWARD,
            ADJECTIVE: _ADJECTIVE.search(word) and ends.of_adjective(first),
        }  # fmt: skip
        return sum(mark for mark, holds in said.items() if holds)
