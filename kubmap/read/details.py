"""Details: where whole incidents come from; a snapshot holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubmap.domain import Incident
    from kubmap.store.store import Store


class Details(Protocol):
    """Where whole incidents come from."""

    def whole(self, ids: Sequence[str], *, reasons: bool) -> Mapping[str, Incident]:
        """The published ones of these ids; without `reasons` no alternatives either."""
        ...

    def texts(self, ids: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        """(id, title and text) of these ids, or of everything published."""
        ...


class InMemory:
    """Details of incidents that are at hand."""

    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._incidents = {each.id: each for each in incidents}

    def whole(self, ids: Sequence[str], *, reasons: bool) -> Mapping[str, Incident]:
        del reasons
        return {each: self._incidents[each] for each in ids}

    def texts(self, ids: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        for each in self._incidents if ids is None else ids:
            found = self._incidents[each]
            yield each, f"{found.title or ''}\n{found.text}"


class StoreDetails:
    """Whole incidents out of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def whole(self, ids: Sequence[str], *, reasons: bool) -> Mapping[str, Incident]:
        with self._store.reading() as reader:
            return {each.id: each for each in reader.details(ids, reasons=reasons)}

    def texts(self, ids: Sequence[str] | None) -> Iterator[tuple[str, str]]:
        with self._store.reading() as reader:
            yield from reader.texts(ids)
