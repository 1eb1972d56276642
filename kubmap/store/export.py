"""Everything that is published, as JSON values, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubmap.store import codec, incidents
from kubmap.store import engine as engines
from kubmap.store.store import Store


def published_records(store: Store) -> Iterator[dict[str, Any]]:
    """Incidents oldest first, from one consistent state; the form is `codec.to_json`, what is None left out."""
    with engines.reading(store.engine) as connection:
        yield from map(codec.to_json, incidents.published(connection))
