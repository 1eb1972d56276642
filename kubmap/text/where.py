"""Places named in a teaser, as data with spans: what each phrase names, its candidates, and the part that it plays.

Rules are tiny functions tried in order at each token; the first that reads something wins. The words that they look for
are in rules/where.toml and rules/outside.toml, the names in the atlas. Nothing is decided here: see geocode.resolve.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import compress
from operator import getitem
from typing import TYPE_CHECKING, TypeAlias

from kubmap.atlas.asked import Asked
from kubmap.atlas.roadwords import stem
from kubmap.text import districts, landmarks, plain, region, settle, streets
from kubmap.text.asides import asides
from kubmap.text.data import load
from kubmap.text.frame import Frame, read_frame
from kubmap.text.gates import TITLE, Gates
from kubmap.text.marks import BETWEEN
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention
from kubmap.text.placewords import place_words
from kubmap.text.quotes import enterprise
from kubmap.text.roles import assign
from kubmap.text.routes import km_of_title, providers, roads
from kubmap.text.scan import OPEN, Scan

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

MAX_CHARACTERS = 20_000
"""Of a longer text only the beginning is read: a teaser has about 400 characters."""

Rule = Callable[[Scan, int], "list[Mention] | None"]

RULES: Sequence[tuple[str, Rule]] = (
    ("street", streets.street),
    ("airport", region.airport),
    ("landmark", landmarks.landmark),
    ("capital", region.capital),
    ("krai", region.krai),
    ("zone", region.zone),
    ("other_region", region.other_region),
    ("district", districts.district),
    ("typed", settle.typed),
    ("enterprise", enterprise),
    ("plain", plain.plain),
    ("slip", plain.slip),
    ("people", region.people),
    ("adjective", region.adjective),
    ("outside", plain.outside),
    ("bare_region", region.bare_region),
    ("tram", region.tram),
)


def mentions(
    text: str, title: str | None, atlas: Atlas, frame: Frame | None = None, *, lax: bool = False
) -> tuple[Mention, ...]:
    """Every place that the text, then the title, names, in order; spans are offsets into the source.

    `frame` is that of the text; `lax` reads names in lower case and ordinary words too (for a query that is a place).
    """
    text, title = text[:MAX_CHARACTERS], title and title[:MAX_CHARACTERS]
    found = read_source(text, "text", atlas, frame or read_frame(text), lax=lax)
    if title:
        head = read_source(title, "title", atlas, None, lax=lax)
        found = asides(found, head, frame or read_frame(text), atlas)
        found += km_of_title(text, frame or read_frame(text), found, head) + head
    return tuple(found)


def read_source(text: str, source: str, atlas: Atlas, frame: Frame | None, *, lax: bool = False) -> list[Mention]:
    """The mentions of one source."""
    scan = Scan(text, source, atlas, frame, lax=lax)
    claimed = [*roads(scan), *providers(scan)]
    if len(claimed) > 1:
        claimed.sort(key=lambda m: (m.start, -m.end))
    walk(scan, claimed)
    return assign(scan, scan.found)


def walk(scan: Scan, claimed: list[Mention]) -> None:
    """Try the rules at each token that no road or provider has claimed."""
    plan = _plan(scan)
    at = 0
    for claim in claimed:
        first = max(at, bisect_left(scan.starts, claim.start))
        at = max(_stretch(scan, plan, at, first, claim.start), first)
        if at < scan.size and scan.starts[at] < claim.end:
            scan.found.append(claim)
            at = max(at, bisect_left(scan.starts, claim.end))
    _stretch(scan, plan, at, scan.size, len(scan.text))


_Plan: TypeAlias = "list[tuple[int, Sequence[Rule]]]"
"""Tokens and the rules to try there, in order."""


def _stretch(scan: Scan, plan: _Plan, at: int, end: int, limit: int) -> int:
    """Read the tokens [at, end) up to the character `limit`; the token to go on with."""
    for i, rules in plan:
        if at <= i < end:
            for rule in rules:
                found = rule(scan, i)
                if found is not None:  # the first rule that reads something wins
                    at = _taken(scan, i, found, limit)
                    break
    return at


_ALL: Sequence[Rule] = tuple(rule for _, rule in RULES)


def _plan(scan: Scan) -> _Plan:
    """What to try where: rules are tried at one token in twelve, and nearly always read something there."""
    if scan.lax:
        return [(i, _ALL) for i in range(scan.size) if _may_start(scan, i)]
    gates = gates_of(scan.atlas)[scan.mask & BETWEEN > 0]
    after, text, starts, wholes = gates.after, scan.text, scan.starts, scan.wholes
    asked = list(map(gates.__getitem__, scan.folds))
    for i, (word, _) in wholes.items():
        asked[i] = gates[word]
    tokens = list(compress(range(scan.size), asked))
    titles = map(str.isupper, map(text.__getitem__, map(starts.__getitem__, tokens)))
    plan: _Plan = []
    for i, choice in zip(tokens, map(getitem, map(asked.__getitem__, tokens), titles), strict=True):
        if choice is not None:
            end = wholes[i][1] if i in wholes else i + 1
            title = end < scan.size and text[starts[end]].isupper()
            plan.append((i, choice[after[scan.fold[end]] | TITLE * title]))
    return plan


def _taken(scan: Scan, i: int, found: list[Mention], limit: int) -> int:
    """Keep what a rule has read at token `i` up to the character `limit`; the token to go on with."""
    end = 0
    for mention in found:
        if mention.end <= limit:
            end = max(end, mention.end)
            if mention.rule != "enterprise":
                scan.found.append(mention)
    return max(i + 1, bisect_left(scan.starts, end, i))


def _may_start(scan: Scan, i: int) -> bool:
    """Whether any rule could read something at token `i`: most lower-case words name nothing."""
    if scan.is_mark(i):
        return scan.folds[i] in OPEN
    return scan.lax or not scan.text[scan.starts[i]].islower() or starters(scan.atlas)[scan.folds[i]]


class _Starters(Asked[bool]):
    """Lower-case words at which a rule may begin: those of the rules, adjectives and people of places."""

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self._atlas = atlas

    def tell(self, word: str) -> bool:
        kinds = {match.kind for match in self._atlas.names.match([word], 0)}
        return (
            word in _rule_words()
            or bool(kinds & {"adj", "demonym"})
            or word.partition("-")[0] in _COMPOUND
            or stem(word) in landmarks.heads(self._atlas)
        )


_COMPOUND = frozenset({"усть", "приморско"})
"""First parts of adjectives of two-word names."""


@per_atlas
def starters(atlas: Atlas) -> _Starters:
    return _Starters(atlas)


@per_atlas
def gates_of(atlas: Atlas) -> tuple[Gates[Rule], Gates[Rule]]:
    """The gates of an atlas, filled as words are met: of texts without «между» and of those with it."""
    begins = starters(atlas).__getitem__
    alone = [(name, rule) for name, rule in RULES if rule is not plain.slip]
    return Gates(atlas, alone, begins), Gates(atlas, RULES, begins)


@lru_cache(maxsize=1)
def _rule_words() -> frozenset[str]:
    w = place_words()
    found = {*w.types, *w.district_one, *w.people_outside}
    for path in (("street", "before"), ("krai", "people"), ("krai", "noun"), ("enterprise", "after")):
        found |= w.words(*path)
    found |= w.words("krai", "tram")
    found |= {phrase.split(" ")[0] for phrase in w.sections["krai"]["capital"]}
    found |= set(load("outside")["region"]["bare"]) | set(w.sections["airport"]["starts"])
    return frozenset(word.split("-")[0] for word in found)
