"""A small archive of every precision and of hostile strings, for the tests of routes, feeds, pages and the browser."""

from __future__ import annotations

from datetime import date, datetime

from kubmap.domain import (
    MOSCOW,
    Casualties,
    Category,
    Incident,
    Interval,
    Location,
    Outage,
    Precision,
    Reason,
    Status,
    Utility,
)

HOSTILE = (
    '<script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
    "${window.pwned=1}\u202eRTL \"кавычки\" 'и' &amp;"
)
HOSTILE_CELL = '=HYPERLINK("http://evil.example";"жми")'
ROAD_LINE = {"type": "LineString", "coordinates": [[39.05, 45.06], [39.7, 45.22], [40.2, 45.4], [40.7, 45.44]]}
SQUARE = {"type": "Polygon", "coordinates": [[[37.6, 44.7], [38.2, 44.7], [38.2, 45.2], [37.6, 45.2], [37.6, 44.7]]]}
AREA = {
    "type": "GeometryCollection",
    "geometries": [SQUARE, {"type": "MultiPoint", "coordinates": [[37.77, 44.72], [38.08, 44.75]]}],
}
BLACK_SEA = "Черноморская экономическая зона"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A minute of November 2021."""
    return datetime(2021, 11, day, hour, minute, tzinfo=MOSCOW)


def incident(number: int, **changes: object) -> Incident:
    """A published record with an id of its own."""
    base: dict[str, object] = {
        "id": f"017d4a00-0000-7000-8000-{number:012d}",
        "version": 1,
        "status": Status.PUBLISHED,
        "category": Category.ROAD_ACCIDENT,
        "title": None,
        "text": f"Сообщение {number}.",
        "published_at": date(2021, 11, 22),
        "source_name": "Проверка",
    }
    return Incident(**{**base, **changes})  # type: ignore[arg-type]


def place(lat: float | None, lon: float | None, precision: Precision, **changes: object) -> Location:
    """A location; the label is the precision unless given."""
    base: dict[str, object] = {"radius_m": None, "label": precision.value}
    return Location(lat, lon, precision, **{**base, **changes})  # type: ignore[arg-type]


ROAD = incident(
    1,
    text="Авария произошла 22 ноября около 5:00 на трассе Кропоткин — Краснодар.",
    starts_at=at(22, 5),
    location=place(
        None,
        None,
        Precision.AREA,
        label="трасса Краснодар — Кропоткин",
        road="Краснодар — Кропоткин",
        geometry=ROAD_LINE,
    ),
    reasons=(Reason("road", "«трассе Кропоткин — Краснодар»: дорога"),),
)
KRAI = incident(
    2,
    category=Category.FRAUD,
    text="Жертвами новой схемы обмана стали 230 человек.",
    location=place(None, None, Precision.KRAI, label="Краснодарский край"),
)
WATER = incident(
    3,
    category=Category.OUTAGE_WATER,
    text="«Троицкий групповой водопровод» 27 ноября с 6:00 до 24:00 проведёт плановые работы.",
    is_scheduled=True,
    starts_at=at(27, 6),
    ends_at=at(28, 0),
    location=place(44.9, 37.9, Precision.AREA, radius_m=30_000, label="зона Троицкого водопровода", geometry=AREA),
    outage=Outage(
        Utility.WATER, works=Interval(at(27, 6), at(28, 0)), recovery_hours=(4, 6),
        places=("Новороссийск", "село Гайдук"), exceptions=("мкр «Надежда»",),
    ),
)  # fmt: skip
ROAD_KM = incident(
    4,
    text="Смертельная авария произошла в 7:00 22 ноября на 11-м километре.",
    starts_at=at(22, 7),
    casualties=Casualties(dead=1),
    location=place(
        44.95, 37.45, Precision.ROAD_KM, radius_m=4000, label="11-й км", road="Анапа — Анапская", km=11.0,
        municipality="Анапа", zone=BLACK_SEA,
    ),
)  # fmt: skip
HOSTILE_ITEM = incident(
    5,
    category=Category.FIRE,
    title=HOSTILE,
    text=HOSTILE_CELL,
    source_name=HOSTILE,
    source_url="javascript:window.pwned=1",
    starts_at=date(2021, 11, 23),
    location=place(
        46.71,
        38.27,
        Precision.SETTLEMENT,
        radius_m=5000,
        label=HOSTILE,
        municipality="Ейский район",
        zone="Северная экономическая зона",
    ),
    reasons=(Reason("hostile", HOSTILE),),
)
DISTRICT = incident(
    6,
    category=Category.OUTAGE_POWER,
    title="Свет отключат в Крымском районе",
    starts_at=date(2021, 11, 24),
    location=place(
        None,
        None,
        Precision.DISTRICT,
        label="Крымский район",
        municipality="Крымский район",
        zone=BLACK_SEA,
        geometry=SQUARE,
    ),
)
CITY = incident(
    7,
    category=Category.CRIME,
    title="В Краснодаре раскрыли кражу",
    source_name="Газета",
    source_url="https://example.org/1",
    starts_at=date(2021, 11, 24),
    location=place(
        45.04,
        38.976,
        Precision.SETTLEMENT,
        radius_m=12_000,
        label="город Краснодар",
        municipality="Краснодар",
        zone="Краснодарская агломерация",
    ),
)
UNPLACED = incident(8, category=Category.OTHER_EMERGENCY, title="Где-то что-то случилось")

ITEMS = (ROAD, KRAI, WATER, ROAD_KM, HOSTILE_ITEM, DISTRICT, CITY, UNPLACED)
