"""Notices of utilities as rows of an import: one settlement a row, with its own streets, from a table or a paste.

A row is a sentence that says what the cells said (what a resident reads and what the notice is known again by) and the
facts of the cells, which stand whatever the sentence would be read as.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kubmap.atlas.chain import distance_m
from kubmap.desk import cells
from kubmap.desk.address import Group, read_address
from kubmap.desk.mapping import Columns, words
from kubmap.domain import Category, Incident, Interval, Location, Moment, Outage, Precision, Reason, Utility
from kubmap.domain import Teaser as Source
from kubmap.errors import InputError
from kubmap.feeds.words import day_of, interval_words
from kubmap.geocode.precision import at_area, at_settlement, label_of
from kubmap.store.rows import AnyRow, Row, bad, plain_text
from kubmap.store.sheets import Record
from kubmap.text import when

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

NAMES: Mapping[Utility, str] = {
    Utility.WATER: "отключение воды",
    Utility.POWER: "отключение электроэнергии",
    Utility.GAS: "отключение газа",
    Utility.HEAT: "отключение отопления и горячей воды",
}
CATEGORIES: Mapping[Utility, Category] = {
    Utility.WATER: Category.OUTAGE_WATER,
    Utility.POWER: Category.OUTAGE_POWER,
    Utility.GAS: Category.OUTAGE_GAS,
    Utility.HEAT: Category.OUTAGE_HEAT,
}
STREETS = 400
"""Streets of one settlement that are kept."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a row of a utility's table says, before it is told by settlement."""

    groups: tuple[Group, ...]
    utility: Utility
    when: Interval
    planned: bool | None = None
    withdrawn: bool = False
    cause: str | None = None
    provider: str | None = None
    exceptions: str | None = None
    further: str | None = None
    published: Moment | None = None
    undated: bool = False
    source_url: str | None = None
    source_name: str | None = None
    title: str | None = None


def rows_of(record: Record, columns: Columns, atlas: Atlas, *, today: date) -> tuple[AnyRow, ...]:
    """The rows of a record, one a settlement, or the one reason why there are none: column, what is wrong, a remedy."""
    told = columns.of(record)
    try:
        notice = _notice(told, columns, atlas, today)
        return tuple(_row(record, notice, groups, atlas) for groups in _shares(notice.groups))
    except InputError as error:
        reason = str(error) if error.field is None else f"{columns.column(error.field)}: {error}"
        return (replace(bad(record.line, reason, record.raw), cells=record.cells),)


def given(incident: Incident, *, notice: Notice, groups: tuple[Group, ...], atlas: Atlas) -> Incident:
    """The incident that was read of the row's sentence, with the facts of the row in it."""
    outage = incident.outage or Outage(notice.utility)
    places = tuple(group.place.name for group in groups if group.place is not None)
    streets = tuple(street for group in groups for street in group.streets)[:STREETS]
    told = Outage(
        utility=notice.utility,
        kind=outage.kind,
        works=outage.works and notice.when,
        supply=outage.supply,
        recovery_hours=outage.recovery_hours,
        places=places,
        exceptions=(notice.exceptions,) if notice.exceptions else outage.exceptions,
        streets=streets,
        cause=notice.cause or outage.cause,
        provider=notice.provider or outage.provider,
        withdrawn=notice.withdrawn or outage.withdrawn,
    )
    return replace(
        incident,
        category=CATEGORIES[notice.utility],
        starts_at=notice.when.start,
        ends_at=notice.when.end,
        is_scheduled=notice.planned if notice.planned is not None else incident.is_scheduled,
        location=located(incident.location, groups, atlas),
        alternatives=(),
        reasons=(*_reasons(places, notice), *incident.reasons),
        outage=told,
    )


