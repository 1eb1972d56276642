"""A teaser's text with the words that rules read marked in it, as HTML whose every character is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.domain import Reason


def spans(text: str, reasons: Iterable[Reason], *, source: str) -> list[tuple[int, int, str]]:
    """Start, end and note of what was read in `source`, none over another: the shortest wins, it says most."""
    found = sorted(
        (
            (each.start, each.end, each.note)
            for each in reasons
            if each.source == source and each.start is not None and each.end is not None
        ),
        key=lambda span: (span[1] - span[0], span[0]),
    )
    apart: list[tuple[int, int, str]] = []
    for start, end, note in found:
        if 0 <= start < end <= len(text) and all(end <= low or high <= start for low, high, _ in apart):
            apart.append((start, end, note))
    return sorted(apart)


def marked(text: str, reasons: Iterable[Reason], *, source: str = "text") -> str:
    """The text with <mark title="note"> around what was read."""
    parts, passed = [], 0
    for start, end, note in spans(text, reasons, source=source):
        parts += [escape(text[passed:start]), f'<mark title="{escape(note)}">{escape(text[start:end])}</mark>']
        passed = end
    return "".join(parts) + escape(text[passed:])
