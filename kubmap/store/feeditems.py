"""What is taken of a feed fetched: its items as rows, mended where that loses nothing, each known by its id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from urllib.parse import urljoin, urlsplit

from kubmap.store.feedrows import UNNAMED, rows_of
from kubmap.store.rows import AnyRow, BadRow, Row, bad, checked
from kubmap.store.sources import item_of

MAX_ITEMS = 300
"""Of a feed at once; a feed tells its newest first."""
MAX_TEXT = 20_000
"""Characters of an item, as of a pasted one."""
MAX_LINK = 2_000


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a feed; `ids` names each row that can be known again, by its line. `total` counts all of them."""

    title: str
    rows: tuple[AnyRow, ...]
    ids: Mapping[int, str]
    total: int


def items_of(content: bytes, *, url: str, now: datetime, limit: int = MAX_ITEMS) -> Items:
    """The first `limit` items. Raises InputError for what is no feed."""
    host = urlsplit(url).hostname or url
    found = rows_of(content, name=host)
    first = tuple(_mended(row, url=url, now=now) for row in islice(found, limit))
    title = next((row.teaser.source_name for row in first if isinstance(row, Row) and row.teaser.source_name), host)
    return Items(title, first, _ids(first), len(first) + sum(1 for _ in found))


def named(row: AnyRow, name: str, formerly: str) -> AnyRow:
    """The row as its source calls itself here, and with the key of the record that it was."""
    if isinstance(row, BadRow):
        return row
    return replace(row, teaser=replace(row.teaser, source_name=name), formerly=formerly)


def _mended(row: AnyRow, *, url: str, now: datetime) -> AnyRow:
    """Nobody can mend a feed of others: a link that leads nowhere is left out, a day that cannot be read is today's."""
    if isinstance(row, BadRow) and row.fields:
        link = row.fields.get("source_url")
        row = checked(row.line, {**row.fields, "source_url": _link(link, url)}, row.raw)
    if isinstance(row, BadRow) and row.fields:
        row = checked(row.line, {**row.fields, "published": None}, row.raw)
    if isinstance(row, BadRow):
        return row
    if len(row.teaser.text) > MAX_TEXT:
        return bad(row.line, f"текст длиннее {MAX_TEXT} знаков", row.raw)
    if row.teaser.source_url and len(row.teaser.source_url) > MAX_LINK:
        row = replace(row, teaser=replace(row.teaser, source_url=None))
    if row.teaser.published is None:
        return replace(row, teaser=replace(row.teaser, published=now.replace(second=0, microsecond=0)), undated=True)
    return row


def _link(told: object, url: str) -> str | None:
    """A link of the web, or none; a path is of the feed's host. An id that some feeds give as the link is none."""
    link = told.strip() if isinstance(told, str) else ""
    if link.lower().startswith(("http://", "https://")):
        return link
    try:
        return urljoin(url, link) if link.startswith("/") else None
    except ValueError:
        return None


def _ids(rows: Iterable[AnyRow]) -> dict[int, str]:
    """By line, the item's own id or else its link, where no other item has the same."""
    told = {row.line: _told(row) for row in rows if isinstance(row, Row)}
    often = Counter(told.values())
    return {line: item_of(each) for line, each in told.items() if each and often[each] == 1}


def _told(row: Row) -> str:
    return row.teaser.id if row.teaser.id != f"{UNNAMED}{row.line}" else row.teaser.source_url or ""
