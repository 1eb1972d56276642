"""The gates of the place rules and the anchors of patterns change what it costs to read a text, never what is read."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kubmap.atlas import kilometres
from kubmap.atlas.atlas import load_atlas
from kubmap.atlas.words import fold
from kubmap.domain import Category
from kubmap.geocode import resolve as resolving
from kubmap.text import casualties, clocks, cues, days, frame, outage, relations, rolerules, roles, sides, where
from kubmap.text.anchors import Phrases, find_from
from kubmap.text.coded import code
from kubmap.text.data import load
from kubmap.text.frame import read_story
from kubmap.text.marks import HURT
from kubmap.text.places import Mention
from kubmap.text.scan import Scan
from kubmap.text.tokens import Layout, lay_out

ATLAS = load_atlas()
HERE = Path(__file__).parent


def _texts() -> list[str]:
    """Golden lines, sample teasers, and lines of their words in disorder."""
    lines = [line for path in sorted((HERE / "golden").glob("*.txt")) for line in path.read_text("utf-8").split("\n")]
    lines += [json.loads(line)["teaser"] for line in (HERE / "gold" / "dev.jsonl").read_text("utf-8").splitlines()]
    chance = random.Random(7)
    words = [word for line in lines for word in line.split()]
    mixed = [chance.choice([" ", ", ", "-", ". "]).join(chance.choices(words, k=15)) for _ in range(400)]
    return [*chance.sample(lines, min(900, len(lines))), *mixed]


TEXTS = _texts()


def _everywhere(scan: Scan) -> list[tuple[int, object]]:
    return [(i, where._ALL) for i in range(scan.size) if where._may_start(scan, i)]


def test_rules_read_the_same_without_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    gated = [where.mentions(text, text[:60], ATLAS) for text in TEXTS]
    monkeypatch.setattr(where, "_plan", _everywhere)
    assert sum(map(len, gated)) > 500
    for text, found in zip(TEXTS, gated, strict=True):
        assert where.mentions(text, text[:60], ATLAS) == found, text


def _search(
    pattern: re.Pattern[str], folded: str, layout: Layout, _begin: Iterable[int]
) -> Iterator[tuple[int, re.Match[str]]]:
    for found in pattern.finditer(folded):
        yield layout.starts.index(found.start()), found


def test_days_and_clocks_are_found_wherever_their_patterns_match(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(days.days(fold(text)), clocks.clocks(fold(text))) for text in TEXTS]
    monkeypatch.setattr(days, "find_from", _search)
    monkeypatch.setattr(clocks, "find_from", _search)
    assert sum(len(day) + len(clock) for day, clock in found) > 300
    for text, (day, clock) in zip(TEXTS, found, strict=True):
        assert days.days(fold(text)) == day, text
        assert clocks.clocks(fold(text)) == clock, text


def test_a_word_before_a_time_says_alone_what_its_phrase_says() -> None:
    roles = 0
    for folded in map(fold, TEXTS):
        layout = lay_out(folded)
        for number, start in enumerate(layout.starts[1:], 1):
            before = folded[max(0, start - 40) : start]
            role = clocks._said(before)
            assert clocks.role_of(layout, number, before) == role, before
            roles += role is not None
    assert roles > 500


def test_a_pattern_is_tried_where_a_match_may_begin() -> None:
    folded = "дом 5 и дом 7, дома"
    hits = find_from(re.compile(r"дом \d"), folded, lay_out(folded), [0, 3, 6])
    assert [(number, found.group()) for number, found in hits] == [(0, "дом 5"), (3, "дом 7")]


def test_a_kilometre_pattern_that_matches_has_what_it_needs() -> None:
    patterns = [pattern for kind in kilometres._PATTERNS.values() for pattern in kind if pattern.needs or pattern.shape]
    hits = [(pattern, text) for pattern in patterns for text in map(fold, TEXTS) if pattern.regex.search(text)]
    assert len(patterns) > 8
    assert len({pattern.name for pattern, _ in hits}) > 3
    assert all(list(pattern.matches(text)) for pattern, text in hits)
    assert all(pattern.shape in kilometres._shapes(text) for pattern, text in hits)


def test_verbs_are_found_wherever_their_patterns_match() -> None:
    total = 0
    for text in TEXTS:
        side = sides.read_side(text, "text")
        found = [
            (number, *match.span())
            for number, kind in enumerate(sides._NEAR)
            for match in sides.verbs()[kind].finditer(side.folded, 5, len(side.folded) - 5)
        ]
        assert sides._verbs_between(side, 5, len(side.folded) - 5) == found, text
        total += len(found)
    assert total > 200


def test_phrases_are_found_wherever_their_patterns_match() -> None:
    said = load("when")
    total = 0
    for phrases in (*said["told"].values(), said["verbs"]["supply"], said["verbs"]["cut"], said["former"]["promised"]):
        pattern, begun = re.compile(rf"(?<!\w)(?:{phrases})"), Phrases(phrases)
        for folded in map(fold, TEXTS):
            found = [match.span() for match in begun.find(folded, lay_out(folded), 0, 200)]
            assert found == [match.span() for match in pattern.finditer(folded, 0, 200)], folded
            total += len(found)
    assert total > 500


def test_roles_are_the_same_when_every_rule_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [where.mentions(text, None, ATLAS) for text in TEXTS]
    monkeypatch.setattr(rolerules, "_ASKED", _EveryRole())
    for module in (roles, relations):
        monkeypatch.setattr(module, "METRES", -1)
    monkeypatch.setattr(roles, "_joined", _asked_of_all)
    assert [where.mentions(text, None, ATLAS) for text in TEXTS] == some


class _EveryRole(dict[int, object]):
    def __missing__(self, _told: int) -> object:
        return tuple(rule for rule, _ in rolerules._ROLES)


def _asked_of_all(scan: Scan, found: list[Mention], _joints: set[str]) -> list[Mention]:
    return roles._between(scan, roles._shared(roles._onward(scan, roles._listed(scan, found))))


def test_people_hurt_are_counted_the_same_when_every_rule_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [casualties.read(text) for text in TEXTS]
    monkeypatch.setattr(casualties, "_NEEDED", dict.fromkeys(casualties._NEEDED, _AllLetters()))
    assert [casualties.read(text) for text in TEXTS] == counted
    assert sum(bool(reasons) for _, reasons in counted) > 50


class _Anything(dict[str, bool]):
    def __missing__(self, _word: str) -> bool:
        return True


def test_frames_are_the_same_without_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        *TEXTS,
        *(f"КРАСНОДАР, 5 мая — ТАСС. {text}" for text in TEXTS[:50]),
        *(f"РИА Новости. {text}" for text in TEXTS[:50]),
    ]
    framed = [frame.read_frame(text) for text in texts]
    assert sum(each.dateline is not None for each in framed) > 80
    monkeypatch.setattr(frame, "_goes_on", lambda *_: False)
    monkeypatch.setattr(frame, "_cut", _Anything)
    for text, each in zip(texts, framed, strict=True):
        assert frame.read_frame(text) == each, text


def test_two_classes_are_found_together_as_more_would_be() -> None:
    chance = random.Random(3)
    for _ in range(2000):
        places = [sorted(chance.sample(range(12), chance.randint(1, 4))) for _ in range(2)]
        within = chance.randint(1, 8)
        assert cues._pair(places, within) == cues._cluster(places, within), (places, within)


class _AllLetters(frozenset[str]):
    def isdisjoint(self, _other: object) -> bool:
        return False


def test_a_text_without_marks_has_nothing_to_count() -> None:
    """A sentence without a word for people hurt counts nobody, whatever rules are tried."""
    for text in TEXTS:
        story = read_story(text)
        for first, end in story.told:
            if not any(first <= number < end for number in story.layout.among(HURT)):
                coded = code(story.layout, first, end)
                assert not [*casualties._nouns(coded), *casualties._predicate_counts(coded)], text


def test_the_place_is_the_same_when_every_rule_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = [where.mentions(text, text[:60], ATLAS) for text in TEXTS]
    found = [resolving.resolve(named, ATLAS, category=Category.OTHER_EMERGENCY) for named in drafts]
    monkeypatch.setattr(resolving, "_ASKED", _EveryRule())
    for named, one in zip(drafts, found, strict=True):
        assert resolving.resolve(named, ATLAS, category=Category.OTHER_EMERGENCY) == one


class _EveryRule(dict[object, object]):
    def __missing__(self, _kinds: object) -> object:
        return tuple(rule for rule, _ in resolving.RULES)


def test_a_pattern_of_outages_that_matches_has_what_it_needs() -> None:
    provider, streets, _ = outage._written()
    tried = [(pattern, fold(text)) for pattern in outage._folded().values() for text in TEXTS]
    tried += [(pattern, text) for pattern in (provider, streets) for text in TEXTS]
    hits = [(pattern, text) for pattern, text in tried if pattern.regex.search(text)]
    assert len({pattern.regex for pattern, _ in hits}) > 8
    assert all(pattern.search(text) for pattern, text in hits)
