"""The residents' pages over HTTP: /outages/ (search), /outages/{place} (the answer), and what the offline copy needs.

An answer is a function of (revision, minute, place). Errors are pages too, with the search in them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from kubmap.atlas.finder import find
from kubmap.atlas.words import words
from kubmap.domain import MOSCOW
from kubmap.read.tight import tight
from kubmap.web import assets, outagemap, outagepage, params
from kubmap.web.endpoint import Desk, Endpoint, Sent
from kubmap.web.httpcache import BRISK, LIVE, REVALIDATE, SECURITY, Answer, AnswerCache, answer
from kubmap.web.outageareas import areas
from kubmap.web.outagepage import Site
from kubmap.web.outageroutes import MinuteDesk, OutageRoutes, minutely
from kubmap.web.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import ASGIApp, Scope

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.snapshot import Snapshot
    from kubmap.web.source import Source

HTML = "text/html; charset=utf-8"
FOUND = 30
SUGGESTED = 20
"""Homonyms are told apart by scrolling too: eighteen places are called Октябрьский."""
DAY_S = "public, max-age=86400"
HOUR_S = "public, max-age=3600"
WORKER_CACHE = 1
"""Format of what the service worker keeps; another number drops it."""


def policy(frame_ancestors: str) -> str:
    """The Content-Security-Policy of the pages: nothing inline, no other host."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame_ancestors}"
    )


_TITLES = {
    HTTPStatus.NOT_FOUND: "Такой страницы нет",
    HTTPStatus.BAD_REQUEST: "Адрес не читается",
    HTTPStatus.SERVICE_UNAVAILABLE: "Сервер сейчас занят",
}


class PageEndpoint(Endpoint):
    """An endpoint whose errors are pages."""

    def problem(self, error: ProblemError, scope: Scope, retry_s: int | None = None) -> ASGIApp:  # noqa: ARG002
        headers = {**SECURITY, "Content-Security-Policy": policy("'self'"), "Cache-Control": "no-store"}
        if retry_s is not None:
            headers["Retry-After"] = str(retry_s)
        page = outagepage.missing_page(_TITLES.get(error.status, "Не получилось"), _reason(error), Site(""))
        return Response(page, status_code=int(error.status), media_type=HTML, headers=headers)


