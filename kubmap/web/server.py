"""`kubmap serve`: the app on an address, with the configuration that ships."""

from __future__ import annotations

import logging
import os
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from kubmap.desk import poller
from kubmap.settings import settings
from kubmap.web.app import MENU, middleware, routes
from kubmap.web.memory import frugal
from kubmap.web.source import source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE = Path(__file__).resolve().parents[1]
CONFIGS = (PACKAGE / "data" / "streamlit.toml", PACKAGE.parent / ".streamlit" / "config.toml")
"""Where the configuration is: inside an installed wheel, else in the checkout."""


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def config(*, host: str, port: int) -> dict[str, Any]:
    """Streamlit's options by dotted name: those of the file that ships, with this address."""
    path = next((path for path in CONFIGS if path.is_file()), None)
    options = dict(_flat(tomllib.loads(path.read_text(encoding="utf-8")))) if path else {}
    return options | {"server.address": host, "server.port": port, "server.headless": True}


def serve(host: str, port: int, *, trusted: str | None = None) -> None:
    """Serve pages and public routes until interrupted.

    `trusted` are the proxies (addresses or networks, by comma) whose X-Forwarded-* count: failed logins are counted by
    the client's address. uvicorn, which Streamlit starts, would trust any client of this machine unless told.
    """
    os.environ["FORWARDED_ALLOW_IPS"] = trusted or ""
    frugal()
    poller.start(settings())
    threading.Thread(target=_load, name="kubmap-load", daemon=True).start()
    app = st.App(MENU, routes=routes(), middleware=middleware())
    app.run(config=config(host=host, port=port))


def _load() -> None:
    """Read the archive while the server starts, so that the first reader does not wait for it."""
    try:
        source().now()
    except SQLAlchemyError:
        logging.getLogger(__name__).exception("the store does not answer; the first request asks it again")
