"""What is made once for an atlas: indexes that a rule needs and that cost more than a look-up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

T = TypeVar("T")
WORDS_KEPT = 60_000
"""Words whose answer a table remembers: news repeats its words, hostile input does not."""
_KEPT = 4  # atlases: a process has one, tests a few


def per_atlas(make: Callable[[Atlas], T]) -> Callable[[Atlas], T]:
    """Remember what `make` gives for each atlas object (an atlas never changes and cannot be hashed)."""
    made: dict[int, tuple[Any, T]] = {}

    @wraps(make)
    def remembered(atlas: Atlas) -> T:
        known = made.get(id(atlas))
        if known is None:
            if len(made) >= _KEPT:
                made.clear()
            known = made[id(atlas)] = (atlas, make(atlas))
        return known[1]

    return remembered
