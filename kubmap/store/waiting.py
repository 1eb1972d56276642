"""How long a feed that failed is left alone: longer each time, up to a day, and never less than it asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST = timedelta(minutes=5)
LONGEST = timedelta(days=1)
ASKED_LONGEST = timedelta(days=7)
"""Of what a server asks for no more is granted."""
JITTER = 0.2


def wait(failures: int, *, draw: Callable[[], float], asked: timedelta = timedelta(0)) -> timedelta:
    """After `failures` in a row (1 is the first). `draw` gives 0..1: feeds that failed together come back apart."""
    doubled = FIRST * (1 << min(failures - 1, 10))
    spread = 1 - JITTER + 2 * JITTER * draw()
    return max(min(min(doubled, LONGEST) * spread, LONGEST), min(asked, ASKED_LONGEST))


def asked_for(header: str | None, now: datetime) -> timedelta:
    """Retry-After (RFC 9110, 10.2.3): seconds or a date; nothing for what is neither, or past."""
    told = (header or "").strip()
    if told.isascii() and told.isdecimal():
        return timedelta(seconds=min(int(told[:10]), ASKED_LONGEST.total_seconds()))
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(at - now, timedelta(0))
