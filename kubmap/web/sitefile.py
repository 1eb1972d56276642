"""File: one file of the static site, made only when what it is made of has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class File:
    """`path` is below the site's root, with slashes; `parts` makes the content.

    `given` is the print of all that the content depends on: a file that is there and was made of the same is not made
    again. "" says that nobody knows, and the content is compared.
    """

    path: str
    parts: Callable[[], Iterable[bytes]]
    given: str = ""


class Written(Protocol):
    """What the folder of the site has, from this run or from one before."""

    def read(self, path: str) -> bytes:
        """The bytes of a file that was put in this run."""
        ...

    def given(self, path: str) -> str:
        """The print of what a file of the run before was made of; "" of none."""
        ...

    def before(self, path: str) -> bytes:
        """The bytes of a file of the run before."""
        ...


def print_of(*given: bytes | str) -> str:
    """A short name of values; other values have another one."""
    digest = hashlib.blake2b(digest_size=12)
    for each in given:
        value = each.encode() if isinstance(each, str) else each
        digest.update(len(value).to_bytes(8, "big"))
        digest.update(value)
    return digest.hexdigest()
