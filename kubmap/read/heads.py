"""Heads: the headline of each slot as UTF-8 in a few large buffers; grows, and never moves what is in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Heads:
    """By slot (`Columns.slot`), so that snapshots that follow each other share it. One writer at a time."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._parts: list[tuple[bytes, npt.NDArray[np.uint32]]] = []

    def add(self, first_slot: int, texts: Sequence[str]) -> None:
        """Those of `first_slot` and the slots after it, which must come after all that are known."""
        if not texts:
            return
        encoded = [text.encode("utf-8", "replace") for text in texts]
        ends = np.cumsum([len(each) for each in encoded], dtype=np.uint32)
        self._parts.append((b"".join(encoded), ends))
        self._starts.append(first_slot)

    def __getitem__(self, slot: int) -> str:
        part = bisect_right(self._starts, slot) - 1
        text, ends = self._parts[part]
        at = slot - self._starts[part]
        return text[int(ends[at - 1]) if at else 0 : int(ends[at])].decode()
