"""The public routes over HTTP: bytes, tags, limits, problems, headers."""

from __future__ import annotations

import csv
import gzip
import io
import re
from functools import lru_cache

import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.errors import DataError
from kubmap.read.snapshot import build
from kubmap.store.store import Published
from kubmap.web import assets, geolayers
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from tests.web_items import CITY, DISTRICT, HOSTILE, HOSTILE_ITEM, ITEMS, KRAI, ROAD, ROAD_KM, UNPLACED, WATER

try:
    FOLDER = data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

ALL = {item.id for item in ITEMS}


class Fixed:
    """Snapshots that a test sets."""

    def __init__(self, *, revision=1, demo=True, items=ITEMS):
        self.snapshot = build(Published(7, revision, demo, items))

    def current(self):
        return self.snapshot

    peek = current


def make(snapshots=None, **options):
    source = Source(load_atlas(), FOLDER, snapshots or Fixed(), **options)
    return TestClient(Starlette(routes=PublicRoutes(lambda: source).routes()))


@lru_cache(maxsize=1)
def shared():
    return make()


@pytest.fixture
def client():
    return shared()


def ids(features):
    return {each["id"] for each in features}


def test_view_tells_places_krai_and_unplaced_apart(client):
    found = client.get("/api/v1/view").json()
    assert ids(found["features"]) == ALL - {KRAI.id, UNPLACED.id}
    assert ids(found["krai"]) == {KRAI.id}
    assert ids(found["unplaced"]) == {UNPLACED.id}
    assert found["total"] == len(ITEMS)
    assert found["demo"] is True
    assert found["shown"] + found["krai_count"] + found["unplaced_count"] == found["total"]


