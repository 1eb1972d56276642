"""Which published outages concern a settlement: what the notice names, never a guess from a map."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kubmap.atlas.words import words
from kubmap.domain import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubmap.atlas.model import Settlement
    from kubmap.domain import Incident


class Reach(StrEnum):
    """Why an outage is shown for a settlement."""

    NAMED = "named"
    MUNICIPALITY = "municipality"
    KRAI = "krai"
    EXCEPTION = "exception"


def _names(settlement: Settlement) -> set[tuple[str, ...]]:
    return {words(name) for name in (settlement.name, *settlement.aliases)}


def _holds(phrase: str, names: set[tuple[str, ...]]) -> bool:
    """Whether the phrase holds one of the names as whole words in a row."""
    found = words(phrase)
    return any(found[at : at + len(name)] == name for name in names for at in range(len(found) - len(name) + 1) if name)


def reach(incident: Incident, settlement: Settlement, *, municipality: str | None) -> Reach | None:
    """How the outage concerns the settlement; None when the notice says nothing of it.

    `municipality` is the name of the settlement's municipality. A notice for another place of the same name does not
    count: its municipality differs.
    """
    place, outage = incident.location, incident.outage
    if place is None or not incident.category.is_outage:
        return None
    if place.precision is Precision.KRAI:
        return Reach.KRAI
    names = _names(settlement)
    if outage and any(_holds(each, names) for each in outage.exceptions):
        return Reach.EXCEPTION
    elsewhere = place.municipality is not None and place.municipality != municipality
    named = _holds(place.label, names) or (outage is not None and any(_holds(each, names) for each in outage.places))
    if named and not elsewhere:
        return Reach.NAMED
    if place.precision is Precision.DISTRICT and place.municipality == municipality:
        return Reach.MUNICIPALITY
    return None


def concerning(
    incidents: Iterable[Incident], settlement: Settlement, *, municipality: str | None
) -> Iterator[tuple[Incident, Reach]]:
    """The outages that concern the settlement, in the order given."""
    for incident in incidents:
        found = reach(incident, settlement, municipality=municipality)
        if found:
            yield incident, found
