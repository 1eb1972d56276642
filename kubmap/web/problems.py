"""Errors of the public routes as application/problem+json (RFC 9457); they name the parameter that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

TITLES = {
    HTTPStatus.BAD_REQUEST: "Неверный запрос",
    HTTPStatus.UNAUTHORIZED: "Нужен вход",
    HTTPStatus.FORBIDDEN: "Нельзя",
    HTTPStatus.NOT_FOUND: "Не найдено",
    HTTPStatus.METHOD_NOT_ALLOWED: "Метод не разрешён",
    HTTPStatus.CONFLICT: "Запись изменилась",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Слишком большой запрос",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Не тот вид данных",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Проверьте поля",
    HTTPStatus.TOO_MANY_REQUESTS: "Слишком часто",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Ошибка сервера",
    HTTPStatus.GONE: "Снято с карты",
    HTTPStatus.SERVICE_UNAVAILABLE: "Данные недоступны",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one parameter."""

    name: str
    detail: str


class ProblemError(Exception):
    """Ends a request with a problem; caught by the route wrapper, never seen by the core."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        faults: tuple[Fault, ...] = (),
        *,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = problem or {}  # further members
        self.status = status
        self.detail = detail
        self.faults = faults


def bad_request(*faults: Fault) -> ProblemError:
    """One or more parameters cannot be read."""
    names = ", ".join(fault.name for fault in faults)
    return ProblemError(HTTPStatus.BAD_REQUEST, f"Проверьте параметры: {names}.", faults)


def not_found(detail: str) -> ProblemError:
    """No such thing."""
    return ProblemError(HTTPStatus.NOT_FOUND, detail)


def gone(detail: str, **problem: Any) -> ProblemError:
    """Readers saw it once; `problem` are further members."""
    return ProblemError(HTTPStatus.GONE, detail, problem=problem)


def body(error: ProblemError, instance: str) -> dict[str, Any]:
    """The problem as a JSON object."""
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(error.status, error.status.phrase),
        "status": int(error.status),
        "detail": error.detail,
        "instance": instance,
    }
    if error.faults:
        found["invalid_params"] = [{"name": fault.name, "reason": fault.detail} for fault in error.faults]
    return {**found, **error.problem}


def response(error: ProblemError, instance: str, headers: dict[str, str]) -> Response:
    """The answer to send; never cached."""
    return Response(
        orjson.dumps(body(error, instance)),
        status_code=int(error.status),
        media_type=MEDIA_TYPE,
        headers={**headers, "Cache-Control": "no-store"},
    )
