"""Records enough to stand in clusters: many at one point, many near each other, over two months of 2021."""

from __future__ import annotations

from datetime import date, timedelta

from kubmap.domain import Category, Incident, Precision
from tests.web_items import HOSTILE, incident, place

FIRST = date(2021, 10, 1)
CITY_COUNT, COAST_COUNT, NORTH_COUNT, KRAI_COUNT = 45, 40, 12, 6
KINDS = (Category.ROAD_ACCIDENT, Category.ROAD_ACCIDENT, Category.OUTAGE_WATER, Category.FIRE)


def _made(number: int, kind: Category, where: object, *, title: str | None = None) -> Incident:
    return incident(
        1000 + number,
        category=kind,
        title=title or f"Событие {number}",
        text=f"Подробности события {number}.",
        starts_at=FIRST + timedelta(days=number % 60),
        location=where,
    )


def _city(number: int) -> Incident:
    where = place(
        45.035, 38.975, Precision.SETTLEMENT, radius_m=12_000, label="город Краснодар", municipality="Краснодар",
        zone="Краснодарская агломерация",
    )  # fmt: skip
    return _made(number, KINDS[number % 4], where, title=f"{HOSTILE} {number}" if number % 9 == 0 else None)


def _coast(number: int) -> Incident:
    step = number % COAST_COUNT
    where = place(
        43.5 + 0.004 * step, 39.75 + 0.005 * step, Precision.ADDRESS, radius_m=200, label="город Сочи",
        municipality="Сочи", zone="Сочинская агломерация",
    )  # fmt: skip
    return _made(number, KINDS[number % 4], where)


def _north(number: int) -> Incident:
    where = place(
        46.7 - 0.02 * (number % 7), 38.3 + 0.03 * (number % 5), Precision.SETTLEMENT, radius_m=3000, label="Ейск",
        municipality="Ейский район", zone="Северная экономическая зона",
    )  # fmt: skip
    return _made(number, Category.OUTAGE_POWER, where)


def _krai(number: int) -> Incident:
    return _made(number, Category.FRAUD, place(None, None, Precision.KRAI, label="Краснодарский край"))


_MAKERS = (_city,) * CITY_COUNT + (_coast,) * COAST_COUNT + (_north,) * NORTH_COUNT + (_krai,) * KRAI_COUNT
CROWD = tuple(make(number) for number, make in enumerate(_MAKERS))
