"""What editors take home as files: everything (streamed, so that memory stays flat), and the rejects of a load."""

from __future__ import annotations

import tempfile
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from kubmap.atlas.atlas import load_atlas
from kubmap.desk import export
from kubmap.desk.access import require
from kubmap.desk.bulk import Bulk
from kubmap.desk.export import FORMS, TYPES, Form
from kubmap.domain import Role
from kubmap.errors import NotFoundError
from kubmap.settings import settings
from kubmap.store.store import Store
from kubmap.web.write import PRIVATE, Asked, Private, route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

PATH = "/desk/export.{form}"
REJECTS = "/desk/loads/{id}/rejects"
YES = {"1", "true", "yes", "on"}


class Download(Private):
    """A route that gives a file; it may take long, so it has no thread of those that write."""

    async def _answer(self, request: Request) -> Response:
        if request.method != self.method:
            return await super()._answer(request)
        who = require(await self._in_thread(self._who, request.cookies), self.role)
        asked = Asked(who, request.path_params, request.query_params)
        found: Response = await run_in_threadpool(self._handle, asked)
        return found


def routes() -> list[Route]:
    return [route(PATH, Download(Role.EDITOR, give)), route(REJECTS, Download(Role.EDITOR, rejects))]


def rejects_path(load_id: str) -> str:
    """Where the rejects of a load are."""
    return REJECTS.format(id=quote(load_id, safe=""))


@lru_cache(maxsize=1)
def bulk() -> Bulk:
    """The imports of this process's store."""
    store = Store(settings().store_url)
    store.migrate()
    return Bulk(store, load_atlas(), settings().home)


def _store() -> Store:
    return bulk().store


def rejects(asked: Asked) -> Response:
    """What a load set aside, in the shape of its file. Raises NotFoundError."""
    path = bulk().rejected(asked.who, bulk().get(asked.who, str(asked.path["id"])))
    if path is None:
        raise NotFoundError("незагруженных строк нет, или их файла больше нет")
    return FileResponse(path, headers=PRIVATE, filename=path.name, media_type="application/octet-stream")


def give(asked: Asked) -> Response:
    """The file: query `drafts=1` adds what readers do not see, `history=1` all versions (JSON lines only)."""
    form = cast("Form", asked.path["form"])
    if form not in FORMS:
        raise NotFoundError(f"такого вида файла нет; есть {', '.join(FORMS)}")
    drafts, history = (asked.query.get(name, "") in YES for name in ("drafts", "history"))
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="kubmap.{form}"'}
    if form == "xlsx":
        path = _book(drafts=drafts)
        gone = BackgroundTask(partial(path.unlink, missing_ok=True))
        return FileResponse(path, media_type=TYPES[form], headers=headers, background=gone)
    parts = export.parts(_store(), form, drafts=drafts, history=history)
    return StreamingResponse(parts, media_type=TYPES[form], headers=headers)


def _book(*, drafts: bool) -> Path:
    """A spreadsheet cannot be streamed: a file for the time of the answer."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    try:
        export.write(_store(), path, drafts=drafts)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
