"""When it happened: the event's start and end out of all the times that a teaser names.

A clock is never taken from another story's tail, from a report («сообщил в 12:00») when the event has its own, or from a
supply window («вода будет с 6:00 до 9:00»). A day comes from beside the clock, else from the event's sentence, else from
the title, else it is the day of publication.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from kubmap.atlas.words import fold
from kubmap.domain import MOSCOW, Category, Interval, Moment, Reason
from kubmap.text.clocks import Clock, clocks
from kubmap.text.data import load
from kubmap.text.days import Calendar, Day, days, resolve, resolve_last
from kubmap.text.frame import Frame, Span, read_frame

_LIMIT = 20_000  # characters of a text that are read
_REACH = 60  # characters from a time within which a verb speaks of it
_PAIR = 70  # characters between the two clocks of an interval
_ASIDE = ("report", "other")  # a verb of these speaks of a time only if no comma stands between («…, сообщили в МЧС»)
_TIMELY = re.compile(
    r"\d|час|ноч|утр|вечер|дня|дн[ея]м|вчера|сегодня|накануне|завтра|пол[нд]|суток"
    r"|понедель|вторник|сред[уы]|четверг|пятниц|суббот|воскресен|ого\s"
)
_BREAK = re.compile(r"[,;:—«]")
_INTERVALS = frozenset({Category.ROAD_CLOSURE, Category.FLOOD_WEATHER, Category.OTHER_EMERGENCY})


@dataclass(frozen=True, slots=True)
class When:
    """`starts_at` and `ends_at` of the event; `works` and `supply` are the windows of an outage notice."""

    starts_at: Moment | None
    ends_at: Moment | None
    reasons: tuple[Reason, ...] = ()
    works: Interval | None = None
    supply: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A clock with its day and its use: event, end, supply, report or other; higher `score` is nearer the event."""

    clock: Clock
    day: Day | None
    use: str
    score: float
    sentence: int
    side: _Side


@dataclass(frozen=True, slots=True)
class _Side:
    source: str
    raw: str
    folded: str
    frame: Frame
    sentences: tuple[Span, ...]
    days: list[Day]
    clocks: list[Clock]


@dataclass(frozen=True, slots=True)
class _Context:
    calendar: Calendar
    category: Category
    sides: Sequence[_Side]
    reasons: list[Reason] = field(default_factory=list)

    @property
    def has_end(self) -> bool:
        return self.category.is_outage or self.category in _INTERVALS


@lru_cache(maxsize=1)
def _verbs() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(rf"(?<!\w)(?:{words})") for name, words in load("when")["verbs"].items()}


@lru_cache(maxsize=1)
def _stopped() -> re.Pattern[str]:
    """What stands before «подачу», «подавать» that makes them the opposite."""
    return re.compile(load("when")["verbs"]["no_supply"])


def _side(raw: str, source: str) -> _Side:
    raw = raw[:_LIMIT]
    folded = fold(raw)
    frame = read_frame(raw, folded)
    if not _TIMELY.search(folded):
        return _Side(source, raw, folded, frame, frame.sentences, [], [])
    begin = frame.main[0]

    def told(at: int) -> bool:
        return at >= begin and not frame.in_tail(at)

    found = [clock for clock in clocks(folded) if told(clock.start)]
    return _Side(source, raw, folded, frame, frame.sentences, [d for d in days(folded) if told(d.start)], found)


def _sentence(side: _Side, at: int) -> int:
    return next((n for n, (start, end) in enumerate(side.sentences) if start <= at < end), len(side.sentences))


def _beside(side: _Side, clock: Clock) -> Day | None:
    """The day of a clock: right after it («22:00 6 мая»), else the nearest in its sentence, before rather than after."""
    here = _sentence(side, clock.start)
    best: tuple[float, Day] | None = None
    for day in side.days:
        if _sentence(side, day.start) != here:
            continue
        after = day.start - clock.end
        gap = side.folded[clock.end : day.start] if after >= 0 else ""
        direct = after >= 0 and re.fullmatch(r"(?:\s|,|час[а-я]*|мск|по|утра|в|ночи)*", gap) is not None
        distance = -1.0 if direct else float(clock.start - day.end) if after < 0 else after + 15.0
        if best is None or distance < best[0]:
            best = (distance, day)
    return best[1] if best else None


