"""What is made once for an atlas: indexes that a rule needs and that cost more than a look-up."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

T = TypeVar("T")
_KEPT = 4  # atlases: a process has one, tests a few


def per_atlas(make: Callable[[Atlas], T]) -> Callable[[Atlas], T]:
    """Remember what `make` gives for each atlas object (an atlas never changes)."""
    return lru_cache(maxsize=_KEPT)(make)


class Lazy(Generic[T]):
    """A property worked out when first asked for: `functools.cached_property` without the lock that it has until 3.12.

    The instance must have a `__dict__` and belong to one thread.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make, self._name, self.__doc__ = make, "", make.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, _owner: type | None = None) -> T:
        found = instance.__dict__[self._name] = self._make(instance)
        return found
