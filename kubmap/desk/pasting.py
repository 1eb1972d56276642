"""The part of the desk that takes texts in."""

from __future__ import annotations

from kubmap.desk import drafting
from kubmap.desk.access import User, require
from kubmap.desk.paste import split
from kubmap.desk.room import Room
from kubmap.desk.values import PASTE, PasteResult
from kubmap.domain import Moment, Role
from kubmap.errors import InputError
from kubmap.store import working


class Pasting(Room):
    """One box for a teaser or a page of them."""

    def paste(
        self,
        who: User | None,
        text: str,
        *,
        published: Moment | None = None,
        source_name: str | None = None,
        source_url: str | None = None,
    ) -> PasteResult:
        """Every teaser of the text as a draft; what was stored before is not stored twice.

        Without `published`, the date in front of a teaser counts, else today. Raises InputError.
        """
        me = require(who, Role.EDITOR)
        said = split(text)
        if not said.pieces:
            raise InputError("В тексте нет ни одного сообщения: вставьте хотя бы одно предложение.", field="text")
        origin = drafting.origin(self._now(), published, source_name=source_name, source_url=source_url)
        fresh = drafting.read(said.pieces, origin, self._atlas)
        with self._writing() as writer:
            drafts = drafting.store(writer, fresh, actor=me.name)
            working.discard(writer.connection, me.name, PASTE)
        return PasteResult(tuple(drafts), said.left_out)