def _verb(side: _Side, span: Span) -> tuple[str, float]:
    """The kind of the nearest verb of the same sentence and how near it is (0..1); the event where there is none."""
    number = _sentence(side, span[0])
    start, end = side.sentences[number] if number < len(side.sentences) else (0, len(side.folded))
    start, end = max(start, span[0] - _REACH), min(end, span[1] + _REACH)
    best, near = "", _REACH + 1
    for kind in ("event", "end", "report", "other"):
        for found in _verbs()[kind].finditer(side.folded, start, end):
            after = found.start() >= span[1]
            gap = found.start() - span[1] if after else span[0] - found.end()
            between = side.folded[span[1] : found.start()] if after else side.folded[found.end() : span[0]]
            if gap < near and not (kind in _ASIDE and _BREAK.search(between)):
                best, near = kind, gap
    return best, max(0.0, 1 - near / _REACH)


def _is_supply(side: _Side, clock: Clock) -> bool:
    """Whether words of supply, and none of a cut, stand before the window in its sentence."""
    start = side.sentences[_sentence(side, clock.start)][0] if side.sentences else 0
    before = side.folded[start : clock.start]
    stopped = _stopped()
    given = [m.end() for m in _verbs()["supply"].finditer(before) if not stopped.search(before, 0, m.start())]
    cut = [found.end() for found in _verbs()["cut"].finditer(before)]
    return bool(given) and (not cut or max(given) > max(cut))


def _stamp(side: _Side, clock: Clock, context: _Context) -> _Stamp:
    kind, near = _verb(side, (clock.start, clock.end))
    use = kind or "event"
    if context.category.is_outage:
        if clock.role in {"start", "end"} and _is_supply(side, clock) and kind != "end":
            use = "supply"
        elif use == "event" and clock.role == "end":
            use = "end"
    elif use == "event" and clock.role == "end" and context.has_end:
        use = "end"
    elif use == "end" and not (context.has_end or context.category is Category.MISSING_PERSON):
        use = "other"
    base = {"event": 2.0, "report": 1.0, "end": 1.0, "other": -1.0, "supply": -1.0}[use]
    score = base + near + (0.3 if clock.role else 0.0) - (0.5 if side.source == "title" else 0.0)
    score -= 1.0 if side.frame.in_recall(clock.start) else 0.0
    return _Stamp(clock, _beside(side, clock), use, score, _sentence(side, clock.start), side)


def _day_score(side: _Side, day: Day, position: int) -> float:
    kind, near = _verb(side, (day.start, day.end))
    score = {"event": 1.0, "": 0.3, "end": 0.2, "report": 0.2, "other": -0.4}[kind] + 0.5 * near - 0.15 * position
    return score - (0.6 if side.source == "title" else 0.0)


def _event_day(context: _Context) -> tuple[_Side, Day] | None:
    """The day that speaks of the event: near its verb, early, in the text rather than in the title."""
    best: tuple[float, _Side, Day] | None = None
    for side in context.sides:
        for position, day in enumerate(side.days):
            if resolve(day, context.calendar) is None and context.calendar.today is not None:
                continue
            score = _day_score(side, day, position)
            if best is None or score > best[0]:
                best = (score, side, day)
    return (best[1], best[2]) if best else None


def _moment(day: date, minute: int, *, night: bool = False) -> datetime:
    """The minute of the day, Moscow time; 24:00 is 00:00 of the next day, «23:00 в ночь на 17-е» is of the 16th."""
    if night and minute >= 18 * 60:
        day -= timedelta(days=1)
    return datetime.combine(day, time(), MOSCOW) + timedelta(minutes=minute)


def _note(context: _Context, rule: str, note: str, side: _Side, span: Span) -> None:
    read = side.raw[span[0] : span[1]]
    context.reasons.append(Reason(f"when:{rule}", note, *span, side.source, read))


def _dated(stamp: _Stamp, context: _Context, *, last: bool = False) -> datetime | None:
    """The stamp on its own day, else on the event's, else on the day of publication."""
    chosen = (stamp.side, stamp.day) if stamp.day else _event_day(context)
    if chosen is None:
        today = context.calendar.today
        return _moment(today, stamp.clock.minute) if today else None
    side, day = chosen
    found = (resolve_last if last else resolve)(day, context.calendar)
    if found is None:
        return None
    _note(context, "day", "день", side, (day.start, day.end))
    return _moment(found, stamp.clock.minute, night=day.night)


def _best(stamps: Sequence[_Stamp], uses: set[str]) -> _Stamp | None:
    fit = [stamp for stamp in stamps if stamp.use in uses]
    return max(fit, key=lambda stamp: stamp.score, default=None)


def _pairs(stamps: Sequence[_Stamp]) -> list[tuple[_Stamp, _Stamp]]:
    """Neighbouring clocks that make an interval: «с A до B», in one sentence and near."""
    pairs = []
    for first, second in itertools.pairwise(stamps):
        near = second.clock.start - first.clock.end <= _PAIR and first.sentence == second.sentence
        same = first.side is second.side
        if near and same and second.clock.role == "end" and first.clock.role != "end":
            pairs.append((first, second))
    return pairs


