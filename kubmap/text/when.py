"""When it happened: the event's start and end out of all the times that a teaser names.

A clock is never taken from another story's tail, from a report («сообщил в 12:00») when the event has its own, or from
a supply window («вода будет с 6:00 до 9:00»). A day comes from beside the clock, else from the event's sentence, else
from the title, else it is the day of publication.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, cast

from kubmap.domain import MOSCOW, Category, Interval, Moment, Reason
from kubmap.text.anchors import Phrases
from kubmap.text.data import load
from kubmap.text.days import Calendar, Day, resolve, resolve_last
from kubmap.text.frame import Span
from kubmap.text.sides import Side, read_side, verb_near
from kubmap.text.stamps import Stamp, is_due, make_stamp, may_end

_BASE = {"event": 1.0, "": 0.3, "end": 0.2, "report": 0.2, "other": -0.4}
"""What the nearest verb of a day adds to its score."""
_LIST = 30  # characters between two windows of one list
_WEEK = 7  # days
_SPAN = 12  # characters between the first and the last day of a span
_PAIR = 70  # characters between the two clocks of an interval


class When(NamedTuple):
    """`starts_at` and `ends_at` of the event; `works` and `supply` are the windows of an outage notice."""

    starts_at: Moment | None
    ends_at: Moment | None
    reasons: tuple[Reason, ...] = ()
    works: Interval | None = None
    supply: tuple[Interval, ...] = ()


_NEVER = When(None, None)


@dataclass(slots=True)
class _Context:
    calendar: Calendar
    category: Category
    sides: Sequence[Side]
    reasons: list[Reason] = field(default_factory=list)
    event_days: list[tuple[Side, Day] | None] = field(default_factory=list)
    """The one answer of `_event_day`, once it has been asked."""

    @property
    def has_end(self) -> bool:
        return may_end(self.category)


def _day_score(side: Side, day: Day, position: int) -> float:
    kind, near = verb_near(side, (day.start, day.end))
    score = _BASE[kind] + 0.5 * near - 0.15 * position
    return score - (0.6 if side.source == "title" else 0.0)


def _event_day(context: _Context) -> tuple[Side, Day] | None:
    """The day that speaks of the event; several rules ask."""
    if not context.event_days:
        context.event_days.append(_best_day(context))
    return context.event_days[0]


def _best_day(context: _Context) -> tuple[Side, Day] | None:
    """The day near the event's verb, early, in the text rather than in the title."""
    said = [(side, day, position) for side in context.sides for position, day in enumerate(side.days)]
    if context.calendar.today is not None:
        said = [each for each in said if resolve(each[1], context.calendar) is not None]
    best = max(said, key=lambda each: _day_score(*each)) if len(said) > 1 else said[0] if said else None
    return best[:2] if best else None


def _moment(day: date, minute: int, *, night: bool = False) -> datetime:
    """The minute of the day, Moscow time; 24:00 is 00:00 of the next day, «23:00 в ночь на 17-е» is of the 16th."""
    if night and minute >= 18 * 60:
        day -= timedelta(days=1)
    return datetime.combine(day, time(), MOSCOW) + timedelta(minutes=minute)


def _note(context: _Context, rule: str, note: str, side: Side, span: Span) -> None:
    read = side.raw[span[0] : span[1]]
    context.reasons.append(Reason(f"when:{rule}", note, *span, side.source, read))


def _dated(stamp: Stamp, context: _Context, *, last: bool = False) -> datetime | None:
    """The stamp on its own day, else on the event's, else on the day of publication."""
    chosen = (stamp.side, stamp.day) if stamp.day else _event_day(context)
    if chosen is None:
        today = context.calendar.today
        return _moment(today, stamp.clock.minute) if today else None
    side, day = chosen
    if stamp.day is None and day.offset is not None and side is stamp.side and _is_later(stamp, day):
        return _moment(context.calendar.today, stamp.clock.minute) if context.calendar.today else None
    found = (resolve_last if last else resolve)(day, context.calendar)
    if found is None:
        return None
    _note(context, "day", "день", side, (day.start, day.end))
    return _moment(found, stamp.clock.minute, night=day.night)


