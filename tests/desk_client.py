"""A desk behind a real server of its own that can be killed, and editors who log in and write over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubmap.domain import Role
from kubmap.store.passwords import Passwords
from kubmap.store.store import Store
from kubmap.store.users import Users
from tests.accounts import CHEAP, PASSWORD, token

START_S = 120
ROOT = Path(__file__).parents[1]


class RefusedError(Exception):
    """An answer of another status than 200."""

    def __init__(self, status: int, data: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {str(data)[:300]}")
        self.status, self.data = status, data


class Newsroom:
    """`kubmap serve` as a process over a home of its own, which can be killed and started again."""

    def __init__(self, home: Path, *, editors: int) -> None:
        self.home = home
        self.logins = [f"editor{number}" for number in range(editors)]
        store = self.store()
        store.migrate()
        users = Users(store.engine, passwords=Passwords(CHEAP))
        for login in self.logins:
            users.add(login, Role.EDITOR, password=PASSWORD, by="test")
        store.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    def store(self) -> Store:
        return Store(f"sqlite:///{self.home / 'kubmap.sqlite'}")

    def start(self) -> None:
        env = {**os.environ, "KUBMAP_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        env.pop("KUBMAP_DATABASE_URL", None)
        command = [sys.executable, "-m", "kubmap", "serve", "--port", str(self.port)]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=env, cwd=self.home, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, (self.home / "server.log").read_text("utf-8")[-2000:]
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                pass
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_S)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """What a power cut does to a process."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.runs:
            self.process.kill()
            self.process.wait()


class Editor:
    """One browser of one editor; a connection that is kept, opened again when it broke."""

    def __init__(self, room: Newsroom, login: str) -> None:
        self.room, self.login = room, login
        self.cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def log_in(self) -> None:
        page = self._send("GET", "/login")[1].decode()
        form = {"login": self.login, "password": PASSWORD, "token": token(page)}
        heads = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.room.port}"}
        status, _ = self._send("POST", "/login", urlencode(form).encode(), heads)
        assert status == 303, status
        assert "kubmap_session" in self.cookies

    def post(self, path: str, **data: Any) -> dict[str, Any]:
        """The answer; raises RefusedError, and OSError or HTTPException when there is none."""
        heads = {"Content-Type": "application/json", "X-Kubmap": "1"}
        return self._json("POST", path, json.dumps(data, ensure_ascii=False).encode(), heads)

    def get(self, path: str) -> dict[str, Any]:
        return self._json("GET", path)

    def _json(
        self, method: str, path: str, body: bytes = b"", heads: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        status, content = self._send(method, f"/api/v1/desk{path}", body, heads)
        data: dict[str, Any] = json.loads(content)
        if status != 200:
            raise RefusedError(status, data)
        return data

    def _send(
        self, method: str, path: str, body: bytes = b"", heads: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        if self._connection and time.monotonic() - self._used > 2:  # the server closes what is idle
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.room.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self._connection.request(method, path, body or None, {"Cookie": cookie, **(heads or {})})
            reply = self._connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        self._used = time.monotonic()
        for value in reply.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return reply.status, content
