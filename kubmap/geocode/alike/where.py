"""Where: distance against radii, streets, roads and their posts."""

from __future__ import annotations

from kubmap.atlas.chain import distance_m
from kubmap.domain import Category, Precision
from kubmap.geocode.alike.kind import incidents, moving, works
from kubmap.geocode.alike.said import Said
from kubmap.geocode.event import Event


def place(a: Event, b: Event) -> Said | None:
    """Distance of the two against their radii."""
    one, two = a.location, b.location
    if one is None or two is None:
        return Said(-1.0, "одно из двух — не в крае") if (one is None) != (two is None) and incidents(a, b) else None
    if one.lat is None or two.lat is None:
        return None
    away = distance_m((one.lat, one.lon or 0), (two.lat, two.lon or 0))
    radii = one.radius_m or 0, two.radius_m or 0
    reach = max(radii) + SLACK_M
    one_town = bool(one.municipality) and one.municipality == two.municipality and away < ONE_TOWN_M
    if away > reach:
        return _apart(a, b, away, far=away > 2 * reach and not one_town)
    if {one.precision, two.precision} <= _FINE and away <= _NEAR_M:
        return Said(1.8, "одно место")
    if away > sum(radii):
        return Said(0.2, f"места рядом: {away / 1000:.0f} км")
    return _place_of(reach, one.label if one.label == two.label else "")


def _apart(a: Event, b: Event, away: float, *, far: bool) -> Said:
    if far:
        return Said(-2.0 if moving(a, b) else -3.5, f"разные места: {away / 1000:.0f} км")
    return Said(_aside(a, b), f"места поодаль: {away / 1000:.0f} км")


def _place_of(reach: float, label: str) -> Said:
    """The smaller the place, the fewer events it has; a list of places is as good as a small one."""
    if ", " in label:
        return Said(1.5, "те же места")
    for limit, weight, note in _SIZES:
        if reach <= limit:
            return Said(weight, note)
    return Said(0.6, "один округ") if label else Said(0.2, "места совместимы")


def _aside(a: Event, b: Event) -> float:
    """Weight of two places that are neighbours: works are announced for each, who is lost walks."""
    if works(a, b):
        return -2.2
    return -0.6 if moving(a, b) or (a.category == b.category and a.category in _WIDE) else -1.2


_WIDE = frozenset({Category.FIRE, Category.FLOOD_WEATHER, Category.OUTAGE_WATER, Category.OUTAGE_POWER})
"""One event of these has many places."""


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
    return Said(-1.5, "разные улицы") if (one.streets and two.streets) or _two_streets(a, b) else None


def _two_streets(a: Event, b: Event) -> bool:
    """Whether both lie at a street that the atlas knows, and not at the same one."""
    one, two = a.location, b.location
    if one is None or two is None or not one.method == two.method == "street":
        return False
    return (one.lat, one.lon) != (two.lat, two.lon)


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
