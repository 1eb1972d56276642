"""Times of a text with their use: the event's, its end's, a supply window's, a report's, another one's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from kubmap.domain import Category
from kubmap.text.anchors import Phrases
from kubmap.text.clocks import Clock
from kubmap.text.data import load
from kubmap.text.days import Day
from kubmap.text.frame import Span
from kubmap.text.sides import BREAK, REACH, Side, sentence_at, verb_near, verbs

_RIGHT_BEFORE = 25  # characters before a clock where its revision is said
EXACT = 0.4
"""«около полудня … в 12.10»: minutes are nearer to the truth than a word."""
_BASE = {"event": 2.0, "report": 1.0, "end": 1.0, "other": -1.0, "supply": -1.0}
"""What the use of a clock adds to its score."""
_STEP = 4  # characters between a day and its clock («9 мая в 6:00»)
_CLAUSE = 30  # the same where it is asked which clause a clock belongs to
_FOUND = re.compile(r"(?<!\w)(?:жив[аы]?|наш[её]лс?я?|нашл[аи]с?ь?|найден[аы]?)(?!\w)")
_GOT = re.compile(
    r"(?:\s+(?:утра|вечера|дня|ночи|часов))?(?:\s+(?:до|по)\s+\d[\d:.]*(?:\s+\w+)?)?(?:\s+\w+){0,2}\s+(?:получал|подавал)"
)
_SAID = re.compile(r"(?:сообщил|узнал|заявил|известно)[^,;:.]*$")
_REPORTED = frozenset({Category.MISSING_PERSON, Category.FIRE})  # «о пропаже сообщили в 17:20»
_INTERVALS = frozenset({Category.ROAD_CLOSURE, Category.FLOOD_WEATHER, Category.OTHER_EMERGENCY})


class Stamp(NamedTuple):
    """A clock with its day and its use: event, end, supply, report or other; higher `score` is nearer the event."""

    clock: Clock
    day: Day | None
    use: str
    score: float
    sentence: Span
    side: Side


def may_end(category: Category) -> bool:
    """Whether an event of the category has an end that a text may give (an accident has none)."""
    return category.is_outage or category in _INTERVALS


@lru_cache(maxsize=1)
def _supplies() -> tuple[Phrases, Phrases]:
    """Words of supply, and those of a cut."""
    said = load("when")["verbs"]
    return Phrases(said["supply"]), Phrases(said["cut"])


@lru_cache(maxsize=1)
def _stopped() -> re.Pattern[str]:
    """What stands before «подачу», «подавать» that makes them the opposite."""
    return re.compile(load("when")["verbs"]["no_supply"])


def _beside(side: Side, clock: Clock, sentence: Span) -> Day | None:
    """The day of a clock: right after it («22:00 6 мая»), else the nearest of its sentence, rather one before it."""
    best: tuple[float, Day] | None = None
    for day in side.days:
        if not sentence[0] <= day.start < sentence[1]:
            continue
        after = day.start - clock.end
        gap = side.folded[clock.end : day.start] if after >= 0 else ""
        direct = after >= 0 and re.fullmatch(r"(?:\s|,|час[а-я]*|мск|по|утра|в|ночи)*", gap) is not None
        distance = -1.0 if direct else float(clock.start - day.end) if after < 0 else after + 15.0
        if best is None or distance < best[0]:
            best = (distance, day)
    return best[1] if best else None


def _is_supply(side: Side, clock: Clock) -> bool:
    """Whether words of supply, and none of a cut, stand before the window in its sentence."""
    if _GOT.match(side.folded, clock.end):
        return True
    start = sentence_at(side, clock.start)[0]
    supply, cut = (phrases.find(side.folded, side.layout, start, clock.start) for phrases in _supplies())
    last = cut[-1].end() if cut else 0
    return any(
        found.end() > last and not _stopped().search(side.folded, start, found.start()) for found in reversed(supply)
    )


def _is_revised(side: Side, clock: Clock) -> bool:
    """«… но срок продлили до 15:30»: an end said anew, right before the clock."""
    return verbs()["revised"].search(side.folded, max(0, clock.start - _RIGHT_BEFORE), clock.start) is not None


def _around(side: Side, clock: Clock) -> Span:
    """What of the clock's sentence is within reach of it."""
    start, end = sentence_at(side, clock.start)
    return max(start, clock.start - REACH), min(end, clock.end + REACH)


@lru_cache(maxsize=1)
def _doused() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{load('when')['douse']['verbs']})")


