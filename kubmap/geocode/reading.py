"""A reading: a teaser's facts with its one location; JSON in and out by the contract of `kubmap parse`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import (
    MOSCOW,
    Alternative,
    Casualties,
    Category,
    Location,
    Moment,
    Outage,
    Place,
    PlaceKind,
    Reason,
    Teaser,
    value,
)  # fmt: skip
from kubmap.errors import InputError
from kubmap.geocode.resolve import resolve
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention
from kubmap.text.teaser import parse as parse_draft

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas


_SERVED = frozenset({PlaceKind.SETTLEMENT, PlaceKind.DISTRICT})


@value
class Reading:
    """What a teaser says and where it happened (None: no incident, outside the krai)."""

    id: str
    category: Category
    is_scheduled: bool | None
    starts_at: Moment | None
    ends_at: Moment | None
    casualties: Casualties
    outage: Outage | None
    places: tuple[Place, ...]
    location: Location | None
    alternatives: tuple[Alternative, ...]
    reasons: tuple[Reason, ...]
    mentions: tuple[Mention, ...] = ()
    teaser: Teaser | None = None


def read_teaser(teaser: Teaser, atlas: Atlas) -> Reading:
    """Read and locate a teaser."""
    draft = parse_draft(teaser, atlas)
    year = teaser.published.year if teaser.published else None
    found = resolve(draft.mentions, atlas, category=draft.category, year=year)
    return Reading(
        id=teaser.id,
        category=draft.category,
        is_scheduled=draft.is_scheduled,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        casualties=draft.casualties,
        outage=draft.outage,
        places=_places(draft.mentions, atlas),
        location=found.location,
        alternatives=found.alternatives,
        reasons=(*draft.reasons, *found.reasons),
        mentions=draft.mentions,
        teaser=teaser,
    )


def parse(text: str, *, title: str | None = None, published: Moment | str | None = None) -> Reading:
    """Read and locate one text with the atlas that ships; `published` may be an ISO date or date-time."""
    moment = moment_of(published, "published") if isinstance(published, str) else published
    return read_teaser(Teaser("", text, title, moment), load_atlas())


def _places(mentions: tuple[Mention, ...], atlas: Atlas) -> tuple[Place, ...]:
    """The mentions as the record keeps them."""
    owners = _owners(atlas)
    return tuple([
        Place(m.text, m.kind, m.name or m.text, owners[m.ids] if m.kind in _SERVED else None, m.start, m.end, m.source)
        for m in mentions
    ])  # fmt: skip


class _Owners(dict[tuple[str, ...], str | None]):
    """Ids of a mention -> the name of the one municipality that they belong to, made when first asked for.

    That is the municipality of a district, or of a settlement that has no homonym in another one.
    """

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self._atlas = atlas

    def __missing__(self, ids: tuple[str, ...]) -> str | None:
        owners = {self._owner(each) for each in ids} - {None}
        owner = self._atlas.municipalities.get(owners.pop() or "") if len(owners) == 1 else None
        found = self[ids] = owner.name if owner else None
        return found

    def _owner(self, each: str) -> str | None:
        """The municipality id of a settlement or of a municipality; None outside the krai."""
        place = self._atlas.settlements.get(each)
        return place.municipality if place else each if each in self._atlas.municipalities else None


@per_atlas
def _owners(atlas: Atlas) -> _Owners:
    return _Owners(atlas)


# JSON out


def iso(moment: Moment | None) -> str | None:
    """«2021-11-27T06:00+03:00», or a plain date."""
    if isinstance(moment, datetime):
        return moment.astimezone(MOSCOW).isoformat(timespec="minutes")
    return moment.isoformat() if moment else None


def location_json(location: Location | None) -> dict[str, Any] | None:
    """All keys of the contract; null where the location has none."""
    if location is None:
        return None
    return {
        "lat": location.lat,
        "lon": location.lon,
        "precision": location.precision.value,
        "radius_m": location.radius_m,
        "label": location.label,
        "municipality": location.municipality,
        "zone": location.zone,
        "road": location.road,
        "km": location.km,
        "method": location.method,
        "geometry": location.geometry,
    }


def reading_json(reading: Reading, id: str | None = None) -> dict[str, Any]:  # noqa: A002  the contract's word
    """The object that `kubmap parse` writes."""
    hurt = reading.casualties
    return {
        "id": reading.id if id is None else id,
        "category": reading.category.value,
        "is_scheduled": reading.is_scheduled,
        "starts_at": iso(reading.starts_at),
        "ends_at": iso(reading.ends_at),
        "casualties": {"dead": hurt.dead, "injured": hurt.injured, "children": hurt.children},
        "places": [
            {
                "text": place.text,
                "kind": place.kind.value,
                "name": place.name,
                "municipality": place.municipality,
                "start": place.start,
                "end": place.end,
                "source": place.source,
            }
            for place in reading.places
        ],
        "location": location_json(reading.location),
        "alternatives": [
            {**(location_json(a.location) or {}), "score": a.score, "why": a.why} for a in reading.alternatives
        ],
        "reasons": [
            {
                "rule": reason.rule,
                "start": reason.start,
                "end": reason.end,
                "source": reason.source,
                "read": reason.read,
                "note": reason.note,
            }
            for reason in reading.reasons
        ],
    }


# JSON in


def teaser_from_json(row: Mapping[str, Any]) -> Teaser:
    """The teaser of an object of the contract.

    Raises:
        InputError: a field is missing or of a wrong type, or a date cannot be read; `field` names it.
    """
    text = row.get("text", row.get("teaser"))
    if not isinstance(text, str):
        raise InputError(f"поле «text»: нужна строка, а не {_kind(text)}", field="text")
    return Teaser(
        id=_id(row.get("id")),
        text=text,
        title=_optional(row, "title"),
        published=moment_of(row.get("published"), "published"),
        source_url=_optional(row, "source_url"),
        source_name=_optional(row, "source_name"),
    )


def _kind(value: object) -> str:
    return "отсутствует" if value is None else type(value).__name__


def _id(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"поле «id»: нужна строка, а не {_kind(value)}", field="id")


def _optional(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"поле «{name}»: нужна строка или null, а не {_kind(value)}", field=name)


def moment_of(value: object, name: str) -> Moment | None:
    """A day («2021-11-23») or a minute («2021-11-23T10:00+03:00»; without an offset Moscow time).

    Raises:
        InputError: not an ISO date or date-time, or a year that no news has.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"поле «{name}»: нужна дата ISO 8601 строкой, а не {_kind(value)}", field=name)
    try:
        return _moment(value.strip())
    except (ValueError, OverflowError):
        raise InputError(f"поле «{name}»: «{value[:40]}» — не дата ISO 8601 (2021-11-23)", field=name) from None


def _moment(value: str) -> Moment:
    if len(value) <= len("2021-11-23"):
        found: Moment = date.fromisoformat(value)
    else:
        minute = datetime.fromisoformat(value)
        found = minute.replace(tzinfo=MOSCOW) if minute.tzinfo is None else minute.astimezone(MOSCOW)
    if not 1900 <= found.year <= 2200:
        raise ValueError(value)
    return found
