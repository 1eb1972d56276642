"""A text laid out for the place rules: tokens, words and what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, compress
from typing import TYPE_CHECKING

from kubmap.text.frame import Frame, read_story
from kubmap.text.places import Mention
from kubmap.text.placewords import PlaceWords, place_words
from kubmap.text.tokens import Token, tokens_of

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import PlaceKind

MAX_TOKENS = 3000
"""Tokens of one text that are read: a teaser has about 60."""

MAX_HYPHENATED = 8
"""Tokens of one hyphenated word: «Славянск-на-Кубани» has five."""

OPEN, CLOSE = frozenset('«"'), frozenset('»"')
"""Quotation marks, folded."""
_STOPS = ".!?;:()…—"  # marks that part clauses
_HEAD = 6  # words before a token that a rule may ask for
_HYPHEN, _HYPHEN_OR_QUOTE = frozenset("-"), OPEN | {"-"}


class Name:
    """A gazetteer name found at a token: candidates, the token after it, and whether it is an ordinary word too."""

    __slots__ = ("common", "end", "ids")

    def __init__(self, ids: tuple[str, ...], end: int, *, common: bool = False) -> None:
        self.ids, self.end, self.common = ids, end, common


class Scan:
    """One source (text or title) with everything that a rule may ask."""

    __slots__ = (
        "_heads", "atlas", "folded", "folds", "found", "frame", "group", "lax", "numbers", "source", "starts", "text",
        "titles", "tokens", "w", "word_at", "words",
    )  # fmt: skip

    def __init__(self, text: str, source: str, atlas: Atlas, frame: Frame | None, *, lax: bool = False) -> None:
        self.text, self.source, self.atlas, self.frame, self.lax = text, source, atlas, frame, lax
        story = read_story(text)
        self.folded = story.folded
        self.tokens: Sequence[Token] = tokens_of(text, story.layout)[:MAX_TOKENS]
        self.starts = story.layout.starts
        self._heads: dict[int, list[str]] = {}
        self.folds = story.layout.folds[:MAX_TOKENS]
        self.titles = [lax or token[0][0].isupper() for token in self.tokens]
        self.w: PlaceWords = place_words()
        is_word = [token[4] != "mark" for token in self.tokens]  # by number: half the time of a name
        self.numbers = list(compress(range(len(is_word)), is_word))
        self.words = list(compress(self.folds, is_word))
        self.word_at = list(accumulate(is_word, initial=0))
        self.found: list[Mention] = []
        self.group = 0

    def fold(self, i: int) -> str:
        """The folded token at `i`, "" outside."""
        return self.folds[i] if 0 <= i < len(self.folds) else ""

    def is_title(self, i: int) -> bool:
        return 0 <= i < len(self.titles) and self.titles[i]

    def is_word(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].kind == "word"

    def glued(self, i: int) -> bool:
        """Whether token `i` follows the one before it without a space."""
        return 0 < i < len(self.tokens) and self.tokens[i].start == self.tokens[i - 1].end

    def hyphenated(self, i: int) -> tuple[str, int]:
        """The word at `i` with what is hyphenated to it («ст-ца», «р-не»), and the token after it."""
        word, end = self.fold(i), i + 1
        if self.fold(end) != "-":  # nearly always
            return word, end
        last = i + MAX_HYPHENATED
        while (
            end < last and self.fold(end) == "-" and self.glued(end) and self.glued(end + 1) and self.is_word(end + 1)
        ):
            word, end = f"{word}-{self.fold(end + 1)}", end + 2
        return word, end

    def name(self, i: int, kinds: tuple[str, ...] = ("nom", "obl"), *, quotes: bool = False) -> Name | None:
        """The longest gazetteer name that begins at token `i`; spaces, hyphens (and `quotes`) join its words."""
        if i >= len(self.tokens) or self.tokens[i].kind == "mark":
            return None
        found: Name | None = None
        for match in self.atlas.names.match(self.words, self.word_at[i]):
            last = self.word_at[i] + match.length - 1
            if match.kind not in kinds or last >= len(self.numbers):
                continue
            end = self.numbers[last] + 1
            if found is None and self._joined(i, end - 1, quotes=quotes):
                found = Name(match.ids, end, common=match.common)
            elif found is not None and found.end == end:  # «Степной»: the farm itself, or the stanitsa in a case
                found = Name((*found.ids, *(k for k in match.ids if k not in found.ids)), end, common=match.common)
        return found

    def _joined(self, first: int, last: int, *, quotes: bool) -> bool:
        """Whether only spaces and hyphens (or opening quotes) lie between the words."""
        marks = _HYPHEN_OR_QUOTE if quotes else _HYPHEN
        return all(self.tokens[k].kind != "mark" or self.tokens[k].fold in marks for k in range(first + 1, last + 1))

    def before(self, i: int, count: int) -> list[str]:
        """Up to `count` (at most 6) folded words right before token `i`; a mark that parts clauses ends them."""
        found = self._heads.get(i)
        if found is None:  # many rules ask about the same few tokens
            found = self._heads[i] = self.before_within(i, _HEAD, _STOPS)
        return found[-count:]

    def before_within(self, i: int, count: int, stops: str) -> list[str]:
        """Up to `count` folded words right before token `i`, in order; a mark of `stops` ends them."""
        found: list[str] = []
        k = i - 1
        while k >= 0 and len(found) < count:
            token = self.tokens[k]
            if token.kind == "mark" and token.fold in stops and not self._is_dot(k):
                break
            if token.kind != "mark":
                found.append(token.fold)
            k -= 1
        return found[::-1]

    def _is_dot(self, k: int) -> bool:
        """A full stop that ends an abbreviation («г.», «пос.»)."""
        return self.fold(k) == "." and (self.fold(k - 1) in self.w.dotted or len(self.fold(k - 1)) <= 3)

    def offsets(self, first: int, end: int) -> tuple[int, int]:
        """Character offsets of the tokens [first, end)."""
        return self.tokens[first].start, self.tokens[end - 1].end

    def mention(self, first: int, end: int, kind: PlaceKind, name: str, rule: str, **rest: object) -> Mention:
        """A mention of the tokens [first, end)."""
        start, stop = self.offsets(first, end)
        return Mention(self.text[start:stop], start, stop, self.source, kind, name, rule=rule, **rest)  # type: ignore[arg-type]

    def new_group(self) -> int:
        self.group += 1
        return self.group

    def any_of(self, words: Iterable[str], table: frozenset[str]) -> bool:
        return any(word in table for word in words)