def _is_doused(side: Side, clock: Clock) -> bool:
    """Whether the nearest verb to the clock says that the fire is out."""
    start, end = _around(side, clock)
    events = [
        *verbs()["event"].finditer(side.folded, start, end),
        *verbs()["report"].finditer(side.folded, start, end),
    ]
    gaps = [_gap(side, found, clock) for found in _doused().finditer(side.folded, start, end)]
    other = [_gap(side, found, clock) for found in events if found.group() != "пожар"]
    return bool(gaps) and min(gaps) < min(other, default=REACH)


def _gap(side: Side, found: re.Match[str], clock: Clock) -> int:
    """Characters between a verb and the clock; a comma between them counts for more."""
    first, last = (clock.end, found.start()) if found.start() >= clock.end else (found.end(), clock.start)
    return last - first + (_CLAUSE if BREAK.search(side.folded, first, last) else 0)


@lru_cache(maxsize=1)
def _told() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{load('when')['told']['report']})")


def _is_told(side: Side, clock: Clock) -> bool:
    """«О пропаже … сообщили 30 сентября в 17:20»: the verb right before the clock, what it is about in its sentence."""
    if not _SAID.search(side.folded, max(0, clock.start - _RIGHT_BEFORE), clock.start):
        return False
    start, end = sentence_at(side, clock.start)
    return _told().search(side.folded, start, end) is not None


@lru_cache(maxsize=1)
def _due() -> re.Pattern[str]:
    return re.compile(load("when")["due"]["before"])


def is_due(side: Side, clock: Clock) -> bool:
    """«Ориентировочное время подачи воды — 20:00»."""
    return _due().search(side.folded, max(0, clock.start - 2 * REACH), clock.start) is not None


def _with_role(clock: Clock, day: Day | None) -> Clock:
    """«до 9 мая, 6:00»: a clock right after a day takes what stands before the day."""
    if day is None or clock.role in {"start", "end"} or day.role not in {"start", "end"}:
        return clock
    return clock._replace(role=day.role) if 0 <= clock.start - day.end <= _STEP else clock


@lru_cache(maxsize=1)
def _former() -> tuple[re.Pattern[str], Phrases, re.Pattern[str]]:
    former = load("when")["former"]
    return re.compile(former["before"]), Phrases(former["promised"]), re.compile(former["now"])


def _is_former(side: Side, clock: Clock) -> bool:
    """A promised time that no longer holds: «ранее планировали вернуть в 14:00», «обещали в 14, новый срок…»."""
    before, promised, now = _former()
    folded, low = side.folded, max(0, clock.start - 3 * REACH)
    start = max(folded.rfind(".", low, clock.start) + 1, folded.rfind(";", low, clock.start) + 1, low)
    if not promised.find(folded, side.layout, start, clock.start):
        return False
    return (
        before.search(folded, start, clock.start) is not None
        or now.match(folded, clock.end, clock.end + REACH) is not None
    )


def _use_of_outage(side: Side, clock: Clock, kind: str) -> str:
    if _is_former(side, clock):
        return "other"
    if clock.role in {"start", "end"} and _is_supply(side, clock) and kind != "end":
        return "supply"
    if kind not in {"", "event"}:
        return kind
    ends = clock.role == "end" or (clock.role != "start" and (is_due(side, clock) or _is_revised(side, clock)))
    return "end" if ends else "event"


def _use(side: Side, clock: Clock, category: Category, kind: str) -> str:
    """What the clock is of, by the nearest verb and by what its category may have."""
    if category.is_outage:
        return _use_of_outage(side, clock, kind)
    use = kind or "event"
    if use == "event" and clock.role == "end" and may_end(category):
        return "end"
    if category is Category.FIRE and _is_doused(side, clock):
        return "end"  # «к 04:53 пожар потушили»
    if category in _REPORTED and kind == "other" and _is_told(side, clock):
        return "report"
    if category is Category.MISSING_PERSON:
        return "end" if not kind and _FOUND.search(side.folded) else use  # «жив: в 16:40 вышел к патрулю»
    return "other" if use == "end" and not may_end(category) else use


def make_stamp(side: Side, clock: Clock, category: Category) -> Stamp:
    """The clock with its day, its use by the nearest verb, and how near it is to the event."""
    sentence = sentence_at(side, clock.start)
    day = _beside(side, clock, sentence)
    clock = _with_role(clock, day)
    kind, near = verb_near(side, (clock.start, clock.end))
    use = _use(side, clock, category, kind)
    score = _BASE[use] + near + (0.3 if clock.role else 0.0) - (0.5 if side.source == "title" else 0.0)
    score -= 1.0 if side.frame.in_recall(clock.start) else 0.0
    score += EXACT if clock.minute % 60 and any(map(str.isdigit, side.folded[clock.start : clock.end])) else 0.0
    score += 2.0 if use == "end" and _is_revised(side, clock) else 0.0
    return Stamp(clock, day, use, score, sentence, side)
