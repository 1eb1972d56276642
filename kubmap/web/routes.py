"""The public routes: Starlette endpoints around the answers of api.py, geolayers.py and mappage.py."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import Route

from kubmap.web import api, assets, geolayers, mappage, params, problems
from kubmap.web.httpcache import CORS, IMMUTABLE, REVALIDATE, SECURITY, AnswerCache, respond
from kubmap.web.openapi import document
from kubmap.web.problems import ProblemError, not_found

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from kubmap.web.httpcache import Answer
    from kubmap.web.params import Param
    from kubmap.web.source import Source

    Endpoint = Callable[[Request], Awaitable[Response]]
    Handler = Callable[[Request], Response]


_LOG = logging.getLogger(__name__)


def _guarded(handle: Handler) -> Endpoint:
    """The endpoint of a handler; its problems become problem+json."""

    async def endpoint(request: Request) -> Response:
        try:
            return handle(request)
        except ProblemError as error:
            return problems.response(error, request.url.path, {**SECURITY, **CORS})
        except SQLAlchemyError:
            _LOG.exception("the store does not answer: %s", request.url.path)
            gone = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "База данных не отвечает, попробуйте через минуту.")
            return problems.response(gone, request.url.path, {**SECURITY, **CORS, "Retry-After": "30"})

    return endpoint


def _values(request: Request, wanted: tuple[Param, ...]) -> dict[str, Any]:
    return params.read(request.query_params.multi_items(), wanted)


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, value) for name, value in values.items() if value not in (None, ())))


class PublicRoutes:
    """Handlers over one source; `open_source` is called at the first request, not at import."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self._open = open_source
        self._cache = AnswerCache()
        self._layers = AnswerCache()

    def view(self, request: Request) -> Response:
        values = _values(request, params.VIEW)
        source = self._open()
        now = source.now()
        found = self._cache.get(("view", now.etag, _key(values)), lambda: api.view(source, now, values))
        return respond(request, found)

    def incidents(self, request: Request) -> Response:
        values = _values(request, params.FILTERS)
        source = self._open()
        now = source.now()
        found = self._cache.get(("all", now.etag, _key(values)), lambda: api.incidents(source, now, values))
        return respond(request, found)

    def incident(self, request: Request) -> Response:
        _values(request, ())
        incident_id = request.path_params["id"]
        now = self._open().now()
        found = self._cache.get(("one", now.etag, incident_id), lambda: api.incident(now, incident_id))
        return respond(request, found)

    def table(self, request: Request) -> Response:
        values = _values(request, params.FILTERS)
        source = self._open()
        now = source.now()
        found = self._cache.get(("csv", now.etag, _key(values)), lambda: api.table_of(source, now, values))
        return respond(request, found)

    def places(self, request: Request) -> Response:
        values = _values(request, params.PLACES)
        source = self._open()
        found = self._cache.get(("places", _key(values)), lambda: api.places(source, values))
        return respond(request, found, cache="public, max-age=3600")

    def _layer(self, source: Source, name: str) -> Answer:
        return self._layers.get(name, lambda: geolayers.layer(source, name))

    def _tags(self, source: Source) -> dict[str, str]:
        return {name: self._layer(source, name).tag for name in geolayers.NAMES}

    def layer(self, request: Request) -> Response:
        values = _values(request, params.GEO)
        name = request.path_params["layer"]
        source = self._open()
        if name not in geolayers.NAMES:
            raise not_found(f"Нет слоя «{name[:40]}»; есть: {', '.join(geolayers.NAMES)}.")
        found = self._layer(source, name)
        fixed = values["v"] is not None and values["v"] == found.tag.strip('"')
        return respond(request, found, cache=IMMUTABLE if fixed else REVALIDATE)

    def page(self, request: Request) -> Response:
        source = self._open()
        now = source.now()
        note = mappage.border_note(geolayers.quality(source.folder))
        found = self._cache.get(
            ("page", now.etag), lambda: mappage.answer_page(source, now, self._tags(source), note=note)
        )
        return respond(request, found)

    def openapi(self, request: Request) -> Response:
        _values(request, ())
        return respond(request, self._cache.get("openapi", lambda: api.json_answer(document())))

    def health(self, request: Request) -> Response:
        now = self._open().now()
        found = api.json_answer({"status": "ok", "revision": now.etag, "incidents": len(now)})
        return respond(request, found, cache="no-store")

    def asset(self, request: Request) -> Response:
        where = request.path_params
        found = assets.file(where["bundle"], where["print"], where["name"])
        if found is None:
            raise not_found("Нет такого файла.")
        return respond(request, found, cache=IMMUTABLE)

    def routes(self) -> list[Route]:
        """All of them; HEAD comes with GET."""
        table: tuple[tuple[str, Handler], ...] = (
            ("/map", self.page),
            ("/healthz", self.health),
            ("/api/v1/openapi.json", self.openapi),
            ("/api/v1/view", self.view),
            ("/api/v1/incidents.geojson", self.incidents),
            ("/api/v1/incidents/{id}", self.incident),
            ("/api/v1/places", self.places),
            ("/api/v1/geo/{layer}.geojson", self.layer),
            ("/export/incidents.csv", self.table),
            ("/assets/{bundle}/{print}/{name:path}", self.asset),
        )
        return [Route(path, _guarded(handle), methods=["GET"]) for path, handle in table]
