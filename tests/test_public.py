"""`kubmap serve --public`: processes of their own, what they refuse, how fast a publish is seen, how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from kubmap.atlas.atlas import data_folder
from kubmap.errors import DataError
from kubmap.read.cache import POLL_S
from kubmap.store.store import Store
from kubmap.web import httpcache
from kubmap.web.protocol import HEAD_BYTES
from tests.web_items import ITEMS, incident

try:
    data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

ROOT = Path(__file__).parents[1]
START_S, SEEN_S, END_S = 90, 15, 30
"""Deadlines, not expectations: a busy machine may be slow, but not for ever. Two seconds are measured in bench."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def public(home, *options, workers=2):
    port = free_port()
    command = [sys.executable, "-m", "kubmap", "serve", "--public", "--workers", str(workers), "--port", str(port)]
    env = {**os.environ, "KUBMAP_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen([*command, *options], env=env, cwd=home, stdout=log, stderr=log)
        try:
            until(lambda: get(port, "/healthz").status == 200, START_S)
            yield port, process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=END_S)


def until(done, seconds):
    """Seconds until `done` gives something true."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            if done():
                return time.monotonic() - start
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def get(port, path, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    return urllib.request.urlopen(request, timeout=10)


def raw(port, data, *, wait=10.0):
    """All that comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(data)
        found = b""
        while part := connection.recv(65536):
            found += part
        return found


def fill(home, items=ITEMS):
    store = Store(f"sqlite:///{home / 'kubmap.sqlite'}")
    store.migrate()
    for item in items:
        with patch("kubmap.store.incidents.uuid7", return_value=item.id):
            store.add(item, actor="test")
    return store


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("public")
    fill(home).close()
    with public(home) as (port, process):
        yield port, process, home


@pytest.fixture
def port(server):
    return server[0]


def children(process):
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def is_worker(pid):
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_the_map_page_and_all_that_it_refers_to_are_served(port):
    with get(port, "/map") as answer:
        page = answer.read().decode()
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href|data-[a-z]+)="((?:assets|api)/[^"]+)"', page):
        with get(port, f"/{address}") as answer:
            assert "immutable" in answer.headers["cache-control"], address
    with get(port, "/api/v1/view") as answer:
        assert json.load(answer)["total"] == len(ITEMS)


def test_the_root_leads_to_the_map_and_streamlit_is_not_there(port):
    with get(port, "/") as answer:
        assert answer.url.endswith("/map")
    with pytest.raises(urllib.error.HTTPError) as error:
        get(port, "/_stcore/health")
    assert error.value.code == 404
    assert error.value.headers["content-type"] == "application/problem+json"


def test_answers_may_be_kept_by_a_cdn_and_are_asked_for_by_browsers(port):
    with get(port, "/api/v1/view") as answer:
        told = answer.headers["cache-control"]
        tag = answer.headers["etag"]
        assert "server" not in answer.headers
    assert "max-age=0" in told
    assert "s-maxage=1" in told
    assert "stale-while-revalidate" in told
    with pytest.raises(urllib.error.HTTPError) as error:
        get(port, "/api/v1/view", **{"If-None-Match": tag})
    assert error.value.code == 304
    assert error.value.headers["etag"] == tag


def test_both_workers_give_the_same_bytes_and_tags(port):
    found = set()
    for _ in range(12):  # each a connection of its own: the kernel spreads them
        with get(port, "/api/v1/view?zoom=8") as answer:
            found.add((answer.headers["etag"], answer.read()))
    assert len(found) == 1


