"""The words and numbers of a folded text as the road rules ask for them: stems, gaps, and what each may begin."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from itertools import compress
from operator import or_
from typing import NamedTuple

from kubmap.atlas.asked import Asked
from kubmap.atlas.road import RoadMention
from kubmap.atlas.roadrules import RULES
from kubmap.atlas.words import words as split_words

Key = tuple[str, ...]
Span = tuple[int, int]

NAME, END, TYPE = 1, 2, 4
"""A word that may begin a road's name, an end point's name; a word for a kind of settlement («станица»)."""
FROM, TOWARD, ADJECTIVE = 8, 16, 32
"""«из», «на», «анапская»."""
STARTING = 63
"""All marks of words where a rule may begin."""
ROAD, REF, FILLER, NUMBER = 64, 128, 256, 512
"""A word that may begin a road word, a ref; one that may stand between them and a name («федеральная», «4»)."""
DISTRICT = 1024
"""A word after which a name is a district's."""

_WORD = re.compile(r"[^\W\d_]+|\d+")
_DASH = re.compile("[-—/]")
_TYPES = frozenset(RULES["ends"]["types"])
_ENDINGS = frozenset(RULES["ends"]["endings"])
_LONGEST = max(map(len, _ENDINGS))
_IRREGULAR: dict[str, str] = RULES["ends"]["irregular"]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A folded word without its case ending; at least three letters stay («Анапой» -> «анап»)."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for size in range(min(_LONGEST, len(word) - 3), 0, -1):
        if word[-size:] in _ENDINGS:
            return word[:-size]
    return word


class _Stems(Asked[str]):
    """Folded word -> its stem."""

    def tell(self, word: str) -> str:
        return stem(word)


_STEMS = _Stems()


def key_of(name: str) -> Key:
    """The stems of a name's words."""
    return tuple(map(stem, split_words(name)))


def is_type(stemmed: str) -> bool:
    """Whether the stem is of a word for a kind of settlement («станиц»)."""
    return stemmed in _TYPES


class Laid(NamedTuple):
    """The words of a text and their offsets, as parallel lists; the last of `starts` is the end of the text."""

    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]


def lay(text: str) -> Laid:
    """The words of a folded text."""
    found = list(_WORD.finditer(text))
    return Laid([m.group() for m in found], [*(m.start() for m in found), len(text)], [m.end() for m in found])


class Words:
    """The words and numbers of a folded text: numbers into parallel lists."""

    def __init__(self, text: str, laid: Laid, heads: Asked[int]) -> None:
        """`heads` tells what a word may begin."""
        self.text = text
        self.words, self.starts, self.ends = laid
        self.heads = [*map(heads.__getitem__, self.words), 0, 0]  # rules ask for one or two words after the last
        self._mask = reduce(or_, set(self.heads), 0)
        self._marked = list(compress(range(len(self.heads)), self.heads))
        self.size = len(self.words)

    def among(self, mark: int) -> list[int]:
        """Numbers of the words that have one of the marks."""
        if not self._mask & mark:
            return []
        return list(compress(self._marked, map(mark.__and__, map(self.heads.__getitem__, self._marked))))

    def word(self, i: int) -> str:
        return self.words[i] if 0 <= i < self.size else ""

    def stem(self, i: int) -> str:
        return _STEMS[self.words[i]] if 0 <= i < self.size else ""

    def gap(self, i: int) -> str:
        """What stands between word `i` and the next."""
        return self.text[self.ends[i] : self.starts[i + 1]]

    def matches(self, pattern: re.Pattern[str], begin: Iterable[int]) -> list[re.Match[str]]:
        """What `pattern` finds in the text, where it can begin at these words only."""
        result: list[re.Match[str]] = []
        done = 0
        for i in begin:
            found = pattern.match(self.text, self.starts[i]) if self.starts[i] >= done else None
            if found is not None:
                done = found.end()
                result.append(found)
        return result

    def index(self, offset: int) -> int:
        """The first word at or after a character offset."""
        return bisect_left(self.starts, offset, 0, self.size)

    def has_dash(self) -> bool:
        """Whether there is a dash, a hyphen or a slash in the text."""
        return any(map(self.text.__contains__, "-—/"))

    def dash_within(self, i: int, reach: int) -> bool:
        """Whether one of them stands after the beginning of word `i`, at most so far."""
        start = self.starts[i]
        return _DASH.search(self.text, start, start + reach) is not None

    def has(self, i: int, key: Key) -> bool:
        """Whether the words from `i` have these stems, with nothing but a space or a hyphen between them."""
        after = i + len(key)
        return tuple(map(_STEMS.__getitem__, self.words[i:after])) == key and all(
            self.gap(k) in {" ", "-", "—", "  "} for k in range(i, after - 1)
        )

    def skip_types(self, i: int) -> int:
        """Past «г.», «станица», «ст-ца» before a name."""
        while self.heads[i] & TYPE and self.gap(i).strip(" .-") == "":
            i += 1
        return i

    def skip_types_back(self, i: int) -> int:
        while i > 0 and self.heads[i - 1] & TYPE and self.gap(i - 1).strip(" .-") == "":
            i -= 1
        return i

    def before(self, i: int) -> int:
        """The last word before `i` that is no filler; -1 when punctuation or the start of the text comes first."""
        i -= 1
        while i >= 0 and self.heads[i] & FILLER and self.gap(i).strip(' «"') == "":
            i -= 1
        return i if i >= 0 and self.gap(i).strip(' «"-:(') == "" else -1

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
        start, end = self.starts[first], self.ends[after - 1]
        return RoadMention(start, end, road_ids, by, self.text[start:end], ends, part)
