"""What a rule says of two events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from kubmap.geocode.event import Event


class Said(NamedTuple):
    """`weight` is a log-odds, above zero for one event; `note` is for people."""

    weight: float
    note: str


Rule: TypeAlias = Callable[[Event, Event], Said | None]


def listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(f"{v:.10g}" if isinstance(v, float) else str(v) for v in values))
