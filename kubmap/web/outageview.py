"""What the residents' page shows of a state, ready to be laid out: tiles, cards, the strip of days; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from kubmap.domain import Utility
from kubmap.feeds import answer, clockwords, words
from kubmap.read.course import Phase
from kubmap.web import outagewords

if TYPE_CHECKING:
    from kubmap.read.course import Course, Span
    from kubmap.read.residents import Concern, Day, Notice, OutageState, UtilityState

BAR = 1_000
"""Units of the bar of a course from its start to its end."""
LANE = 6
CARDS = 16
"""Notices shown one by one, the gravest; a reader who has more of them reads the feed."""
LINES = 6
"""Lines of a day."""
SHADES = {Phase.RECOVERING: "back", Phase.REDUCED: "low"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A utility in one line; `gravity` is one of outagewords.GRAVITY's values."""

    category: str
    name: str
    words: str
    note: str | None
    gravity: str


@dataclass(frozen=True, slots=True)
class Card:
    """A notice as it stands for the place. `bar` and `area` are drawings, `ends` the words under the bar."""

    id: str
    category: str
    title: str
    phase: str
    gravity: str
    rows: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    bar: Markup | None
    ends: tuple[str, str] | None
    shades: tuple[tuple[str, str], ...]
    area: Markup | None
    text: str
    source: str | None
    link: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the strip; `told` are (utility, words) of what it holds."""

    weekday: str
    number: int
    bars: Markup
    told: tuple[tuple[str, str], ...]
    title: str
    resting: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A notice that is not told any more."""

    title: str
    when: str
    source: str | None
    link: str | None


def tiles(state: OutageState) -> list[Tile]:
    """The four utilities, in a fixed order: a reader finds water always at the same place."""
    return [_tile(each, found, state.now) for each, found in state.utilities.items()]


def _tile(utility: Utility, found: UtilityState, now: datetime) -> Tile:
    return Tile(
        f"outage_{utility.value}",
        outagewords.utility_name(utility),
        outagewords.brief(found, now),
        outagewords.part_note(found),
        outagewords.gravity(found),
    )


def worst(state: OutageState) -> str:
    """The gravity of the gravest notice."""
    concerns = state.concerns
    return outagewords.concern_gravity(concerns[0]) if concerns else "none"


def excepted(state: OutageState) -> list[Concern]:
    """Notices that name the place an exception."""
    return [each for found in state.utilities.values() for each in found.excepted]


def told_at(state: OutageState) -> str | None:
    """When the newest of what is told was written."""
    moment = outagewords.told_at(each.notice for each in (*state.concerns, *excepted(state)))
    return clockwords.stamp(moment) if moment else None


def next_change(state: OutageState) -> datetime | None:
    """When the answer changes next if nothing new is published; a page that is open then asks again."""
    found = {edge for concern in state.concerns for edge in _edges(concern.notice.course)}
    return min((edge for edge in found if edge > state.now), default=None)


def _edges(found: Course) -> Iterable[datetime]:
    yield from (span.start for span in found.spans)
    yield from (span.end for span in found.spans if span.end is not None)
    if found.stale_at is not None:
        yield found.stale_at


def cards(state: OutageState, areas: Mapping[str, Markup]) -> list[Card]:
    """What concerns the place, the gravest first; `areas` are maps by the id of the notice."""
    return [_card(each, state.now, areas.get(each.notice.incident.id)) for each in state.concerns[:CARDS]]


def excepted_cards(state: OutageState, areas: Mapping[str, Markup]) -> list[Card]:
    """What excepts the place."""
    return [_card(each, state.now, areas.get(each.notice.incident.id)) for each in excepted(state)[:CARDS]]


def _card(concern: Concern, now: datetime, area: Markup | None) -> Card:
    notice, incident = concern.notice, concern.notice.incident
    return Card(
        id=incident.id,
        category=incident.category.value,
        title=answer.title(notice),
        phase=answer.phase_name(concern.phase),
        gravity=outagewords.concern_gravity(concern),
        rows=(*outagewords.rows(notice, now), outagewords.sure_row(concern)),
        streets=answer.street_names(notice),
        bar=bar(notice.course, now),
        ends=_bar_ends(notice.course, now),
        shades=_shades(notice.course),
        area=area,
        text=incident.text,
        source=incident.source_name,
        link=words.safe_link(incident.source_url),
        published=clockwords.dated(words.day_of(incident.published_at), now) if incident.published_at else None,
    )


