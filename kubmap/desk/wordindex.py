"""WordIndex: which records hold given words as parts of theirs; pure, and never changed once made.

What a record tells is cut at white space. The pieces of all records stand in one long text, each once, so that a word
of a question, which holds no white space itself, is looked for there and nowhere else: a record holds it exactly if one
of its pieces does. A change adds a small segment; segments of like size become one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int32]

FEW = 1_000
"""Pieces whose records are looked up one by one; of more, all are looked through."""
WORN = 4
"""An index that grew by one part in so many is better made anew."""
SPARE = 1_000
"""Slots that any may grow by."""


@dataclass(frozen=True, slots=True)
class Told:
    """A record as it is searched: what it tells, folded, and what else it is asked by."""

    id: str
    traits: tuple[str | None, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Segment:
    """Pieces, each after a line feed; records of the n-th: slots[starts[n]:starts[n + 1]]."""

    text: str
    begins: Numbers
    starts: Numbers
    slots: Numbers

    def mark(self, needle: str, marked: Mask) -> None:
        """Mark the slots of the records that hold it."""
        pieces = np.unique(np.searchsorted(self.begins, list(_places(self.text, needle)), side="right")) - 1
        if len(pieces) <= FEW:
            for at in pieces.tolist():
                marked[self.slots[self.starts[at] : self.starts[at + 1]]] = True
            return
        holding = np.zeros(len(self.begins), dtype=bool)
        holding[pieces] = True
        marked[self.slots[np.repeat(holding, np.diff(self.starts))]] = True


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Every version of a record that was seen has a slot; `alive` are those of now."""

    ids: npt.NDArray[np.bytes_]
    traits: Numbers
    codes: dict[str | None, int]
    alive: Mask
    segments: tuple[Segment, ...]
    whole: int
    """Slots that the index was first made of."""

    @classmethod
    def of(cls, given: Iterable[Told]) -> WordIndex:
        """Of all records; their order does not matter."""
        made = cls(np.empty(0, dtype="S1"), np.empty((0, 0), dtype=np.int32), {}, np.empty(0, dtype=bool), (), 0)
        made = made._with(given, made.alive)
        return replace(made, whole=len(made.ids))

    def followed(self, fresh: Iterable[Told]) -> WordIndex:
        """After a change: these records instead of what was known of them."""
        new = list(fresh)
        gone = np.isin(self.ids, np.array([each.id.encode() for each in new], dtype="S"))
        return self._with(new, self.alive & ~gone)

    def is_worn(self) -> bool:
        """Whether so much changed that making it anew pays."""
        return len(self.ids) - self.whole > max(self.whole // WORN, SPARE)

    def find(
        self, needles: Sequence[str], *, traits: Sequence[str | None], after: str | None, limit: int
    ) -> tuple[list[str], int]:
        """Ids of the records that hold all needles, greatest first, from below `after` on; and how many there are.

        A trait that is None may be any.
        """
        if not len(self.ids):
            return [], 0
        passing = self.alive.copy()
        for column, trait in enumerate(traits):
            if trait is not None:
                passing &= self.traits[:, column] == self.codes.get(trait, -1)
        if after is not None:
            passing &= self.ids < np.bytes_(after.encode("utf-8", "replace"))
        for needle in sorted(set(needles), key=len, reverse=True):  # the rarest first, as far as one can tell
            if not passing.any():
                break
            marked = np.zeros(len(passing), dtype=bool)
            for each in self.segments:
                each.mark(needle, marked)
            passing &= marked
        found = self.ids[passing]
        found.sort(kind="stable")  # nearly in order already
        return [each.decode() for each in found[: -limit - 1 : -1]], len(found)

    def _with(self, given: Iterable[Told], alive: Mask) -> WordIndex:
        maker = _Maker(len(self.ids), self.codes)
        maker.read(given)
        if not maker.ids:
            return self
        width = len(maker.traits) // len(maker.ids)
        traits = np.array(maker.traits, dtype=np.int32).reshape(len(maker.ids), width)
        return WordIndex(
            np.concatenate([self.ids, np.array(maker.ids, dtype="S")]),
            np.concatenate([self.traits.reshape(len(self.ids), width), traits]),
            maker.codes_of_traits,
            np.concatenate([alive, np.ones(len(traits), dtype=bool)]),
            _tidied((*self.segments, maker.segment())),
            self.whole,
        )


class _Maker:
    """Reads records into slots from `first` on."""

    def __init__(self, first: int, codes_of_traits: dict[str | None, int]) -> None:
        self.first = first
        self.ids: list[bytes] = []
        self.traits = array("i")
        self.codes_of_traits = dict(codes_of_traits)
        self._pieces: dict[str, int] = {}
        self._codes, self._slots = array("i"), array("i")

    def read(self, given: Iterable[Told]) -> None:
        codes, pieces = self.codes_of_traits, self._pieces
        for slot, each in enumerate(given, self.first):
            self.ids.append(each.id.encode())
            self.traits.extend([codes.setdefault(trait, len(codes)) for trait in each.traits])
            held = [pieces.setdefault(piece, len(pieces)) for piece in set(each.words.split())]
            self._codes.extend(held)
            self._slots.extend([slot] * len(held))

    def segment(self) -> Segment:
        codes, slots = (np.frombuffer(each, dtype=np.int32) for each in (self._codes, self._slots))
        return _segment(list(self._pieces), codes, slots)


def _segment(pieces: Sequence[str], codes: Numbers, slots: Numbers) -> Segment:
    """Of pieces by code, and pairs (code, slot)."""
    lengths = np.fromiter(map(len, pieces), dtype=np.int32, count=len(pieces))
    begins = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]]) if len(pieces) else lengths
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(pieces)))])
    order = np.argsort(codes, kind="stable")
    return Segment("\n" + "\n".join(pieces), begins.astype(np.int32), starts.astype(np.int32), slots[order])


def _tidied(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Each more than twice as large as the next, so that there are few."""
    while len(segments) > 1 and len(segments[-2].slots) <= 2 * len(segments[-1].slots):
        segments = (*segments[:-2], _merged(segments[-2:]))
    return segments


def _merged(segments: Sequence[Segment]) -> Segment:
    numbers: dict[str, int] = {}
    codes: list[Numbers] = []
    for each in segments:
        own = [numbers.setdefault(piece, len(numbers)) for piece in each.text.split()]
        codes.append(np.repeat(np.array(own, dtype=np.int32), np.diff(each.starts)))
    return _segment(list(numbers), np.concatenate(codes), np.concatenate([each.slots for each in segments]))


def _places(text: str, needle: str) -> Iterator[Any]:
    """Where it stands, at least once for every piece that holds it."""
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))