def _is_later(stamp: Stamp, day: Day) -> bool:
    """«… заметили в 19.35. Накануне сгорел дом»: «вчера» that opens a later sentence tells of something else."""
    return stamp.sentence[1] <= day.start <= stamp.sentence[1] + 2


_score = attrgetter("score")


def _best(stamps: Sequence[Stamp], uses: set[str]) -> Stamp | None:
    return max([stamp for stamp in stamps if stamp.use in uses], key=_score, default=None)


def _pairs(stamps: Sequence[Stamp]) -> list[tuple[Stamp, Stamp]]:
    """Neighbouring clocks that make an interval: «с A до B», in one sentence and near."""
    pairs = []
    for first, second in itertools.pairwise(stamps):
        near = second.clock.start - first.clock.end <= _PAIR and first.sentence == second.sentence
        same = first.side is second.side
        if near and same and second.clock.role == "end" and first.clock.role != "end":
            pairs.append((first, second))
    return pairs


def _interval(pair: tuple[Stamp, Stamp], context: _Context) -> Interval | None:
    """The window of a pair; an end that is not after its start is of the next day."""
    start = _dated(_since(pair), context)
    end = _dated(pair[1] if pair[1].day else pair[1]._replace(day=pair[0].day), context, last=True)
    if start is None or end is None:
        return None
    if timedelta(days=2) < start - end < timedelta(days=_WEEK) and pair[0].day and pair[0].day.weekday is not None:
        start -= timedelta(days=_WEEK)  # «с 20:00 вторника до 2 часов среды», told on the Wednesday
    while end <= start and end > start - timedelta(days=2):
        end += timedelta(days=1)
    return Interval(start, end)


def _since(pair: tuple[Stamp, Stamp]) -> Stamp:
    """The start with its day.

    «с 1 июня по 15 сентября с 8:00 до 20:00»: the day beside the clock is the last of a span that began earlier.
    «с 20:00 12 июня до 8:00 13 июня 2025 года»: the year stands after the last day only.
    """
    stamp, last = pair[0], pair[1].day or pair[0].day
    first = stamp.day
    if first is not None and first.role == "end":
        began = [day for day in stamp.side.days if day.role == "start" and 0 <= first.start - day.end <= _SPAN]
        first = began[-1] if began else first
    if first is not None and last is not None and first.year is None and last.year and first.month and last.month:
        first = first._replace(year=last.year - (first.month > last.month))
    return stamp if first is stamp.day else stamp._replace(day=first)


def _spanned(pairs: Sequence[tuple[Stamp, Stamp]], context: _Context) -> Interval | None:
    """The first window, up to the end of a second one of another day right after it («10-го с… до… и 11-го с… до…»)."""
    first = _interval(pairs[0], context)
    if first is None or len(pairs) != 2 or not _continues(pairs[0][1], pairs[1][0]):
        return first
    second = _interval(pairs[1], context)
    return first if second is None else Interval(first.start, second.end)


def _continues(end: Stamp, start: Stamp) -> bool:
    gap = start.clock.start - end.clock.end
    return end.side is start.side and gap <= _LIST and start.day is not None and start.day is not end.day


def _day_span(context: _Context, *, supplied: bool = False) -> Interval:
    """Days without a clock: of the event, and of its end where a range or «до …» says it.

    With `supplied` the text gives hours of supply, and «завтра дадут» is no end.
    """
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
    if day.role == "end" or (not supplied and verb_near(side, (day.start, day.end))[0] == "end"):
        return Interval(None, start)
    return Interval(start, _last_day(side, day, context))


