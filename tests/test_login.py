"""The login over HTTP: forms, cookies, where it goes on to, what it does not tell."""

from __future__ import annotations

import logging
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from kubmap.domain import Role
from kubmap.errors import DataError, InputError
from kubmap.settings import Settings
from kubmap.web import loginpage
from kubmap.web.localpath import local
from kubmap.web.secret import secret_of
from tests.accounts import PASSWORD, SITE, accounts, log_in, site, token


@pytest.fixture
def auth(tmp_path):
    return accounts(tmp_path)


@pytest.fixture
def client(auth):
    return site(auth)


def post(client, path, **fields):
    """The form of /login (or of the account) sent to `path`."""
    data = {"token": token(client.get("/login").text), **fields}
    return client.post(path, data=data, headers={"Origin": SITE})


def session(client):
    return {"kubmap_session": client.cookies.get("kubmap_session")}


def test_a_login_begins_a_session_and_goes_on(client, auth):
    sent = log_in(client, "editor", next="/desk?queue=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "./desk?queue=1")
    found = auth.user_of(client.cookies)
    assert (found.name, found.role) == ("editor", Role.EDITOR)
    assert auth.users.get("editor").last_login_at


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client):
    sent = log_in(client, "editor")
    cookies = {each.partition("=")[0]: each for each in sent.headers.get_list("set-cookie")}
    for name in ("kubmap_session", "kubmap_device"):
        attributes = {part.strip().lower() for part in cookies[name].split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert "secure" not in attributes
    assert "Max-Age=604800" in cookies["kubmap_session"]
    assert "Domain" not in cookies["kubmap_session"]


@pytest.mark.parametrize(("secure", "base"), [(True, SITE), (False, "https://testserver")])
def test_the_cookie_is_secure_on_https(tmp_path, secure, base):
    client = site(accounts(tmp_path, secure=secure), base=base)
    page = client.get("/login")
    assert "Secure" in page.headers["set-cookie"]
    data = {"login": "editor", "password": PASSWORD, "token": token(page.text)}
    cookie = re.search(r"kubmap_form=[^;]+", page.headers["set-cookie"])[0]
    sent = client.post("/login", data=data, headers={"Origin": base, "Cookie": cookie})
    assert sent.status_code == 303
    assert all("Secure" in each for each in sent.headers.get_list("set-cookie"))


@pytest.mark.parametrize("path", ["/login", "/login/password", "/logout"])
def test_the_pages_are_guarded_and_not_kept(client, path):
    log_in(client, "editor")
    page = client.get(path)
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|style=| on\w+=", page.text)


@pytest.mark.parametrize("login", ["editor", "nobody", "no login at all"])
def test_what_is_refused_does_not_tell_whether_the_login_exists(tmp_path, login):
    client = site(accounts(tmp_path))
    sent = log_in(client, login, "не тот пароль")
    assert sent.status_code == 403
    assert "Логин или пароль не подходит." in sent.text
    assert f'value="{login}"' in sent.text  # what was typed stays
    assert "не тот пароль" not in sent.text
    assert "kubmap_session" not in client.cookies


def test_too_many_attempts_are_told_how_long_to_wait(client):
    for _ in range(4):
        assert log_in(client, "editor", "не тот").status_code == 403
    sent = log_in(client, "editor")
    assert sent.status_code == 429
    assert int(sent.headers["retry-after"]) > 0
    assert re.search(r"Слишком много попыток. Повторите через \d+ секунд", sent.text)


def test_a_browser_that_was_logged_in_is_not_locked_out_by_others(auth):
    mine = site(auth)
    log_in(mine, "editor")
    post(mine, "/logout")
    stranger = site(auth)
    for _ in range(8):
        log_in(stranger, "editor", "не тот")
    assert log_in(stranger, "editor").status_code == 429
    assert log_in(mine, "editor").status_code == 303
    assert log_in(mine, "chief", "не тот").status_code == 403  # the device of another account is no help


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 секунду"), (2, "2 секунды"), (5, "5 секунд"), (59, "59 секунд"), (60, "1 минуту"), (61, "2 минуты"),
     (900, "15 минут"), (1300, "22 минуты")],
)  # fmt: skip
def test_the_wait_in_words(seconds, words):
    assert loginpage.wait_words(seconds) == words


