"""Teasers of a paste become drafts, once each: the same words again, pasted or imported, are the draft of before."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select

from kubmap.desk import fields
from kubmap.desk.paste import Piece
from kubmap.desk.values import Pasted
from kubmap.domain import Casualties, Category, Incident, Moment, Reason, Status, Teaser
from kubmap.geocode.reading import Reading, read_teaser
from kubmap.store import codec, incidents
from kubmap.store.identity import import_key, text_key
from kubmap.store.intake import incident_of
from kubmap.store.renewal import marks_of
from kubmap.store.schema import incidents as table

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.store.incidents import Writer

_LOG = logging.getLogger(__name__)

_READ = ("category", "is_scheduled", "starts_at", "ends_at", "casualties", "outage", "reasons")
_KNOWN = {
    Status.DRAFT: "такой черновик уже есть",
    Status.PUBLISHED: "уже опубликовано",
    Status.RETRACTED: "это сообщение было отклонено или снято",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a whole paste has in common; `published` None: the date in front of each teaser, else `now`."""

    now: datetime
    published: Moment | None = None
    source_name: str | None = None
    source_url: str | None = None


def origin(now: datetime, published: Moment | None, *, source_name: str | None, source_url: str | None) -> Origin:
    """Checked as the fields of a form. Raises FieldErrors."""
    said = fields.read({"published_at": published, "source_name": source_name, "source_url": source_url})
    return Origin(now, said["published_at"], said["source_name"], said["source_url"])


def read(pieces: Sequence[Piece], origin: Origin, atlas: Atlas) -> list[tuple[Incident, int]]:
    """(what a teaser says, its line); outside of any transaction, for reading takes most of the time."""
    return [(_read(piece, origin, atlas), piece.line) for piece in pieces]


def reread(incident: Incident, changes: Mapping[str, Any], atlas: Atlas) -> dict[str, Any]:
    """What the words of an edited record say now: domain values by field; nothing about a verified place."""
    names = ("text", "title", "published_at")
    said = replace(incident, **fields.read({name: changes[name] for name in names if name in changes}))
    reading = read_teaser(Teaser("", said.text, said.title, said.published_at), atlas)
    fresh = incident_of(Teaser("", said.text, said.title), reading)
    place = () if incident.location_verified else ("location", "alternatives", "location_verified")
    return {name: getattr(fresh, name) for name in (*_READ, *place)}


def store(writer: Writer, drafts: Sequence[tuple[Incident, int]], *, actor: str) -> list[Pasted]:
    """In one transaction; two teasers of the same words are one draft."""
    return [_stored(writer, fresh, line, actor=actor) for fresh, line in drafts]


def _read(piece: Piece, origin: Origin, atlas: Atlas) -> Incident:
    day = origin.now.date()
    teaser = Teaser(
        "", piece.text, piece.title, origin.published or piece.published or day, origin.source_url, origin.source_name
    )
    try:
        return incident_of(teaser, read_teaser(teaser, atlas))
    except Exception:  # noqa: BLE001  one teaser that breaks the reader must not lose the page
        _LOG.exception("a pasted teaser cannot be read")
        return incident_of(teaser, _unread())


def _unread() -> Reading:
    """A draft for the editor to fill in."""
    told = Reason("desk:unread", "программа не смогла прочесть сообщение: заполните поля сами")
    return Reading("", Category.OTHER_EMERGENCY, None, None, None, Casualties(), None, (), None, (), (told,))


def _stored(writer: Writer, fresh: Incident, line: int, *, actor: str) -> Pasted:
    known = _known(writer.connection, fresh)
    if known is not None:
        return Pasted(known, new=False, note=_KNOWN[known.status], line=line)
    own = {"import_key": import_key(fresh.text, fresh.source_url), "import_marks": codec.dumps(marks_of(fresh))}
    return Pasted(writer.add(fresh, actor=actor, reason="вставлено", **own), new=True, line=line)


def _known(connection: Connection, fresh: Incident) -> Incident | None:
    """The record of these words: of this address, or where either has none."""
    key = table.c.import_key == import_key(fresh.text, fresh.source_url)
    words = table.c.text_key == text_key(fresh.text)
    if fresh.source_url:
        words &= table.c.source_url.is_(None)
    query = select(table.c.id).where(or_(key, words)).order_by(table.c.id).limit(1)
    found = connection.scalar(query)
    return None if found is None else incidents.get(connection, found)