def _last_day(side: Side, day: Day, context: _Context) -> Moment | None:
    """«с 21 февраля … по 30 марта», «вернут её 30 марта»: the first later day that is said to be an end."""
    for other in side.days:
        if other.start > day.start and (other.role == "end" or verb_near(side, (other.start, other.end))[0] == "end"):
            return resolve(other, context.calendar)
    return None


def _gives(pair: tuple[Stamp, Stamp]) -> bool:
    """A window of supply: said so, or opened by a verb of the end («дадут с 6 до 8»)."""
    return "supply" in {pair[0].use, pair[1].use} or pair[0].use == "end"


@lru_cache(maxsize=1)
def _lasting() -> tuple[re.Pattern[str], re.Pattern[str]]:
    durations = load("when")["durations"]
    return re.compile(durations["take"]), re.compile(durations["not_take"])


def _lasted(stamps: Sequence[Stamp], start: Moment | None) -> datetime | None:
    """The end by how long the works take («с 10:00 в течение 4 часов»), said in the sentence of their start."""
    stamp = _best([stamp for stamp in stamps if stamp.clock.role != "end"], {"event", "report"})
    if stamp is None or not isinstance(start, datetime):
        return None
    take, aside = _lasting()
    found = take.search(stamp.side.folded, stamp.clock.end, stamp.sentence[1])
    if found is None or aside.search(stamp.side.folded, stamp.clock.end, found.end()):
        return None
    hours = _hours(found)
    return start + timedelta(hours=hours) if hours else None


def _hours(found: re.Match[str]) -> int | None:
    """«4 часа», «четыре часа», «сутки», «2 суток», «двое суток» in hours."""
    if found["d"] or found["dn"] or found["dw"]:
        return 24 * (int(found["dn"]) if found["dn"] else _DAYS.get(found["dw"] or "", 1))
    return int(found["n"]) if found["n"] else cast("int | None", load("when")["hours"].get(found["w"]))


_DAYS = {"двое": 2, "трое": 3, "четверо": 4, "пятеро": 5}


def _by_days(_: Sequence[Stamp], context: _Context) -> When:
    """Start and end where no clock is said."""
    said = _day_span(context)
    return When(said.start, said.end)


def _outage(stamps: Sequence[Stamp], context: _Context) -> When:
    """Start and end of an outage or a closure: the first window of works, else single clocks."""
    pairs = _pairs(stamps)
    supply = [pair for pair in pairs if _gives(pair)]
    works = [pair for pair in pairs if pair not in supply and pair[0].use != "other"]
    if len(works) == 1 and is_due(works[0][0].side, works[0][0].clock):  # «время окончания: 18:00 — 20:00»
        return When(None, _dated(works[0][1], context, last=True), supply=())
    windows = tuple(w for w in (_interval(pair, context) for pair in supply) if w is not None)
    if works:
        chosen = _spanned(works, context)
        for stamp in works[0]:
            _note(context, "clock", "время", stamp.side, (stamp.clock.start, stamp.clock.end))
        if chosen is not None:
            return When(chosen.start, chosen.end, works=chosen, supply=windows)
        return When(None, None, supply=windows)
    days_said = _day_span(context, supplied=bool(windows))
    given = {id(stamp) for pair in supply for stamp in pair}
    alone = [stamp for stamp in stamps if id(stamp) not in given]
    start: Moment | None = _single(alone, {"event", "report"}, context, not_role="end")
    end = _not_past(_best(alone, {"end"}), _single(alone, {"end"}, context), context)
    if start is None and not _is_of_end(_best(alone, {"end"}), context):
        start = days_said.start
    return When(start, end or days_said.end or _lasted(alone, start), supply=windows)


