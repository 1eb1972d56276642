"""Where the time of reading goes: shares of a profile by stage and by module.

A profiler makes small functions look dear, so these are shares and not seconds; what a built-in or a library function
took counts for the module that called it.
"""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
STAGES = {
    ("text/category.py", "classify"): "category",
    ("text/when.py", "read"): "times",
    ("text/casualties.py", "read"): "casualties",
    ("text/outage.py", "read_outage"): "outage",
    ("text/where.py", "mentions"): "places named",
    ("geocode/resolve.py", "resolve"): "location",
    ("geocode/reading.py", "reading_json"): "JSON",
}
SHOWN = 14
Where = tuple[str, int, str]


def rows(read: Callable[[Any], Any], items: Sequence[Any], *, passes: int = 3) -> Iterator[tuple[str, str]]:
    """Name and share of each stage, then of the dearest modules."""
    for item in items:
        read(item)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(passes):
        for item in items:
            read(item)
    profile.disable()
    stats: dict[Where, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    for stage, share in _stages(stats):
        yield f"stage: {stage}", f"{share / total:.0%}"
    modules = sorted(_modules(stats).items(), key=lambda pair: -pair[1])
    for name, share in modules[:SHOWN]:
        yield f"`{name}`", f"{share / total:.0%}"


def _stages(stats: dict[Where, Any]) -> Iterator[tuple[str, float]]:
    """Time in each stage's function and in all that it calls."""
    taken = {(_name(where), where[2]): figures[3] for where, figures in stats.items()}
    for (name, function), stage in STAGES.items():
        yield stage, taken.get((name, function), 0.0)


def _modules(stats: dict[Where, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for where, (_, _, own, _, callers) in stats.items():
        for name, seconds in _owners(where, own, callers):
            found[name] = found.get(name, 0.0) + seconds
    return found


def _owners(where: Where, own: float, callers: dict[Where, Any]) -> Iterator[tuple[str, float]]:
    """A module of ours owns its time; that of others goes to those of ours that called them."""
    if _is_ours(where) or not callers:
        yield _name(where), own
        return
    for caller, (_, _, seconds, _) in callers.items():
        yield (_name(caller) if _is_ours(caller) else "(libraries)"), seconds


def _is_ours(where: Where) -> bool:
    return where[0].startswith(str(ROOT / "kubmap"))


def _name(where: Where) -> str:
    return str(Path(where[0]).relative_to(ROOT / "kubmap")) if _is_ours(where) else "(libraries)"
