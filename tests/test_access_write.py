"""Write routes: who may, from where, how much, and what is said when not."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from kubmap.domain import Role
from kubmap.errors import ConflictError, InputError, NotFoundError
from kubmap.web import write
from kubmap.web.write import Done, Private, Rate, Write, route
from tests.accounts import SITE, accounts, log_in, site

OURS = {"X-Kubmap": "1", "Origin": SITE}
RAISED = {
    "input": InputError("Поле «Время»: не время.", field="starts_at"),
    "missing": NotFoundError("Нет такой записи."),
    "conflict": ConflictError("Запись уже изменили.", expected=3, found=4),
    "database": OperationalError("SELECT 1", {}, Exception("gone")),
    "fault": ZeroDivisionError("secret detail"),
}


class ClashError(ConflictError):
    problem = {"fields": [["title", "a", "b", "c"]]}  # noqa: RUF012


def echo(asked):
    return {"who": asked.who.name, "path": dict(asked.path), "query": dict(asked.query), "data": asked.data}


def fail(asked):
    raise RAISED[asked.data["how"]]


def clash(_asked):
    raise ClashError("Разошлись.", expected=1, found=2)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    return accounts(tmp_path_factory.mktemp("accounts"))


@pytest.fixture(scope="module")
def make(auth):
    class Write(write.Write):
        def __init__(self, *args, **options):
            super().__init__(*args, used=auth.used, **options)

    who = auth.user_of

    def routes():
        return [
            route("/w/echo/{id}", Write(Role.EDITOR, echo, who=who)),
            route("/w/chief", Write(Role.CHIEF, echo, who=who)),
            route("/w/fail", Write(Role.EDITOR, fail, who=who)),
            route("/w/clash", Write(Role.EDITOR, clash, who=who)),
            route("/w/new", Write(Role.EDITOR, lambda asked: Done({"id": 1}, 201), method="PUT", who=who)),
            route(
                "/w/both",
                Private(Role.EDITOR, echo, who=who),
                Write(Role.CHIEF, echo, method="DELETE", who=who),
            ),
            route("/w/beat", Write(Role.EDITOR, echo, who=who, counts=lambda asked: bool(asked.data))),
            route("/w/few", Write(Role.EDITOR, echo, who=who, rate=Rate(most=3, per_s=0.0))),
        ]

    def browser(login=None):
        client = site(auth, *routes())
        if login:
            assert log_in(client, login).status_code == 303
        return client

    return browser


@pytest.fixture(scope="module")
def editor(make):
    return make("editor")


def test_an_editor_writes(editor):
    sent = editor.post("/w/echo/7?a=1", json={"x": "текст"}, headers=OURS)
    assert sent.status_code == 200
    assert sent.json() == {"who": "editor", "path": {"id": "7"}, "query": {"a": "1"}, "data": {"x": "текст"}}
    assert sent.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in sent.headers


def test_an_answer_may_have_a_status_of_its_own(editor):
    sent = editor.put("/w/new", headers=OURS)
    assert (sent.status_code, sent.json()) == (201, {"id": 1})


def problem(sent, status):
    assert sent.status_code == status, sent.text
    assert sent.headers["content-type"] == "application/problem+json"
    assert sent.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in sent.headers
    return sent.json()


def test_nobody_is_401_and_a_reader_403(make):
    assert problem(make().post("/w/echo/1", json={}, headers=OURS), 401)["role"] == "editor"
    assert "редактор" in problem(make("reader").post("/w/echo/1", json={}, headers=OURS), 403)["detail"]


def test_an_editor_is_no_chief(editor, make):
    assert problem(editor.post("/w/chief", json={}, headers=OURS), 403)["role"] == "chief"
    assert make("chief").post("/w/chief", json={}, headers=OURS).status_code == 200
    assert make("chief").post("/w/echo/1", json={}, headers=OURS).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": SITE},
        {"X-Kubmap": "0", "Origin": SITE},
        {"X-Kubmap": "1", "Origin": "https://evil.example"},
        {"X-Kubmap": "1", "Origin": "null"},
        {"X-Kubmap": "1", "Origin": "http://testserver.evil.example"},
        {"X-Kubmap": "1", "Origin": "http://testserver:81"},
        {"X-Kubmap": "1", "Origin": "http://evil.example@testserver.x"},
        {"X-Kubmap": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Kubmap": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Kubmap": "1", "Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_what_another_site_sends_is_403(editor, headers):
    problem(editor.post("/w/echo/1", json={}, headers=headers), 403)


@pytest.mark.parametrize("headers", [{}, {"Origin": SITE}, {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}])
def test_what_our_page_sends_is_taken(editor, headers):
    assert editor.post("/w/echo/1", json={}, headers={"X-Kubmap": "1", **headers}).status_code == 200


def test_behind_a_proxy_that_ends_tls_the_host_decides(editor):
    headers = {"X-Kubmap": "1", "Origin": "https://karta.example", "Host": "karta.example"}
    assert editor.post("/w/echo/1", json={}, headers=headers).status_code == 200


def test_a_preflight_allows_nothing(editor):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    sent = editor.options("/w/echo/1", headers=asked)
    assert sent.status_code == 405
    assert not [name for name in sent.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(editor, method):
    sent = editor.request(method, "/w/echo/1", headers=OURS)
    assert (sent.status_code, sent.headers["allow"]) == (405, "POST")


def test_two_methods_at_one_path_have_roles_of_their_own(editor, make):
    assert editor.get("/w/both").json()["who"] == "editor"
    problem(editor.delete("/w/both", headers=OURS), 403)
    assert make("chief").delete("/w/both", headers=OURS).json()["who"] == "chief"
    assert problem(make().get("/w/both"), 401)
    assert editor.post("/w/both", headers=OURS).headers["allow"] == "GET, DELETE"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{oops", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'{"x": "\xff"}', "application/json", 400),
        (b'"' + b"x" * write.LIMIT + b'"', "application/json", 413),
    ],
)
def test_bodies_that_cannot_be_read(editor, body, kind, status):
    problem(editor.post("/w/echo/1", content=body, headers={**OURS, "Content-Type": kind}), status)


def test_a_long_body_without_its_length_is_refused_too(editor):
    parts = (b" " * 65_536 for _ in range(64))
    problem(editor.post("/w/echo/1", content=parts, headers={**OURS, "Content-Type": "application/json"}), 413)


def test_the_body_of_nobody_is_not_read(make):
    taken = []

    def parts():
        taken.append(1)
        yield b"{}"

    headers = {**OURS, "Content-Type": "application/json"}
    problem(make().post("/w/echo/1", content=parts(), headers=headers), 401)


@pytest.mark.parametrize(
    ("how", "status", "more"),
    [
        ("input", 422, {"invalid_params": [{"name": "starts_at", "reason": "Поле «Время»: не время."}]}),
        ("missing", 404, {"detail": "Нет такой записи."}),
        ("conflict", 409, {"expected": 3, "found": 4}),
        ("database", 503, {"title": "Данные недоступны"}),
        ("fault", 500, {"detail": "Ошибка сервера; она записана."}),
    ],
)
def test_errors_are_told_in_words(editor, how, status, more, caplog):
    with caplog.at_level(logging.CRITICAL, logger="kubmap.web.write"):
        found = problem(editor.post("/w/fail", json={"how": how}, headers=OURS), status)
    assert found.items() >= more.items()
    assert "secret detail" not in str(found)


def test_an_error_may_carry_more(editor):
    found = problem(editor.post("/w/clash", json={}, headers=OURS), 409)
    assert (found["fields"], found["found"]) == ([["title", "a", "b", "c"]], 2)


def test_too_many_writes_are_told_to_wait(editor):
    for _ in range(3):
        assert editor.post("/w/few", json={}, headers=OURS).status_code == 200
    sent = editor.post("/w/few", json={}, headers=OURS)
    assert problem(sent, 429)
    assert int(sent.headers["retry-after"]) > 0


def test_the_bucket_fills_again_and_users_do_not_share_it():
    rate = Rate(most=2, per_s=1.0, users=2)
    assert [rate.take("a", 0.0) for _ in range(3)] == [True, True, False]
    assert rate.take("b", 0.0)
    assert rate.take("a", 1.5)
    assert not rate.take("a", 1.6)
    for user in "bcd":
        rate.take(user, 2.0)
    assert len(rate._left) == 2


def test_only_what_counts_is_a_use_of_the_session(make, auth, monkeypatch):
    client, noted = make("editor"), []
    monkeypatch.setattr(auth.sessions, "note", noted.append)
    client.post("/w/beat", json={}, headers=OURS)
    client.get("/w/both")
    client.post("/w/echo/1", json={}, headers={**OURS, "Origin": "https://evil.example"})
    assert noted == []
    client.post("/w/beat", json={"x": 1}, headers=OURS)
    client.post("/w/echo/1", json={}, headers=OURS)  # soon after: written down once
    assert len(noted) == 1


def test_a_forged_or_foreign_cookie_is_nobody(make, auth):
    client = make()
    for value in (b"x", b"x.y", auth.signer("kubmap_device").sign("x"), b"\xc3\xa9.\xff", b"."):
        headers = {**OURS, "Cookie": b"kubmap_session=" + value}
        problem(client.post("/w/echo/1", json={}, headers=headers), 401)


def test_a_slow_handler_does_not_hold_the_loop(auth):
    """While one write waits, the loop answers another: it could not if handlers ran on the loop."""
    begun, go = threading.Event(), threading.Event()

    def slow(_asked):
        begun.set()
        assert go.wait(10)
        return {}

    account = auth.users.get("editor")
    cookie = f"kubmap_session={auth.begin(account)}".encode()

    async def ask(app):
        sent = []
        headers = [(b"cookie", cookie), (b"x-kubmap", b"1"), (b"host", b"testserver")]
        scope = {"type": "http", "method": "POST", "path": "/x", "headers": headers, "query_string": b""}

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)
        return sent[0]["status"]

    async def both():
        slow_one = asyncio.create_task(ask(Write(Role.EDITOR, slow, who=auth.user_of, used=auth.used)))
        assert await asyncio.to_thread(begun.wait, 10)
        quick = await ask(Write(Role.EDITOR, lambda _: {}, who=auth.user_of, used=auth.used))
        assert not slow_one.done()
        go.set()
        return quick, await slow_one

    begun_at = time.monotonic()
    with ThreadPoolExecutor(1) as pool:  # a browser test of the same process may hold a loop in this thread
        assert pool.submit(asyncio.run, both()).result() == (200, 200)
    assert time.monotonic() - begun_at < 10
