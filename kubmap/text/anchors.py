"""Where a pattern may begin: a look-up a token tells it ten times faster than the regular expression tried everywhere.

News repeats its words, so nearly every token of a new teaser has been asked about before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kubmap.text.tokens import Layout


def find_from(
    pattern: re.Pattern[str], folded: str, layout: Layout, begin: Iterable[int]
) -> Iterator[tuple[int, re.Match[str]]]:
    """What `pattern.finditer(folded)` finds, with the number of the token where each match begins.

    Every match of the pattern must begin at one of the tokens of the numbers `begin`.
    """
    end = 0
    for number in begin:
        start = layout.starts[number]
        found = pattern.match(folded, start) if start >= end else None
        if found is not None:
            end = found.end()
            yield number, found
