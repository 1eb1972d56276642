"""RSS and Atom files as teasers: the summary of an item is the text, without its mark-up."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser

from kubmap.domain import MOSCOW
from kubmap.errors import InputError
from kubmap.store.rows import MAX_ROW_BYTES, AnyRow, bad, checked

MAX_FEED_BYTES = 20 * 1024 * 1024
"""A feed is parsed in memory; a larger file is not a feed."""

UNNAMED = "#"
"""Before the number of an item that has no id of its own."""

_BREAKS = {"br", "p", "div", "li", "ul", "ol", "tr", "td", "h1", "h2", "h3", "h4", "blockquote"}
_SILENT = {"script", "style"}
"""What stands in these is no text."""


def feed_rows(path: Path) -> Iterator[AnyRow]:
    """Raises InputError for what is no feed."""
    with path.open("rb") as file:
        content = file.read(MAX_FEED_BYTES + 1)
    if len(content) > MAX_FEED_BYTES:
        raise InputError(f"{path.name}: лента больше 20 МБ")
    return rows_of(content, name=path.name)


def rows_of(content: bytes, *, name: str) -> Iterator[AnyRow]:
    """The items of a feed that was read or fetched; `name` is for messages and for a feed without title."""
    feed = feedparser.parse(BytesIO(content))  # as it stands, an answer that names a file would have it opened
    if not feed.get("version") and not feed.entries:
        raise InputError(f"{name}: не лента RSS или Atom")
    source = plain(feed.feed.get("title", "")) or name
    return (_row(number, entry, source) for number, entry in enumerate(feed.entries, start=1))


def plain(html: str) -> str:
    """The words of a piece of HTML; block elements part them."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.parts).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent = tag in _SILENT
        if tag in _BREAKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def _row(number: int, entry: Mapping[str, Any], source: str) -> AnyRow:
    title, text = plain(entry.get("title", "")), _text(entry)
    told, published = _published(entry)
    value = {
        "id": entry.get("id") or f"{UNNAMED}{number}",
        "text": text or title,
        "title": title if text else None,
        "published": published or told,
        "source_url": entry.get("link") or None,
        "source_name": source,
    }
    raw = "\n".join(filter(None, (title, text, value["source_url"], told)))
    if len(raw.encode("utf-8", "replace")) > MAX_ROW_BYTES:
        return bad(number, "запись ленты длиннее 1 МБ", raw)
    return checked(number, value, raw)


def _text(entry: Mapping[str, Any]) -> str:
    details = [entry.get("summary_detail"), *entry.get("content", ())]
    for detail in filter(None, details):
        value = str(detail.get("value", ""))
        words = " ".join(value.split()) if detail.get("type") == "text/plain" else plain(value)
        if words:
            return words
    return ""


def _published(entry: Mapping[str, Any]) -> tuple[str, str | None]:
    """The date as told, and as ISO 8601 in Moscow time where it can be read; feedparser gives UTC."""
    name = "published" if entry.get("published") else "updated"
    told, parsed = entry.get(name), entry.get(f"{name}_parsed") if entry.get(name) else None
    moment = None if parsed is None else datetime.fromtimestamp(timegm(parsed), UTC).astimezone(MOSCOW).isoformat()
    return str(told or ""), moment
