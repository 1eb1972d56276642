"""/api/v1/view, clusters, timeline, revision and pages as a reader's page uses them."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.domain import Category
from kubmap.geocode import precision
from kubmap.read.snapshot import build
from kubmap.store.store import Published
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from tests.archives import incident, line, point

COUNT = 1_500


class Fixed:
    def __init__(self, incidents):
        self.snapshot = build(Published(7, 3, demo=False, incidents=incidents), load_atlas())

    def current(self):
        return self.snapshot


def places(atlas, random):
    towns = sorted(atlas.settlements.values(), key=lambda each: each.id)
    roads = [each.id for each in atlas.roads.roads.values()]
    while True:
        town = random.choice(towns)
        yield precision.at_settlement(atlas, town)
        yield point(town.lon + random.uniform(0, 0.05), town.lat, label="улица Мира")
        yield precision.along_road(atlas, random.choice(roads))
        yield precision.at_district(atlas, atlas.municipalities[random.choice(sorted(atlas.municipalities))])
        yield precision.krai_wide("")
        yield None


@pytest.fixture(scope="module")
def client():
    atlas, random = load_atlas(), Random(5)
    kinds = [each for each in Category if each is not Category.NONE]
    made = tuple(
        incident(number, location=place, category=random.choice(kinds), text=f"Событие {number % 7}")
        for number, place in zip(range(COUNT), places(atlas, random), strict=False)
    )
    source = Source(atlas, data_folder(), Fixed(made))
    return TestClient(Starlette(routes=PublicRoutes(lambda: source).routes()))


def view(client, **query):
    answer = client.get("/api/v1/view", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def clusters(found):
    return [each for each in found["features"] if each["properties"].get("kind") == "cluster"]


def singles(found):
    return [each for each in found["features"] if each["properties"].get("kind") != "cluster"]


def all_members(client, cluster_id, **query):
    members, after = [], None
    while True:
        page = client.get(
            f"/api/v1/clusters/{cluster_id}", params={**query, **({"after": after} if after else {})}
        ).json()
        members += page["members"]
        after = page["next"]
        if after is None:
            assert len(members) == page["count"]
            return members


@pytest.mark.parametrize("zoom", [0, 5, 7, 9, 12, 16, 18])
def test_counts_add_up_at_any_zoom(client, zoom):
    found = view(client, zoom=zoom, bbox="30,40,50,50")
    told = sum(each["properties"]["count"] for each in clusters(found)) + len(singles(found))
    assert told == found["shown"]
    assert found["shown"] + found["krai_count"] + found["unplaced_count"] == found["total"] == COUNT
    assert sum(found["categories"].values()) == COUNT
    assert found["elsewhere"] is None


@pytest.mark.parametrize(
    "query", [{"zoom": 7}, {"zoom": 11, "bbox": "38.5,44.7,39.7,45.5"}, {"zoom": 8, "category": "fire,crime"}]
)
def test_members_of_all_clusters_and_the_singles_are_every_incident_once(client, query):
    found = view(client, **query)
    filters = {name: value for name, value in query.items() if name == "category"}
    ids = Counter(each["id"] for each in singles(found))
    for each in clusters(found):
        properties = each["properties"]
        members = all_members(client, each["id"], **filters, limit=37)
        assert len(members) == properties["count"]
        assert properties["categories"] == Counter(member["properties"]["category"] for member in members)
        west, south, east, north = properties["bbox"]
        assert west <= each["geometry"]["coordinates"][0] <= east
        assert south <= each["geometry"]["coordinates"][1] <= north
        ids.update(member["id"] for member in members)
    assert set(ids.values()) == {1}
    assert len(ids) == found["shown"]


def test_outlines_are_named_and_not_repeated(client):
    found = view(client, category="fire", q="событие 3")
    districts = [each for each in singles(found) if each["properties"]["precision"] == "district"]
    assert districts
    for each in districts:
        assert each["geometry"] is None
        assert each["properties"]["ref"].startswith("municipality:")
    members = all_members(client, clusters(view(client, zoom=0))[0]["id"])
    assert sum(each["geometry"] is not None for each in members) > 100
    card = client.get(f"/api/v1/incidents/{districts[0]['id']}").json()
    assert card["geometry"]["type"].endswith("Polygon")


def test_a_cluster_at_one_wide_place_carries_its_shape_once(client):
    found = view(client, zoom=14, bbox="38.9,45.0,39.0,45.1")
    drawn = [each["properties"] for each in clusters(found) if each["properties"].get("shape")]
    assert drawn
    for each in drawn:
        assert each["shape"]["type"] == "LineString"
        assert each["wide"] == each["count"]
        assert each["place"]


def test_krai_wide_members_are_listed_though_the_view_names_few(client):
    found = view(client)
    assert len(found["krai"]) == 20 < found["krai_count"]
    for name in ("krai", "unplaced"):
        members = all_members(client, name)
        assert len(members) == found[f"{name}_count"]
        assert members[:20] == found[name]
        assert all(each["geometry"] is None for each in members)


def test_zones_count_a_road_in_each_that_it_runs_through(client):
    found = view(client)
    assert set(found["zones"]) == set(load_atlas().zones)
    placed = COUNT - found["krai_count"] - found["unplaced_count"]
    assert sum(found["zones"].values()) > placed
    for zone, count in found["zones"].items():
        assert view(client, zone=zone)["total"] == count


def test_categories_are_counted_without_the_category_filter(client):
    every, some = view(client, q="событие 1"), view(client, q="событие 1", category="fire")
    assert some["categories"] == every["categories"]
    assert some["total"] == every["categories"]["fire"]


def test_an_empty_frame_tells_where_something_is(client):
    found = view(client, bbox="20,60,21,61", zoom=9, category="fire")
    assert (found["shown"], found["features"]) == (0, [])
    elsewhere = found["elsewhere"]
    assert elsewhere["count"] == found["total"] - found["krai_count"] - found["unplaced_count"]
    frame = ",".join(map(str, elsewhere["bbox"]))
    assert view(client, bbox=frame, zoom=7, category="fire")["shown"] == elsewhere["count"]


def test_payload_stays_small(client):
    for zoom in range(19):
        answer = client.get("/api/v1/view", params={"zoom": zoom}, headers={"Accept-Encoding": "gzip"})
        assert int(answer.headers["content-length"]) < 60_000


def test_the_same_frame_again_and_a_little_off_are_the_same_bytes(client):
    one = client.get("/api/v1/view", params={"zoom": 8, "bbox": "38.51,44.61,39.71,45.51"})
    two = client.get("/api/v1/view", params={"zoom": 8, "bbox": "38.52,44.62,39.72,45.52"})
    assert one.headers["etag"] == two.headers["etag"]


def test_revision_is_tiny_and_answers_304(client):
    answer = client.get("/api/v1/revision")
    assert answer.json() == {"revision": 3}
    assert len(answer.content) < 40
    tag = answer.headers["etag"]
    assert client.get("/api/v1/revision", headers={"If-None-Match": tag}).status_code == 304


def test_timeline_counts_what_the_view_counts(client):
    found = client.get("/api/v1/timeline", params={"category": "fire"}).json()
    assert sum(each["count"] for each in found["bins"]) + found["undated"] == view(client, category="fire")["total"]
    for each in found["bins"]:
        assert sum(each["categories"].values()) == each["count"]


def test_whole_records_by_pages_are_all_of_them_once(client):
    everything = client.get("/api/v1/incidents.geojson").json()
    ids, after = [], None
    while True:
        page = client.get(
            "/api/v1/incidents.geojson", params={"limit": 400, **({"after": after} if after else {})}
        ).json()
        ids += [each["id"] for each in page["features"]]
        after = page["next"]
        if after is None:
            break
    assert ids == [each["id"] for each in everything["features"]]
    assert len(set(ids)) == page["total"] == COUNT


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("clusters/c5-0?limit=0", 400, "limit"),
        ("clusters/c5-0?limit=201", 400, "limit"),
        ("clusters/c5-0?after=x", 400, "after"),
        ("clusters/c5-0?bbox=1,2,3,4", 400, "bbox"),
        ("clusters/c5-zz", 404, None),
        ("clusters/c9-1", 404, None),
        ("clusters/nothing", 404, None),
        ("timeline?zone=x", 400, "zone"),
        ("timeline?zoom=3", 400, "zoom"),
        ("revision?x=1", 400, "x"),
        ("incidents.geojson?limit=10001", 400, "limit"),
        ("incidents.geojson?after=1.%20", 400, "after"),
    ],
)
def test_problems_name_the_parameter(client, path, status, name):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if name:
        assert [each["name"] for each in answer.json()["invalid_params"]] == [name]


def test_a_page_goes_on_where_it_ended_though_more_was_published_meanwhile():
    road = line((38, 45), (39, 45))
    before = [incident(number, location=road) for number in range(0, 20, 2)]
    snapshots = Fixed(before)
    source = Source(load_atlas(), data_folder(), snapshots)
    client = TestClient(Starlette(routes=PublicRoutes(lambda: source).routes()))
    first = client.get("/api/v1/incidents.geojson?limit=4").json()
    snapshots.snapshot = build(Published(7, 4, demo=False, incidents=(*before[:-4], *(incident(n) for n in (1, 21)))))
    rest = client.get("/api/v1/incidents.geojson", params={"limit": 100, "after": first["next"]}).json()
    seen = [each["id"] for each in (*first["features"], *rest["features"])]
    assert seen == sorted(seen, reverse=True)
    assert {each.id for each in before} <= set(seen)
