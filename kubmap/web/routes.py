"""The public routes: handlers around the answers of api.py, geolayers.py and mappage.py."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from kubmap.web import api, assets, bulk, geolayers, mappage, params
from kubmap.web.endpoint import Desk, Endpoint, Lane, Sent
from kubmap.web.httpcache import CORS, IMMUTABLE, LIVE, REVALIDATE, Answer, AnswerCache, Stream, tag_of
from kubmap.web.openapi import document, number
from kubmap.web.outageroutes import OutageRoutes, moscow_now
from kubmap.web.outagesite import OutageSite
from kubmap.web.problems import not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from kubmap.read.snapshot import Snapshot
    from kubmap.web.params import Param
    from kubmap.web.source import Source

    Handler = Callable[[Request], Sent]

CSV = "text/csv; charset=utf-8"
STREAMED_FROM = 1_000
"""Records from which an export is made while it is sent, instead of in memory."""
DOWNLOAD = {**CORS, "Content-Disposition": 'attachment; filename="kubmap-incidents.csv"'}


def _values(request: Request, wanted: tuple[Param, ...]) -> dict[str, Any]:
    return params.read(request.query_params.multi_items(), wanted)


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, value) for name, value in values.items() if value not in (None, ())))


def _tag(what: str, now: Snapshot, values: dict[str, Any]) -> str:
    """The tag of a stream: the state and the query are known before its bytes are."""
    return tag_of(repr((what, now.etag, number(), _key(values))).encode())


class PublicRoutes:
    """Handlers over one source; `open_source` is called at the first request, not at import."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self._open = open_source
        self._cache: AnswerCache[Answer] = AnswerCache()
        self._layers: AnswerCache[Answer] = AnswerCache()
        self._desk = Desk(
            open_source,
            AnswerCache(),
            light=Lane("light", threads=4, queue=256),
            heavy=Lane("heavy", threads=2, queue=16),
        )
        self.outages = OutageRoutes(open_source, self._desk)
        self._residents = OutageSite(self.outages, self._desk, clock=moscow_now)

    def _live(self, what: object, build: Callable[[Source, Snapshot], Answer]) -> Sent:
        """An answer that is a function of the state and of `what`."""
        source = self._open()
        now = source.now()
        return Sent(self._cache.get((what, now.etag), lambda: build(source, now)), LIVE, now.etag)

    def view(self, request: Request) -> Sent:
        values = _values(request, params.VIEW)
        return self._live(("view", _key(values)), lambda source, now: api.view(source, now, values))

    def cluster(self, request: Request) -> Sent:
        values = _values(request, params.MEMBERS)
        group = request.path_params["id"]
        return self._live(("cluster", group, _key(values)), lambda source, now: api.cluster(source, now, group, values))

    def timeline(self, request: Request) -> Sent:
        values = _values(request, params.FILTERS)
        return self._live(("timeline", _key(values)), lambda source, now: api.timeline(source, now, values))

    def revision(self, request: Request) -> Sent:
        _values(request, ())
        return self._live("revision", lambda _, now: api.revision(now))

    def incidents(self, request: Request) -> Sent:
        values = _values(request, params.PAGE)
        source = self._open()
        now = source.now()
        rows = () if values["limit"] or values["after"] else now.select(api.wanted(source.atlas, values))
        if len(rows) < STREAMED_FROM:
            return self._live(("all", _key(values)), lambda source, now: api.incidents(source, now, values))
        further = {"total": len(rows), "next": None}
        parts = partial(bulk.collection, now.take(rows), further)
        return Sent(Stream(parts, _tag("all", now, values), api.GEOJSON, CORS), LIVE, now.etag)

    def table(self, request: Request) -> Sent:
        values = _values(request, params.FILTERS)
        source = self._open()
        now = source.now()
        rows = now.select(api.wanted(source.atlas, values))
        if len(rows) < STREAMED_FROM:
            return self._live(("csv", _key(values)), lambda source, now: api.table_of(source, now, values))
        parts = partial(bulk.csv, now.take(rows, reasons=False))
        return Sent(Stream(parts, _tag("csv", now, values), CSV, DOWNLOAD), LIVE, now.etag)

    def incident(self, request: Request) -> Sent:
        _values(request, ())
        incident_id = request.path_params["id"]
        return self._live(("one", incident_id), lambda source, now: api.incident(source, now, incident_id))

    def places(self, request: Request) -> Sent:
        values = _values(request, params.PLACES)
        source = self._open()
        found = self._cache.get(("places", _key(values)), lambda: api.places(source, values))
        return Sent(found, "public, max-age=3600")

    def _layer(self, source: Source, name: str) -> Answer:
        return self._layers.get(name, lambda: geolayers.layer(source, name))

    def _tags(self, source: Source) -> dict[str, str]:
        return {name: self._layer(source, name).tag for name in geolayers.NAMES}

    def layer(self, request: Request) -> Sent:
        values = _values(request, params.GEO)
        name = request.path_params["layer"]
        source = self._open()
        if name not in geolayers.NAMES:
            raise not_found(f"Нет слоя «{name[:40]}»; есть: {', '.join(geolayers.NAMES)}.")
        found = self._layer(source, name)
        fixed = values["v"] is not None and values["v"] == found.tag.strip('"')
        return Sent(found, IMMUTABLE if fixed else REVALIDATE)

    def _build_page(self, source: Source, now: Snapshot) -> Answer:
        note = mappage.border_note(geolayers.quality(source.folder))
        return mappage.answer_page(source, now, self._tags(source), note=note)

    def page(self, _request: Request) -> Sent:
        return self._live("page", self._build_page)

    def warm(self) -> None:
        """Make the base layers, the page and the index of outages, which the first readers ask for."""
        self._live("page", self._build_page)
        self._residents.warm()

    def openapi(self, request: Request) -> Sent:
        _values(request, ())
        atlas = self._open().atlas
        names = {"zone": list(atlas.zones), "municipality": list(atlas.municipalities)}
        return Sent(self._cache.get("openapi", lambda: api.json_answer(document(names))))

    def health(self, _request: Request) -> Sent:
        now = self._open().now()
        found = api.json_answer({"status": "ok", "revision": now.etag, "incidents": len(now)})
        return Sent(found, "no-store")

    def asset(self, request: Request) -> Sent:
        where = request.path_params
        found = assets.file(where["bundle"], where["print"], where["name"])
        if found is None:
            raise not_found("Нет такого файла.")
        return Sent(found, IMMUTABLE)

    def endpoints(self) -> dict[str, Endpoint]:
        """By path: those whose answers follow the state, then the others."""
        live: dict[str, Handler] = {
            "/api/v1/view": self.view,
            "/api/v1/clusters/{id}": self.cluster,
            "/api/v1/timeline": self.timeline,
            "/api/v1/revision": self.revision,
            "/api/v1/incidents/{id}": self.incident,
            "/map": self.page,
        }
        heavy: dict[str, Handler] = {"/api/v1/incidents.geojson": self.incidents, "/export/incidents.csv": self.table}
        fixed: dict[str, Handler] = {
            "/healthz": self.health,
            "/api/v1/openapi.json": self.openapi,
            "/api/v1/places": self.places,
            "/api/v1/geo/{layer}.geojson": self.layer,
            "/assets/{bundle}/{print}/{name:path}": self.asset,
        }
        return {
            **{path: Endpoint(self._desk, handle, live=True) for path, handle in live.items()},
            **{path: Endpoint(self._desk, handle, live=True, heavy=True) for path, handle in heavy.items()},
            **{path: Endpoint(self._desk, handle, live=False) for path, handle in fixed.items()},
            **self.outages.endpoints(),
            **self._residents.endpoints(),
        }

    def routes(self, *, base: str = "") -> list[Route]:
        """All of them, as Starlette wants them; each answers GET, HEAD and the preflight of a GET.

        With a `base` ("/kuban") below that too: a proxy may pass on nothing else.
        """
        endpoints = self.endpoints()
        return [Route(f"{root}{path}", each) for root in dict.fromkeys(("", base)) for path, each in endpoints.items()]