def test_view_in_a_frame_counts_what_lies_elsewhere(client):
    found = client.get("/api/v1/view", params={"bbox": "38.5,44.9,39.04,45.2"}).json()
    assert ids(found["features"]) == {CITY.id}
    assert (found["shown"], found["total"], found["elsewhere"]) == (1, len(ITEMS), None)
    assert ids(found["krai"]) == {KRAI.id}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"category": "road_accident"}, {ROAD.id, ROAD_KM.id}),
        ({"category": "fire,crime"}, {HOSTILE_ITEM.id, CITY.id}),
        ({"zone": "black-sea"}, {ROAD_KM.id, DISTRICT.id}),
        ({"zone": "Черноморская экономическая зона"}, {ROAD_KM.id, DISTRICT.id}),
        ({"municipality": "Крымский район"}, {DISTRICT.id}),
        ({"municipality": "krymsky"}, {DISTRICT.id}),
        ({"from": "2021-11-27"}, {WATER.id}),
        ({"from": "2021-11-23", "to": "2021-11-23"}, {HOSTILE_ITEM.id}),
        ({"q": "водопровод"}, {WATER.id}),
        ({"q": ""}, ALL - {KRAI.id, UNPLACED.id}),
    ],
)
def test_filters(client, query, expected):
    assert ids(client.get("/api/v1/view", params=query).json()["features"]) == expected


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "40,44,38,46"}, "bbox"),
        ({"bbox": "nan,1,2,3"}, "bbox"),
        ({"bbox": "0,0,400,1"}, "bbox"),
        ({"zoom": "-1"}, "zoom"),
        ({"zoom": "19"}, "zoom"),
        ({"zoom": "²"}, "zoom"),
        ({"from": "22.11.2021"}, "from"),
        ({"from": "2021-W47-1"}, "from"),
        ({"to": "2021-02-30"}, "to"),
        ({"from": "2021-11-02", "to": "2021-11-01"}, "to"),
        ({"category": "none"}, "category"),
        ({"category": "war"}, "category"),
        ({"zone": "западная"}, "zone"),
        ({"municipality": "Майкоп"}, "municipality"),
        ({"q": "x" * 101}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"nonsense": "1"}, "nonsense"),
    ],
)
def test_problems_name_the_parameter(client, query, name):
    answer = client.get("/api/v1/view", params=query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert [each["name"] for each in problem["invalid_params"]] == [name]
    assert problem["status"] == 400


def test_a_parameter_given_twice_is_a_problem(client):
    assert client.get("/api/v1/view?zoom=7&zoom=8").status_code == 400


def test_all_faults_are_told_at_once(client):
    problem = client.get("/api/v1/view", params={"zoom": "99", "bbox": "x"}).json()
    assert {each["name"] for each in problem["invalid_params"]} == {"zoom", "bbox"}


def test_incident_and_its_absence(client):
    found = client.get(f"/api/v1/incidents/{HOSTILE_ITEM.id}").json()
    assert found["properties"]["title"] == HOSTILE.strip()
    assert found["properties"]["source_url"] is None
    missing = client.get("/api/v1/incidents/nothing")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


def test_tags_are_strong_and_answer_304(client):
    first = client.get("/api/v1/view")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    again = client.get("/api/v1/view", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert client.get("/api/v1/view", headers={"If-None-Match": f'W/{tag}, "x"'}).status_code == 304
    assert client.get("/api/v1/view", headers={"If-None-Match": '"x"'}).status_code == 200


def test_packed_and_plain_have_tags_of_their_own(client):
    plain = client.get("/api/v1/view", headers={"Accept-Encoding": "identity"})
    packed = client.get("/api/v1/view", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content  # the client unpacks
    assert plain.headers["etag"] != packed.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in client.get("/api/v1/view", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_head_has_the_headers_without_the_bytes(client):
    get, head = client.get("/api/v1/view"), client.head("/api/v1/view")
    assert head.content == b""
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == get.headers[name]


def test_bytes_are_a_function_of_revision_and_query():
    first, second = make(), make()
    for path in ("/api/v1/view?zoom=8", "/map", "/export/incidents.csv", "/api/v1/geo/zones.geojson"):
        assert first.get(path).content == second.get(path).content


def test_a_new_revision_is_shown_at_once():
    snapshots = Fixed()
    client = make(snapshots)
    before = client.get("/api/v1/view")
    snapshots.snapshot = Fixed(revision=2, items=ITEMS[:3]).snapshot
    after = client.get("/api/v1/view")
    assert before.headers["etag"] != after.headers["etag"]
    assert after.json()["total"] == 3


def test_csv_is_guarded(client):
    answer = client.get("/export/incidents.csv", params={"category": "fire"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1
    assert rows[0]["text"].startswith("'=")


@pytest.mark.parametrize("name", geolayers.NAMES)
def test_base_layers(client, name):
    answer = client.get(f"/api/v1/geo/{name}.geojson")
    assert answer.status_code == 200
    assert answer.json()["features"]
    assert "immutable" not in answer.headers["cache-control"]
    mark = client.get(f"/api/v1/geo/{name}.geojson", headers={"Accept-Encoding": "identity"}).headers["etag"].strip('"')
    assert "immutable" in client.get(f"/api/v1/geo/{name}.geojson?v={mark}").headers["cache-control"]
    assert "immutable" not in client.get(f"/api/v1/geo/{name}.geojson?v=old").headers["cache-control"]


def test_there_are_seven_zones_and_44_municipalities(client):
    assert len(client.get("/api/v1/geo/zones.geojson").json()["features"]) == 7
    assert len(client.get("/api/v1/geo/municipalities.geojson").json()["features"]) == 44


def test_unknown_layer(client):
    assert client.get("/api/v1/geo/nothing.geojson").status_code == 404


def test_places_are_suggested_best_first(client):
    found = client.get("/api/v1/places", params={"q": "красно", "limit": "3"}).json()["places"]
    assert len(found) == 3
    assert found[0]["name"] == "Краснодар"
    assert set(found[0]) == {"id", "name", "type", "municipality", "zone", "lat", "lon"}
    assert client.get("/api/v1/places").json()["invalid_params"][0]["name"] == "q"
    assert client.get("/api/v1/places", params={"q": "а", "limit": "51"}).status_code == 400


def test_page_has_no_inline_script_and_no_foreign_address(client):
    answer = client.get("/map")
    page = answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    links = {"http://www.w3.org/2000/svg", "https://www.openstreetmap.org/copyright"}
    assert set(re.findall(r"https?://[^\"' ]+", page)) == links
    assert "Демонстрационные данные" in page
    assert 'data-first-day="2021-11-22"' in page


def test_page_without_demo_says_nothing_of_it():
    assert "Демонстрационные" not in make(Fixed(demo=False)).get("/map").text


def test_empty_archive_is_served():
    client = make(Fixed(items=()))
    assert client.get("/api/v1/view").json()["total"] == 0
    assert client.get("/map").status_code == 200
    assert client.get("/export/incidents.csv").status_code == 200


def test_who_may_embed_is_a_setting():
    client = make(frame_ancestors="https://news.example")
    assert "frame-ancestors https://news.example" in client.get("/map").headers["content-security-policy"]


def test_every_address_in_the_page_is_served(client):
    page = client.get("/map").text
    addresses = {part.split('"')[0] for part in page.split('="')[1:] if part.startswith(("assets/", "api/v1/geo"))}
    assert len(addresses) > 12
    for address in addresses:
        answer = client.get(f"/{address}")
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_assets_of_another_version_or_outside_are_not_found(client):
    good = assets.url("kubmap", "map.css")
    assert client.get(good).status_code == 200
    assert client.get(good.replace(assets.bundles()["kubmap"].print, "0" * 16)).status_code == 404
    for path in ("../app.py", "..%2Fapp.py", "nothing.js", "images/../leaflet.js"):
        assert client.get(f"{good.rsplit('/', 1)[0]}/{path}").status_code == 404


def test_security_headers_and_cors_everywhere(client):
    for path in ("/api/v1/view", "/map", "/healthz", "/api/v1/view?zoom=x"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in headers
    assert client.get("/api/v1/view").headers["access-control-allow-origin"] == "*"


def test_health(client):
    answer = client.get("/healthz")
    assert answer.json()["status"] == "ok"
    assert answer.headers["cache-control"] == "no-store"


def test_openapi_covers_every_route_and_parameter(client):
    document = client.get("/api/v1/openapi.json").json()
    source = Source(load_atlas(), FOLDER, Fixed())
    routes = {route.path for route in PublicRoutes(lambda: source).routes()}
    pages = {each for each in routes if each.startswith("/outages/")} | {"/map"}
    assert set(document["paths"]) == routes - pages - {"/assets/{bundle}/{print}/{name:path}"}
    view = document["paths"]["/api/v1/view"]["get"]["parameters"]
    assert [each["name"] for each in view] == ["bbox", "zoom", "from", "to", "category", "zone", "municipality", "q"]


def test_gzip_has_no_time_in_it(client):
    with client.stream("GET", "/api/v1/view", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw[4:8] == b"\0\0\0\0"
    assert gzip.decompress(raw).startswith(b'{"type":"FeatureCollection"')


class Broken:
    def current(self):
        raise OperationalError("select 1", {}, Exception("gone"))


@pytest.mark.parametrize("path", ["/api/v1/view", "/map", "/healthz"])
def test_a_store_that_does_not_answer_is_told_as_such(path):
    answer = make(Broken()).get(path)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "gone" not in answer.text
    assert answer.headers["retry-after"] == "30"


def test_openapi_refers_to_schemas_that_are_there(client):
    text = client.get("/api/v1/openapi.json").text
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named == set(client.get("/api/v1/openapi.json").json()["components"]["schemas"])
