"""Files that browsers load from /assets: Leaflet from its XStatic package and ours, under the print of their content.

A URL holds the content's hash, so it is immutable; a changed file has another URL.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from xstatic.pkg import leaflet

from kubmap.web import palette
from kubmap.web.httpcache import Answer, answer

LEAFLET_FILES = ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png")
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder of files that refer to each other by relative paths; `print` is the hash of all of them."""

    name: str
    print: str
    files: dict[str, bytes]


def _print(contents: dict[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, body in sorted(contents.items()):
        digest.update(name.encode() + b"\0" + body)
    return digest.hexdigest()


def _bundle(name: str, contents: dict[str, bytes]) -> Bundle:
    return Bundle(name, _print(contents), contents)


def _own_files() -> dict[str, bytes]:
    folder = files("kubmap.web").joinpath("static")
    found = {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in TYPES}
    found["palette.css"] = palette.stylesheet().encode()
    return found


def _desk_files() -> dict[str, bytes]:
    """The desk's modules: they import each other, so they are one bundle."""
    folder = files("kubmap.web").joinpath("static", "desk")
    return {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in TYPES}


def _leaflet_files() -> dict[str, bytes]:
    base = Path(leaflet.BASE_DIR)
    return {name: (base / name).read_bytes() for name in LEAFLET_FILES}


@lru_cache(maxsize=1)
def bundles() -> dict[str, Bundle]:
    """What is served, by the first part of the path."""
    return {
        "kubmap": _bundle("kubmap", _own_files()),
        "desk": _bundle("desk", _desk_files()),
        "leaflet": _bundle("leaflet", _leaflet_files()),
    }


def url(bundle: str, name: str) -> str:
    """The immutable URL of a file, root-relative."""
    found = bundles()[bundle]
    if name not in found.files:
        raise KeyError(name)
    return f"/assets/{bundle}/{found.print}/{name}"


def text(bundle: str, name: str) -> str:
    """The file's text, for what is put inside a page."""
    return bundles()[bundle].files[name].decode()


def media_type(name: str) -> str:
    """The media type by the file's ending."""
    return TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@lru_cache(maxsize=256)
def file(bundle: str, content_print: str, name: str) -> Answer | None:
    """The file at that URL; None when there is none, or when the print is of another version."""
    found = bundles().get(bundle)
    if found is None or found.print != content_print or name not in found.files:
        return None
    return answer(found.files[name], media_type(name), {"Access-Control-Allow-Origin": "*"})
