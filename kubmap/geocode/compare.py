"""Same event or not: category, time, place with radius, road and km, numbers, words; each says what it saw.

Features are small functions of two readings; each returns a log-odds weight with a note, or None when the texts give it
nothing to judge. The sum decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp
from typing import TYPE_CHECKING, Any

from kubmap.atlas.chain import distance_m
from kubmap.atlas.words import fold
from kubmap.domain import Category, Moment, PlaceKind, Reason
from kubmap.errors import InputError
from kubmap.geocode.reading import Reading, read_teaser, teaser_from_json
from kubmap.text.data import load
from kubmap.text.days import days
from kubmap.text.places import Role

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5  # letters of a word that are compared
_NUMBER = re.compile(r"(?<![\d:.,])\d{1,4}(?![\d:]|[.,]\d)")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` is 0..1; `same_event` says that it is at least one half."""

    same_event: bool
    score: float
    reasons: tuple[Reason, ...]


Feature = Callable[[Reading, Reading], "tuple[float, str] | None"]


def compare(a: Reading, b: Reading) -> Comparison:
    """Judge two readings."""
    total, reasons = _BIAS, []
    for feature in FEATURES:
        said = feature(a, b)
        if said is not None:
            total += said[0]
            reasons.append(Reason(f"same:{feature.__name__}", f"{said[1]} ({said[0]:+.1f})"))
    score = round(1 / (1 + exp(-total)), 3)
    return Comparison(score >= 0.5, score, tuple(reasons))


_BIAS = -1.0


def category(a: Reading, b: Reading) -> tuple[float, str] | None:
    if a.category == b.category:
        return (0.3, "одна категория") if a.category != Category.NONE else None
    pair = frozenset({a.category, b.category})
    if Category.NONE in pair:
        return -0.6, "одно из двух — не происшествие"
    if pair <= {c for c in Category if c.is_outage} or pair in _KIN:
        return -0.3, "близкие категории"
    return -2.0, "разные категории"


_KIN = frozenset({
    frozenset({Category.FIRE, Category.OTHER_EMERGENCY}), frozenset({Category.ROAD_ACCIDENT, Category.ROAD_CLOSURE}),
    frozenset({Category.FLOOD_WEATHER, Category.OTHER_EMERGENCY}), frozenset({Category.CRIME, Category.FRAUD}),
    frozenset({Category.FLOOD_WEATHER, Category.OUTAGE_POWER}), frozenset({Category.CRIME, Category.MISSING_PERSON}),
})  # fmt: skip


