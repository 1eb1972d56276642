"""Our own OpenAPI description against the routes: schemathesis asks what it allows, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from starlette.applications import Starlette

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.errors import DataError
from kubmap.read.snapshot import build
from kubmap.store.store import Published
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from tests.web_items import ITEMS

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance  # noqa: E402

try:
    FOLDER = data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

EXAMPLES = 25
"""Requests of each kind a route; the same ones each time (derandomize)."""


class Fixed:
    """One snapshot for ever."""

    def __init__(self):
        self.snapshot = build(Published(7, 1, True, ITEMS), load_atlas())

    def current(self):
        return self.snapshot

    peek = current


SOURCE = Source(load_atlas(), FOLDER, Fixed())
APP = Starlette(routes=PublicRoutes(lambda: SOURCE).routes())
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", APP)


def fits_together(query):
    """What no schema can say: the order of two days, order and range of a frame's sides; 30.0 is no page size."""
    if any(isinstance(value, float) for value in query.values()):
        return False
    days = [query.get(name) for name in ("from", "to")]
    if all(isinstance(day, str) and day for day in days) and days[0] > days[1]:
        return False
    frame = query.get("bbox")
    if not isinstance(frame, str) or not frame:
        return True
    west, south, east, north = (float(side) for side in frame.split(","))
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_routes_keep_what_the_description_says(case):
    query = case.query or {}
    apart = []
    if case.meta is None or case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE:
        if not fits_together(query):
            apart = [positive_data_acceptance]
    elif "" in query.values():  # allowEmptyValue: an empty one is as good as none
        apart = [negative_data_rejection]
    case.call_and_validate(excluded_checks=apart)
