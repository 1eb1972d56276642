"""JSON lines, one object a line: each is handled or set aside with its number and the reason; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from kubmap.errors import InputError

MAX_LINE_BYTES = 8 * 1024 * 1024
"""A longer line is not a teaser; it is set aside unread, so that a hostile file cannot fill the memory."""

Handle = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to the object of `line` (1-based)."""

    line: int
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """A line set aside: why, and its text as far as it is text (at most 10,000 characters)."""

    line: int
    reason: str
    raw: str
    field: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"line": self.line, "field": self.field, "reason": self.reason, "raw": self.raw}


def process(lines: Iterable[bytes], handle: Handle, *, first: int = 1) -> Iterator[Done | Reject]:
    """Handle each line in order, streaming; blank lines are passed over. `first` is the number of the first line.

    `handle` gets the decoded object and raises InputError for one that it cannot read.
    """
    for number, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        try:
            yield Done(number, handle(decode(line)))
        except InputError as error:
            yield Reject(number, str(error), line[:40_000].decode("utf-8", "replace")[:10_000], error.field)


def bounded(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a binary file; of a line that is too long only its beginning, so that memory stays bounded."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)


def decode(line: bytes) -> Mapping[str, Any]:
    """The object of a line.

    Raises:
        InputError: the line is too long, is not UTF-8, is not JSON or is not an object.
    """
    if len(line) > MAX_LINE_BYTES:
        msg = f"line of more than {MAX_LINE_BYTES:,} bytes: split it"
        raise InputError(msg)
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        msg = f"not a JSON object: {error}"
        raise InputError(msg) from None
    if not isinstance(value, dict):
        msg = f"a JSON object is wanted, this is a {type(value).__name__}"
        raise InputError(msg)
    return value


def encode(answer: Mapping[str, Any]) -> bytes:
    """One line of UTF-8 JSON with its line feed."""
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