def time(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Starts of the two, to the minute or to the day."""
    one, two = a.starts_at, b.starts_at
    if one is None or two is None:
        return None
    if isinstance(one, datetime) and isinstance(two, datetime):
        away = abs(one - two)
        if away <= timedelta(minutes=5):
            return 2.2, "то же время"
        if away <= timedelta(hours=1):
            return 1.0, "близкое время"
        return (-0.3, "время расходится") if away <= timedelta(hours=18) else (-3.0, "разные дни")
    apart = abs((_day(one) - _day(two)).days)
    return {0: (1.2, "тот же день"), 1: (0.1, "соседние дни")}.get(apart, (-2.5, "разные дни"))


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def dates(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Days that the texts name, where a time of the event is not known on both sides."""
    if a.starts_at is not None and b.starts_at is not None:
        return None
    one, two = _dates(a), _dates(b)
    if not one or not two:
        return None
    return (0.8, "назван тот же день") if one & two else (-1.2, "названы разные дни")


def _dates(reading: Reading) -> set[tuple[int, int]]:
    """Day and month of every date that the story names, of the start, or of publication for «сегодня»."""
    if not reading.teaser:
        return set()
    text = fold(f"{reading.teaser.title or ''}. {reading.teaser.text}")
    found = {(day.day, day.month) for day in days(text) if day.day and day.month}
    if reading.starts_at is not None:
        found.add((reading.starts_at.day, reading.starts_at.month))
    return found


def published(a: Reading, b: Reading) -> tuple[float, str] | None:
    """News of one event come within days."""
    if not a.teaser or not b.teaser or a.teaser.published is None or b.teaser.published is None:
        return None
    apart = abs((_day(a.teaser.published) - _day(b.teaser.published)).days)
    if apart <= 1:
        return 0.5, "вышли рядом"
    return (-0.5 if apart <= 5 else -2.0 if apart <= 14 else -3.5), f"вышли через {apart} дн."


def place(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Distance of the two against their radii."""
    one, two = a.location, b.location
    if one is None or two is None or one.lat is None or two.lat is None:
        return None
    away = distance_m((one.lat, one.lon or 0), (two.lat, two.lon or 0))
    reach = (one.radius_m or 0) + (two.radius_m or 0)
    if away > reach + 5_000:  # one may name the village and the other its town
        return (-1.0 if _named(a) & _named(b) else -2.5), f"разные места: {away / 1000:.0f} км"
    fine = max(one.radius_m or 0, two.radius_m or 0) <= 12_000
    return (1.3, "одно место") if fine else (0.6, "места совместимы")


def names(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Settlements and districts that both name."""
    one, two = _named(a), _named(b)
    if not one or not two:
        return None
    both = one & two
    return (min(1.0, 0.5 * len(both)), "названы оба: " + ", ".join(sorted(both))) if both else (-0.5, "названия разные")


def _named(reading: Reading) -> set[str]:
    kinds = {PlaceKind.SETTLEMENT, PlaceKind.DISTRICT}
    return {m.name for m in reading.mentions if m.kind in kinds and m.role in {Role.EVENT, Role.RESIDENTS}}


def road(a: Reading, b: Reading) -> tuple[float, str] | None:
    """The same road, and the same km of it."""
    one, two = _roads(a), _roads(b)
    if not one or not two:
        return None
    if not set(one) & set(two):
        return -1.0, "разные дороги"
    kms = [(one[i], two[i]) for i in set(one) & set(two)]
    for x, y in kms:
        if x is not None and y is not None:
            return (2.0, "та же дорога и километр") if abs(x - y) <= 1 else (-3.0, "разные километры")
    return 0.5, "та же дорога"


def _roads(reading: Reading) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for m in reading.mentions:
        if m.kind in {PlaceKind.ROAD, PlaceKind.ROAD_KM} and m.role not in {Role.TAIL, Role.WEAK}:
            for road_id in m.ids:
                found[road_id] = m.km if m.km is not None else found.get(road_id)
    return found


def dead(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Tolls grow within hours, but rarely shrink to another number."""
    one, two = a.casualties.dead, b.casualties.dead
    if one is None or two is None:
        return None
    if one == two:
        return (1.0 if one > 1 else 0.4), f"погибших столько же: {one}"
    return -0.8, f"погибших {one} и {two}"


def injured(a: Reading, b: Reading) -> tuple[float, str] | None:
    one, two = a.casualties.injured, b.casualties.injured
    if one is None or two is None:
        return None
    return (0.7, f"пострадавших столько же: {one}") if one == two else (-0.4, f"пострадавших {one} и {two}")


def numbers(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Ages, sums, house numbers that both texts give."""
    one, two = _numbers(a), _numbers(b)
    both = one & two
    return (min(2.0, 0.7 * len(both)), "общие числа: " + ", ".join(sorted(both))) if both else None


def _numbers(reading: Reading) -> set[str]:
    text = f"{reading.teaser.title or ''}. {reading.teaser.text}" if reading.teaser else ""
    found = set(_NUMBER.findall(text))
    return {n for n in found if int(n) > 3 and not 2000 <= int(n) <= 2100}


def words(a: Reading, b: Reading) -> tuple[float, str] | None:
    """Words that both texts use, common news words left out, against the shorter text."""
    one, two = _words(a), _words(b)
    if min(len(one), len(two)) < 4:
        return None
    share = len(one & two) / min(len(one), len(two))
    return min(2.5, 6.0 * (share - 0.22)), f"общих слов {share:.0%}"


def _words(reading: Reading) -> set[str]:
    if not reading.teaser:
        return set()
    text = fold(f"{reading.teaser.title or ''} {reading.teaser.text}")
    common = _common()
    return {word[:_STEM] for word in _WORD.findall(text) if word[:_STEM] not in common}


def _common() -> frozenset[str]:
    return frozenset(load("compare")["common"])


FEATURES: tuple[Feature, ...] = (
    category, time, dates, published, place, names, road, dead, injured, numbers, words,
)  # fmt: skip


def compare_json(row: Mapping[str, Any], atlas: Atlas) -> dict[str, Any]:
    """The object that `kubmap compare` writes for `{"pair_id", "a", "b"}`.

    Raises:
        InputError: a side is missing or cannot be read; `field` names it.
    """
    sides = []
    for name in ("a", "b"):
        side = row.get(name)
        if not isinstance(side, Mapping):
            raise InputError(f"поле «{name}»: нужен объект с полем «text»", field=name)
        sides.append(read_teaser(teaser_from_json(side), atlas))
    found = compare(*sides)
    reasons = [{"rule": reason.rule, "note": reason.note} for reason in found.reasons]
    pair = row.get("pair_id")
    return {"pair_id": pair, "same_event": found.same_event, "score": found.score, "reasons": reasons}