def _not_past(stamp: Stamp | None, end: datetime | None, context: _Context) -> datetime | None:
    """«Утечку нашли вчера … вернут к 22:00»: what is promised in the day's news, without a day, is not of yesterday."""
    today = context.calendar.today
    if stamp is None or end is None or today is None or stamp.day is not None or end.date() >= today:
        return end
    side = stamp.side
    said = side.folded[max(0, stamp.clock.start - _PROMISE) : stamp.clock.start]
    return _moment(today, stamp.clock.minute) if _promises().search(said) else end


_PROMISE = 60  # characters before a clock in which a promise stands


@lru_cache(maxsize=1)
def _promises() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{load('when')['told']['promise']})")


def _is_of_end(stamp: Stamp | None, context: _Context) -> bool:
    """Whether the only day («вернут в субботу, до 19:00», «отключат до 7 утра 22 апреля») is that of the end."""
    chosen = _event_day(context)
    if stamp is None or stamp.day is None or chosen is None:
        return False
    side, day = chosen
    if day is not stamp.day and resolve(day, context.calendar) != resolve(stamp.day, context.calendar):
        return False
    if stamp.clock.role == "end" and day is stamp.day and day.start >= stamp.clock.end:
        return True
    return verb_near(side, (day.start, day.end))[0] == "end"


def _single(stamps: Sequence[Stamp], uses: set[str], context: _Context, *, not_role: str = "") -> datetime | None:
    stamp = _best([stamp for stamp in stamps if stamp.clock.role != not_role], uses)
    if stamp is None:
        return None
    _note(context, "clock", "время", stamp.side, (stamp.clock.start, stamp.clock.end))
    return _dated(stamp, context, last=stamp.use == "end")


def _incident(stamps: Sequence[Stamp], context: _Context) -> When:
    """Start of what happened; an end only for a missing person who was found and a fire that was put out."""
    may = context.category in {Category.MISSING_PERSON, Category.FIRE}
    end = _single(stamps, {"end"}, context) if may else None
    start = _single(stamps, {"event", "report"}, context)
    if start is None and not any(stamp.use in {"event", "report"} for stamp in stamps):
        return When(None if _is_of_end(_best(stamps, {"end"}), context) else _day_span(context).start, end)
    if start is not None and end is not None and timedelta(0) < start - end < timedelta(days=1):
        end += timedelta(days=1)  # «загорелось в 22:00, в 3:15 потушили»
    return When(start, end)


@lru_cache(maxsize=1)
def _tenses() -> tuple[Phrases, Phrases]:
    """What tells that the event has happened, and that it lies ahead."""
    told = load("when")["told"]
    return Phrases(told["over"]), Phrases(told["ahead"])


def _is_over(sides: Sequence[Side]) -> bool:
    over, ahead = _tenses()
    return any(over.find(side.folded, side.layout) for side in sides) and not any(
        ahead.find(side.folded, side.layout) for side in sides
    )


def _calendar(published: Moment | None, category: Category, sides: Sequence[Side]) -> Calendar:
    """Now is the day of publication, Moscow time."""
    future = may_end(category)
    if isinstance(published, datetime):
        published = published.astimezone(MOSCOW).date() if published.tzinfo else published.date()
    return Calendar(published, future, future and _is_over(sides))


def read(
    text: str, title: str | None = None, published: Moment | None = None, *, category: Category = Category.NONE
) -> When:
    """When the event of a teaser began and ended.

    Times are aware Moscow datetimes to the minute, or a date where only the day is given; None where nothing is said or
    the year cannot be known. `category` decides whether an interval is possible and whether the event may lie ahead.
    """
    sides = [read_side(text, "text"), *([read_side(title, "title")] if title else ())]
    if not any(side.clocks or side.days for side in sides):
        return _NEVER
    context = _Context(_calendar(published, category, sides), category, sides)
    stamps = [make_stamp(side, clock, category) for side in sides for clock in side.clocks]
    found = (_by_days if not stamps else _outage if context.has_end else _incident)(stamps, context)
    return found._replace(reasons=tuple(dict.fromkeys(context.reasons)))
