"""Teasers of a table as rows of an import: the text is read as ever, what further columns tell are facts that stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kubmap.atlas.words import fold
from kubmap.desk import cells
from kubmap.desk.address import district_named, read_address
from kubmap.desk.mapping import Columns, words
from kubmap.domain import Category, Incident, Interval, Location, Outage, Precision, Reason, Teaser, Utility
from kubmap.errors import InputError
from kubmap.feeds.words import category_name, category_short, day_of
from kubmap.geocode import precision
from kubmap.geocode.query import at_point
from kubmap.store.rows import AnyRow, Row, bad, plain_text
from kubmap.store.sheets import Record

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

KRAI_BOX = (43.3, 46.9, 36.4, 41.8)
"""South, north, west, east of the krai with its coast, degrees."""
POINT_M = 100
"""Radius of a point that a file gives without one, metres: nobody measured it."""
MOST_PEOPLE = 100_000

P = ParamSpec("P")
R = TypeVar("R")

_PEOPLE = ("dead", "injured", "children")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the columns tell beside the text; what is None they do not tell."""

    category: Category | None = None
    when: Interval | None = None
    is_scheduled: bool | None = None
    location: Location | None = None
    people: Mapping[str, int] | None = None
    columns: tuple[str, ...] = ()


def row_of(record: Record, columns: Columns, atlas: Atlas, *, today: date) -> AnyRow:
    """The row of a record, or the reason why there is none: column, what is wrong, what to do."""
    told = columns.of(record)
    try:
        for name, value in told.items():
            _in(name, plain_text, "ячейка", value)
        teaser = _teaser(told, record.line, today)
        facts = _facts(told, atlas, day_of(teaser.published) if teaser.published else today)
    except InputError as error:
        reason = str(error) if error.field is None else f"{columns.column(error.field)}: {error}"
        return replace(bad(record.line, reason, record.raw, told), cells=record.cells)
    amend = partial(given, facts=facts) if facts.columns else None
    return Row(record.line, teaser, record.raw, amend, record.cells)


def given(incident: Incident, *, facts: Facts) -> Incident:
    """The incident that was read of the text, with the facts in it."""
    if facts.category is not None and facts.category is not incident.category:
        incident = replace(incident, category=facts.category, outage=_outage(facts.category))
        if facts.category is Category.NONE:
            incident = replace(incident, location=None, alternatives=())
    if facts.when is not None:
        incident = replace(incident, starts_at=facts.when.start, ends_at=facts.when.end)
    if facts.is_scheduled is not None:
        incident = replace(incident, is_scheduled=facts.is_scheduled)
    if facts.people:
        incident = replace(incident, casualties=replace(incident.casualties, **facts.people))
    if facts.location is not None:
        incident = replace(incident, location=facts.location, alternatives=())
    told = tuple(Reason(f"given:{name}", "взято из файла как есть") for name in facts.columns)
    return replace(incident, reasons=(*told, *incident.reasons))


def _teaser(told: Mapping[str, str], line: int, today: date) -> Teaser:
    text = told.get("text", "").strip()
    if not text:
        raise InputError("пусто: нужен текст сообщения", field="text")
    url = told.get("source_url")
    if url and not url.lower().startswith(("http://", "https://")):
        raise InputError("нужен адрес, который начинается с http:// или https://", field="source_url")
    published = f"{cells.day_cell(told.get('published', ''))} {cells.clock(told.get('published_time', ''))}".strip()
    return Teaser(
        id=told.get("id") or str(line),
        text=text,
        title=told.get("title"),
        published=_in("published", cells.moment, published, today=today) if published else None,
        source_url=url,
        source_name=told.get("source_name"),
    )


def _facts(told: Mapping[str, str], atlas: Atlas, near: date) -> Facts:
    people = {name: int(_in(name, cells.number, told[name], low=0, high=MOST_PEOPLE, whole=True))
              for name in _PEOPLE if told.get(name)}  # fmt: skip
    facts = Facts(
        category=_in("category", category_of, told["category"]) if told.get("category") else None,
        when=_when(told, near),
        is_scheduled=_in("is_scheduled", _yes, told["is_scheduled"]) if told.get("is_scheduled") else None,
        location=_location(told, atlas),
        people=people,
    )
    present = {
        "category": facts.category, "when": facts.when, "is_scheduled": facts.is_scheduled,
        "location": facts.location, "people": people or None,
    }  # fmt: skip
    return replace(facts, columns=tuple(name for name, value in present.items() if value is not None))


def category_of(cell: str) -> Category:
    """By its code or its Russian name: «ДТП», «Отключение воды», «fire». Raises InputError."""
    found = _categories().get(fold(cell).strip(" ."))
    if found is None:
        names = ", ".join(f"«{category_name(each)}»" for each in Category)
        raise InputError(f"рубрики «{cell[:40]}» нет; есть {names}")
    return found


