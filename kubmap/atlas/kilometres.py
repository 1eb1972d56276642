"""Km posts in a text («1362 км + 250 м», «с 1384 по 1391 км», «на 59-м километре») and distances («в 14 км от Ейска»).

Patterns are data (rules/kilometres.toml), tried in order; what one has taken, the next cannot. Whatever is no post
(speed, length, a railway platform, a street's name) is taken first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kubmap.atlas.roadrules import read_rules

_RULES = read_rules("kilometres")
_ANY = re.compile(r"км|километр|\d\+\d")


@dataclass(frozen=True, slots=True)
class KmMention:
    """A post, or with `km_to` a stretch; `rule` is the pattern's name, `start` and `end` offsets into the text."""

    start: int
    end: int
    km_from: float
    km_to: float | None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class DistanceMention:
    """«в 14 км от …»: how far from a place that the text names next."""

    km: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`needs`: pieces of text of which one must be there for it to match, `shape` the same as regex."""

    name: str
    regex: re.Pattern[str]
    cued: bool
    needs: tuple[str, ...]
    shape: re.Pattern[str] | None

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        return self.regex.finditer(text) if self._is_possible(text) else iter(())

    def _is_possible(self, text: str) -> bool:
        if self.shape is not None and self.shape.search(text) is None:
            return False
        for piece in self.needs:
            if piece in text:
                return True
        return not self.needs


def _compiled(kind: str) -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(
            row["name"],
            re.compile(_filled(row["pattern"])),
            cued=row.get("cued", False),
            needs=tuple(row.get("needs", ())),
            shape=re.compile(row["shape"]) if "shape" in row else None,
        )
        for row in _RULES[kind]
    )


def _filled(pattern: str) -> str:
    for name, part in _RULES["parts"].items():
        pattern = pattern.replace("{" + name + "}", part)
    return pattern


_SKIP, _POST = _compiled("skip"), _compiled("post")
_CUE = re.compile(_RULES["cue"]["pattern"])
_WORDS: dict[str, int] = _RULES["words"]


def find_km(text: str) -> list[KmMention]:
    """Posts and stretches of a folded text, in order, not overlapping."""
    if not _ANY.search(text):
        return []
    return sorted(_posts(text, _skipped(text)), key=lambda m: m.start)


def find_distances(text: str) -> list[DistanceMention]:
    """Distances from a place, in order."""
    found = [m for name, m in _matches(text, _SKIP) if name == "distance"]
    out = [DistanceMention(_distance(m.groupdict()), m.start(), m.end()) for m in found]
    return sorted(out, key=lambda d: d.start)


def _distance(groups: Mapping[str, str]) -> float:
    if "distance" in groups:
        return _number(groups["distance"])
    return float(_RULES["distances"][groups["distance_word"]])


def _skipped(text: str) -> list[tuple[int, int]]:
    return [match.span() for _, match in _matches(text, _SKIP)]


def _matches(text: str, patterns: tuple[_Pattern, ...]) -> Iterator[tuple[str, re.Match[str]]]:
    taken: list[tuple[int, int]] = []
    for pattern in patterns:
        for match in pattern.matches(text):
            if _free(match, taken):
                taken.append(match.span())
                yield pattern.name, match


def _posts(text: str, taken: list[tuple[int, int]]) -> Iterator[KmMention]:
    for pattern in _POST:
        for match in pattern.matches(text):
            if _free(match, taken) and (not pattern.cued or _has_cue(text, match)):
                mention = _mention(match, pattern.name)
                if mention:
                    taken.append(match.span())
                    yield mention


def _free(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return all(match.end() <= start or match.start() >= end for start, end in taken)


def _has_cue(text: str, match: re.Match[str]) -> bool:
    """A road word or a ref near the match, in the same sentence."""
    before = re.split(r"[!?\n]|\.(?= )", text[max(0, match.start() - _RULES["cue"]["before"]) : match.start()])[-1]
    after = re.split(r"[!?\n]|\.(?= )", text[match.end() : match.end() + _RULES["cue"]["after"]])[0]
    return bool(_CUE.search(before) or _CUE.search(after))


def _mention(match: re.Match[str], rule: str) -> KmMention | None:
    """None when the numbers make no sense (a stretch back to front is turned round)."""
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