def _interval(pair: tuple[_Stamp, _Stamp], context: _Context) -> Interval | None:
    """The window of a pair; an end that is not after its start is of the next day."""
    start = _dated(pair[0], context)
    end = _dated(pair[1] if pair[1].day else replace(pair[1], day=pair[0].day), context, last=True)
    if start is None or end is None:
        return None
    while end <= start and end > start - timedelta(days=2):
        end += timedelta(days=1)
    return Interval(start, end)


def _day_span(context: _Context) -> Interval:
    """Days without a clock: of the event, and of its end where a range or «до …» says it."""
    chosen = _event_day(context)
    if chosen is None:
        return Interval(None, None)
    side, day = chosen
    start: Moment | None = resolve(day, context.calendar)
    if start is not None:
        _note(context, "day", "день", side, (day.start, day.end))
    if not context.has_end:
        return Interval(start, None)
    if day.last is not None:
        return Interval(start, resolve_last(day, context.calendar))
    if day.role == "end":
        return Interval(None, start)
    return Interval(start, _last_day(side, day, context))


def _last_day(side: _Side, day: Day, context: _Context) -> Moment | None:
    """«с 21 февраля … по 30 марта», «вернут её 30 марта»: the first later day that is said to be an end."""
    for other in side.days:
        if other.start > day.start and (other.role == "end" or _verb(side, (other.start, other.end))[0] == "end"):
            return resolve(other, context.calendar)
    return None


def _outage(stamps: Sequence[_Stamp], context: _Context) -> When:
    """Start and end of an outage or a closure: the first window of works, else single clocks."""
    pairs = _pairs(stamps)
    supply = [pair for pair in pairs if pair[0].use == "supply" or pair[1].use == "supply"]
    works = [pair for pair in pairs if pair not in supply and pair[0].use != "other"]
    windows = tuple(w for w in (_interval(pair, context) for pair in supply) if w is not None)
    if works:
        chosen = _interval(works[0], context)
        for stamp in works[0]:
            _note(context, "clock", "время", stamp.side, (stamp.clock.start, stamp.clock.end))
        if chosen is not None:
            return When(chosen.start, chosen.end, works=chosen, supply=windows)
        return When(None, None, supply=windows)
    days_said = _day_span(context)
    start = _single(stamps, {"event", "report"}, context, not_role="end")
    end = _single(stamps, {"end"}, context)
    if start is None and not _is_of_end(_best(stamps, {"end"})):
        start = days_said.start
    return When(start, end or days_said.end, supply=windows)


def _is_of_end(stamp: _Stamp | None) -> bool:
    """Whether the day of an end («вернут в субботу, до 19:00») is of that end only."""
    if stamp is None or stamp.day is None:
        return False
    return _verb(stamp.side, (stamp.day.start, stamp.day.end))[0] == "end"


def _single(stamps: Sequence[_Stamp], uses: set[str], context: _Context, *, not_role: str = "") -> datetime | None:
    stamp = _best([stamp for stamp in stamps if stamp.clock.role != not_role], uses)
    if stamp is None:
        return None
    _note(context, "clock", "время", stamp.side, (stamp.clock.start, stamp.clock.end))
    return _dated(stamp, context, last=stamp.use == "end")


def _incident(stamps: Sequence[_Stamp], context: _Context) -> When:
    """Start of what happened; an end only for a missing person who was found."""
    end = _single(stamps, {"end"}, context) if context.category is Category.MISSING_PERSON else None
    start = _single(stamps, {"event", "report"}, context)
    if start is None and not any(stamp.use in {"event", "report"} for stamp in stamps):
        day = _day_span(context).start
        return When(day, end)
    return When(start, end)


def _calendar(published: Moment | None, category: Category) -> Calendar:
    """Now is the day of publication, Moscow time."""
    future = category.is_outage or category in _INTERVALS
    if isinstance(published, datetime):
        published = published.astimezone(MOSCOW).date() if published.tzinfo else published.date()
    return Calendar(published, future)


def read(
    text: str, title: str | None = None, published: Moment | None = None, *, category: Category = Category.NONE
) -> When:
    """When the event of a teaser began and ended.

    Times are aware Moscow datetimes to the minute, or a date where only the day is given; None where nothing is said or
    the year cannot be known. `category` decides whether an interval is possible and whether the event may lie ahead.
    """
    sides = [_side(text, "text"), *([_side(title, "title")] if title else [])]
    context = _Context(_calendar(published, category), category, sides)
    stamps = [_stamp(side, clock, context) for side in sides for clock in side.clocks]
    found = (_outage if context.has_end else _incident)(stamps, context)
    return replace(found, reasons=tuple(dict.fromkeys(context.reasons)))
