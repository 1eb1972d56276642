"""Memory of a serving process: what a built snapshot leaves behind goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8
"""Parameters of glibc's mallopt(3)."""

TRIM_AT = 1_000_000
"""Free bytes at the top of the heap from which they are given back."""


def frugal() -> bool:
    """One heap for all threads, and free memory given back early; False where the C library is not glibc.

    Handlers run in threads; glibc would keep a heap for each of them, with the garbage of a build in it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, 1)) and bool(mallopt(_M_TRIM_THRESHOLD, TRIM_AT))


@contextmanager
def without(package: str) -> Iterator[None]:
    """Imports within do not find the package, unless it is loaded already; for imports that can do without it."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # what the import system takes for "not there"
    try:
        yield
    finally:
        del sys.modules[package]