def test_head_options_and_other_methods(port):
    head = raw(port, b"HEAD /api/v1/view HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")
    assert int(re.search(rb"content-length: (\d+)", head)[1]) > 100
    asked = raw(port, b"OPTIONS /api/v1/view HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert asked.startswith(b"HTTP/1.1 204")
    assert b"access-control-allow-headers: If-None-Match" in asked
    refused = raw(port, b"DELETE /api/v1/view HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert refused.startswith(b"HTTP/1.1 405")
    assert b"allow: GET, HEAD" in refused


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /map HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 413),
        (b"POST /map HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
        (b"GET /map HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * HEAD_BYTES + b"\r\n\r\n", 431),
        (b"GET /map?" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET /api/v1/view?q=" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 414),
        (b"NONSENSE\r\n\r\n", 400),
    ],
)
def test_what_no_reader_sends_is_refused(port, request_head, status):
    answer = raw(port, request_head)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"connection: close" in answer
    assert get(port, "/healthz").status == 200


@pytest.mark.slow
def test_a_head_that_never_ends_is_cut_off(port):
    start = time.monotonic()
    with suppress(ConnectionResetError):
        assert raw(port, b"GET /map HTTP/1.1\r\nHost: x\r\n", wait=END_S) == b""
    assert time.monotonic() - start < END_S


def test_addresses_of_a_proxy_count_only_when_asked(tmp_path):
    from kubmap.web import public as process

    assert not process.config(host="127.0.0.1", port=1, workers=1).proxy_headers
    trusting = process.config(host="127.0.0.1", port=1, workers=1, trusted="10.0.0.0/8")
    assert trusting.proxy_headers
    assert trusting.forwarded_allow_ips == "10.0.0.0/8"


def test_workers_without_public_are_refused():
    done = subprocess.run(
        [sys.executable, "-m", "kubmap", "serve", "--workers", "2"], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert b"--public" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc here")
def test_a_publish_is_seen_by_every_worker_a_reload_loses_nothing_and_term_ends_all(tmp_path):
    store = fill(tmp_path)
    with public(tmp_path) as (port, process):

        def revisions():
            found = set()
            for _ in range(12):
                with get(port, "/api/v1/revision") as answer:
                    found.add(json.load(answer)["revision"])
            return found

        before = revisions()
        assert len(before) == 1
        store.add(incident(900), actor="test")
        until(lambda: revisions() == {max(before) + 1}, SEEN_S)
        with get(port, "/api/v1/view") as answer:
            assert json.load(answer)["total"] == len(ITEMS) + 1

        old = {pid for pid in children(process) if is_worker(pid)}
        assert len(old) == 2
        process.send_signal(signal.SIGHUP)
        until(lambda: get(port, "/healthz").status == 200 and not old & children(process), START_S)
        assert len({pid for pid in children(process) if is_worker(pid)}) == 2
        assert get(port, "/map").status == 200

        workers = children(process)
        process.terminate()
        assert process.wait(timeout=END_S) == 0
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), END_S)
    store.close()


def test_what_waits_for_a_publish_is_shorter_than_two_seconds():
    """The server's look at the store and the page's at the server, one after the other."""
    page = (Path(httpcache.__file__).parent / "static" / "source.js").read_text("utf-8")
    (poll_ms,) = re.findall(r"this\.poll = (\d+);", page)
    assert POLL_S + int(poll_ms) / 1000 < 1.5


def test_each_publish_of_this_process_is_shown_over_http_by_another(tmp_path):
    store = fill(tmp_path)
    with public(tmp_path) as (port, _):
        for number in range(5):
            store.add(incident(900 + number), actor="test")
            wanted = len(ITEMS) + 1 + number
            until(lambda total=wanted: _total(port) == total, SEEN_S)
    store.close()


def _total(port):
    with get(port, "/api/v1/view") as answer:
        return json.load(answer)["total"]


def test_gzip_is_read_from_the_request_as_the_standard_says():
    wants = httpcache._wants_gzip
    assert wants(b"gzip, deflate, br")
    assert wants(b"*")
    assert wants(b"br;q=1, gzip;q=0.5")
    for nothing in (b"", b"br", b"gzip;q=0", b"gzip;q=0.000", b"*;q=0", b"gzip;q=0, *"):
        assert not wants(nothing)
