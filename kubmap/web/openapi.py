"""The OpenAPI description of the public routes, made from the same parameters that read the queries."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from kubmap.web import geolayers, params, problems
from kubmap.web.api import GEOJSON, JSON

if TYPE_CHECKING:
    from kubmap.web.params import Param

CACHING = "ETag сильный; If-None-Match даёт 304. HEAD отвечает теми же заголовками."


def _parameter(param: Param) -> dict[str, Any]:
    schema = dict(param.schema)
    if param.default not in (None, ()):
        schema["default"] = param.default
    return {
        "name": param.name, "in": "query", "required": param.required, "description": param.about, "schema": schema,
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


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _paths() -> dict[str, Any]:
    incident_id = _in_path("id", "Номер события.", {"type": "string", "minLength": 1, "maxLength": 64})
    layer = _in_path("layer", "Слой основы карты.", {"type": "string", "enum": list(geolayers.NAMES)})
    return {
        "/api/v1/view": _operation(
            "Что показывает карта в рамке и при масштабе", params.VIEW, media_type=GEOJSON, schema=_ref("View")
        ),
        "/api/v1/incidents.geojson": _operation(
            "Все события, прошедшие отбор", params.FILTERS, media_type=GEOJSON, schema=_ref("FeatureCollection")
        ),
        "/api/v1/incidents/{id}": _operation(
            "Одно событие целиком", media_type=GEOJSON, schema=_ref("Feature"), path=[incident_id]
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
    }


def _schemas() -> dict[str, Any]:
    features = {"type": "array", "items": _ref("Feature")}
    collection = {"type": {"const": "FeatureCollection"}, "features": features}
    text = {"type": "string"}
    return {
        "Feature": {
            "type": "object",
            "required": ["type", "id", "geometry", "properties"],
            "properties": {
                "type": {"const": "Feature"},
                "id": text,
                "geometry": {"type": ["object", "null"]},
                "properties": {"type": "object"},
            },
        },
        "FeatureCollection": {"type": "object", "required": ["type", "features"], "properties": collection},
        "BaseLayer": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"const": "FeatureCollection"},
                "features": {
                    "type": "array",
                    "items": {"type": "object", "required": ["type", "geometry", "properties"]},
                },
            },
        },
        "View": {
            "type": "object",
            "required": ["type", "features", "krai", "unplaced", "counts", "total", "elsewhere", "state"],
            "properties": {
                **collection,
                "krai": features,
                "unplaced": features,
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                "total": {"type": "integer"},
                "elsewhere": {"type": "integer"},
                "zoom": {"type": "integer"},
                "state": {"type": "object"},
            },
        },
        "Places": {
            "type": "object",
            "required": ["places"],
            "properties": {"places": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}}},
        },
        "Problem": {
            "type": "object",
            "required": ["title", "status", "detail"],
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "instance": text,
                "invalid_params": {"type": "array", "items": {"type": "object", "required": ["name", "reason"]}},
            },
        },
    }


def number() -> str:
    """The version of kubmap."""
    try:
        return version("kubmap")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of what routes.py serves."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "kubmap", "version": number(), "description": "Карта происшествий и отключений Кубани."},
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }
