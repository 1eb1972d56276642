"""Two editors at once: what each changed since the base, put together; what both changed otherwise is asked about.

Pure. A unit is the least that makes sense to an editor: a place is one (a label never stands at another's pin), so are
the people hurt; an outage is made of parts. Times are merged one by one and asked about where they then contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from kubmap.desk.fields import FORM, is_before
from kubmap.desk.values import ClashField
from kubmap.domain import Incident, Outage

UNITS: Final = (*FORM, "location_verified")
"""Fields of an incident that editors change, each a unit."""

DERIVED: Final = ("alternatives", "reasons")
"""What a reading leaves beside them: the last one holds, nobody is asked."""

OUTAGE_PARTS: Final = (
    ("utility", "kind", "withdrawn"),
    ("works",),
    ("supply",),
    ("recovery_hours",),
    ("places", "exceptions"),
    ("streets",),
    ("cause",),
    ("provider",),
)
"""Fields of an outage that belong together."""

Inner = Callable[[Any, Any, Any], tuple[Any, bool]]
"""(base, theirs, mine) of a unit that both changed -> (put together, whether that clashes)."""


@dataclass(frozen=True, slots=True)
class Merge:
    """`changes` are to be made to theirs; `clashes` are asked about; `kept` are the units that only they changed."""

    changes: Mapping[str, Any]
    clashes: tuple[ClashField, ...]
    kept: tuple[str, ...]


def merge(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], *, inner: Mapping[str, Inner] = {}
) -> Merge:
    """Unit by unit; the three have the same keys. A unit is theirs, mine or asked about, and nothing else."""
    changes: dict[str, Any] = {}
    clashes: list[ClashField] = []
    kept: list[str] = []
    for name, was in base.items():
        their, my = theirs[name], mine[name]
        if my in (was, their):
            if their not in (was, my):
                kept.append(name)
        elif their == was:
            changes[name] = my
        else:
            both, clash = inner[name](was, their, my) if name in inner else (None, True)
            if clash:
                clashes.append(ClashField(name, was, their, my))
            else:
                changes[name] = both
    return Merge(changes, tuple(clashes), tuple(kept))


def three_way(base: Incident, theirs: Incident, changes: Mapping[str, Any]) -> Merge:
    """What `changes` of `base` come to on top of `theirs`."""
    was, now = _units(base), _units(theirs)
    mine = {name: value for name, value in changes.items() if name in was}
    done = _in_order(merge(was, now, {**was, **mine}, inner={"outage": outages}), base, theirs, changes)
    derived = {name: changes[name] for name in DERIVED if name in changes}
    return replace(done, changes={**done.changes, **derived})


def outages(base: Outage | None, theirs: Outage | None, mine: Outage | None) -> tuple[Outage | None, bool]:
    """Part by part; a clash in one part is one of the whole."""
    if base is None or theirs is None or mine is None:
        return None, True
    sides = [_parts(each) for each in (base, theirs, mine)]
    done = merge(*sides)
    found = replace(theirs, **{name: value for part in done.changes.values() for name, value in part})
    return found, bool(done.clashes)


def _parts(outage: Outage) -> dict[str, tuple[tuple[str, Any], ...]]:
    return {part[0]: tuple((name, getattr(outage, name)) for name in part) for part in OUTAGE_PARTS}


def _units(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in UNITS}


def _in_order(done: Merge, base: Incident, theirs: Incident, changes: Mapping[str, Any]) -> Merge:
    """One moved the start and the other the end, past each other: both are asked about."""
    start = done.changes.get("starts_at", theirs.starts_at)
    end = done.changes.get("ends_at", theirs.ends_at)
    times = ("starts_at", "ends_at")
    both = any(name in done.changes for name in times) and any(name in done.kept for name in times)
    if not (both and is_before(end, start)):
        return done
    asked = tuple(
        ClashField(name, getattr(base, name), getattr(theirs, name), changes.get(name, getattr(base, name)))
        for name in times
    )
    rest = {name: value for name, value in done.changes.items() if name not in times}
    kept = tuple(name for name in done.kept if name not in times)
    return Merge(rest, (*done.clashes, *asked), kept)
