"""What a viewport shows out of a snapshot: the records in the frame, the krai-wide ones, how many lie elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubmap.domain import Precision

if TYPE_CHECKING:
    from kubmap.domain import Incident
    from kubmap.read.snapshot import BBox, Filter, Snapshot


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that pass, newest first. `elsewhere` of them have a place outside the frame; `counts` is of all."""

    shown: tuple[Incident, ...]
    krai: tuple[Incident, ...]
    unplaced: tuple[Incident, ...]
    elsewhere: int
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def _is_krai(incident: Incident) -> bool:
    return incident.location is not None and incident.location.precision is Precision.KRAI


def look(snapshot: Snapshot, wanted: Filter, *, bbox: BBox | None = None) -> Selection:
    """What passes `wanted`; places outside `bbox` (west, south, east, north, degrees) are only counted."""
    passing = tuple(snapshot.take(snapshot.select(replace(wanted, bbox=None))))
    placed = tuple(each for each in passing if each.location is not None and not _is_krai(each))
    shown = placed
    if bbox is not None:
        shown = tuple(snapshot.take(snapshot.select(replace(wanted, bbox=bbox))))
    return Selection(
        shown=shown,
        krai=tuple(each for each in passing if _is_krai(each)),
        unplaced=tuple(each for each in passing if each.location is None),
        elsewhere=len(placed) - len(shown),
        counts=dict(sorted(Counter(each.category.value for each in passing).items())),
    )
