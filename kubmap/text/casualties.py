"""People hurt: dead, injured and children among them; 0 where the text says that there were none, None in silence.

Every word becomes one letter of casualties.toml (N a number, M a number of people, P people, s one person, D «погиб»…),
so that «погибли ребёнок и трое взрослых» is «Dc&MP» and a rule is a short pattern over letters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import NamedTuple

from kubmap.domain import Casualties, Category, Reason
from kubmap.text.data import load
from kubmap.text.frame import Span, Story, read_story
from kubmap.text.letters import LETTERS, numbers
from kubmap.text.marks import DENIAL, HURT
from kubmap.text.tokens import Layout

_MAX_WORDS = 300  # words of one sentence that are read
_MOST = 10_000  # people: a larger number is a population
_NOTES = {"dead": "погибшие", "injured": "пострадавшие"}

# One quantified group: «двое», «трое взрослых», «5 человек», «ребёнок», «36-летний мотоциклист», «погиб человек».
_GROUP = (
    r"(?:M[Ao]?[PKsch]?|NA?o?[PKsch]|N(?=[DId])|N(?=Q[oA]{0,2}I)|(?<=[DISGZ])N(?![Bo])|A?[sc]|(?<=[DIG])h|h(?=[DI]))"
)
_CHAIN = rf"{_GROUP}(?:(?:,?&E?{_GROUP})|,{_GROUP}(?![oAQPKsch]{{0,4}}[DIV]))*"
_ANY = r"[oABEWCQ]"
_RULES: tuple[tuple[str, str, str], ...] = (
    ("dead", "toll", rf"T{_ANY}{{0,2}}(?P<g>[NM])?L(?P<h>{_CHAIN})?"),
    ("dead", "lives", r"(?P<g>[NM])LT"),
    ("dead", "noun", r"(?P<g>[NM])A?d"),
    ("dead", "noun-after", r"d(?:S|o){0,3}-?o?(?P<g>M|N(?=[.,;&PKsch-]|$))"),
    ("dead", "victims", r"Z[oABEWCN]{0,6}S(?P<g>" + _CHAIN + ")"),
    ("dead", "became-victims", rf"(?P<g>{_CHAIN})SZ(?!o?F)"),
    ("dead", "victims-count", r"(?P<g>[NM])[XZ](?!o?F)"),
    ("dead", "death-of", rf"G(?P<g>{_CHAIN})"),
    ("dead", "gone", rf"(?P<g>{_CHAIN}){_ANY}{{0,1}}H[SV]"),
    ("dead", "with-one-dead", r"C(?P<g>r)"),
    ("dead", "participle", rf"(?P<g>{_CHAIN}),d"),
    ("injured", "noun", r"(?P<g>[NM])A?i"),
    ("injured", "noun-after", r"i(?:S|o){0,3}-?o?(?P<g>M|N(?=[.,;&PKsch-]|$))"),
    ("injured", "participle", rf"(?P<g>{_CHAIN}),i"),
)

_NEEDED: dict[str, frozenset[str]] = {
    "toll": frozenset("T"), "lives": frozenset("T"), "noun": frozenset("di"), "noun-after": frozenset("di"),
    "victims": frozenset("Z"), "became-victims": frozenset("Z"), "victims-count": frozenset("XZ"),
    "death-of": frozenset("G"), "gone": frozenset("H"), "with-one-dead": frozenset("r"), "participle": frozenset("di"),
}  # fmt: skip
"""Letters of which a sentence must have one for a rule of that name to match."""
_SAID = frozenset[str]().union(*_NEEDED.values())


class _Coded(NamedTuple):
    """A sentence as letters: `letters[n]` stands for the token of number `tokens[n]`."""

    letters: str
    tokens: Sequence[int]
    layout: Layout

    def value(self, at: int) -> int:
        """What the number at a letter N or M says."""
        word = self.layout.folds[self.tokens[at]]
        return int(word[:6]) if word.isdecimal() else numbers().get(word, 0)

    def span(self, first: int, end: int) -> Span:
        """Characters of letters[first:end]."""
        return self.layout.starts[self.tokens[first]], self.layout.ends[self.tokens[end - 1]]


class _Count(NamedTuple):
    kind: str
    rule: str
    people: int
    children: int
    more: bool
    start: int
    end: int


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple((kind, rule, re.compile(pattern)) for kind, rule, pattern in _RULES)


@lru_cache(maxsize=1)
def _predicates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Where the people stand to «погибли», «ранены»: before, after, before a comma."""
    return tuple(
        (name, re.compile(pattern))
        for name, pattern in (
            ("before", rf"(?P<g>{_CHAIN}){_ANY}{{0,3}}(?P<p>[DI])"),
            ("after", rf"(?P<p>[DI]){_ANY}{{0,4}}?(?P<g>{_CHAIN})(?![,&]+A?[PKo]?[PK])"),
            ("before-comma", rf"(?P<g>{_GROUP}){_ANY}{{0,3}},(?P<p>[DI])"),
        )
    )