@pytest.mark.parametrize("path", ["/login", "/logout", "/logout/everywhere", "/login/password"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_form_of_another_site_is_refused(client, auth, path, origin):
    log_in(client, "editor")
    data = {"token": token(client.get("/login").text), "login": "editor", "password": PASSWORD}
    assert client.post(path, data=data, headers={"Origin": origin}).status_code == 403
    assert client.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert auth.user_of(client.cookies)


def test_a_form_without_its_token_or_with_that_of_another_browser_is_refused(client, auth):
    other = token(site(auth).get("/login").text)
    client.get("/login")
    for bad in ("", "x", other):
        data = {"login": "editor", "password": PASSWORD, "token": bad}
        sent = client.post("/login", data=data, headers={"Origin": SITE})
        assert sent.status_code == 403
        assert "устарела" in sent.text
    log_in(client, "editor")
    for path in ("/logout", "/logout/everywhere"):
        sent = client.post(path, data={"token": other}, headers={"Origin": SITE})
        assert sent.status_code == 200  # asks instead
    assert auth.user_of(client.cookies)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % number for number in range(50)), "application/x-www-form-urlencoded", 400),
        (b"login=%ff%fe&password=x", "application/x-www-form-urlencoded", 400),
    ],
)
def test_bodies_that_are_no_form_of_ours(client, body, kind, status):
    sent = client.post("/login", content=body, headers={"Origin": SITE, "Content-Type": kind})
    assert sent.status_code == status
    assert sent.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405(client, method):
    sent = client.request(method, "/login")
    assert (sent.status_code, sent.headers["allow"]) == (405, "GET, HEAD, POST")


EVIL = [
    "//evil.example",
    "///evil.example",
    r"/\evil.example",
    r"\\evil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%252fevil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/a//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https://evil.example",
    "https:evil.example",
    "evil.example",
    "@evil.example",
    "/login",
    "/login?next=/login",
    "/logout",
    "/auth/logout",
    "/" + "x" * 600,
    "",
]


@pytest.mark.parametrize("wanted", EVIL)
def test_it_goes_on_to_nowhere_else(client, wanted):
    assert local(wanted) == "/desk"
    sent = log_in(client, "editor", next=wanted)
    assert sent.headers["location"] == "./desk"
    again = client.get("/login", params={"next": wanted})
    assert again.headers.get("location", "./desk") == "./desk"


@pytest.mark.parametrize("wanted", ["/", "/desk", "/desk?id=1&x=%D1%8E", "/users#top", "/map?q=//", "/login/password"])
def test_it_goes_on_to_paths_of_this_site(wanted):
    assert local(wanted) == wanted


def test_logging_in_takes_another_session_and_ends_the_one_before(client, auth):
    log_in(client, "editor")
    first = session(client)
    log_in(client, "editor")
    assert session(client) != first
    assert auth.user_of(first) is None
    assert auth.user_of(session(client))


def test_a_session_that_somebody_planted_is_not_taken_over(client, auth):
    planted = auth.signer("kubmap_session").sign("planted").decode()
    client.cookies.set("kubmap_session", planted, domain="testserver.local", path="/")
    log_in(client, "editor")
    assert auth.user_of({"kubmap_session": planted}) is None


def test_logging_out_ends_this_session_for_whoever_has_its_cookie(client, auth):
    other = site(auth)
    log_in(other, "editor")
    log_in(client, "editor")
    stolen = session(client)
    sent = post(client, "/logout")
    assert (sent.status_code, sent.headers["location"]) == (303, "./login?out=1")
    assert "Вы вышли" in client.get("/login?out=1").text
    assert auth.user_of(stolen) is None
    assert auth.user_of(other.cookies)


def test_logging_out_everywhere_ends_all_sessions_of_the_account_at_once(client, auth):
    others = [site(auth) for _ in range(2)]
    for each in others:
        log_in(each, "editor")
    chief = site(auth)
    log_in(chief, "chief")
    log_in(client, "editor")
    stolen = [session(each) for each in (*others, client)]
    assert post(client, "/logout/everywhere").status_code == 303
    assert [auth.user_of(each) for each in stolen] == [None] * 3
    assert auth.user_of(chief.cookies)
    assert auth.users.events()[0].action == "logout"


def test_a_link_to_logout_asks_first(client, auth):
    log_in(client, "editor")
    page = client.get("/logout")
    assert 'action="./logout/everywhere"' in page.text
    assert auth.user_of(client.cookies)
    post(client, "/logout")
    assert client.get("/logout").headers["location"] == "./login"


def test_who_is_logged_in_sees_the_account_or_goes_on(client):
    log_in(client, "chief")
    page = client.get("/login").text
    assert "chief" in page
    assert "главный редактор" in page
    assert client.get("/login?next=/users").headers["location"] == "./users"


def change(client, old=PASSWORD, new="другой пароль", again=None):
    data = {"old": old, "new": new, "again": again or new, "token": token(client.get("/login/password").text)}
    return client.post("/login/password", data=data, headers={"Origin": SITE})


