"""Stations that are called otherwise than the place where they stand: «Лазаревская» for Лазаревское."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.atlas.roadwords import stem
from kubmap.text.data import load
from kubmap.text.scan import Name, Scan

if TYPE_CHECKING:
    from collections.abc import Mapping

_BESIDE = ("станци", "перегон", "переезд", "вокзал", "участок", "участке", "участка", "платформ")
"""Beginnings of the words beside which a name is a station's."""
_JOINTS = frozenset({"—", "–", "-", "и"})


@lru_cache(maxsize=1)
def stations() -> Mapping[str, str]:
    """Stem of a station's name -> nominative name of its place in the gazetteer."""
    return {stem(word): place for word, place in load("where")["stations"]["named"].items()}


def station_name(scan: Scan, i: int) -> Name | None:
    """The place of the station whose name stands at token `i`, whatever stands before it."""
    word, end = scan.hyphenated(i)
    known = stations().get(stem(word))
    hit = scan.atlas.names.named(known) if known else ()
    return Name((hit[0].id,), end) if hit else None


def station(scan: Scan, i: int) -> Name | None:
    """The same, beside a word of the railway («на перегоне Баканская — Тоннельная»).

    Asked of a text that has the mark RAIL only; a word before the name tells for sure.
    """
    if scan.glued(i) or stem(scan.hyphenated(i)[0]) not in stations():
        return None
    beside = any(word.startswith(_BESIDE) for word in scan.before(i, 5))
    return station_name(scan, i) if beside or _after_station(scan, i) else None


def _after_station(scan: Scan, i: int) -> bool:
    """«Белореченская — Лазаревская»: the second of two."""
    if scan.fold[i - 1] not in _JOINTS or not scan.found:
        return False
    last = scan.found[-1]
    return i > 1 and last.end == scan.ends[i - 2] and on_stretch(scan, last.start)


def on_stretch(scan: Scan, start: int) -> bool:
    """«на перегоне Кавказская — Гулькевичи», «на участке …»: whether a stretch between two stations begins there."""
    return any(word.startswith(_STRETCH) for word in scan.before(bisect_left(scan.starts, start), 2))


_STRETCH = ("перегон", "участ", "железн")
