"""Which published outages concern a settlement: by what the notice names, never by a guess from a map."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kubmap.atlas.words import words
from kubmap.domain import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubmap.atlas.model import Provider, Settlement
    from kubmap.domain import Incident, Outage


class Reach(StrEnum):
    """Why an outage is shown for a settlement, the surest first."""

    NAMED = "named"
    EXCEPTION = "exception"
    PROVIDER = "provider"
    WITHIN = "within"
    """The place is a part of one that is concerned."""
    PART = "part"
    """Only parts of the place are concerned."""
    MUNICIPALITY = "municipality"
    KRAI = "krai"


def _names(settlement: Settlement) -> set[tuple[str, ...]]:
    return {words(name) for name in (settlement.name, *settlement.aliases)}


def _holds(phrase: str, names: set[tuple[str, ...]]) -> bool:
    """Whether the phrase holds one of the names as whole words in a row."""
    found = words(phrase)
    return any(found[at : at + len(name)] == name for name in names for at in range(len(found) - len(name) + 1) if name)


def serves(provider: Provider, settlement: Settlement) -> bool:
    """Whether the provider is known to serve the settlement by name; what is doubtful does not count."""
    homes = {settlement.id, settlement.parent}
    return any(homes & set(area.settlements) for area in provider.areas if not area.confidence.startswith("low"))


def _provider(outage: Outage, providers: Iterable[Provider]) -> Provider | None:
    if not outage.provider:
        return None
    told = outage.provider
    return next(
        (each for each in providers if _holds(told, {words(name) for name in (each.name, *each.aliases)})), None
    )


def _served(outage: Outage | None, settlement: Settlement, providers: Iterable[Provider]) -> bool:
    """By the notice's provider, where the notice itself names no places."""
    if outage is None or outage.places:
        return False
    provider = _provider(outage, providers)
    return provider is not None and serves(provider, settlement)


def _named(incident: Incident, names: set[tuple[str, ...]]) -> bool:
    """By the notice's places, or by the label of a place of its own; an area's label may be the atlas's words."""
    place, outage = incident.location, incident.outage
    if outage and any(_holds(each, names) for each in outage.places):
        return True
    return place is not None and place.precision is not Precision.AREA and _holds(place.label, names)


def _excepted(incident: Incident, names: set[tuple[str, ...]]) -> bool:
    return incident.outage is not None and any(_holds(each, names) for each in incident.outage.exceptions)


def reach(
    incident: Incident, settlement: Settlement, *, municipality: str | None, providers: Iterable[Provider] = ()
) -> Reach | None:
    """How the outage concerns the settlement; None when nothing says that it does.

    `municipality` is the name of the settlement's municipality. A notice for a place of the same name in another
    municipality does not count. `providers` are the known ones, to tell whom the notice's provider serves.
    """
    place = incident.location
    if place is None or not incident.category.is_outage:
        return None
    names = _names(settlement)
    tests = (
        (Reach.KRAI, place.precision is Precision.KRAI),
        (Reach.EXCEPTION, _excepted(incident, names)),
        (Reach.NAMED, place.municipality in (None, municipality) and _named(incident, names)),
        (Reach.PROVIDER, _served(incident.outage, settlement, providers)),
        (Reach.MUNICIPALITY, place.precision is Precision.DISTRICT and place.municipality == municipality),
    )
    return next((found for found, holds in tests if holds), None)


def concerning(
    incidents: Iterable[Incident],
    settlement: Settlement,
    *,
    municipality: str | None,
    providers: Sequence[Provider] = (),
) -> Iterator[tuple[Incident, Reach]]:
    """The outages that concern the settlement, in the order given."""
    for incident in incidents:
        found = reach(incident, settlement, municipality=municipality, providers=providers)
        if found:
            yield incident, found
