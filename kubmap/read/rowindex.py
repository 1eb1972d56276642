"""RowIndex: the row of an id, by the order of the ids; follows a publish without sorting anew."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from kubmap.read.columns import MANY, Columns, Moved, Rows


class RowIndex(Mapping[str, int]):
    """Row by id, in the order of the ids."""

    __slots__ = ("_ids", "_order")

    def __init__(self, columns: Columns, order: Rows | None = None) -> None:
        self._ids = columns.id.raw
        # of numpy's own kind of index: another one would be copied for every look-up
        self._order = np.argsort(self._ids, kind="stable") if order is None else order

    def __getitem__(self, incident_id: str) -> int:
        wanted = incident_id.encode("utf-8", "replace")
        if len(wanted) > self._ids.itemsize:  # numpy would widen all of them to compare
            raise KeyError(incident_id)
        at = int(np.searchsorted(self._ids, np.bytes_(wanted), sorter=self._order))
        if at < len(self._order) and self._ids[self._order[at]] == wanted:
            return int(self._order[at])
        raise KeyError(incident_id)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[str]:
        return (self._ids[row].decode() for row in self._order)

    def followed(self, columns: Columns, moved: Moved) -> RowIndex:
        """Of the columns after a change; rows that `moved` does not lead to are new."""
        new = arrived(len(columns), moved)
        if len(new) * MANY > len(columns):
            return RowIndex(columns)
        order = moved[self._order].astype(np.intp)
        order, ids = order[order >= 0], columns.id.raw
        new = new[np.argsort(ids[new], kind="stable")]
        at = [bisect_left(order, each, key=ids.__getitem__) for each in ids[new]]
        return RowIndex(columns, np.insert(order, np.array(at, dtype=np.intp), new))


def arrived(count: int, moved: Moved) -> npt.NDArray[np.int32]:
    """The rows, of so many, that were not there before."""
    there = np.zeros(count, dtype=bool)
    there[moved[moved >= 0]] = True
    return np.flatnonzero(~there).astype(np.int32)