def past(notice: Notice) -> Past:
    """A line of the list of what was."""
    incident = notice.incident
    title = f"{'Отменено: ' if notice.cancelled else ''}{answer.title(notice)}"
    return Past(title, answer.when_words(notice.course), incident.source_name, words.safe_link(incident.source_url))


def bar(found: Course, now: datetime) -> Markup | None:
    """The course as a bar: none, supply by hours, recovery, and the moment; None where no end is told."""
    if found.withdrawn or found.over_by is None or found.over_by <= found.start:
        return None
    whole = (found.over_by - found.start) / BAR

    def at(moment: datetime) -> int:
        return round((moment - found.start) / whole)

    parts = [_rect(_shade(span), at(span.start), at(span.end)) for span in found.spans if span.end is not None]
    if found.start <= now < found.over_by:
        parts.append(f'<rect class="now" x="{at(now) - 3}" y="-3" width="6" height="20"/>')
    drawn = (
        f'<svg class="bar" viewBox="0 -3 {BAR} 20" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )
    return Markup(drawn)  # noqa: S704  (numbers and our own words)


def _rect(shade: str, start: int, end: int) -> str:
    return f'<rect class="{shade}" x="{start}" width="{end - start}" height="14"/>'


def _shade(span: Span) -> str:
    if span.phase is Phase.LIMITED:
        return "on" if span.supplied else "off" if span.supplied is False else "low"
    return SHADES.get(span.phase, "off")


def _shades(found: Course) -> tuple[tuple[str, str], ...]:
    """(class, words) of the shades of a bar, where it has more than one."""
    kinds = dict.fromkeys(_shade(span) for span in found.spans)
    return tuple((kind, outagewords.shade_name(kind)) for kind in kinds) if len(kinds) > 1 else ()


def _bar_ends(found: Course, now: datetime) -> tuple[str, str] | None:
    if found.over_by is None:
        return None
    return clockwords.moment_words(found.start, now), clockwords.moment_words(found.over_by, now, end=True)


def strip(days: Sequence[Day], now: datetime) -> list[Cell]:
    """The days of the calendar, the first today."""
    told = lanes(days)
    return [_cell(day, told, now) for day in days]


def lanes(days: Sequence[Day]) -> list[Utility]:
    """Utilities that the days tell of."""
    told = {notice.utility for day in days for notice, _ in day.spans}
    return [each for each in Utility if each in told]


def _cell(day: Day, lanes: Sequence[Utility], now: datetime) -> Cell:
    return Cell(
        weekday=outagewords.weekday(day.day, short=True),
        number=day.day.day,
        bars=_bars(day, lanes),
        told=_lines(day),
        title=f"{clockwords.day_words(day.day, now)}, {outagewords.weekday(day.day)}",
        resting=day.day.weekday() >= 5,
    )


def _lines(day: Day) -> tuple[tuple[str, str], ...]:
    """(utility, words) of a day, each once; the last says how many are left."""
    told = list(dict.fromkeys(outagewords.day_lines(day)))
    named = [(outagewords.utility_name(each), line) for each, line in told[:LINES]]
    return (*named, *([outagewords.more_lines(len(told) - LINES)] if len(told) > LINES else []))


def _bars(day: Day, lanes: Sequence[Utility]) -> Markup:
    """The hours of a day as bars, a lane a utility."""
    parts = "".join(_stroke(notice, span, lanes.index(notice.utility), day.day) for notice, span in day.spans)
    high = max(len(lanes), 1) * LANE
    drawn = f'<svg viewBox="0 0 24 {high}" preserveAspectRatio="none">{parts}</svg>'
    return Markup(drawn)  # noqa: S704  (numbers and our own words)


def _stroke(notice: Notice, span: Span, lane: int, day: date) -> str:
    opened = outagewords.share(span.start, day)
    closed = outagewords.share(span.end, day) if span.end else 24.0
    return (
        f'<rect class="{_shade(span)}" data-category="outage_{notice.utility.value}" x="{opened:.1f}" '
        f'y="{lane * LANE}" width="{max(closed - opened, 0.6):.1f}" height="{LANE - 1}"/>'
    )
