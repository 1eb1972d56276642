"""Rules of likeness: each looks at one thing of two events and returns a log-odds weight with a note, or None.

Every rule is symmetric. None stands for "the tellings give nothing to judge by", which is common: most teasers leave
something out. Weights are of the order of what each kind of agreement is worth between two stories of one week; they
were set by reasoning and checked on tests/golden/pairs.txt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from kubmap.atlas.chain import distance_m
from kubmap.domain import Category, Moment, Precision
from kubmap.geocode.event import Event, day_of
from kubmap.geocode.traces import name_stems


class Said(NamedTuple):
    """`weight` is a log-odds, above zero for one event; `note` is for people."""

    weight: float
    note: str


Rule = Callable[[Event, Event], "Said | None"]


# What it is


def category(a: Event, b: Event) -> Said | None:
    """One kind of event, kinds that turn into one another, or not."""
    if a.category == b.category:
        weight = {Category.NONE: 0.0, **dict.fromkeys(_FREQUENT, 0.2)}.get(a.category, 0.6)
        return Said(weight, "одна категория") if weight else None
    pair = frozenset({a.category, b.category})
    if Category.NONE in pair:
        return Said(-0.4, "одно из двух — не происшествие")
    if pair in _KIN:
        return Said(-0.2, "близкие категории")
    return Said(-1.0, "разные виды отключений") if _outages(a, b) else Said(-2.8, "разные категории")


_FREQUENT = (Category.ROAD_ACCIDENT, Category.CRIME, Category.FRAUD)
"""A large town has several of these a day."""
_KIN = frozenset({
    frozenset({Category.FIRE, Category.OTHER_EMERGENCY}), frozenset({Category.ROAD_ACCIDENT, Category.ROAD_CLOSURE}),
    frozenset({Category.FLOOD_WEATHER, Category.OTHER_EMERGENCY}), frozenset({Category.CRIME, Category.FRAUD}),
    frozenset({Category.FLOOD_WEATHER, Category.OUTAGE_POWER}), frozenset({Category.CRIME, Category.MISSING_PERSON}),
    frozenset({Category.FLOOD_WEATHER, Category.ROAD_CLOSURE}), frozenset({Category.OTHER_EMERGENCY, Category.CRIME}),
    frozenset({Category.ROAD_ACCIDENT, Category.OTHER_EMERGENCY}), frozenset({Category.FIRE, Category.CRIME}),
    frozenset({Category.OUTAGE_WATER, Category.OUTAGE_POWER}), frozenset({Category.OUTAGE_HEAT, Category.OUTAGE_WATER}),
    frozenset({Category.OTHER_EMERGENCY, Category.MISSING_PERSON}),
    frozenset({Category.OTHER_EMERGENCY, Category.ROAD_CLOSURE}), frozenset({Category.ROAD_ACCIDENT, Category.CRIME}),
    frozenset({Category.OTHER_EMERGENCY, Category.OUTAGE_GAS}),
})  # fmt: skip


def may_be_one(one: Category, two: Category) -> bool:
    """Whether tellings of two categories may be of one event (the reading of either may be wrong)."""
    pair = frozenset({one, two})
    return one == two or Category.NONE in pair or pair in _KIN or (one.is_outage and two.is_outage)


def _outages(a: Event, b: Event) -> bool:
    return a.category.is_outage and b.category.is_outage


def stage(a: Event, b: Event) -> Said | None:
    """A verdict on an event, or a statistic that counts it, is another piece of news."""
    one, two = a.traces.stage, b.traces.stage
    if one == two:
        return None if one == "event" else Said(_BOTH[one], f"оба — {_STAGES[one]}")
    return Said(-2.5, f"{_STAGES[one]} и {_STAGES[two]}")


_BOTH = {"court": 0.3, "digest": -0.8, "forecast": 0.0}
_STAGES = {"event": "само событие", "court": "решение суда", "digest": "сводка", "forecast": "прогноз"}


def planned(a: Event, b: Event) -> Said | None:
    """Announced works are not a breakdown; once all is well again, texts seldom say which it was."""
    if _over(a, b):
        return None
    if a.is_scheduled is None or b.is_scheduled is None or a.is_scheduled == b.is_scheduled:
        return None
    return Said(-1.0, "плановое и внезапное")


# When


def time(a: Event, b: Event) -> Said | None:
    """Starts of the two, to the minute or to the day."""
    one, two = a.starts_at, b.starts_at
    if one is None or two is None:
        return None
    apart = abs((day_of(one) - day_of(two)).days)
    if not (isinstance(one, datetime) and isinstance(two, datetime)):
        soft = _spans_touch(a, b) or (apart == 1 and (_at_night(one) or _at_night(two) or _over(a, b)))
        return _by_day(apart, soft=soft, works=_works(a, b))
    away = abs(one - two)
    if away <= timedelta(minutes=10):
        return Said(0.9, "тот же срок работ") if _works(a, b) else Said(2.2, "то же время")
    if _spans_touch(a, b):
        return Said(0.3, "сроки пересекаются")
    return _by_clock(away)


def _by_clock(away: timedelta) -> Said:
    hours = away / timedelta(hours=1)
    for limit, weight, note in _CLOCK:
        if hours <= limit:
            return Said(weight, note)
    return Said(-3.0, "разное время")


_CLOCK = ((1.0, 1.2, "близкое время"), (3.0, -0.2, "время расходится"), (18.0, -1.2, "разное время"))


def _works(a: Event, b: Event) -> bool:
    """Announced works begin at nine everywhere, so that an hour tells less than the place."""
    return bool(a.is_scheduled and b.is_scheduled)


def _by_day(apart: int, *, soft: bool, works: bool) -> Said:
    if apart == 0:
        return Said(1.0, "тот же день")
    if works and not soft:
        return Said(-2.5, "работы в разные дни")
    if apart == 1 or soft:
        return Said(-0.2 if soft else -1.2, "соседние дни" if apart == 1 else "сроки пересекаются")
    return Said(-2.5, "разные дни")


def _over(a: Event, b: Event) -> bool:
    """What took a night to mend was broken the day before."""
    return a.traces.over or b.traces.over


def _at_night(moment: Moment) -> bool:
    """One newsroom's evening is another's night to the next day."""
    return isinstance(moment, datetime) and (moment.hour >= 21 or moment.hour < 6)


def _spans_touch(a: Event, b: Event) -> bool:
    """Whether each begins before the other ends."""
    if a.ends_at is None or b.ends_at is None or a.starts_at is None or b.starts_at is None:
        return False
    return _hour(a.starts_at) < _hour(b.ends_at) and _hour(b.starts_at) < _hour(a.ends_at)


def _hour(moment: Moment) -> str:
    return moment.isoformat()[:13]


def dates(a: Event, b: Event) -> Said | None:
    """Days that the texts name, where a time of the event is not known on both sides."""
    if a.starts_at is not None and b.starts_at is not None:
        return None
    one, two = _dates(a), _dates(b)
    if not one or not two:
        return None
    if one & two:
        return Said(0.8, "назван тот же день")
    if _moving(a, b):
        return None
    apart = min(_apart(x, y) for x in one for y in two)
    return Said(-1.0 if apart <= 2 else -2.2, "названы разные дни")


def _apart(one: tuple[int, int], two: tuple[int, int]) -> int:
    """Days between two days of a year, about."""
    away = abs((one[1] - two[1]) * 30 + one[0] - two[0])
    return min(away, 360 - away)


def _dates(event: Event) -> frozenset[tuple[int, int]]:
    known = [moment for moment in (event.starts_at, _last(event.ends_at)) if moment is not None]
    return event.traces.days | {(moment.day, moment.month) for moment in known}


def _last(moment: Moment | None) -> Moment | None:
    """Midnight ends the day before."""
    return moment - timedelta(minutes=1) if isinstance(moment, datetime) else moment


def published(a: Event, b: Event) -> Said | None:
    """News of one event come within days; an announcement may come long before."""
    if a.published is None or b.published is None:
        return None
    apart = abs((day_of(a.published) - day_of(b.published)).days)
    for limit, weight in _LAGS:
        if apart <= limit:
            return Said(weight, "вышли рядом" if apart <= 1 else f"вышли через {apart} дн.")
    return Said(-8.0, f"вышли через {apart} дн.")


_LAGS = ((1, 0.6), (3, 0.0), (7, -0.9), (14, -2.0), (30, -3.5))


def since(a: Event, b: Event) -> Said | None:
    """Where one text gives the start and the other only its day of publication: news come after the event, and soon."""
    for one, two in ((a, b), (b, a)):
        if one.published is not None and one.starts_at is None and two.starts_at is not None and _events(a, b):
            days = (day_of(one.published) - day_of(two.starts_at)).days
            return _announced(one, days) if two.is_scheduled else _told(one, days)
    return None


def _told(one: Event, days: int) -> Said | None:
    if days < 0:
        return None if one.is_scheduled else Said(-2.5, "вышло раньше, чем случилось второе")
    return Said(0.4, "вышло следом за случившимся") if days <= 1 and not one.is_scheduled else None


def _announced(one: Event, days: int) -> Said | None:
    """Works that lie ahead are not what has already broken."""
    return Said(-1.0, "второе лишь предстоит") if days < 0 and not one.is_scheduled else None


def undated(a: Event, b: Event) -> Said | None:
    """Two tellings whose times cannot be held against one another need more in common."""
    if time(a, b) or dates(a, b) or published(a, b):
        return None
    return Said(-1.5, "время сопоставить нельзя")


# Where


def place(a: Event, b: Event) -> Said | None:
    """Distance of the two against their radii."""
    one, two = a.location, b.location
    if one is None or two is None:
        return Said(-1.0, "одно из двух — не в крае") if (one is None) != (two is None) and _events(a, b) else None
    if one.lat is None or two.lat is None:
        return None
    away = distance_m((one.lat, one.lon or 0), (two.lat, two.lon or 0))
    reach = max(one.radius_m or 0, two.radius_m or 0) + SLACK_M
    if away > 2 * reach and not (away < ONE_TOWN_M and one.municipality and one.municipality == two.municipality):
        return Said(-2.0 if _moving(a, b) else -3.5, f"разные места: {away / 1000:.0f} км")
    if away > reach:
        return Said(_aside(a, b), f"места поодаль: {away / 1000:.0f} км")
    if {one.precision, two.precision} <= _FINE and away <= _NEAR_M:
        return Said(1.8, "одно место")
    return _place_of(max(reach, away), same=one.label == two.label)


def _place_of(reach: float, *, same: bool) -> Said:
    """The smaller the place, the fewer events it has."""
    for limit, weight, note in _SIZES:
        if reach <= limit:
            return Said(weight, note)
    return Said(0.6, "один округ") if same else Said(0.2, "места совместимы")


def _aside(a: Event, b: Event) -> float:
    """Weight of two places that are neighbours: works are announced for each, who is lost walks."""
    if _works(a, b):
        return -2.2
    return -0.6 if _moving(a, b) or (a.category == b.category and a.category in _WIDE) else -1.2


_WIDE = frozenset({Category.FIRE, Category.FLOOD_WEATHER, Category.OUTAGE_WATER, Category.OUTAGE_POWER})
"""One event of these has many places."""


def _moving(a: Event, b: Event) -> bool:
    """Who is lost is found elsewhere."""
    return Category.MISSING_PERSON in {a.category, b.category}


def _events(a: Event, b: Event) -> bool:
    return Category.NONE not in {a.category, b.category}


SLACK_M = 3_000.0
"""One may name the village, the other its nearest neighbour."""
_SIZES = ((7_000.0, 1.5, "одно место"), (12_000.0, 1.0, "одно место"), (16_000.0, 0.6, "один город"))
_NEAR_M = 2_000.0
ONE_TOWN_M = 40_000.0
"""Within one municipality, a fire or an outage may be told of by one of its places or another."""
_FINE = frozenset({Precision.ADDRESS, Precision.ROAD_KM})


def street(a: Event, b: Event) -> Said | None:
    """Streets that both name; every village has a Lenin street, so that the place must agree as well."""
    one, two = a.traces, b.traces
    if (one.streets & (two.streets | two.capitals)) | (two.streets & one.capitals):
        at = place(a, b)
        return Said(1.8, "та же улица") if at and at.weight > 0 else Said(0.6, "улица с тем же названием")
    return Said(-1.5, "разные улицы") if one.streets and two.streets else None


def road(a: Event, b: Event) -> Said | None:
    """The same road by its number, or by the towns of its name."""
    if len(a.traces.routes & b.traces.routes) > 1:
        return Said(0.5, "та же дорога")
    one, two = (event.location.road if event.location else None for event in (a, b))
    if one is None or two is None:
        return None
    return Said(0.5, "та же дорога") if one == two else Said(-1.2, "разные дороги")


def km(a: Event, b: Event) -> Said | None:
    """The same post, give or take one."""
    one, two = _kms(a), _kms(b)
    if not one or not two:
        return None
    close = min(abs(x - y) for x in one for y in two) <= _POST_KM
    return Said(2.0, "тот же километр") if close else Said(-3.0, "разные километры")


_POST_KM = 1.2


def _kms(event: Event) -> frozenset[float]:
    at = event.location.km if event.location else None
    return frozenset(event.traces.kms) if at is None else frozenset({at})


# Who and how many


def dead(a: Event, b: Event) -> Said | None:
    """A toll grows within hours; it seldom shrinks, and nobody who writes of the hurt leaves out the dead."""
    one, two = a.casualties, b.casualties
    for x, y in ((one, two), (two, one)):
        if x.dead and y.dead is None and y.injured:
            return Said(-0.3, f"погибших {x.dead}, а второй текст говорит лишь о пострадавших")
    return _toll(a, b, one.dead, two.dead, "погибших")


def injured(a: Event, b: Event) -> Said | None:
    """The same of the injured."""
    return _toll(a, b, a.casualties.injured, b.casualties.injured, "пострадавших")


def _toll(a: Event, b: Event, one: int | None, two: int | None, who: str) -> Said | None:
    if one is None or two is None:
        return None
    if one == two:
        return Said(min(1.2, 0.2 + 0.25 * one), f"{who} столько же: {one}")
    note = f"{who} {min(one, two)} и {max(one, two)}"
    if _later(a, b) * (two - one) > 0:
        return Said(-0.2, note)
    if min(one, two) == 0:
        return Said(-1.0, note)
    return Said(-0.2 if min(one, two) > _ROUGHLY * max(one, two) else -0.6, note)


_ROUGHLY = 0.6
"""Newsrooms count the same people a little differently."""


def _later(a: Event, b: Event) -> int:
    """1 when `b` was published after `a`, -1 before it, 0 when that is not known."""
    if a.published is None or b.published is None:
        return 0
    one, two = day_of(a.published), day_of(b.published)
    return (two > one) - (two < one)


def age(a: Event, b: Event) -> Said | None:
    """Ages of people."""
    one, two = a.traces.ages, b.traces.ages
    if not one or not two:
        return None
    both = one & two
    if both:
        return Said(1.4, f"возраст: {_listed(both)}")
    return Said(-2.0 if a.category == b.category == Category.MISSING_PERSON else -0.8, "возраст другой")


def numbers(a: Event, b: Event) -> Said | None:
    """Counts, sums and house numbers that both texts give: the larger and less round, the more they say."""
    both = a.traces.numbers & b.traces.numbers
    if both:
        return Said(min(2.0, sum(map(_rarity, both))), f"общие числа: {_listed(both)}")
    return Said(-1.0, "другие суммы") if _sums(a) and _sums(b) else None


def _rarity(number: float) -> float:
    if number < 10 and number.is_integer():
        return 0.25
    return 0.5 if number < 100 and number.is_integer() else 0.9


def _sums(event: Event) -> bool:
    """Whether a text about money names a sum."""
    return event.category in {Category.FRAUD, Category.CRIME} and any(n >= _SUM for n in event.traces.numbers)


_SUM = 10_000.0


def make(a: Event, b: Event) -> Said | None:
    """Makes of vehicles."""
    one, two = a.traces.makes, b.traces.makes
    if not one or not two:
        return None
    both = one & two
    return Said(min(1.6, 0.8 * len(both)), f"техника: {_listed(both)}") if both else Said(-1.2, "другие машины")


def vehicle(a: Event, b: Event) -> Said | None:
    """A bus is not a motorcycle."""
    one, two = a.traces.kinds, b.traces.kinds
    if not one or not two:
        return None
    return Said(0.5, "тот же транспорт") if one & two else Said(-0.8, "другой транспорт")


def target(a: Event, b: Event) -> Said | None:
    """What burned, broke or was robbed: a wood is not a warehouse."""
    one, two = a.traces.targets, b.traces.targets
    if not one or not two or not {a.category, b.category} <= _TARGETED:
        return None
    return Said(0.5, "тот же объект") if one & two else Said(-0.9, "другой объект")


_TARGETED = frozenset({Category.FIRE, Category.CRIME, Category.OTHER_EMERGENCY})


def theme(a: Event, b: Event) -> Said | None:
    """What happened, whatever the words: a quake is not a flood."""
    one, two = a.traces.themes, b.traces.themes
    if not one or not two or not _events(a, b):
        return None
    both = one & two
    return Said(min(1.2, 0.6 * len(both)), "та же беда") if both else Said(-0.6, "другая беда")


# Words


def names(a: Event, b: Event) -> Said | None:
    """Proper names that both texts write, but for streets and the place that both were located at."""
    known = _located(a, b) | a.traces.streets | b.traces.streets
    one, two = a.traces, b.traces
    both = ((one.names & two.capitals) | (two.names & one.capitals)) - known
    if both:
        return Said(min(2.4, 0.9 * len(both)), f"названы оба раза: {_listed(both)}")
    return Said(-0.6, "названия разные") if one.names - known and two.names - known else None


def _located(a: Event, b: Event) -> frozenset[str]:
    """Names that the rule of places has weighed already; of announced works the district as well."""
    one, two = a.location, b.location
    if one is None or two is None:
        return frozenset()
    if _works(a, b):
        return name_stems(one.label, one.municipality or "") & name_stems(two.label, two.municipality or "")
    at = place(a, b)
    return name_stems(one.label) & name_stems(two.label) if at and at.weight > 0 else frozenset()


def words(a: Event, b: Event) -> Said | None:
    """Words that both texts use, but for names and common news words, against the shorter text and a few more."""
    proper = a.traces.names | b.traces.names
    one, two = a.traces.words - proper, b.traces.words - proper
    least = min(len(one), len(two))
    if least < 2:
        return None
    both = len(one & two)
    weight = 8.0 * (both - _CHANCE * least) / (least + _MORE)
    return Said(max(-1.0, min(2.5, weight)), f"общих слов {both} из {least}")


_CHANCE = 0.14
"""Share of the words that two unrelated stories of one kind have in common."""
_MORE = 8
"""Words added to the shorter text, so that one of four words tells little."""


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(f"{v:.10g}" if isinstance(v, float) else str(v) for v in values))


RULES: tuple[Rule, ...] = (
    category, stage, planned, time, dates, published, since, undated, place, street, road, km, dead, injured, age,
    numbers, make, vehicle, target, theme, names, words,
)  # fmt: skip