def _code(layout: Layout, first: int, end: int) -> _Coded:
    """Letters of a sentence; an age («36-летний», «30 лет») is no number of people."""
    letters = list(map(LETTERS.__getitem__, layout.folds[first:end]))
    if "Y" not in letters:
        return _Coded("".join(letters), list(compress(range(first, end), letters)), layout)
    tokens: list[int] = []
    for number, letter in enumerate(letters, first):
        if letter == "Y":
            if tokens and letters[tokens[-1] - first] == "N":
                tokens.pop()
        elif letter:
            tokens.append(number)
    return _Coded("".join([letters[number - first] for number in tokens]), tokens, layout)


def _people(coded: _Coded, start: int, end: int) -> tuple[int, int]:
    """People and children among them in letters[start:end]."""
    people = children = 0
    at = start
    while at < end:
        letter = coded.letters[at]
        if letter in "NM":
            count = coded.value(at)
            noun = _NOUN.match(coded.letters, at + 1, end)
            people += count
            children += count if noun and noun[1] in "Kc" else 0
            at = noun.end() if noun else at + 1
            continue
        people += letter in "schPr"
        children += letter == "c"
        at += 1
    return people, children


def _count(kind: str, rule: str, coded: _Coded, span: tuple[int, int], whole: tuple[int, int]) -> _Count | None:
    people, children = _people(coded, *span)
    if not 0 < people < _MOST:
        return None
    more = "E" in coded.letters[max(0, whole[0] - 2) : whole[1]]
    return _Count(kind, rule, people, children, more, *coded.span(*whole))


def _nouns(coded: _Coded) -> Iterator[_Count]:
    letters = _SAID.intersection(coded.letters)
    for kind, rule, pattern in _rules() if letters else ():
        if _NEEDED[rule].isdisjoint(letters):
            continue
        for found in pattern.finditer(coded.letters):
            groups = [name for name in ("g", "h") if name in pattern.groupindex and found[name]]
            for name in groups[:1]:
                count = _count(kind, rule, coded, found.span(name), found.span())
                if count:
                    yield count


def _predicate_counts(coded: _Coded) -> Iterator[_Count]:
    """Each «погиб», «ранен» with its people: those right before it, else after it, else before a comma."""
    taken: set[int] = set()
    told = "D" in coded.letters or "I" in coded.letters
    for name, pattern in _predicates() if told else ():
        for found in pattern.finditer(coded.letters):
            at = found.start("p")
            if at in taken or coded.letters[max(0, at - 1)] == "H":
                continue
            taken.add(at)
            kind = "dead" if found["p"] == "D" else "injured"
            count = _count(kind, name, coded, found.span("g"), found.span())
            if count:
                yield count


_NOUN = re.compile(r"[Ao]{0,2}([PKsch])")
_INCLUDING = re.compile(r"[,;-]o?W+-?(?P<g>(?:[NM]A?[Kc]|[Kc])(?:&(?:[NM]?[PKsc]))?)(?:[,-])?")


