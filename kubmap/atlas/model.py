"""What the atlas holds: values only. Coordinates are WGS 84 degrees, lengths metres unless a name says km."""

from __future__ import annotations

from dataclasses import dataclass

KRAI = "Краснодарский край"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement, an inner-city place or, with another `region`, a place outside the krai.

    `id` is the OKTMO code (11 digits) or "gn-<GeoNames id>". `type` is one of: город, пгт, станица, село, посёлок,
    хутор, аул, разъезд, станция, деревня, слобода, район (an inner-city district), микрорайон, место.
    `municipality` is a municipality's id ("" outside the krai and for Сириус), `parent` the id of the city that an
    inner-city place belongs to, `radius_m` how far the built-up area reaches from the coordinates. `type` is регион or
    страна for regions and countries outside.
    """

    id: str
    name: str
    type: str
    municipality: str
    region: str
    lat: float
    lon: float
    population: int | None
    radius_m: int
    parent: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of the 44 municipalities. `name` is «Абинский район» or, of an urban okrug, the city («Краснодар»)."""

    id: str
    name: str
    kind: str
    zone: str
    centre: str
    lat: float
    lon: float
    population: int
    population_year: str
    area_km2: float
    confidence: str
    source: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """One of the seven economic zones. `colour` is a CSS colour; `confidence` and `source` are of the membership."""

    id: str
    name: str
    short: str
    colour: str
    lat: float
    lon: float
    population: int
    area_km2: float


@dataclass(frozen=True, slots=True)
class ServedArea:
    """Places that a provider serves: `settlements` are ids; none of them named means the whole municipality."""

    municipality: str
    settlements: tuple[str, ...]
    exceptions: tuple[str, ...]
    text: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A utility company and the places that it serves; `utility` is water, power, gas or heat."""

    id: str
    name: str
    aliases: tuple[str, ...]
    utility: str
    areas: tuple[ServedArea, ...]
