"""People hurt: dead, injured and children among them; 0 where the text says that there were none, None in silence.

Every word becomes one letter of casualties.toml (N a number, M a number of people, P people, s one person, D «погиб»…),
so that «погибли ребёнок и трое взрослых» is «Dc&MP» and a rule is a short pattern over letters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from kubmap.domain import Casualties, Category, Reason
from kubmap.text.coded import Coded, code, fatal, included, people_in
from kubmap.text.data import load
from kubmap.text.frame import Span, Story, read_story
from kubmap.text.marks import DENIAL, HURT

_MAX_WORDS = 300  # words of one sentence that are read
_MOST = 10_000  # people: a larger number is a population
_NOTES = {"dead": "погибшие", "injured": "пострадавшие"}

# One quantified group: «двое», «трое взрослых», «5 человек», «ребёнок», «36-летний мотоциклист», «погиб человек».
_GROUP = (
    r"(?:M[Ao]?[PKsch]?|N{1,2}A?o?[PKsch]|N(?=[DId])|N(?=Q[oA]{0,2}I)|(?<=E)N(?=ooI)|(?<=[DISGZ])N(?![Bo])|A?[sc]"
    r"|(?<=[DIG])h|h(?=[DI]))"
)
_CHAIN = rf"{_GROUP}(?:(?:,?&E?{_GROUP})|,{_GROUP}(?![oAQPKsch]{{0,4}}[DIV]))*"
ONE = "one"
"""The rule for one who is called «погибший» or «пострадавший»: counts where nothing else tells a number."""
PRONOUN = "pronoun"
"""The rule for «он скончался»: the one who was injured has died."""
_ANY = r"[oABEWCQnp]"
_STRUCK = rf"(?:{_CHAIN}|[PKh])"
_RULES: tuple[tuple[str, str, str], ...] = (
    ("dead", "toll", rf"T{_ANY}{{0,2}}(?P<g>[NM])?L(?P<h>{_CHAIN})?"),
    ("dead", "lives", r"(?P<g>[NM])LT"),
    ("dead", "noun", r"(?P<g>[NM])A?[de]"),
    ("dead", "noun-after", r"d(?:S|o){0,3}-?o?(?P<g>M|N(?=[.,;&PKsch-]|$))"),
    ("dead", "victims", r"Z[oABEWCN]{0,6}S(?P<g>" + _CHAIN + ")"),
    ("dead", "became-victims", rf"(?P<g>{_CHAIN})SZ(?!o?F)"),
    ("dead", "victims-count", r"(?P<g>[NM])[XZ](?!o?F)"),
    ("dead", "death-of", rf"G(?P<g>{_CHAIN})"),
    ("dead", "gone", rf"(?P<g>{_CHAIN}){_ANY}{{0,1}}H[SV]"),
    ("dead", "gone-after", rf"HV(?P<g>{_CHAIN})"),
    ("dead", "with-one-dead", r"C(?P<g>r)"),
    ("dead", "participle", rf"(?P<g>{_CHAIN}),[de](?!o?[NM])"),
    ("dead", "struck", rf"m{_ANY}{{0,3}}(?P<g>{_STRUCK})"),
    ("dead", "struck-before", rf"(?P<g>{_STRUCK}){_ANY}{{0,3}}m(?!{_ANY}{{0,3}}{_STRUCK})"),
    ("dead", "found-dead", rf"(?P<g>{_CHAIN}){_ANY}{{0,3}}w"),
    ("dead", "bodies", rf"z[oAe]?(?P<g>{_CHAIN})"),
    ("dead", "body-of-child", rf"(?:n{_ANY}{{0,3}}b[oAe]?(?P<g>[Kc]))"),
    ("dead", "body", rf"n{_ANY}{{0,3}}(?P<g>b)"),
    ("dead", "body-found", r"(?P<g>b)[oAesPKc]{0,4}n"),
    ("dead", "later", r"Do?(?P<g>j)"),
    ("dead", ONE, r"(?P<g>e[sc]?)"),
    ("injured", "noun", r"(?P<g>[NM])A?[ij]"),
    ("injured", "noun-after", r"i(?:S|o){0,3}-?o?(?P<g>M|N(?=[.,;&PKsch-]|$))"),
    ("injured", "participle", rf"(?P<g>{_CHAIN}),[ij](?!o?[NM])"),
    ("injured", ONE, r"(?<!D)(?<!Do)(?P<g>j[sc]?)"),
)

_NEEDED: dict[str, frozenset[str]] = {
    "toll": frozenset("T"), "lives": frozenset("T"), "noun": frozenset("diej"), "noun-after": frozenset("di"),
    "victims": frozenset("Z"), "became-victims": frozenset("Z"), "victims-count": frozenset("XZ"),
    "death-of": frozenset("G"), "gone": frozenset("H"), "gone-after": frozenset("H"), "with-one-dead": frozenset("r"),
    "participle": frozenset("diej"), "struck": frozenset("m"), "struck-before": frozenset("m"),
    "found-dead": frozenset("w"), "bodies": frozenset("z"), "body-of-child": frozenset("b"), "body": frozenset("b"),
    "body-found": frozenset("b"), "later": frozenset("j"), ONE: frozenset("ej"),
}  # fmt: skip
"""Letters of which a sentence must have one for a rule of that name to match."""
_SAID = frozenset[str]().union(*_NEEDED.values())


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
            (PRONOUN, r"(?P<g>p)(?P<p>D)"),
            ("before", rf"(?P<g>{_CHAIN}){_ANY}{{0,3}}(?P<p>[DI])"),
            ("after", rf"(?P<p>[DI]){_ANY}{{0,4}}?(?P<g>{_CHAIN})(?![,&]+A?[PKo]?[PK])(?:;(?P<h>{_CHAIN}))?"),
            ("verb-after", r"(?P<g>[sc])[oABCQn]{1,6}&o?(?P<p>D)"),
            ("subject", r"(?P<g>[sc])[oABCQn]{4,7}(?P<p>[DI])"),
            ("dash", r"(?P<g>[sc])-o(?P<p>I)"),
            ("before-comma", rf"(?P<g>{_GROUP}){_ANY}{{0,3}},(?P<p>[DI])"),
        )
    )


def _count(kind: str, rule: str, coded: Coded, span: tuple[int, int], whole: tuple[int, int]) -> _Count | None:
    people, children = people_in(coded, *span)
    if not 0 < people < _MOST:
        return None
    more = "E" in coded.letters[max(0, whole[0] - 2) : whole[1]]
    return _Count(kind, rule, people, children, more, *coded.span(*whole))


def _nouns(coded: Coded) -> Iterator[_Count]:
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


_JOINT = {PRONOUN: "p", "verb-after": "&", "dash": "-", "before-comma": ","}
"""Letters without which a sentence has no such predicate."""


def _predicate_counts(coded: Coded) -> Iterator[_Count]:
    """Each «погиб», «ранен» with its people: those right before it, else after it, else before a comma."""
    taken: set[int] = set()
    told = "D" in coded.letters or "I" in coded.letters
    for name, pattern in _predicates() if told else ():
        if _JOINT.get(name, "") not in coded.letters:
            continue
        for found in pattern.finditer(coded.letters):
            at = found.start("p")
            if at in taken or coded.letters[max(0, at - 1)] == "H":
                continue
            taken.add(at)
            kind = "dead" if found["p"] == "D" else "injured"
            count = _count(kind, name, coded, found.span("g"), found.span())
            if count:
                yield _listed(coded, found, count) if name == "after" else count


def _listed(coded: Coded, found: re.Match[str], count: _Count) -> _Count:
    """«Пострадали трое: женщина и двое детей»: the children of the list, where it adds up to the number."""
    people, children = people_in(coded, *found.span("h")) if found["h"] else (0, 0)
    return count._replace(children=children) if people == count.people else count


class _Found(NamedTuple):
    dead: int | None = None
    injured: int | None = None
    children: int | None = None
    reasons: tuple[Reason, ...] = ()


_BUT = re.compile(r"[ ,]*кроме ")
_NOTHING = _Found()
_SILENCE = Casualties()
_start = attrgetter("start")


def _total(counts: Sequence[_Count], kind: str) -> int | None:
    """The first count of a kind, and those after it that are said to be more («ещё двое»)."""
    mine = [count for count in counts if count.kind == kind and count.rule != ONE]
    if not mine:
        return 1 if any(count.kind == kind for count in counts) else None
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
    if found and (
        _BUT.match(folded, found.end()) or _nobody()["unknown"].search(folded, max(0, found.start() - 24), found.end())
    ):
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
        coded, children = included(fatal(code(story.layout, first, last)))
        including = including or children
        counts += sorted((*_nouns(coded), *_predicate_counts(coded)), key=_start)
    return _survivors(counts), including


def _survivors(counts: list[_Count]) -> list[_Count]:
    """Without the one injured of whom is said later that he died."""
    died = next((count.start for count in counts if count.rule == PRONOUN), 0)
    return [it for it in counts if not (it.kind == "injured" and it.people == 1 and it.start < died)]


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
    counted = [count for count in counts if count.rule != ONE] or counts
    children = sum(count.children for count in counted) or including
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
