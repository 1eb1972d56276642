"""How surely a notice concerns a place; `kubmap.read.served` tells which."""

from __future__ import annotations

from enum import StrEnum


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
    HOMONYM = "homonym"
    """The notice names a place of this name and does not tell which of several."""


VAGUE = frozenset({Reach.MUNICIPALITY, Reach.KRAI, Reach.HOMONYM})
"""Whether the outage holds at the place itself is not said."""
