"""Brief: what a list and a map say of an incident; the whole record is read only when somebody opens it."""

from __future__ import annotations

from dataclasses import dataclass

from kubmap.domain import Category, Location, Moment

HEADLINE_CHARS = 96


@dataclass(frozen=True, slots=True)
class Shape:
    """A distinct place: its location without geometry, and what is drawn instead of a point.

    `geometry` is GeoJSON text of five digits; None where there is none and where it is the outline that `ref` names
    ("municipality:<id>", "zone:<id>").
    """

    location: Location
    geometry: bytes | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A row of the snapshot; `shape` is None where no place is known."""

    id: str
    version: int
    category: Category
    headline: str
    published_at: Moment | None
    starts_at: Moment | None
    ends_at: Moment | None
    is_scheduled: bool | None
    shape: Shape | None

    @property
    def location(self) -> Location | None:
        return None if self.shape is None else self.shape.location


def headline(title: str | None, text: str) -> str:
    """The title, or the first words of the text cut at a word."""
    if title and title.strip():
        return title.strip()
    plain = " ".join(text.split())
    if len(plain) <= HEADLINE_CHARS:
        return plain
    cut = plain[:HEADLINE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:—-")
    return f"{cut}…"
