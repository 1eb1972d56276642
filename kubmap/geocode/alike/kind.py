"""What it is: category, kind of telling, announced or not."""

from __future__ import annotations

from kubmap.domain import Category
from kubmap.geocode.alike.said import Said
from kubmap.geocode.event import Event


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
    return Said(-3.0, f"{_STAGES[one]} и {_STAGES[two]}")


_BOTH = {"court": 0.3, "digest": -0.8, "forecast": 0.0}
_STAGES = {"event": "само событие", "court": "решение суда", "digest": "сводка", "forecast": "прогноз"}


def planned(a: Event, b: Event) -> Said | None:
    """Announced works are not a breakdown; once all is well again, texts seldom say which it was."""
    if over(a, b):
        return None
    if a.is_scheduled is None or b.is_scheduled is None or a.is_scheduled == b.is_scheduled:
        return None
    return Said(-1.0, "плановое и внезапное")


def incidents(a: Event, b: Event) -> bool:
    return Category.NONE not in {a.category, b.category}


def works(a: Event, b: Event) -> bool:
    """Announced works begin at nine everywhere, so that an hour tells less than the place."""
    return bool(a.is_scheduled and b.is_scheduled)


def over(a: Event, b: Event) -> bool:
    """What took a night to mend was broken the day before."""
    return a.traces.over or b.traces.over


def moving(a: Event, b: Event) -> bool:
    """Who is lost is found elsewhere."""
    return Category.MISSING_PERSON in {a.category, b.category}
