"""Servers of feeds for tests: answers by path, on a port of this machine; and a feed's text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """`answers` by path; `seen` are the heads of the requests that came, with their path."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[dict[str, str]] = []
        self.go_on = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heads = {name.lower(): value for name, value in self.headers.items()}
                site.seen.append({**heads, "path": self.path})
                site.answers.get(self.path, send(b"", status=404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def hang(self, _: BaseHTTPRequestHandler) -> None:
        """An answer that never comes while the test lasts."""
        self.go_on.wait(60)


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.go_on.set()
        site.server.shutdown()
        site.server.server_close()


def send(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def item(text: str, *, title: str = "", guid: str = "", link: str = "", day: str = "22 Nov 2021 10:00:00 +0300") -> str:
    """An item of RSS; an empty field is left out."""
    fields = {"title": title, "description": text, "guid": guid, "link": link, "pubDate": day}
    return f"<item>{''.join(f'<{k}>{escape(v)}</{k}>' for k, v in fields.items() if v)}</item>"


def rss(items: Iterable[str], *, title: str = "Новости района", before: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="utf-8"?>{before}'
    return f'{head}<rss version="2.0"><channel><title>{escape(title)}</title>{"".join(items)}</channel></rss>'.encode()
