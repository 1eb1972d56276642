"""Streets: text in the label, and for the few that the atlas knows the part of the town where they run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubmap.atlas.streets import Street, key_of
from kubmap.domain import Location, PlaceKind, Precision
from kubmap.geocode.precision import cover
from kubmap.geocode.score import Evidence
from kubmap.text.places import Mention, Role
from kubmap.text.streets import streets_of

if TYPE_CHECKING:
    from kubmap.atlas.model import Settlement

_MOST = 4  # streets: a longer list is the whole town


def with_street(evidence: Evidence, found: Location, place: Settlement) -> Location:
    """The street as text; the point where the atlas knows the street, else the settlement's own."""
    streets = [m for m in evidence.of(PlaceKind.STREET) if m.role == Role.EVENT]
    if not streets or found.precision != Precision.SETTLEMENT:
        return found
    label = f"{found.label}, {streets[0].name}"
    known = _known(evidence, streets, place)
    if not known or len(streets) > _MOST:
        return replace(found, label=label, method="gazetteer_street")
    lat, lon, radius = cover([(s.lat, s.lon, float(s.radius_m)) for s in known])
    if radius > (found.radius_m or 0):
        return replace(found, label=label, method="gazetteer_street")
    return replace(found, lat=round(lat, 5), lon=round(lon, 5), radius_m=radius, label=label, method="street")


def _known(evidence: Evidence, streets: list[Mention], place: Settlement) -> list[Street]:
    """The streets that the atlas knows in that town, each once."""
    table = streets_of(evidence.atlas)
    found = (table.get((place.name, key_of(m.name))) for m in streets)
    return list({street.name: street for street in found if street is not None}.values())