def sentence(notice: Notice, groups: tuple[Group, ...], atlas: Atlas) -> str:
    """«Отключение воды 27 ноября 2021, с 9:00 до 17:00: станица Тбилисская, ул. Мира. Причина: ремонт ВЛ»."""
    where = "; ".join(place_words(group, atlas) for group in groups)
    parts = [f"{_head(notice)} {interval_words(notice.when.start, notice.when.end) or ''}".strip() + f": {where}"]
    parts += [f"Кроме: {notice.exceptions}"] if notice.exceptions else []
    parts += [f"Причина: {notice.cause}"] if notice.cause else []
    parts += [f"Сообщает: {notice.provider}"] if notice.provider else []
    parts += [notice.further] if notice.further else []
    return " ".join(part.rstrip(" .") + "." for part in parts)


def _notice(told: Mapping[str, str], columns: Columns, atlas: Atlas, today: date) -> Notice:
    for name, value in told.items():
        _in(name, plain_text, "ячейка", value)
    day = cells.day_cell(told["published"]) if told.get("published") else None
    published = _in("published", cells.moment, day, today=today) if day else today
    utility = _utility(told)
    return Notice(
        groups=_groups(told, columns, atlas),
        utility=utility,
        when=_when(told, day_of(published), CATEGORIES[utility]),
        planned=_planned(told.get("planned")),
        withdrawn=cells.answer(told.get("state", ""), words()["withdrawn"]) is not None,
        cause=told.get("cause"),
        provider=told.get("provider"),
        exceptions=told.get("exceptions"),
        further=told.get("text"),
        published=published,
        undated=day is None,
        source_url=_url(told.get("source_url")),
        source_name=told.get("source_name"),
        title=told.get("title"),
    )


def _groups(told: Mapping[str, str], columns: Columns, atlas: Atlas) -> tuple[Group, ...]:
    """Settlements with their streets; several settlements and streets that are told for none of them stay together."""
    district = told.get("district")
    place = told.get("place") or columns.values.get("place") or ""
    name = "place" if place else "address"
    groups = _in(name, read_address, place, atlas, district=district, bare=True) if place else ()
    streets = ", ".join(filter(None, (told.get("street"), told.get("house"))))
    address = "; ".join(filter(None, (told.get("address"), streets)))
    several = len(groups) > 1
    if address and several:
        own = _in("address", read_address, address, atlas, district=district)
        groups = own if all(group.place for group in own) else (*groups, *own)
    elif address:
        groups = _in("address" if told.get("address") else "street", read_address, address, atlas, district=district,
                     before=groups)  # fmt: skip
    if not any(group.place for group in groups):
        raise InputError("не назван населённый пункт; укажите его в строке или один для всего файла", field=name)
    return groups


