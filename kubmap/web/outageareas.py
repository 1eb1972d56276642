"""The small maps of a state's gravest notices; each drawing is made once a version of its notice, for all places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from kubmap.web import outagemap, outageview
from kubmap.web.httpcache import AnswerCache

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.read.residents import Notice, OutageState

MAPS = 3
"""Notices of a page that are shown on a map, the gravest."""
DRAWINGS_BYTES = 16 * 1024 * 1024
"""Room for some 3,000 drawings."""

_DRAWINGS: AnswerCache[outagemap.Drawing] = AnswerCache(max_bytes=DRAWINGS_BYTES)


def areas(state: OutageState, atlas: Atlas, epoch: int) -> dict[str, Markup]:
    """Maps by the id of the notice, the place marked on each; `epoch` names the store that the versions are of."""
    told = [*state.concerns, *outageview.excepted(state)][:MAPS]
    drawn = ((each.notice, _drawing(each.notice, atlas, epoch)) for each in told)
    return {
        notice.incident.id: Markup(outagemap.svg(drawing, state.place))  # noqa: S704  (names are escaped there)
        for notice, drawing in drawn
        if drawing is not None
    }


def _drawing(notice: Notice, atlas: Atlas, epoch: int) -> outagemap.Drawing | None:
    key = (notice.incident.id, notice.incident.version, epoch)
    found = _DRAWINGS.find(key)
    if found is None and (found := outagemap.draw(notice, atlas)) is not None:
        _DRAWINGS.put(key, found)
    return found
