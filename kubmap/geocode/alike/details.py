"""Who, what and how many: tolls, ages, sums, makes of vehicles, what burned."""

from __future__ import annotations

from kubmap.domain import Category
from kubmap.geocode.alike.kind import incidents
from kubmap.geocode.alike.said import Said, listed
from kubmap.geocode.event import Event, day_of


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
        return Said(1.4, f"возраст: {listed(both)}")
    return Said(-2.0 if a.category == b.category == Category.MISSING_PERSON else -0.8, "возраст другой")


def numbers(a: Event, b: Event) -> Said | None:
    """Counts, sums and house numbers that both texts give: the larger and less round, the more they say."""
    both = a.traces.numbers & b.traces.numbers
    if both:
        return Said(min(2.0, sum(map(_rarity, both))), f"общие числа: {listed(both)}")
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
    return Said(min(1.6, 0.8 * len(both)), f"техника: {listed(both)}") if both else Said(-1.2, "другие машины")


def vehicle(a: Event, b: Event) -> Said | None:
    """A bus is not a motorcycle."""
    one, two = a.traces.kinds, b.traces.kinds
    if not one or not two:
        return None
    return Said(0.5, "тот же транспорт") if one & two else Said(-0.8, "другой транспорт")


def target(a: Event, b: Event) -> Said | None:
    """What burned, broke or was robbed: a wood is not a warehouse."""
    one, two = (event.traces.targets | event.traces.kinds for event in (a, b))
    if not one or not two or not {a.category, b.category} <= _TARGETED:
        return None
    return Said(0.5, "тот же объект") if one & two else Said(-0.9, "другой объект")


_TARGETED = frozenset({Category.FIRE, Category.CRIME, Category.OTHER_EMERGENCY})


def theme(a: Event, b: Event) -> Said | None:
    """What happened, whatever the words: a quake is not a flood."""
    one, two = a.traces.themes, b.traces.themes
    if not one or not two or not incidents(a, b):
        return None
    both = one & two
    return Said(min(1.2, 0.6 * len(both)), "та же беда") if both else Said(-0.6, "другая беда")