class OutageSite:
    """Handlers over the routes of outages, whose index and clock they use."""

    def __init__(self, routes: OutageRoutes, desk: Desk, *, clock: Callable[[], datetime]) -> None:
        self._routes = routes
        self._desk = desk
        self._clock = clock
        self._found: AnswerCache[Answer] = AnswerCache(max_bytes=4 * 1024 * 1024)

    def place(self, request: Request) -> Sent:
        """GET /outages/{place}."""
        values = _values(request, (params.AT,))
        source, snapshot, index = self._routes.look()
        minute = self._clock().astimezone(MOSCOW).replace(second=0, microsecond=0)
        at = values["at"] or minute
        place = source.atlas.settlements.get(request.path_params["place"])
        if place is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "Такого населённого пункта нет. Найдите своё место по названию.")
        state = index.state(place, at)
        asked = outagepage.Asked(
            state, index.calendar(place, at.date()), values["at"] is not None,
            areas(state, source.atlas, snapshot.epoch),
        )  # fmt: skip
        page = outagepage.answer_page(asked, source.atlas, _site(source, snapshot))
        return Sent(_html(page, source), LIVE, minutely(snapshot.etag, minute))

    def search(self, request: Request) -> Sent:
        """GET /outages/?q=; one place of exactly that name is shown at once."""
        query = _values(request, (params.QUERY,))["q"] or ""
        source, snapshot, _ = self._routes.look()
        found = find(source.atlas, query, limit=FOUND)
        only = the_only(query, found)
        if only is not None:
            return Sent(answer(b"", HTML, {"Location": quote(only.id)}, status=HTTPStatus.FOUND), "no-store")
        page = outagepage.find_page(query, found, source.atlas, _site(source, snapshot))
        return Sent(_html(page, source), LIVE, minutely(snapshot.etag, self._clock()))

    def suggest(self, request: Request) -> Sent:
        """GET /outages/suggest.json?q=: type-ahead, with the words that tell homonyms apart."""
        query = _values(request, (params.QUERY,))["q"] or ""
        atlas = self._routes.source().atlas
        found = self._found.get(("q", query), lambda: _suggested(atlas, query))
        return Sent(found, HOUR_S)

    def places(self, request: Request) -> Sent:
        """GET /outages/places.json: all places with coordinates, for a browser that looks for the nearest itself."""
        _values(request, ())
        atlas = self._routes.source().atlas
        return Sent(self._found.get("places", lambda: _all_places(atlas)), DAY_S)

    def worker(self, request: Request) -> Sent:
        """GET /outages/sw.js: below the pages, for its scope is where it lies."""
        _values(request, ())
        text = assets.text("kubmap", "outages-sw.js").replace("@FORMAT@", str(WORKER_CACHE))
        text = text.replace("@PRINT@", assets.bundles()["kubmap"].print)
        headers = {"Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
        return Sent(answer(text.encode(), assets.media_type("sw.js"), headers), REVALIDATE)

    def manifest(self, request: Request) -> Sent:
        """GET /outages/manifest.webmanifest: the page on a phone's home screen."""
        _values(request, ())
        icon = {"src": f"..{assets.url('kubmap', 'favicon.svg')}", "sizes": "any", "type": "image/svg+xml"}
        told = {
            "name": "Отключения на Кубани", "short_name": "Отключения", "lang": "ru", "start_url": "./", "scope": "./",
            "display": "minimal-ui", "background_color": "#fbfaf7", "theme_color": "#fbfaf7", "icons": [icon],
        }  # fmt: skip
        return Sent(answer(tight(told), "application/manifest+json"), HOUR_S)

    def slashed(self, request: Request) -> Sent:
        """GET /outages/{place}/: the same place without the slash."""
        target = f"../{quote(request.path_params['place'])}"
        return Sent(answer(b"", HTML, {"Location": target}, status=HTTPStatus.MOVED_PERMANENTLY), "no-store")

    def warm(self) -> None:
        """Make what the first reader of an answer would wait for."""
        source, _, _ = self._routes.look()
        outagemap.warm(source.atlas)
        outagepage.warm()

    def endpoints(self) -> dict[str, Endpoint]:
        """By path; what has a name of its own before what is a place."""
        desk = self._desk
        minute = MinuteDesk(desk.open_source, desk.kept, desk.light, desk.heavy, self._clock)
        fixed: dict[str, Callable[[Request], Sent]] = {
            "/outages/sw.js": self.worker,
            "/outages/manifest.webmanifest": self.manifest,
            "/outages/suggest.json": self.suggest,
            "/outages/places.json": self.places,
            "/outages/{place}/": self.slashed,
        }
        pages = {"/outages/": self.search, "/outages/{place}": self.place}
        return {
            **{path: PageEndpoint(desk, handle, live=False) for path, handle in fixed.items()},
            **{path: PageEndpoint(minute, handle, live=True) for path, handle in pages.items()},
        }


def the_only(query: str, found: Iterable[Settlement]) -> Settlement | None:
    """The one settlement of exactly this name; a part of a town only where no other name holds the words."""
    wanted = words(query)
    holding = [each for each in found if any(_within(wanted, words(name)) for name in _names(each))]
    exact = [each for each in holding if wanted in map(words, _names(each))]
    if len(exact) != 1 or (exact[0].parent is not None and len(holding) > 1):
        return None
    return exact[0]


def _names(place: Settlement) -> tuple[str, ...]:
    return (place.name, *place.aliases)


def _within(wanted: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return bool(wanted) and any(name[at : at + len(wanted)] == wanted for at in range(len(name)))


def _values(request: Request, wanted: tuple[params.Param, ...]) -> dict[str, Any]:
    """Known parameters; others are let be: links come with marks of whoever passed them on."""
    known = {each.name for each in wanted}
    return params.read([each for each in request.query_params.multi_items() if each[0] in known], wanted)


def _reason(error: ProblemError) -> str:
    return "; ".join(f"{fault.name}: {fault.detail}" for fault in error.faults) or error.detail


def _site(source: Source, snapshot: Snapshot) -> Site:
    return Site(source.public_url, demo=snapshot.demo)


def _html(page: str, source: Source) -> Answer:
    headers = {
        "Content-Security-Policy": policy(source.frame_ancestors),
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    }
    return answer(page.encode(), HTML, headers, level=BRISK)


def _suggested(atlas: Atlas, query: str) -> Answer:
    found = find(atlas, query, limit=SUGGESTED)
    return answer(tight({"places": [outagepage.choice(each, atlas) for each in found]}), "application/json")


def _all_places(atlas: Atlas) -> Answer:
    """Rows of id, name, what tells it apart, latitude, longitude."""
    lived_in = (each for each in atlas.settlements.values() if each.type != "место")
    rows = [
        [each.id, each.name, outagepage.choice(each, atlas)["about"], round(each.lat, 4), round(each.lon, 4)]
        for each in lived_in
    ]
    return answer(tight(rows), "application/json")