def test_another_password_is_good_here_and_ends_the_other_sessions(client, auth):
    other = site(auth)
    log_in(other, "editor")
    log_in(client, "editor")
    assert change(client).status_code == 303
    assert auth.user_of(client.cookies)
    assert auth.user_of(other.cookies) is None
    assert log_in(site(auth), "editor").status_code == 403
    assert log_in(site(auth), "editor", "другой пароль").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "status", "words"),
    [
        ("не тот", "другой пароль", None, 403, "Нынешний пароль не подходит"),
        (PASSWORD, "короткий", None, 422, "короткий"),
        (PASSWORD, "другой пароль", "другой парол", 422, "не совпадают"),
    ],
)
def test_another_password_that_is_refused_changes_nothing(client, auth, old, new, again, status, words):
    log_in(client, "editor")
    sent = change(client, old, new, again)
    assert sent.status_code == status
    assert words in sent.text
    assert log_in(site(auth), "editor").status_code == 303


def test_nobody_changes_a_password(client):
    assert client.get("/login/password").headers["location"] == "../login?next=/login/password"
    data = {"old": PASSWORD, "new": "другой пароль", "again": "другой пароль"}
    assert client.post("/login/password", data=data, headers={"Origin": SITE}).headers["location"] == "../login"


def test_another_role_and_a_disabled_account_count_from_the_next_request(client, auth):
    log_in(client, "editor")
    auth.users.set_role("editor", Role.READER, by="chief")
    auth.forget()
    assert auth.user_of(client.cookies).role is Role.READER
    auth.users.set_disabled("editor", disabled=True, by="chief")
    auth.forget()
    assert auth.user_of(client.cookies) is None


def test_what_another_process_changed_counts_within_a_second(client, auth, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("kubmap.web.auth.time.monotonic", lambda: clock[0])
    log_in(client, "editor")
    assert auth.user_of(client.cookies)
    auth.users.logout_everywhere("editor", by="cli")
    clock[0] += 1.01
    assert auth.user_of(client.cookies) is None


def test_hostile_names_are_text(client):
    name = '"><script>alert(1)</script>${x}\u202e'
    page = log_in(client, name, "x").text
    assert "<script" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_the_log_has_neither_passwords_nor_cookies(client, caplog):
    with caplog.at_level(logging.DEBUG):
        log_in(client, "editor", "секретный не тот пароль")
        log_in(client, "editor")
        change(client, new="секретный новый пароль")
        cookies = dict(client.cookies)
        post(client, "/logout")
    assert "editor" in caplog.text
    for secret in ("секретный", PASSWORD, *cookies.values()):
        assert secret not in caplog.text


def test_a_password_typed_as_a_login_is_not_logged(client, caplog):
    with caplog.at_level(logging.DEBUG):
        log_in(client, PASSWORD, "x")
        log_in(client, "editor", "не тот")
    assert PASSWORD not in caplog.text
    assert "login refused: 'editor'" in caplog.text
    assert "login refused: no such login" in caplog.text


def test_a_name_in_the_log_is_one_line(client, caplog):
    with caplog.at_level(logging.INFO):
        log_in(client, "x\n2026-05-01 login: chief", "x")
    assert "\n2026" not in caplog.text


def test_the_public_process_does_not_even_load_the_login():
    program = (
        "import sys, kubmap.web.public as p;"
        "loaded = [n for n in sys.modules if n.startswith(('kubmap.web.login', 'kubmap.web.auth', 'kubmap.web.write',"
        " 'kubmap.desk', 'argon2'))];"
        "print(loaded)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_secret_is_made_once_for_its_owner_only(tmp_path):
    chosen = Settings(home=tmp_path / "new", secret=None)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secret_of(chosen), range(16)))
    assert len(found) == 1
    path = tmp_path / "new" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_a_secret_that_is_too_short_is_refused(tmp_path):
    with pytest.raises(InputError, match="KUBMAP_SECRET"):
        secret_of(Settings(home=tmp_path, secret=SecretStr("short")))
    (tmp_path / "secret").write_text("", "ascii")
    with pytest.raises(DataError, match="delete it"):
        secret_of(Settings(home=tmp_path, secret=None))
    assert secret_of(Settings(home=tmp_path, secret=SecretStr("x" * 32))) == "x" * 32


def test_another_secret_logs_everybody_out(client, auth):
    log_in(client, "editor")
    other = type(auth)(auth.users, auth.sessions, "another secret of the tests, long enough")
    assert other.user_of(client.cookies) is None
