"""How an event stands to the place that a mention names: in it, near it, so far from it in that direction."""

from __future__ import annotations

import re

from kubmap.text.marks import METRES
from kubmap.text.places import Mention, Relation, replace
from kubmap.text.scan import Scan

_AWAY = re.compile(
    r"(?:в|на|за)\s+(?:(?:примерно|около|порядка)\s+)?(?P<n>\d+(?:[.,]\d+)?|[а-я\-]+)\s*"
    r"(?P<unit>км|километр\w*|метр\w*)\.?\s+(?:(?:(?:к|на)\s+)?(?P<side>[\w-]+)\s+)?(?:от|до|не доезжая(?: до)?)\s+"
    r"(?:\w+(?:ого|его|ой)\s+)?(?:\w{1,8}\.?\s*)?$"
)
_NUMBERS = {
    "одном": 1, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9,
    "десяти": 10, "полутора": 1.5, "пятнадцати": 15, "двадцати": 20, "тридцати": 30,
}  # fmt: skip


def related(scan: Scan, mention: Mention, before: list[str]) -> Mention:
    """The mention with its relation: «под X», «в 5 км от X»; `before` are the words right before it."""
    head = scan.folded[max(0, mention.start - 60) : mention.start] if scan.mask & METRES else ""
    away = _AWAY.search(head) if "км" in head or "метр" in head else None
    if away is not None and (km := _number(away["n"])) is not None:
        far = km if away["unit"].startswith("к") else km / 1000
        return replace(mention, relation=Relation.AWAY, away_km=far, bearing=_bearing(away["side"]))
    return replace(mention, relation=Relation.NEAR) if scan.w.near.end(before) else mention


def _bearing(side: str | None) -> float | None:
    """Degrees from the north of «к северо-западу», «южнее»."""
    if not side:
        return None
    parts = [_SIDES[part[:3]] for part in side.split("-") if part[:3] in _SIDES]
    if len(parts) == 2 and max(parts) - min(parts) > 180:
        parts = [part or 360.0 for part in parts]
    return sum(parts) / len(parts) if parts else None


_SIDES = {"сев": 0.0, "вос": 90.0, "юго": 180.0, "юж": 180.0, "югу": 180.0, "южн": 180.0, "зап": 270.0}


def _number(text: str) -> float | None:
    if text[0].isdigit():
        return float(text.replace(",", "."))
    return _NUMBERS.get(text)
