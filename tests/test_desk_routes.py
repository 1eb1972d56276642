"""The desk over HTTP: whoever may, does; clashes and bad forms are told whole; a permalink tells what became of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.desk.access import User
from kubmap.desk.desk import Desk
from kubmap.domain import MOSCOW, Role
from kubmap.errors import DataError
from kubmap.read.cache import SnapshotCache
from kubmap.read.ledger import StoreLedger
from kubmap.store.store import Store
from kubmap.web.deskroutes import ROOT, DeskRoutes
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from kubmap.web.write import Guarded, Methods

try:
    FOLDER = data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

FIRE = "В станице Каневской ночью 22 ноября сгорел склад, пострадавших нет."
CRASH = "Авария произошла 22 ноября около 5:00 на 1362-м километре М-4 «Дон», погиб водитель."
OURS = {"X-Kubmap": "1", "Sec-Fetch-Site": "same-origin"}
ROLES = {"ann": Role.EDITOR, "boris": Role.EDITOR, "chief": Role.CHIEF}


def who(cookies):
    """The cookie is the name: `kubmap.web.auth` has its own tests."""
    name = cookies.get("who")
    return User(name, name, ROLES[name]) if name else None


def _as_named(routes: list[Route]) -> list[Route]:
    for route in routes:
        endpoint = route.endpoint
        for each in endpoint.by_method.values() if isinstance(endpoint, Methods) else (endpoint,):
            assert isinstance(each, Guarded)
            each._who = who
    return routes


class Site:
    """The desk's and the readers' routes over one store."""

    def __init__(self, folder):
        self.store = Store(f"sqlite:///{folder / 'kubmap.sqlite'}")
        self.store.migrate()
        atlas = load_atlas()
        desk = Desk(self.store, atlas, now=lambda: datetime(2021, 11, 23, 12, tzinfo=MOSCOW))
        cache = SnapshotCache(self.store, atlas=atlas, poll_s=0)
        source = Source(atlas, FOLDER, cache, ledger=StoreLedger(self.store))
        routes = [*PublicRoutes(lambda: source).routes(), *_as_named(DeskRoutes(lambda: desk).routes())]
        self.client = TestClient(Starlette(routes=routes))

    def post(self, path, name="ann", method="POST", **data):
        return self.client.request(method, f"{ROOT}{path}", json=data, headers=OURS | {"Cookie": f"who={name}"})

    def get(self, path, name="ann", **query):
        return self.client.get(f"{ROOT}{path}", params=query, headers={"Cookie": f"who={name}"})

    def permalink(self, incident_id):
        return self.client.get(f"/api/v1/incidents/{incident_id}")


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.fixture
def ids(site):
    done = site.post("/paste", text=f"• {FIRE}\n• {CRASH}\nЧитайте также: погода", source_name="Лента")
    assert done.status_code == 200
    assert [each["why"] for each in done.json()["left_out"]] == ["ссылка на другие материалы"]
    return [each["incident"]["id"] for each in done.json()["drafts"]]


def test_paste_correct_publish(site, ids):
    queue = site.get("/queue", doubt="", q="склад").json()
    assert [each["incident"]["id"] for each in queue["items"]] == [ids[0]]
    assert site.get("/queue", category=["fire", "fraud"]).json()["total"] == 1
    at = site.get("/place/point", lat="46,08", lon="38.95", zoom="15").json()
    assert at["municipality"] == "Каневской район"
    saved = site.post(f"/incidents/{ids[0]}/save", base_version=1, changes={"location": at}, publish=True).json()
    assert saved["incident"]["location_verified"] is True
    shown = site.permalink(ids[0])
    assert shown.json()["properties"]["point"] == [38.95, 46.08]
    opened = site.get(f"/incidents/{ids[0]}").json()
    assert [each["actor"] for each in opened["history"]] == ["ann", "ann"]
    assert {each["field"] for each in opened["history"][1]["diff"]} >= {"location", "status"}
    assert site.get(f"/incidents/{ids[0]}/versions/1").json()["snapshot"]["status"] == "draft"


def test_a_clash_is_told_as_a_three_way_view(site, ids):
    path = f"/incidents/{ids[1]}/save"
    site.post(path, base_version=1, changes={"title": "Авария"})
    told = site.post(path, "boris", base_version=1, changes={"title": "ДТП", "starts_at": "22.11.2021 05:10"})
    assert told.status_code == 409
    assert told.headers["content-type"] == "application/problem+json"
    clash = told.json()["clash"]
    assert clash["fields"] == [{"name": "title", "base": None, "theirs": "Авария", "mine": "ДТП"}]
    assert clash["merged"] == {"starts_at": "2021-11-22T05:10:00+03:00"}
    assert (clash["by"], clash["theirs"]["version"], told.json()["found"]) == ("ann", 2, 2)
    again = {**clash["merged"], "title": "ДТП"}
    assert site.post(path, "boris", base_version=2, changes=again).json()["incident"]["version"] == 3


def test_a_bad_form_names_every_field(site, ids):
    told = site.post(f"/incidents/{ids[0]}/save", base_version=1, changes={"category": "war", "text": ""})
    assert told.status_code == 422
    assert {each["name"] for each in told.json()["invalid_params"]} == {"category", "text"}
    for path, data in (
        ("/paste", {"text": 5}),
        ("/publish", {"ids": "all"}),
        (f"/incidents/{ids[0]}/save", {"base_version": "1", "changes": {}}),
        (f"/incidents/{ids[0]}/save", {"base_version": 1, "changes": []}),
        ("/merge", {"keep": ids[0], "other": ids[0]}),
    ):
        assert site.post(path, **data).status_code == 422
    for path, query in (("/queue", {"limit": "-1"}), ("/queue", {"from": "x"}), ("/queue", {"category": "x"}),
                        ("/place/point", {"lat": "x"}), ("/place/point", {"lat": "55.7", "lon": "37.6"})):  # fmt: skip
        assert site.get(path, **query).status_code == 422
    assert site.get("/incidents/nothing").status_code == 404


def test_a_permalink_tells_why_it_was_taken_back(site, ids):
    assert site.permalink(ids[0]).status_code == 404  # readers never saw the draft
    site.post("/publish", ids=ids)
    assert site.permalink(ids[0]).status_code == 200
    assert site.post(f"/incidents/{ids[0]}/retract", reason="").status_code == 422
    site.post(f"/incidents/{ids[0]}/retract", reason="пожара <b>не</b> было")
    gone = site.permalink(ids[0])
    assert gone.status_code == 410
    assert gone.headers["cache-control"] == "no-store"
    assert gone.json()["reason"] == "пожара <b>не</b> было"
    assert "пожара <b>не</b> было" in gone.json()["detail"]
    site.post(f"/incidents/{ids[0]}/restore", version=2)
    assert site.permalink(ids[0]).status_code == 200
    site.post("/reject", ids=ids)
    assert site.permalink(ids[1]).status_code == 200  # what is published is not rejected


def test_a_permalink_of_a_merged_record_leads_to_the_one_that_tells(site, ids):
    site.post("/publish", ids=ids)
    done = site.post("/merge", keep=ids[0], other=ids[1]).json()
    gone = site.permalink(ids[1])
    assert (gone.status_code, gone.json()["merged_into"], gone.json()["reason"]) == (410, ids[0], None)
    assert ids[0] not in gone.json()["detail"]
    assert site.permalink(ids[0]).json()["properties"]["sources"] == [
        {"name": "Лента", "url": None, "published_at": "2021-11-23"}
    ]
    assert len(site.post("/undo", token=done["undo"]).json()["done"]) == 2
    assert site.permalink(ids[1]).status_code == 200


def test_a_rejected_draft_tells_nothing(site, ids):
    done = site.post("/reject", ids=ids, reason="тайна").json()
    assert site.permalink(ids[0]).status_code == 404
    assert site.post("/undo", "boris", token=done["undo"]).status_code == 403
    assert site.post("/undo", token=done["undo"]).status_code == 200
    assert site.post("/undo", token=done["undo"]).status_code == 404


def test_what_is_typed_is_kept_and_tells_who_is_there(site, ids):
    site.post(f"/incidents/{ids[0]}/touch", "boris")
    kept = site.post("/autosave", id=ids[0], base_version=1, changes={"title": "Пож"}).json()
    assert kept["saved_at"].startswith("2021-11-23T12:00")
    assert kept["others"] == ["boris"]
    assert site.get(f"/incidents/{ids[0]}").json()["working"] == {"title": "Пож"}
    assert site.post("/autosave", id="paste", changes={"text": "Ав"}).json()["others"] == []
    assert {each["key"] for each in site.get("/working").json()["working"]} == {"paste", ids[0]}
    site.post("/discard", id=ids[0])
    site.post("/discard", id="paste")
    assert site.get("/working").json() == {"working": []}
    site.post(f"/incidents/{ids[0]}/leave", "boris")
    assert site.post(f"/incidents/{ids[0]}/touch").json() == {"others": []}


def test_the_rest_of_the_desk(site, ids):
    assert site.post(f"/incidents/{ids[0]}/reread", changes={"text": CRASH}).json()["changes"]["category"] == (
        "road_accident"
    )
    assert site.get("/incidents", q="СКЛАД", status="draft").json()["total"] == 1
    assert site.get(f"/incidents/{ids[0]}/duplicates").json() == {"duplicates": []}
    assert site.post("/not-duplicate", one=ids[0], other=ids[1]).json() == {}
    roads = site.get("/roads").json()["roads"]
    road = next(each for each in roads if "М-4" in each["label"])
    assert site.get("/place/road", road=road["id"], km="1362").json()["km"] == 1362
    assert site.get("/places", q="каневск").json()["places"][0]["location"]["lat"]
    linked = site.post("/link", earlier=ids[0], later=ids[1]).json()
    assert linked["kept"]["text"] == CRASH


def test_only_the_chief_removes(site, ids):
    assert site.post(f"/incidents/{ids[0]}", method="DELETE", reason="суд").status_code == 403
    assert site.get("/purged").status_code == 403
    assert site.post(f"/incidents/{ids[0]}", "chief", method="DELETE", reason="суд").status_code == 200
    assert site.get(f"/incidents/{ids[0]}").status_code == 404
    assert [each["reason"] for each in site.get("/purged", "chief").json()["purged"]] == ["суд"]


def test_nobody_is_told_anything(site, ids):
    for path in ("/queue", "/working", "/incidents", f"/incidents/{ids[0]}"):
        told = site.client.get(f"{ROOT}{path}")
        assert told.status_code == 401
        assert told.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in told.headers
        assert FIRE not in told.text
