"""A text cut where rules read something: the pieces that the desk highlights, each with what was concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.domain import Reason

KINDS: Final = {
    "when": "time", "where": "place", "casualties": "hurt", "outage": "outage", "true": "plan", "false": "plan",
}  # fmt: skip
"""What a rule told, by the first part of its name; other rules chose the category."""


WORTH: Final = 4
"""Characters of a rest that are worth a mark: not «с», «до», «на» between times."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text; `kind` is "" where nothing was read, `notes` say what was, the surest first."""

    text: str
    kind: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str
    notes: tuple[str, ...]


def kind_of(rule: str) -> str:
    """What the rule of that name told."""
    return KINDS.get(rule.partition(":")[0], "category")


def segments(text: str, reasons: Iterable[Reason], *, source: str) -> tuple[Segment, ...]:
    """The whole text in order; rules of one kind that overlap make one piece, among kinds the shorter one wins."""
    parts: list[Segment] = []
    passed = 0
    for span in _apart(text, _grouped(text, reasons, source)):
        if passed < span.start:
            parts.append(Segment(text[passed : span.start]))
        parts.append(Segment(text[span.start : span.end], span.kind, span.notes))
        passed = span.end
    if passed < len(text):
        parts.append(Segment(text[passed:]))
    return tuple(parts)


def _read(text: str, reasons: Iterable[Reason], source: str) -> list[_Span]:
    """The spans that hold in this text: after an edit the words may stand elsewhere."""
    found = []
    for each in reasons:
        start, end = each.start, each.end
        if each.source != source or start is None or end is None or not 0 <= start < end <= len(text):
            continue
        if each.read and text[start:end] != each.read:
            continue
        found.append(_Span(start, end, kind_of(each.rule), (each.note or each.rule,)))
    return sorted(found, key=lambda span: (span.start, span.end))


def _grouped(text: str, reasons: Iterable[Reason], source: str) -> list[_Span]:
    """Overlapping spans of one kind as one."""
    groups: dict[str, list[_Span]] = {}
    for span in _read(text, reasons, source):
        of_kind = groups.setdefault(span.kind, [])
        if of_kind and span.start < of_kind[-1].end:
            last = of_kind.pop()
            notes = tuple(dict.fromkeys(last.notes + span.notes))
            span = _Span(last.start, max(last.end, span.end), span.kind, notes)  # noqa: PLW2901
        of_kind.append(span)
    return [span for of_kind in groups.values() for span in of_kind]


def _apart(text: str, spans: list[_Span]) -> list[_Span]:
    """None over another: shorter ones first, longer ones keep what is left of them."""
    placed: list[_Span] = []
    for span in sorted(spans, key=lambda each: (each.end - each.start, each.start)):
        rest = [(span.start, span.end)]
        for other in placed:
            rest = [piece for low, high in rest for piece in _without(low, high, other)]
        whole = rest == [(span.start, span.end)]
        trimmed = rest if whole else [_trimmed(text, low, high) for low, high in rest]
        placed += [_Span(low, high, span.kind, span.notes) for low, high in trimmed if whole or high - low >= WORTH]
    return sorted(placed, key=lambda each: each.start)


def _trimmed(text: str, low: int, high: int) -> tuple[int, int]:
    """Without blanks and points at its ends; a rest without a word is nothing."""
    while low < high and not text[low].isalnum() and text[low] not in '«"(':
        low += 1
    while low < high and not text[high - 1].isalnum() and text[high - 1] not in '»")':
        high -= 1
    return low, high


def _without(low: int, high: int, other: _Span) -> list[tuple[int, int]]:
    if other.end <= low or high <= other.start:
        return [(low, high)]
    return [(start, end) for start, end in ((low, other.start), (other.end, high)) if start < end]
