"""Km posts in a text («1362 км + 250 м», «с 1384 по 1391 км», «на 59-м километре») and distances («в 14 км от Ейска»).

Patterns are data (rules/kilometres.toml), tried in order; what one has taken, the next cannot. Whatever is no post
(speed, length, a railway platform, a street's name) is taken first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from kubmap.atlas.roadrules import read_rules

_RULES = read_rules("kilometres")
_ANY = ("км", "километр", "+")


class KmMention(NamedTuple):
    """A post, or with `km_to` a stretch; `rule` is the pattern's name, `start` and `end` offsets into the text."""

    start: int
    end: int
    km_from: float
    km_to: float | None
    rule: str = ""


class DistanceMention(NamedTuple):
    """«в 14 км от …»: how far from a place that the text names next."""

    km: float
    start: int
    end: int


class _Shape(NamedTuple):
    """What several patterns need in a text; looked for only where the shape `of` which it is one is found."""

    name: str
    regex: re.Pattern[str]
    of: str


class _Pattern(NamedTuple):
    """`shape` must be found in a text for it to match, and one of the pieces of text `needs`."""

    name: str
    regex: re.Pattern[str]
    cued: bool
    needs: tuple[str, ...]
    shape: str

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        return iter(()) if self.needs and not _has_any(text, self.needs) else self.regex.finditer(text)


def _has_any(text: str, pieces: tuple[str, ...]) -> bool:
    return any(map(text.__contains__, pieces))


def _compiled(kind: str) -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(
            row["name"],
            re.compile(_filled(row["pattern"])),
            cued=row.get("cued", False),
            needs=tuple(row.get("needs", ())),
            shape=row.get("shape", ""),
        )
        for row in _RULES[kind]
    )


def _filled(pattern: str) -> str:
    for name, part in _RULES["parts"].items():
        pattern = pattern.replace("{" + name + "}", part)
    return pattern


_SHAPES = tuple(_Shape(row["name"], re.compile(row["pattern"]), row.get("of", "")) for row in _RULES["shape"])
_PATTERNS = {kind: _compiled(kind) for kind in ("skip", "post")}
_start = attrgetter("start")
_CUE = re.compile(_RULES["cue"]["pattern"])
_WORDS: dict[str, int] = _RULES["words"]


def _shapes(text: str) -> frozenset[str]:
    """The names of the shapes that a text has."""
    found = {""}
    for name, regex, of in _SHAPES:
        if of in found and regex.search(text):
            found.add(name)
    return frozenset(found)


@lru_cache(maxsize=1024)
def _fitting(kind: str, shapes: frozenset[str]) -> tuple[_Pattern, ...]:
    """The patterns of a kind that may match in a text of these shapes."""
    return tuple(pattern for pattern in _PATTERNS[kind] if pattern.shape in shapes)


def find_km(text: str) -> list[KmMention]:
    """Posts and stretches of a folded text, in order, not overlapping."""
    if not _has_any(text, _ANY):
        return []
    shapes = _shapes(text)
    taken = [match.span() for _, match in _skipped(text, shapes)]
    return sorted(_posts(text, shapes, taken), key=_start)


def find_distances(text: str) -> list[DistanceMention]:
    """Distances from a place, in order."""
    found = [match for name, match in _skipped(text, _shapes(text)) if name == "distance"]
    return sorted([DistanceMention(_distance(m.groupdict()), m.start(), m.end()) for m in found], key=_start)


def _distance(groups: Mapping[str, str]) -> float:
    if "distance" in groups:
        return _number(groups["distance"])
    return float(_RULES["distances"][groups["distance_word"]])


def _skipped(text: str, shapes: frozenset[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Kilometres that are no post, with the names of their patterns."""
    taken: list[tuple[int, int]] = []
    for pattern in _fitting("skip", shapes):
        for match in pattern.matches(text):
            if _free(match, taken):
                taken.append(match.span())
                yield pattern.name, match


def _posts(text: str, shapes: frozenset[str], taken: list[tuple[int, int]]) -> Iterator[KmMention]:
    for pattern in _fitting("post", shapes):
        for match in pattern.matches(text):
            if _free(match, taken) and (not pattern.cued or _has_cue(text, match)):
                taken.append(match.span())
                yield _mention(match, pattern.name)


def _free(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return all(match.end() <= start or match.start() >= end for start, end in taken)


def _has_cue(text: str, match: re.Match[str]) -> bool:
    """A road word or a ref near the match, in the same sentence."""
    before = re.split(r"[!?\n]|\.(?= )", text[max(0, match.start() - _RULES["cue"]["before"]) : match.start()])[-1]
    after = re.split(r"[!?\n]|\.(?= )", text[match.end() : match.end() + _RULES["cue"]["after"]])[0]
    return bool(_CUE.search(before) or _CUE.search(after))


def _mention(match: re.Match[str], rule: str) -> KmMention:
    """The post or the stretch (one back to front is turned round)."""
    groups = match.groupdict()
    low = float(_WORDS[groups["word"]]) if groups.get("word") else _number(match["from"])
    low += _metres(groups.get("metres"))
    if not groups.get("to"):
        return KmMention(match.start(), match.end(), low, None, rule)
    high = _number(match["to"]) + _metres(groups.get("metres_to"))
    return KmMention(match.start(), match.end(), min(low, high), max(low, high), rule)


def _number(text: str) -> float:
    return float(text.replace(" ", "").replace(",", "."))


def _metres(text: str | None) -> float:
    return round(int(text) / 1000, 3) if text else 0.0