def point(lat: float, lon: float, atlas: Atlas) -> Location:
    """The place at a point (degrees). Raises InputError: outside the krai, or latitude and longitude swapped."""
    if _in_box(lon, lat) and not _in_box(lat, lon):
        raise InputError(f"широта и долгота переставлены: {lat:g}, {lon:g}; поменяйте их местами")
    found = at_point(atlas, lat, lon) if _in_box(lat, lon) else None
    if found is None:
        raise InputError(f"точка {lat:g}, {lon:g} вне Краснодарского края; проверьте координаты")
    return replace(found, radius_m=POINT_M, method="given")


@lru_cache(maxsize=1)
def _categories() -> dict[str, Category]:
    rows = [(name, each) for each in Category for name in (each.value, category_name(each))]
    rows += [(category_short(each), each) for each in Category if each is not Category.NONE]
    return {fold(name): each for name, each in rows}


def _in_box(lat: float, lon: float) -> bool:
    south, north, west, east = KRAI_BOX
    return south <= lat <= north and west <= lon <= east


def _outage(category: Category) -> Outage | None:
    return Outage(Utility(category.removeprefix("outage_"))) if category.is_outage else None


def _yes(cell: str) -> bool:
    answer = cells.answer(cell, {"no": words()["planned"]["no"], "yes": words()["planned"]["yes"]})
    if answer is None:
        raise InputError(f"«{cell[:40]}»: нужно «да» или «нет»")
    return answer == "yes"


def _when(told: Mapping[str, str], near: date) -> Interval | None:
    start = f"{cells.day_cell(told.get('starts_at', ''))} {cells.clock(told.get('start_time', ''))}".strip()
    end = f"{cells.day_cell(told.get('ends_at', ''))} {cells.clock(told.get('end_time', ''))}".strip()
    if not start and not end:
        return None
    if not start:
        return Interval(None, _in("ends_at", cells.moment, end, today=near))
    first = _in("starts_at", cells.interval, start, today=near)
    if not end:
        return first
    last = _in("ends_at", cells.interval, f"{start} - {end}" if not _dated(end, near) else end, today=near)
    found = Interval(first.start, last.end or last.start)
    if found.start is not None and found.end is not None and day_of(found.end) < day_of(found.start):
        raise InputError("конец раньше начала", field="ends_at")
    return found


def _dated(cell: str, near: date) -> bool:
    """Whether a cell names a day, and not only a time."""
    try:
        cells.interval(cell, today=near)
    except InputError:
        return False
    return True


def _location(told: Mapping[str, str], atlas: Atlas) -> Location | None:
    """By coordinates, else by a road with its km, else by words; None where the row tells no place."""
    coordinates = _coordinates(told)
    if coordinates is not None:
        name = "point" if told.get("point") else "lat"
        return _described(_in(name, point, *coordinates, atlas), told)
    if told.get("place") and told.get("precision") in {None, "", "settlement"}:
        return _in("place", _settlement, told["place"], told.get("municipality"), atlas)
    if told.get("municipality") and not told.get("place"):
        return precision.at_district(atlas, _in("municipality", district_named, told["municipality"], atlas))
    return None


def _coordinates(told: Mapping[str, str]) -> tuple[float, float] | None:
    if told.get("point"):
        return _in("point", cells.point, told["point"])
    if not told.get("lat") and not told.get("lon"):
        return None
    for name in ("lat", "lon"):
        if not told.get(name):
            raise InputError("нужны обе координаты или ни одной", field=name)
    lat, lon = (_in(name, cells.number, told[name], low=-180, high=180) for name in ("lat", "lon"))
    return lat, lon


def _described(found: Location, told: Mapping[str, str]) -> Location:
    """With the precision, radius, label and road that the row tells."""
    if told.get("precision"):
        found = replace(found, precision=_in("precision", _precision, told["precision"]))
    if told.get("radius_m"):
        found = replace(found, radius_m=int(_in("radius_m", cells.number, told["radius_m"], low=0, high=500_000)))
    if told.get("road"):
        km = _in("km", cells.number, told["km"], low=0, high=3_000) if told.get("km") else None
        found = replace(found, road=told["road"], km=km)
    return replace(found, label=told["place"]) if told.get("place") else found


def _precision(cell: str) -> Precision:
    try:
        return Precision(cell.strip().lower())
    except ValueError:
        raise InputError(f"«{cell[:30]}»: нужно одно из {', '.join(Precision)}") from None


def _settlement(cell: str, district: str | None, atlas: Atlas) -> Location | None:
    """A settlement told in words; a place that is none of them is left to the reading of the text."""
    groups = read_address(cell, atlas, district=district, bare=True)
    places = [group.place for group in groups if group.place is not None]
    parts = [precision.at_settlement(atlas, place) for place in places]
    if len(parts) > 1:
        return precision.at_area(parts, label=", ".join(part.label for part in parts[:6]), method="several_places")
    return parts[0] if parts else None


def _in(name: str, read: Callable[P, R], *given_: P.args, **options: P.kwargs) -> R:
    """What `read` gives; its error names the field."""
    try:
        return read(*given_, **options)
    except InputError as error:
        raise InputError(str(error), field=name) from None