def _included(coded: _Coded) -> tuple[_Coded, int]:
    """«…, включая двоих детей, …»: the sentence without it, and the children that it names."""
    found = _INCLUDING.search(coded.letters)
    if not found:
        return coded, 0
    children = _people(coded, *found.span("g"))[1] or (1 if "c" in found["g"] else 0)
    start, end = found.span()
    letters, tokens = coded.letters, coded.tokens
    return _Coded(letters[:start] + letters[end:], [*tokens[:start], *tokens[end:]], coded.layout), children


class _Found(NamedTuple):
    dead: int | None = None
    injured: int | None = None
    children: int | None = None
    reasons: tuple[Reason, ...] = ()


_NOTHING = _Found()
_SILENCE = Casualties()
_start = attrgetter("start")


def _total(counts: Sequence[_Count], kind: str) -> int | None:
    """The first count of a kind, and those after it that are said to be more («ещё двое»)."""
    mine = [count for count in counts if count.kind == kind]
    if not mine:
        return None
    extra = [count.people for count in mine[1:] if count.more and count.start >= mine[0].end]
    return mine[0].people + sum(extra)


@lru_cache(maxsize=1)
def _nobody() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for name, pattern in load("casualties")["nobody"].items()}


def _none_said(story: Story, denials: list[int], kind: str) -> re.Match[str] | None:
    """The first words of the story that deny that anyone was hurt, if they do not say that nothing is known."""
    folded, (begin, end) = story.folded, story.frame.main
    match = _nobody()[kind].match
    starts = map(story.layout.starts.__getitem__, denials)
    found = next(filter(None, (match(folded, start, end) for start in starts if start >= begin)), None)
    if found and _nobody()["unknown"].search(folded, max(0, found.start() - 24), found.end()):
        return None
    return found


def _counts(story: Story) -> tuple[list[_Count], int]:
    """Counts of the story's sentences in order, and the children that an «включая …» names."""
    hurt = story.layout.among(HURT)
    counts: list[_Count] = []
    including = 0
    for first, end in story.told if hurt else ():
        last = min(end, first + _MAX_WORDS)
        if bisect_left(hurt, first) == bisect_left(hurt, last):
            continue
        coded, children = _included(_code(story.layout, first, last))
        including = including or children
        counts += sorted((*_nouns(coded), *_predicate_counts(coded)), key=_start)
    return counts, including


def _side(raw: str, source: str) -> _Found:
    story = read_story(raw)
    if not story.layout.mask & (HURT | DENIAL):
        return _NOTHING
    counts, including = _counts(story)
    dead, injured = (_total(counts, "dead"), _total(counts, "injured")) if counts else (None, None)
    reasons = [_reason(story, source, f"casualties:{c.rule}", _NOTES[c.kind], (c.start, c.end)) for c in counts]
    denials = story.layout.among(DENIAL)
    for kind in ("hurt", "dead") if denials else ():
        found = _none_said(story, denials, kind)
        if found is None:
            continue
        reasons.append(
            _reason(story, source, f"casualties:nobody-{kind}", "пострадавших или погибших нет", found.span())
        )
        dead = 0 if dead is None else dead
        injured = 0 if kind == "hurt" and injured is None else injured
    children = sum(count.children for count in counts) or including
    return _Found(dead, injured, children or None, tuple(reasons))


def _reason(story: Story, source: str, rule: str, note: str, span: Span) -> Reason:
    return Reason(rule, note, *span, source, story.raw[slice(*span)])


def read(
    text: str, title: str | None = None, *, category: Category | None = None
) -> tuple[Casualties, tuple[Reason, ...]]:
    """Dead, injured and children by the text, else by the title; with the reasons.

    «никто не пострадал» is 0 dead (unless the dead are named) and 0 injured; silence is None. Who «пострадал» in a
    fraud lost money: no casualty.
    """
    if category is Category.FRAUD:
        return _SILENCE, ()
    body = _side(text, "text")
    head = _side(title, "title") if title else _NOTHING
    if body is _NOTHING and head is _NOTHING:
        return _SILENCE, ()
    said = [other if one is None else one for one, other in zip(body[:3], head[:3], strict=True)]
    return Casualties(*said), body.reasons + head.reasons
