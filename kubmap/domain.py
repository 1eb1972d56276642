"""The values that everything else speaks of: no I/O, no clock, no third-party import.

Coordinates are WGS 84 degrees, lengths are metres, datetimes are aware and in Moscow time. A plain `date` stands
where a text gives only a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, dataclass_transform

MOSCOW = timezone(timedelta(hours=3), "MSK")
"""UTC+03:00, as the contract writes every time. Before 26 October 2014 clocks in Moscow showed other offsets: for such
a text the clock time is kept as it was written, not the instant.
"""

Moment: TypeAlias = date | datetime
"""A day, or a minute of a day (aware, Moscow time)."""

Geometry: TypeAlias = Mapping[str, Any]
"""A GeoJSON geometry (RFC 7946), lon/lat."""

_Names = TypeVar("_Names", bound=type[StrEnum])
_Value = TypeVar("_Value")


def direct(names: _Names) -> _Names:
    """The members as plain attributes of their class, as Python 3.12 keeps them; and their `value` without a detour.

    Python 3.11 finds each `Category.FIRE` through a property written in Python, which takes ten times as long; the
    rules ask for hundreds of members a teaser. `value` is such a property in every version.
    """
    for name, member in names.__members__.items():
        type.__setattr__(names, name, member)
    type.__setattr__(names, "value", property(attrgetter("_value_")))
    return names


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[_Value]) -> type[_Value]:
    """A frozen dataclass with slots, frozen by the type checker alone: nobody may set a field of one.

    A guard when the program runs as well makes every object four times as dear to make: a reading makes a dozen.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


@direct
class Category(StrEnum):
    """What a teaser is about; `NONE` is never mapped."""

    ROAD_ACCIDENT = "road_accident"
    ROAD_CLOSURE = "road_closure"
    OUTAGE_WATER = "outage_water"
    OUTAGE_POWER = "outage_power"
    OUTAGE_GAS = "outage_gas"
    OUTAGE_HEAT = "outage_heat"
    FRAUD = "fraud"
    CRIME = "crime"
    FIRE = "fire"
    FLOOD_WEATHER = "flood_weather"
    OTHER_EMERGENCY = "other_emergency"
    MISSING_PERSON = "missing_person"
    NONE = "none"

    @property
    def is_outage(self) -> bool:
        return self.startswith("outage_")


@direct
class Precision(StrEnum):
    """How finely a place is known, finest first."""

    ADDRESS = "address"
    ROAD_KM = "road_km"
    SETTLEMENT = "settlement"
    AREA = "area"
    DISTRICT = "district"
    KRAI = "krai"


@direct
class Status(StrEnum):
    """Where a record stands between the desk and the readers."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETRACTED = "retracted"


@direct
class Utility(StrEnum):
    """What is off."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    HEAT = "heat"


@direct
class OutageKind(StrEnum):
    """How it is off."""

    OFF = "off"
    REDUCED_PRESSURE = "reduced_pressure"
    LIMITED_SCHEDULE = "limited_schedule"


@direct
class PlaceKind(StrEnum):
    """What a phrase of a teaser names."""

    SETTLEMENT = "settlement"
    DISTRICT = "district"
    ROAD = "road"
    ROAD_KM = "road_km"
    STREET = "street"
    PROVIDER_AREA = "provider_area"
    ZONE = "zone"
    KRAI = "krai"
    OUTSIDE = "outside"
    OTHER = "other"


@direct
class Role(StrEnum):
    """Who somebody is to the desk; each role may what the one before it may."""

    READER = "reader"
    EDITOR = "editor"
    CHIEF = "chief"

    def may(self, needed: Role) -> bool:
        """Whether this role is enough where `needed` is asked for."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@value
class Reason:
    """A rule that fired: its name, what it read and what it concluded.

    `start` and `end` are character offsets into `source` ("text" or "title") of the teaser; None where the rule read
    no words. `note` is for people, in Russian.
    """

    rule: str
    note: str = ""
    start: int | None = None
    end: int | None = None
    source: str = "text"
    read: str = ""


@value
class Interval:
    """From `start` to `end`; either may be unknown."""

    start: Moment | None
    end: Moment | None


@value
class Casualties:
    """People hurt; None when the text does not say, 0 when it says that there were none."""

    dead: int | None = None
    injured: int | None = None
    children: int | None = None


@value
class Teaser:
    """What comes in. `published` is the day or the minute of publication, Moscow time."""

    id: str
    text: str
    title: str | None = None
    published: Moment | None = None
    source_url: str | None = None
    source_name: str | None = None


@value
class Place:
    """A phrase that names a place. `municipality` is a municipality's name, as the atlas writes it."""

    text: str
    kind: PlaceKind
    name: str
    municipality: str | None
    start: int
    end: int
    source: str = "text"


@value
class Location:
    """Where it happened. `lat` and `lon` are None where a pin would be a lie (krai-wide, a whole road)."""

    lat: float | None
    lon: float | None
    precision: Precision
    radius_m: int | None
    label: str
    municipality: str | None = None
    zone: str | None = None
    road: str | None = None
    km: float | None = None
    method: str = ""
    geometry: Geometry | None = None


@value
class Alternative:
    """A place that lost, with its score (0..1) and why it lost (in Russian)."""

    location: Location
    score: float
    why: str = ""


@value
class Outage:
    """What an outage notice says beyond the incident.

    `works` is when the crews work, `supply` when there is supply in spite of it, `recovery_hours` (least, most) what
    the system needs afterwards: the end of the works is not the end of the outage. `withdrawn` says that the notice
    calls off what was announced.
    """

    utility: Utility
    kind: OutageKind = OutageKind.OFF
    works: Interval | None = None
    supply: tuple[Interval, ...] = ()
    recovery_hours: tuple[float, float] | None = None
    places: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    cause: str | None = None
    provider: str | None = None
    withdrawn: bool = False


@value
class Telling:
    """Who else told of an incident: the source of a record that was merged into it, and that record's id."""

    source_name: str | None
    source_url: str | None
    published_at: Moment | None = None
    incident_id: str | None = None


@value
class Incident:
    """A record of the map. `id` is a UUIDv7 in text form, `version` counts from 1.

    `sources` are the further ones, of records that were merged into this one.
    """

    id: str
    version: int
    status: Status
    category: Category
    title: str | None
    text: str
    source_name: str | None = None
    source_url: str | None = None
    published_at: Moment | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    is_scheduled: bool | None = None
    casualties: Casualties = field(default_factory=Casualties)
    location: Location | None = None
    alternatives: tuple[Alternative, ...] = ()
    reasons: tuple[Reason, ...] = ()
    outage: Outage | None = None
    location_verified: bool = False
    duplicate_of: str | None = None
    sources: tuple[Telling, ...] = ()
    created_by: str = "import"
    created_at: datetime | None = None
    updated_at: datetime | None = None