def _shares(groups: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    """A row a settlement; all in one where streets are told for none of them."""
    return [(group,) for group in groups] if all(group.place for group in groups) else [groups]


def _utility(told: Mapping[str, str]) -> Utility:
    """By its own column, else by what the row says of it."""
    column = told.get("utility", "")
    said = [column] if column else [told.get(name, "") for name in ("planned", "title", "text", "cause", "provider")]
    for cell in said:
        name = cells.answer(cell, words()["utilities"])
        if name is not None:
            return Utility(name)
    if column:
        raise InputError(f"«{column[:40]}»: нужно «вода», «электроэнергия», «газ» или «тепло»", field="utility")
    raise InputError("не видно, что отключают: выберите это для всего файла или укажите столбец", field="utility")


def _when(told: Mapping[str, str], near: date, category: Category) -> Interval:
    start, end = _moment_of(told, "start"), _moment_of(told, "end")
    name = "start" if told.get("start") or not told.get("start_time") else "start_time"
    if not start:
        read = when.read(told.get("text", ""), told.get("title"), near, category=category)
        if read.starts_at is None and read.ends_at is None:
            raise InputError("пусто: укажите день или время отключения", field=name)
        return Interval(read.starts_at, read.ends_at)
    if not end:
        return _in(name, cells.interval, start, today=near)
    return _in("end" if told.get("end") else "end_time", cells.interval, f"{start} - {end}", today=near)


def _moment_of(told: Mapping[str, str], name: str) -> str:
    """The cells of a day and of its time as one."""
    time = told.get(f"{name}_time", "")
    return f"{cells.day_cell(told.get(name, ''), timed=bool(time))} {cells.clock(time)}".strip()


def _planned(cell: str | None) -> bool | None:
    """Emergency words go first: «внеплановое» holds «плановое»."""
    if not cell:
        return None
    patterns = words()["planned"]
    if cells.answer(cell, {"no": patterns["no"]}):
        return False
    return True if cells.answer(cell, {"yes": patterns["yes"]}) else None


def _url(cell: str | None) -> str | None:
    if cell and not cell.lower().startswith(("http://", "https://")):
        raise InputError("нужен адрес, который начинается с http:// или https://", field="source_url")
    return cell


def _row(record: Record, notice: Notice, groups: tuple[Group, ...], atlas: Atlas) -> Row:
    text = sentence(notice, groups, atlas)
    places = ", ".join(label_of(atlas, group.place) for group in groups if group.place is not None)
    title = notice.title or f"{_head(notice)}: {places}"
    source = Source(
        id=str(record.line), text=text, title=title, published=notice.published, source_url=notice.source_url,
        source_name=notice.source_name,
    )  # fmt: skip
    amend = partial(given, notice=notice, groups=groups, atlas=atlas)
    return Row(record.line, source, record.raw, amend, record.cells, undated=notice.undated)


def _head(notice: Notice) -> str:
    kind = {True: "плановое ", False: "аварийное ", None: ""}[notice.planned]
    head = f"{'отменено ' if notice.withdrawn else ''}{kind}{NAMES[notice.utility]}"
    return head[:1].upper() + head[1:]


def place_words(group: Group, atlas: Atlas) -> str:
    """«посёлок Октябрьский (Ейский район), ул. Мира»: two of one name are told apart."""
    streets = "; ".join(group.streets)
    return ", ".join(filter(None, (_placed(group.place, atlas) if group.place else "", streets)))


def _placed(place: Settlement, atlas: Atlas) -> str:
    home = atlas.municipality_of(place)
    label = label_of(atlas, place)
    return label if home is None or home.name in {place.name, label} or place.parent else f"{label} ({home.name})"


def located(read: Location | None, groups: tuple[Group, ...], atlas: Atlas) -> Location:
    """The settlement, or the street in it where the atlas knew that; of several places the area over them."""
    streets = [street for group in groups for street in group.streets]
    parts = [at_settlement(atlas, group.place) for group in groups if group.place is not None]
    if len(parts) > 1:
        return at_area(parts, label=", ".join(part.label for part in parts[:6]), method="several_places")
    (whole,) = parts
    if read is None or read.lat is None or read.lon is None or whole.lat is None or whole.lon is None:
        return whole
    fine = read.precision in {Precision.SETTLEMENT, Precision.ADDRESS} and (read.radius_m or 0) <= (whole.radius_m or 0)
    inside = distance_m((read.lat, read.lon), (whole.lat, whole.lon)) <= (whole.radius_m or 0)
    if not (fine and inside and read.municipality == whole.municipality):
        return whole
    return replace(read, label=f"{whole.label}, {_first(streets)}" if streets else read.label)


def _first(streets: Sequence[str]) -> str:
    """The first street with its houses, and whether there are more."""
    return f"{streets[0][:100]}{' и др.' if len(streets) > 1 else ''}"


def _reasons(places: tuple[str, ...], notice: Notice) -> tuple[Reason, ...]:
    told = (("place", ", ".join(places)), ("time", interval_words(notice.when.start, notice.when.end) or ""))
    return tuple(Reason(f"given:{name}", f"из объявления: {value}"[:200]) for name, value in told if value)


def _in(name: str, read: Callable[P, R], *given: P.args, **options: P.kwargs) -> R:
    """What `read` gives; its error names the field."""
    try:
        return read(*given, **options)
    except InputError as error:
        raise InputError(str(error), field=name) from None
