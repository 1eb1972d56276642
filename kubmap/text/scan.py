"""A text laid out for the place rules: tokens, words and what stands around them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from kubmap.text.frame import Frame, read_story
from kubmap.text.marks import NAMED, NUMBER, WORD
from kubmap.text.places import Mention, Relation, Role
from kubmap.text.placewords import PlaceWords, place_words

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import PlaceKind

MAX_TOKENS = 3000
"""Tokens of one text that are read: a teaser has about 60."""

MAX_HYPHENATED = 8
"""Tokens of one hyphenated word after its first: «Славянск-на-Кубани» has four."""

OPEN, CLOSE = frozenset('«"'), frozenset('»"')
"""Quotation marks, folded."""
_STOPS = frozenset(".!?;:()…—")  # marks that part clauses
_BLANKS = [""] * 16  # how far before its first token and after its last a text may be asked
_HEAD = 6  # words before a token that a rule may ask for
_HYPHEN, _HYPHEN_OR_QUOTE = frozenset("-"), OPEN | {"-"}


class Name(NamedTuple):
    """A gazetteer name found at a token: candidates, and the token after it."""

    ids: tuple[str, ...]
    end: int


class Scan:
    """One source (text or title) with everything that a rule may ask; tokens are numbers into parallel lists.

    `fold[i]` is the folded token at `i`, "" a little before and after the text; `folds` are those of the text only.
    """

    __slots__ = (
        "_heads", "atlas", "ends", "fold", "folded", "folds", "found", "frame", "group", "lax", "mask",
        "numbers", "signs", "size", "source", "starts", "text", "w", "wholes", "words",
    )  # fmt: skip

    def __init__(self, text: str, source: str, atlas: Atlas, frame: Frame | None, *, lax: bool = False) -> None:
        self.text, self.source, self.atlas, self.frame, self.lax = text, source, atlas, frame, lax
        story = read_story(text)
        self.folded = story.folded
        self.folds, self.starts, self.ends, self.signs, self.mask, _ = story.layout.first(MAX_TOKENS)
        self.size = len(self.folds)
        self.fold = self.folds + _BLANKS  # a number a little below 0 counts from the end
        self._heads: dict[int, list[str]] = {}
        self.wholes = self._wholes() if "-" in self.folded else {}
        self.w: PlaceWords = place_words()
        named = list(map(NAMED.__and__, self.signs))
        self.numbers = list(compress(range(self.size), named))
        self.words = list(compress(self.folds, named))
        self.found: list[Mention] = []
        self.group = 0

    def written(self, i: int) -> str:
        """The token at `i` as written."""
        return self.text[self.starts[i] : self.ends[i]]

    def is_capital(self, i: int) -> bool:
        """Whether the token at `i` begins with a capital letter."""
        return self.text[self.starts[i]].isupper()

    def is_title(self, i: int) -> bool:
        """The same, or where capitals do not matter any token; False outside."""
        return 0 <= i < self.size and (self.lax or self.text[self.starts[i]].isupper())

    def is_word(self, i: int) -> bool:
        return 0 <= i < self.size and self.signs[i] & WORD > 0

    def is_number(self, i: int) -> bool:
        return 0 <= i < self.size and self.signs[i] & NUMBER > 0

    def is_mark(self, i: int) -> bool:
        """Whether the token at `i` is neither a word nor a number."""
        return not self.signs[i] & NAMED

    def glued(self, i: int) -> bool:
        """Whether token `i` follows the one before it without a space."""
        return 0 < i < self.size and self.starts[i] == self.ends[i - 1]

    def hyphenated(self, i: int) -> tuple[str, int]:
        """The word at `i` with what is hyphenated to it («ст-ца», «р-не»), and the token after it."""
        return self.wholes.get(i) or (self.fold[i], i + 1)

    def _wholes(self) -> dict[int, tuple[str, int]]:
        """Tokens to which a word is hyphenated -> the whole and the token after it, the last first."""
        found: dict[int, tuple[str, int]] = {}
        starts, ends, at = self.starts, self.ends, len(self.folded)
        while (at := self.folded.rfind("-", 0, at)) >= 0:
            k = bisect_left(starts, at)
            after = k + 1
            if self.is_word(after) and k and ends[k - 1] == at and starts[after] == at + 1:
                end = min(found[after][1] if after in found else k + 2, k + MAX_HYPHENATED)
                found[k - 1] = "".join(self.folds[k - 1 : end]), end
        return found

    def words_from(self, i: int, count: int) -> tuple[str, ...]:
        """At most `count` folded words from token `i` on."""
        at = bisect_left(self.numbers, i)
        return tuple(self.words[at : at + count])

    def after_words(self, i: int, count: int) -> int:
        """The token after the first `count` words from token `i` on."""
        return self.numbers[bisect_left(self.numbers, i) + count - 1] + 1

    def name(self, i: int, kinds: tuple[str, ...] = ("nom", "obl"), *, quotes: bool = False) -> Name | None:
        """The longest gazetteer name that begins at token `i`; spaces, hyphens (and `quotes`) join its words."""
        ids = self.atlas.names.alone[kinds][self.fold[i]]
        if ids is None:
            return self._longest(i, kinds, quotes=quotes)
        return Name(ids, i + 1) if ids else None

    def _longest(self, i: int, kinds: tuple[str, ...], *, quotes: bool) -> Name | None:
        at, found = bisect_left(self.numbers, i), None
        for match in self.atlas.names.match(self.words, at):
            last = at + match.length
            if match.kind not in kinds or last > len(self.numbers):
                continue
            end = self.numbers[last - 1] + 1
            if found is None and self._joined(i, end - 1, quotes=quotes):
                found = Name(match.ids, end)
            elif found is not None and found.end == end:  # «Степной»: the farm itself, or the stanitsa in a case
                found = Name((*found.ids, *(k for k in match.ids if k not in found.ids)), end)
        return found

    def _joined(self, first: int, last: int, *, quotes: bool) -> bool:
        """Whether only spaces and hyphens (or opening quotes) lie between the words."""
        marks = _HYPHEN_OR_QUOTE if quotes else _HYPHEN
        return all(self.signs[k] & NAMED or self.folds[k] in marks for k in range(first + 1, last + 1))

    def before(self, i: int, count: int) -> list[str]:
        """Up to `count` (at most 6) folded words right before token `i`; a mark that parts clauses ends them."""
        return self.head(i)[-count:]

    def head(self, i: int) -> list[str]:
        """The same, six words where there are as many."""
        found = self._heads.get(i)
        if found is None:  # many rules ask about the same few tokens
            found = self._heads[i] = self._head(min(i, self.size))
        return found

    def _head(self, i: int) -> list[str]:
        """The words before token `i`, at most six, as far as the last mark that parts clauses."""
        numbers = self.numbers
        words = bisect_left(numbers, i)
        first = words - _HEAD if words > _HEAD else 0
        begin = numbers[first] if words else i
        if i - begin > words - first:  # there are marks among the words
            near = map(_STOPS.__contains__, self.folds[begin:i])
            for k in reversed(list(compress(range(begin, i), near))):
                if not self._is_dot(k):
                    return self.words[bisect_left(numbers, k) : words]
        return self.words[first:words]

    def before_within(self, i: int, count: int, stops: str) -> list[str]:
        """Up to `count` folded words right before token `i`, in order; a mark of `stops` ends them."""
        found: list[str] = []
        signs, folds = self.signs, self.folds
        for k in range(min(i, self.size) - 1, -1, -1):
            if signs[k] & NAMED:
                found.append(folds[k])
                if len(found) == count:
                    break
            elif folds[k] in stops and not self._is_dot(k):
                break
        found.reverse()
        return found

    def _is_dot(self, k: int) -> bool:
        """A full stop that ends an abbreviation («г.», «пос.»)."""
        before = self.fold[k - 1]
        return self.fold[k] == "." and (len(before) <= 3 or before in self.w.dotted)

    def offsets(self, first: int, end: int) -> tuple[int, int]:
        """Character offsets of the tokens [first, end)."""
        return self.starts[first], self.ends[end - 1]

    def mention(  # noqa: PLR0913
        self, first: int, end: int, kind: PlaceKind, name: str, rule: str, *, ids: tuple[str, ...] = (),
        role: Role = Role.EVENT, relation: Relation = Relation.WITHIN, type_word: str | None = None, group: int = 0,
        inner: bool = False,
    ) -> Mention:  # fmt: skip
        """A mention of the tokens [first, end)."""
        start, stop = self.starts[first], self.ends[end - 1]
        return Mention(
            self.text[start:stop], start, stop, self.source, kind, name, ids, role, relation, type_word, group, rule,
            inner=inner,
        )  # fmt: skip

    def new_group(self) -> int:
        self.group += 1
        return self.group
