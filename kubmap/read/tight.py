"""JSON that is kept for long, in no more memory than it has bytes."""

from __future__ import annotations

from typing import Any

import orjson


def tight(value: Any) -> bytes:
    """The value as JSON.

    orjson hands out the buffer that it wrote into, at least 4 KB of it and up to twice what it wrote: for what goes out
    at once that is well, thousands of kept ones would take tens of times their room. A copy has its own size.
    """
    return bytes(memoryview(orjson.dumps(value)))
