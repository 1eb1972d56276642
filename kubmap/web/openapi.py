"""The OpenAPI description of the public routes, made from the same parameters that read the queries."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from kubmap.web import geolayers, params, problems
from kubmap.web.api import GEOJSON, JSON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubmap.web.params import Param

CACHING = "ETag сильный; If-None-Match даёт 304. HEAD отвечает теми же заголовками."


def _parameter(param: Param) -> dict[str, Any]:
    schema = dict(param.schema)
    if param.default not in (None, ()):
        schema["default"] = param.default
    return {
        "name": param.name, "in": "query", "required": param.required, "description": param.about, "schema": schema,
        **({} if param.required else {"allowEmptyValue": True}),
    }  # fmt: skip


def _in_path(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": schema}


def _answers(media_type: str, schema: dict[str, Any], *, missing: bool) -> dict[str, Any]:
    problem = {"content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    found: dict[str, Any] = {
        "200": {
            "description": CACHING,
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {media_type: {"schema": schema}},
        },
        "304": {"description": "Не изменилось."},
        "400": {"description": "Параметр нельзя прочитать; он назван.", **problem},
        "503": {"description": "База данных не отвечает.", **problem},
    }
    if missing:
        found["404"] = {"description": "Нет такого.", **problem}
    return found


def _operation(
    about: str,
    query: tuple[Param, ...] = (),
    *,
    media_type: str = JSON,
    schema: dict[str, Any] | None = None,
    path: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    parameters = [*(path or []), *(_parameter(param) for param in query)]
    answers = _answers(media_type, schema or {"type": "object"}, missing=path is not None)
    return {"get": {"summary": about, "parameters": parameters, "responses": answers}}


def _with_gone(operation: dict[str, Any]) -> dict[str, Any]:
    """With the answer for what an editor took from the readers."""
    problem = {"content": {problems.MEDIA_TYPE: {"schema": _ref("Gone")}}}
    operation["get"]["responses"]["410"] = {"description": "Снято редакцией; сказано, когда и почему.", **problem}
    return operation


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _resident_paths() -> dict[str, Any]:
    """The state of a place and the feeds, of outageroutes.py."""
    place = _in_path("place", "Населённый пункт: id из /api/v1/places.", dict(params.PLACE.schema))
    alert = _in_path("id", "Номер события-отключения.", {"type": "string", "minLength": 1, "maxLength": 64})
    feeds = (
        ("/feeds/outages/{place}.ics", "Календарь отключений места (iCalendar)", "text/calendar", [place]),
        ("/feeds/outages/{place}.rss", "Отключения места (RSS, GeoRSS)", "application/rss+xml", [place]),
        ("/feeds/incidents.rss", "Последние события края (RSS, GeoRSS)", "application/rss+xml", None),
        ("/feeds/cap/index.atom", "Оповещения об отключениях: перечень (Atom)", "application/atom+xml", None),
        ("/feeds/cap/{id}.xml", "Оповещение об отключении (CAP 1.2)", "application/cap+xml", [alert]),
    )
    state = _operation("Что отключено в населённом пункте", params.OUTAGES, schema=_ref("Outages"))
    state["get"]["responses"] |= _answers(JSON, _ref("Outages"), missing=True)
    return {
        "/api/v1/outages": state,
        **{
            path: _operation(about, media_type=kind, schema={"type": "string"}, path=where)
            for path, about, kind, where in feeds
        },
    }


def _paths() -> dict[str, Any]:
    incident_id = _in_path("id", "Номер события.", {"type": "string", "minLength": 1, "maxLength": 64})
    group_id = _in_path("id", "Номер группы из /api/v1/view, krai или unplaced.", {"type": "string", "maxLength": 24})
    layer = _in_path("layer", "Слой основы карты.", {"type": "string", "enum": list(geolayers.NAMES)})
    return {
        "/api/v1/view": _operation(
            "Что показывает карта в рамке и при масштабе", params.VIEW, media_type=GEOJSON, schema=_ref("View")
        ),
        "/api/v1/clusters/{id}": _operation(
            "События одной группы карты", params.MEMBERS, schema=_ref("Members"), path=[group_id]
        ),
        "/api/v1/timeline": _operation(
            "Сколько событий началось в каждый день, неделю или месяц", params.FILTERS, schema=_ref("Timeline")
        ),
        "/api/v1/revision": _operation("Номер опубликованного состояния", schema=_ref("Revision")),
        "/api/v1/incidents.geojson": _operation(
            "События, прошедшие отбор, целиком: страница, новые сначала",
            params.PAGE,
            media_type=GEOJSON,
            schema=_ref("Page"),
        ),
        "/api/v1/incidents/{id}": _with_gone(
            _operation("Одно событие целиком", media_type=GEOJSON, schema=_ref("Feature"), path=[incident_id])
        ),
        "/api/v1/places": _operation("Подсказка населённых пунктов", params.PLACES, schema=_ref("Places")),
        "/api/v1/geo/{layer}.geojson": _operation(
            "Слой основы карты", params.GEO, media_type=GEOJSON, schema=_ref("BaseLayer"), path=[layer]
        ),
        "/api/v1/openapi.json": _operation("Это описание"),
        "/export/incidents.csv": _operation(
            "Таблица событий, прошедших отбор", params.FILTERS, media_type="text/csv", schema={"type": "string"}
        ),
        "/healthz": _operation("Жив ли сервер"),
        **_resident_paths(),
    }


def _object(required: str, **properties: Any) -> dict[str, Any]:
    """An object of these properties; `required` are names with spaces between."""
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT, WHOLE, DAY = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "string", "format": "date"}
MAYBE_TEXT = {"type": ["string", "null"]}
COUNTS = {"type": "object", "additionalProperties": WHOLE}
FRAME = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}


def _collections() -> dict[str, Any]:
    """Shapes of GeoJSON (RFC 7946) with our own members."""
    features, kind = _list(_ref("Feature")), {"const": "FeatureCollection"}
    elsewhere = _object("count bbox", count=WHOLE, bbox=FRAME) | {"type": ["object", "null"]}
    return {
        "Feature": _object(
            "type id geometry properties",
            type={"const": "Feature"},
            id=TEXT,
            geometry={"type": ["object", "null"]},
            properties={"type": "object"},
        ),
        "BaseLayer": _object("type features", type=kind, features=_list(_object("type geometry properties"))),
        "View": _object(
            "type features krai krai_count unplaced unplaced_count total shown elsewhere zones categories period "
            "revision demo",
            type=kind, features=features, krai=features, krai_count=WHOLE, unplaced=features, unplaced_count=WHOLE,
            total=WHOLE, shown=WHOLE, elsewhere=elsewhere, zones=COUNTS, categories=COUNTS,
            period={"type": ["array", "null"], "items": DAY, "minItems": 2, "maxItems": 2}, revision=WHOLE,
            demo={"type": "boolean"},
        ),
        "Page": _object("type features total next", type=kind, features=features, total=WHOLE, next=MAYBE_TEXT),
    }  # fmt: skip


def _schemas() -> dict[str, Any]:
    step = {"type": "string", "enum": ["day", "week", "month"]}
    bin_ = _object("start count categories", start=DAY, count=WHOLE, categories=COUNTS)
    return {
        **_collections(),
        "Members": _object("count members next", count=WHOLE, members=_list(_ref("Feature")), next=MAYBE_TEXT),
        "Timeline": _object("step bins undated", step=step, bins=_list(bin_), undated=WHOLE),
        "Revision": _object("revision", revision=WHOLE),
        "Outages": _object(
            "place at answer utilities calendar past revision demo",
            place=_object("id name type where"),
            at=TEXT,
            answer=TEXT,
            utilities=_object("water power gas heat"),
            calendar=_list(_object("day spans", day=DAY)),
            past=_list({"type": "object"}),
            revision=WHOLE,
            demo={"type": "boolean"},
        ),
        "Places": _object("places", places=_list(_object("id name"))),
        "Gone": _object(
            "title status detail reason gone_at merged_into",
            title=TEXT, status={"const": 410}, detail=TEXT, reason=MAYBE_TEXT, gone_at=TEXT, merged_into=MAYBE_TEXT,
        ),
        "Problem": _object(
            "title status detail",
            type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT, instance=TEXT,
            invalid_params=_list(_object("name reason")),
        ),
    }  # fmt: skip


def number() -> str:
    """The version of kubmap."""
    try:
        return version("kubmap")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"


def _told(paths: dict[str, Any], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The paths with the known values in place of what limits a text."""
    for operation in paths.values():
        for param in operation["get"]["parameters"]:
            if param["in"] == "query" and param["name"] in names:
                param["schema"] = {"type": "string", "enum": list(names[param["name"]])}
    return paths


def document(names: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """OpenAPI 3.1 of what routes.py serves; `names` are the values that a parameter knows, by its name."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "kubmap", "version": number(), "description": "Карта происшествий и отключений Кубани."},
        "paths": _told(_paths(), names or {}),
        "components": {"schemas": _schemas()},
    }
