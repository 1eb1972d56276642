"""FormPage: one path of plain HTML forms; shows and acts in threads, and takes POST only from a form of ours."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from kubmap.web import loginpage, origin
from kubmap.web.httpcache import SECURITY
from kubmap.web.localpath import beside, local
from kubmap.web.problems import ProblemError
from kubmap.web.rootpath import base_of
from kubmap.web.write import read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send

_LOG = logging.getLogger(__name__)

BODY: Final = 16 * 1024
THREADS, QUEUE = 2, 32
"""A check of a password takes 64 MB and a quarter of a second: no more than two at once."""
HEADERS: Final = {
    **SECURITY,
    "Content-Security-Policy": loginpage.POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with none of it browsers would send Origin: null along with our forms
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="kubmap-login")
_SHOWING = ThreadPoolExecutor(THREADS, thread_name_prefix="kubmap-form")
"""Showing a page waits for no password."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for the path `at` of this app, with the fields of its form."""

    request: Request
    fields: Mapping[str, str]
    at: str

    @property
    def cookies(self) -> Mapping[str, str]:
        return self.request.cookies

    @property
    def next(self) -> str:
        return local(self.fields.get("next") or self.request.query_params.get("next"), base=self.base)

    @property
    def base(self) -> str:
        """What stands before the paths of this app, as far as the server knows."""
        return base_of(self.request.scope, self.at)

    def to(self, path: str) -> str:
        """The address of a path of this app."""
        return beside(path, self.at)

    @property
    def address(self) -> str:
        """The client's; a proxy's word counts only with --trust-proxy (uvicorn has put it there)."""
        return self.request.client.host if self.request.client else ""

    def field(self, name: str) -> str:
        return self.fields.get(name, "")


class FormPage:
    """One path: what GET shows and what POST does; POST must come from a form of ours."""

    def __init__(
        self,
        at: str,
        *,
        show: Callable[[Visit], Response] | None = None,
        act: Callable[[Visit], Response] | None = None,
    ) -> None:
        self.at = at
        self.acts: dict[str, Callable[[Visit], Response]] = {}
        if show:
            self.acts |= {"GET": show, "HEAD": show}
        if act:
            self.acts["POST"] = act
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except ProblemError as error:
            response = plain(error.status, error.detail)
        except SQLAlchemyError:
            _LOG.exception("the store does not answer: %s", scope["path"])
            response = plain(HTTPStatus.SERVICE_UNAVAILABLE, "База данных не отвечает, попробуйте через минуту.")
        except Exception:  # noqa: BLE001  (told without its details; the log has them)
            _LOG.exception("%s failed", scope["path"])
            response = plain(HTTPStatus.INTERNAL_SERVER_ERROR, "Ошибка сервера; она записана.")
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        act = self.acts.get(request.method)
        if act is None:
            allowed = ", ".join(self.acts)
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, f"Метод не разрешён; можно: {allowed}.", {"Allow": allowed})
        fields = await _fields(request) if request.method == "POST" else {}
        if self._running >= QUEUE:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "Слишком много входов сразу, повторите.")
        pool = _POOL if request.method == "POST" else _SHOWING
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, act, Visit(request, fields, self.at))
        finally:
            self._running -= 1


async def _fields(request: Request) -> dict[str, str]:
    """The form's fields. Raises ProblemError for what no form of ours sends."""
    if not origin.is_ours(request):
        raise ProblemError(HTTPStatus.FORBIDDEN, "Запрос пришёл с другого сайта.")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Нужна форма.")
    body = await read_body(request, BODY)
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"))
    except ValueError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "Форма не читается.") from None


def plain(status: HTTPStatus, text: str, more: Mapping[str, str] | None = None) -> Response:
    """A line of text."""
    return PlainTextResponse(text, int(status), {**HEADERS, **(more or {})})
