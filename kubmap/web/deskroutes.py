"""Routes of the desk under /api/v1/desk: thin, over `kubmap.desk.desk.Desk`, which asks for the role once more.

Not public: no CORS, nothing cached, no part of the published API. What pages of the desk do without Streamlit (keep
what is typed, say who is there) goes here, and whoever writes a client of their own has all of the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kubmap.desk.values import PASTE, Clash, FieldErrors, QueueFilter
from kubmap.domain import Category, Role, Status
from kubmap.errors import InputError
from kubmap.geocode.reading import moment_of
from kubmap.web import deskjson as js
from kubmap.web.write import Asked, Private, Write, route

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.routing import Route

    from kubmap.desk.desk import Desk
    from kubmap.web.write import Guarded

ROOT = "/api/v1/desk"

Handler = Callable[[Asked], Any]


class DeskRoutes:
    """Handlers over one desk; `open_desk` is called at the first request."""

    def __init__(self, open_desk: Callable[[], Desk]) -> None:
        self._open = open_desk

    # write

    def paste(self, asked: Asked) -> Any:
        data = asked.data
        done = self._open().paste(
            asked.who,
            js.text(data, "text"),
            published=moment_of(js.maybe(data, "published"), "published"),
            source_name=js.maybe(data, "source_name"),
            source_url=js.maybe(data, "source_url"),
        )
        return js.paste(done)

    def save(self, asked: Asked) -> Any:
        data = asked.data
        saved = self._open().save(
            asked.who,
            asked.path["id"],
            base_version=js.number(data, "base_version"),
            changes=js.mapping(data, "changes"),
            reason=js.text(data, "reason", ""),
            publish=data.get("publish") is True,
        )
        return {"incident": js.plain(saved.incident), "merged": list(saved.merged)}

    def publish(self, asked: Asked) -> Any:
        data = asked.data
        return js.outcome(self._open().publish(asked.who, js.names(data, "ids"), versions=js.versions(data)))

    def reject(self, asked: Asked) -> Any:
        data = asked.data
        reason = js.text(data, "reason", "")
        done = self._open().reject(asked.who, js.names(data, "ids"), reason=reason, versions=js.versions(data))
        return js.outcome(done)

    def undo(self, asked: Asked) -> Any:
        return js.outcome(self._open().undo(asked.who, js.text(asked.data, "token")))

    def retract(self, asked: Asked) -> Any:
        data = asked.data
        reason, seen = js.text(data, "reason"), js.maybe_number(data, "base_version")
        return js.plain(self._open().retract(asked.who, asked.path["id"], reason, base_version=seen))

    def restore(self, asked: Asked) -> Any:
        data = asked.data
        done = self._open().restore(
            asked.who,
            asked.path["id"],
            js.number(data, "version"),
            base_version=js.maybe_number(data, "base_version"),
            reason=js.text(data, "reason", ""),
        )
        return js.plain(done)

    def merge(self, asked: Asked) -> Any:
        data = asked.data
        keep, other, take = js.text(data, "keep"), js.text(data, "other"), js.names(data, "take", [])
        return js.joined(self._open().merge(asked.who, keep, other, take=take, versions=js.versions(data)))

    def link(self, asked: Asked) -> Any:
        data = asked.data
        earlier, later = js.text(data, "earlier"), js.text(data, "later")
        return js.joined(self._open().link_update(asked.who, earlier, later, versions=js.versions(data)))

    def not_duplicate(self, asked: Asked) -> Any:
        self._open().not_duplicate(asked.who, js.text(asked.data, "one"), js.text(asked.data, "other"))
        return {}

    def autosave(self, asked: Asked) -> Any:
        data = asked.data
        key = js.text(data, "id")
        desk = self._open()
        kept = desk.autosave(
            asked.who, key, base_version=js.maybe_number(data, "base_version"), changes=js.mapping(data, "changes")
        )
        others = () if key == PASTE else desk.others(asked.who, key)
        return {"saved_at": js.plain(kept), "others": [each.name for each in others]}

    def discard(self, asked: Asked) -> Any:
        self._open().discard(asked.who, js.text(asked.data, "id"))
        return {}

    def touch(self, asked: Asked) -> Any:
        return {"others": js.others(self._open().touch(asked.who, asked.path["id"]))}

    def leave(self, asked: Asked) -> Any:
        self._open().leave(asked.who, asked.path["id"])
        return {}

    def purge(self, asked: Asked) -> Any:
        return js.anything(self._open().purge(asked.who, asked.path["id"], js.text(asked.data, "reason")))

    # read

    def queue(self, asked: Asked) -> Any:
        query = asked.query
        wanted, limit = _filter(query), js.count(query, "limit", 50)
        return js.queue(self._open().queue(asked.who, wanted, after=query.get("after"), limit=limit))

    def find(self, asked: Asked) -> Any:
        query = asked.query
        page = self._open().find(
            asked.who,
            query.get("q", ""),
            status=_one(Status, query, "status"),
            category=_one(Category, query, "category"),
            source=query.get("source"),
            after=query.get("after"),
            limit=js.count(query, "limit", 50),
        )
        return js.found(page)

    def open(self, asked: Asked) -> Any:
        return js.opened(self._open().open(asked.who, asked.path["id"]))

    def version(self, asked: Asked) -> Any:
        return js.entry(self._open().version(asked.who, asked.path["id"], asked.path["version"]))

    def duplicates(self, asked: Asked) -> Any:
        return {"duplicates": js.duplicates(self._open().duplicates(asked.who, asked.path["id"]))}

    def reread(self, asked: Asked) -> Any:
        changes = js.mapping(asked.data, "changes")
        return {"changes": js.anything(self._open().reread(asked.who, asked.path["id"], changes))}

    def working(self, asked: Asked) -> Any:
        return {"working": [js.anything(each) for each in self._open().working(asked.who)]}

    def point(self, asked: Asked) -> Any:
        query = asked.query
        zoom, radius = (js.real(query, name) if query.get(name) else None for name in ("zoom", "radius"))
        lat, lon = js.real(query, "lat"), js.real(query, "lon")
        return js.plain(self._open().at_point(asked.who, lat, lon, radius_m=radius, zoom=zoom))

    def road(self, asked: Asked) -> Any:
        query = asked.query
        return js.plain(self._open().at_road_km(asked.who, query.get("road", ""), js.real(query, "km")))

    def roads(self, asked: Asked) -> Any:
        return {"roads": [js.anything(each) for each in self._open().roads(asked.who)]}

    def places(self, asked: Asked) -> Any:
        found = self._open().find_places(asked.who, asked.query.get("q", "")[:200])
        return {"places": [js.anything(each) for each in found]}

    def purged(self, asked: Asked) -> Any:
        return {"purged": [js.anything(each) for each in self._open().purged(asked.who)]}

    def guarded(self) -> Mapping[str, tuple[Guarded, ...]]:
        """By path, the methods."""
        one = "/incidents/{id}"
        return {
            "/paste": (_write(self.paste),),
            "/publish": (_write(self.publish),),
            "/reject": (_write(self.reject),),
            "/undo": (_write(self.undo),),
            "/merge": (_write(self.merge),),
            "/link": (_write(self.link),),
            "/not-duplicate": (_write(self.not_duplicate),),
            "/autosave": (_write(self.autosave, counts=_has_changes),),  # without changes it is a page's heartbeat
            "/discard": (_write(self.discard),),
            f"{one}/save": (_write(self.save),),
            f"{one}/reread": (_write(self.reread),),
            f"{one}/retract": (_write(self.retract),),
            f"{one}/restore": (_write(self.restore),),
            f"{one}/touch": (_write(self.touch, counts=_never),),
            f"{one}/leave": (_write(self.leave, counts=_never),),
            f"{one}/duplicates": (_private(self.duplicates),),
            f"{one}/versions/{{version:int}}": (_private(self.version),),
            one: (_private(self.open), _write(self.purge, Role.CHIEF, method="DELETE")),
            "/incidents": (_private(self.find),),
            "/queue": (_private(self.queue),),
            "/working": (_private(self.working),),
            "/purged": (_private(self.purged, Role.CHIEF),),
            "/place/point": (_private(self.point),),
            "/place/road": (_private(self.road),),
            "/roads": (_private(self.roads),),
            "/places": (_private(self.places),),
        }

    def routes(self) -> list[Route]:
        return [route(f"{ROOT}{path}", *guarded) for path, guarded in self.guarded().items()]


def routes() -> list[Route]:
    """Over the desk of this process."""
    return DeskRoutes(_desk).routes()


def _desk() -> Desk:
    from kubmap.web.editor.work import desk  # noqa: PLC0415  opened at the first request, not at import

    return desk()


def _write(handle: Handler, role: Role = Role.EDITOR, *, method: str = "POST", **options: Any) -> Write:
    return Write(role, _telling(handle), method=method, **options)


def _has_changes(asked: Asked) -> bool:
    return bool(asked.data.get("changes"))


def _never(_: Asked) -> bool:
    return False


def _private(handle: Handler, role: Role = Role.EDITOR) -> Private:
    return Private(role, _telling(handle))


def _telling(handle: Handler) -> Handler:
    """With the three-way view in the problem of a clash, and every field in that of a form."""

    def told(asked: Asked) -> Any:
        try:
            return handle(asked)
        except Clash as error:
            error.problem = js.clash(error)  # type: ignore[attr-defined]
            raise
        except FieldErrors as error:
            error.problem = js.faults(error)  # type: ignore[attr-defined]
            raise

    return told


def _filter(query: Mapping[str, str]) -> QueueFilter:
    several = _several(query)
    return QueueFilter(
        categories=frozenset(_member(Category, each, "category") for each in several("category")) or None,
        zones=frozenset(several("zone")) or None,
        sources=frozenset(several("source")) or None,
        since=js.day(query, "from"),
        until=js.day(query, "to"),
        doubts=frozenset(several("doubt")) or None,
        mine=query.get("mine") == "1",
        text=query.get("q", "")[:200],
    )


def _several(query: Mapping[str, str] | QueryParams) -> Callable[[str], list[str]]:
    """The values of a parameter that is given any number of times; an empty one is none."""
    every = getattr(query, "getlist", lambda name: [query[name]] if name in query else [])
    return lambda name: [each for each in every(name) if each]


def _one(kind: Any, query: Mapping[str, str], name: str) -> Any:
    return _member(kind, query[name], name) if query.get(name) else None


def _member(kind: Any, value: str, name: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InputError(f"{name}: нет такого значения", field=name) from None
