"""The guarded fetch: what may be connected to, what is let in, and when it stops."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from kubmap.errors import FetchError
from kubmap.store.address import Guard, is_public
from kubmap.store.fetch import Fetcher, checked

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>"
Answer = Callable[[BaseHTTPRequestHandler], None]


class _Site:
    """A server of this machine whose answers a test gives by path."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.seen.append({name.lower(): value for name, value in self.headers.items()})
                site.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str, host: str = "news.example") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[_Site]:
    found = _Site()
    yield found
    found.server.shutdown()


def fetcher(site: _Site, *, total_s: float = 5.0, max_bytes: int = 100_000) -> Fetcher:
    guard = Guard.of("127.0.0.1/32", str(site.port))
    return Fetcher(Guard(guard.allowed, guard.ports, lambda _host, _port: ["127.0.0.1"]), total_s, max_bytes)


def send(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def test_a_feed_comes_with_what_asks_for_it_again(site: _Site) -> None:
    site.answers["/feed"] = send(
        FEED, ETag='"1"', Last_Modified="Mon, 22 Nov 2021 10:00:00 GMT", Content_Type="text/xml"
    )
    got = fetcher(site).get(site.url("/feed"))
    assert (got.status, got.content, got.etag) == (200, FEED, '"1"')
    site.answers["/feed"] = send(b"", status=304)
    again = fetcher(site).get(site.url("/feed"), etag=got.etag, last_modified=got.last_modified)
    assert (again.status, again.content) == (304, b"")
    assert site.seen[-1]["if-none-match"] == '"1"'
    assert site.seen[-1]["host"] == f"news.example:{site.port}"
    assert "cookie" not in site.seen[-1]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2a00:1450:4010:c0f::8a", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    guard = Guard(resolve=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(FetchError, match="не из открытого интернета"):
        guard.pinned("news.example", 80)


def test_the_checked_address_is_the_one_connected_to(site: _Site) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    site.answers["/feed"] = send(FEED)
    guard = Guard.of("127.0.0.1/32", str(site.port))
    got = Fetcher(Guard(guard.allowed, guard.ports, rebinding)).get(site.url("/feed"))
    assert got.content == FEED
    assert asked == ["news.example"], "a name is resolved once, and not again when it is connected to"


def test_every_hop_is_checked(site: _Site) -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.1"] if host == "news.example" else ["10.0.0.1"]

    site.answers["/feed"] = send(b"", status=302, Location=site.url("/inner", host="intranet.example"))
    guard = Guard.of("127.0.0.1/32", str(site.port))
    with pytest.raises(FetchError, match="не из открытого интернета"):
        Fetcher(Guard(guard.allowed, guard.ports, resolve)).get(site.url("/feed"))
    assert len(site.seen) == 1


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://news.example/1", "javascript:alert(1)", "ftp://a/b"]
)
def test_a_redirect_out_of_the_web_is_refused(site: _Site, target: str) -> None:
    site.answers["/feed"] = send(b"", status=301, Location=target)
    with pytest.raises(FetchError, match="http"):
        fetcher(site).get(site.url("/feed"))


def test_redirects_end(site: _Site) -> None:
    site.answers["/a"] = send(b"", status=301, Location="/a")
    with pytest.raises(FetchError, match="перенаправлений"):
        fetcher(site).get(site.url("/a"))
    site.answers["/b"] = send(b"", status=301, Location="/c")
    site.answers["/c"] = send(FEED)
    got = fetcher(site).get(site.url("/b"))
    assert (got.url, got.moved, got.content) == (site.url("/c"), True, FEED)
    site.answers["/b"] = send(b"", status=302, Location="/c")
    assert not fetcher(site).get(site.url("/b")).moved


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://news.example/x", "//news.example/x", "news.example", "http://",
        "http://a:b@news.example/",
        "http://news.example:99999/", "http://news.example/\r\nHost: x", "http://news.example/ x",
        "http://" + "a" * 3000,
        "http://[::1", "http://..a.example/" + "\0",
    ],
)  # fmt: skip
def test_addresses_that_are_not_asked_for(url: str) -> None:
    with pytest.raises(FetchError):
        checked(url)


def test_a_port_of_another_service_is_refused() -> None:
    with pytest.raises(FetchError, match="порт 25"):
        Fetcher(Guard(resolve=lambda _host, _port: ["93.184.216.34"])).get("http://news.example:25/")


def test_russian_names_and_paths_are_asked_for_in_ascii() -> None:
    parts = checked("http://новости.рф/лента?о=вода")
    assert parts.geturl().isascii()
    assert parts.netloc.startswith("xn--")


def test_too_large_an_answer_is_dropped(site: _Site) -> None:
    site.answers["/big"] = send(b"x" * 200_000)
    with pytest.raises(FetchError, match="больше"):
        fetcher(site).get(site.url("/big"))


def test_a_bomb_is_dropped_before_it_unfolds(site: _Site) -> None:
    site.answers["/bomb"] = send(gzip.compress(b"\0" * 200_000_000, 9), Content_Encoding="gzip")
    with pytest.raises(FetchError, match="больше"):
        fetcher(site).get(site.url("/bomb"))
    site.answers["/zip"] = send(gzip.compress(FEED), Content_Encoding="gzip")
    assert fetcher(site).get(site.url("/zip")).content == FEED
    site.answers["/torn"] = send(b"\x1f\x8b\x08\x00garbage", Content_Encoding="gzip")
    with pytest.raises(FetchError, match="повреждён"):
        fetcher(site).get(site.url("/torn"))
    site.answers["/odd"] = send(FEED, Content_Encoding="br")
    with pytest.raises(FetchError, match="сжатие"):
        fetcher(site).get(site.url("/odd"))


def test_a_server_that_drips_is_left(site: _Site) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(200):
            try:
                request.wfile.write(b"<")
                request.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    site.answers["/slow"] = drip
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"долго|вовремя"):
        fetcher(site, total_s=1.0).get(site.url("/slow"))
    assert time.monotonic() - begun < 10, "twenty seconds of dripping were not waited for"


def test_a_huge_header_is_refused(site: _Site) -> None:
    site.answers["/head"] = send(FEED, X_Long="x" * 1_000_000)
    with pytest.raises(FetchError):
        fetcher(site).get(site.url("/head"))


def test_what_is_no_feed_by_its_type_is_refused(site: _Site) -> None:
    site.answers["/photo"] = send(b"\x89PNG", Content_Type="image/png")
    with pytest.raises(FetchError, match="не лента"):
        fetcher(site).get(site.url("/photo"))


def test_a_tag_with_a_line_break_is_not_sent_on(site: _Site) -> None:
    site.answers["/feed"] = send(FEED)
    fetcher(site).get(site.url("/feed"), etag='"1"\r\nX-Evil: 1')
    assert "x-evil" not in site.seen[-1]
    assert "if-none-match" not in site.seen[-1]


def test_a_dead_server_is_told_in_words() -> None:
    guard = Guard.of("127.0.0.1/32", "9")
    with pytest.raises(FetchError, match="нет связи"):
        Fetcher(Guard(guard.allowed, guard.ports, lambda _host, _port: ["127.0.0.1"])).get("http://news.example:9/")
