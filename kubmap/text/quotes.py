"""Names in quotes that are nobody's place: «ФК «Краснодар»», «ансамбль «Криница»», «дерби «Краснодар» — «Сочи»»."""

from __future__ import annotations

from kubmap.domain import PlaceKind
from kubmap.text.named import mention_of
from kubmap.text.places import Mention
from kubmap.text.scan import OPEN, Scan

CLUBS = frozenset({"фк", "хк", "бк", "гк", "пфк"})
_SPOKEN = 4
_LONGEST = 7  # words: a longer quotation is speech, and its places count


def enterprise(scan: Scan, i: int) -> list[Mention] | None:
    """A short quotation, or a bare name after «ФК»; the mention tells how far to skip and names no place."""
    if scan.fold(i) in OPEN:
        end = _closing(scan, i)
        if end is not None and scan.fold(end) == "," and scan.fold(end + 1) in {"—", "-"} and end - i > _SPOKEN:
            return None  # «Авария под Динской», — рассказал очевидец
        return None if end is None else [_landmark(scan, i, end) or _skipped(scan, i, end)]
    if scan.fold(i) in CLUBS and scan.is_title(i + 1):
        return [_skipped(scan, i, i + 2)]
    return None


def _landmark(scan: Scan, i: int, end: int) -> Mention | None:
    """«курорт «Роза Хутор»»: the whole quotation is the name of a place where nobody lives."""
    name = scan.name(i + 1)
    if name is None or name.end != end - 1 or name.end - i < 3:
        return None
    places = [scan.atlas.settlements.get(k) for k in name.ids]
    if any(place is None or place.type != "место" for place in places):
        return None
    return mention_of(scan, i, end, name.ids, "quoted_place")


def _closing(scan: Scan, i: int) -> int | None:
    """The token after the closing quote of a short quotation."""
    close = "»" if scan.fold(i) == "«" else '"'
    words = 0
    for k in range(i + 1, min(len(scan.tokens), i + 24)):
        token = scan.tokens[k]
        if token.fold == close:
            return k + 1 if scan.is_title(i + 1) or words <= 2 else None
        words += token.kind == "word"
        if words > _LONGEST or token.fold in ".!?…":
            return None
    return None


def _skipped(scan: Scan, first: int, end: int) -> Mention:
    return scan.mention(first, end, PlaceKind.OTHER, "", "enterprise")
