"""`kubmap publish`: a site of files that a browser draws from any folder; incremental, atomic, honest about records."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.errors import DataError, InputError
from kubmap.read.details import InMemory
from kubmap.read.residents import OutageIndex
from kubmap.read.snapshot import build
from kubmap.store.store import Published
from kubmap.web import publish, siterecords
from kubmap.web.routes import PublicRoutes
from kubmap.web.sitefile import File
from kubmap.web.source import Source
from tests.web_items import ITEMS, WATER, incident

try:
    FOLDER = data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

NOW = 1_700_000_000.0


def source_of(items, revision=1):
    snapshot = build(Published(7, revision, False, tuple(items)), load_atlas())

    class Fixed:
        def current(self):
            return snapshot

    return Source(load_atlas(), FOLDER, Fixed())


def put(folder, items=ITEMS, revision=1, now=NOW):
    return publish.publish(source_of(items, revision), folder, now=now)


def state_of(folder):
    """Path -> (inode, time of change, size) of all files."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            status = path.stat()
            found[str(path.relative_to(folder))] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def read(folder, path):
    return json.loads((folder / path).read_bytes())


def check_whole(folder):
    """All that the page and the index refer to is there, and each file is what the manifest says."""
    page = (folder / "index.html").read_text("utf-8")
    addresses = {part.split('"')[0].split("?")[0] for part in page.split('="')[1:]}
    for address in addresses:
        if address.startswith(("assets/", "api/")):
            assert (folder / address).is_file(), address
    index = read(folder, "archive/index.json")
    features = 0
    for month in index["months"]:
        found = read(folder, f"archive/{month['file']}")["features"]
        assert len(found) == month["count"]
        assert sum(sum(day.values()) for day in month["days"].values()) == (month["count"] if month["first"] else 0)
        features += len(found)
    assert (folder / "archive" / index["places"]).is_file()
    for shard in range(index["cards"]):
        for record in read(folder, f"archive/cards/{shard}.json")["features"]:
            assert siterecords.shard_of(record, index["cards"]) == shard
    return index, features


def test_every_record_is_in_its_month_and_in_its_card(tmp_path):
    out = tmp_path / "site"
    put(out)
    index, features = check_whole(out)
    assert features == len(ITEMS)
    assert index["revision"] == 1
    for item in ITEMS:
        shard = siterecords.shard_of(item.id, index["cards"])
        card = read(out, f"archive/cards/{shard}.json")["features"][item.id]
        assert card["properties"]["text"] == item.text
    assert len(read(out, "api/v1/incidents.geojson")["features"]) == len(ITEMS)
    assert (out / "export/incidents.csv").read_text("utf-8").count("017d4a00") == len(ITEMS)
    days = [feature["properties"]["days"] for month in index["months"] for feature in features_of(out, month)]
    assert all(first is None or first <= last for first, last in days)


def features_of(folder, month):
    return read(folder, f"archive/{month['file']}")["features"]


def test_shards_are_those_of_the_page():
    assert siterecords.shard_of("", 1 << 32) == 0x811C9DC5
    assert siterecords.shard_of("a", 1 << 32) == 0xE40C292C  # published test values of FNV-1a
    assert siterecords.shard_of("foobar", 1 << 32) == 0xBF9CF968


def test_a_second_run_touches_nothing(tmp_path):
    out = tmp_path / "site"
    first = put(out)
    before = state_of(out)
    second = put(out, now=NOW + 10)
    assert state_of(out) == before
    assert (second.written, second.untouched) == (0, first.written)


def test_one_new_record_touches_few_files(tmp_path):
    out = tmp_path / "site"
    put(out)
    before = state_of(out)
    report = put(out, (*ITEMS, incident(901)), revision=2)
    after = state_of(out)
    changed = {path for path in after if after[path] != before.get(path)}
    assert report.written <= 14
    assert report.written * 3 < report.untouched
    assert {path for path in changed if path.startswith(("assets/", "api/v1/geo/"))} == set()
    assert "archive/index.json" in changed
    assert check_whole(out)[0]["revision"] == 2


class Counted(InMemory):
    """Notes which whole records were read."""

    def __init__(self, incidents):
        super().__init__(incidents)
        self.read = Counter()

    def whole(self, ids, *, reasons):
        self.read.update(ids)
        return super().whole(ids, reasons=reasons)


def many(count, *, changed=None):
    """Two months of fires; `changed` is in its second version."""
    made = [replace(incident(n), id=f"{n:06}", starts_at=date(2021, 6 + n % 2, 1 + n % 28)) for n in range(count)]
    return [replace(each, version=2, text="Потушен") if each.id == changed else each for each in made]


def read_by(out, items, *, revision):
    """How often each record was read for the months and the cards; the feeds and the plain page read the newest."""
    source, counted = source_of(items, revision), Counted(items)
    object.__setattr__(source.now(), "details", counted)
    list_of = partial(siterecords.SiteRecords, source.now(), "base")

    def files(written):
        records = list_of()
        for month in records.months:
            yield records.brief(month)
            yield from records.whole(month)
        yield from records.cards()
        yield from records.everything(written)

    publish.write(out, str(revision), files, now=NOW)
    return counted.read


def test_each_record_is_read_once_and_later_only_where_something_changed(tmp_path):
    out = tmp_path / "site"
    items = many(600)
    first = read_by(out, items, revision=1)
    assert set(first.values()) == {1}
    assert len(first) == 600
    again = read_by(out, many(600, changed="000000"), revision=2)
    shard = siterecords.shard_of("000000", siterecords.shards_of(600))
    same_shard = {each.id for each in items if siterecords.shard_of(each.id, siterecords.shards_of(600)) == shard}
    same_month = {each.id for each in items if each.starts_at.month == 6}
    assert set(again) == same_month | same_shard
    assert len(again) < 600
    for path in ("export/2021-06.geojson", "export/2021-07.geojson"):
        assert len(read(out, path)["features"]) == 300
    whole = read(out, "api/v1/incidents.geojson")["features"]
    assert len({each["id"] for each in whole}) == 600
    assert sum(each["properties"]["text"] == "Потушен" for each in whole) == 1
    assert (out / "export/incidents.csv").read_bytes().count(b"\r\n") == 601


def test_what_is_the_same_is_the_same_as_a_site_made_anew(tmp_path):
    """Carrying files over gives the bytes that making all of them gives."""
    put(tmp_path / "grown", (*ITEMS, incident(901)))
    put(tmp_path / "grown", (*ITEMS[1:], incident(901), incident(902)), revision=2, now=NOW + publish.GRACE_S + 1)
    put(tmp_path / "grown", (*ITEMS[1:], incident(902)), revision=3, now=NOW + 3 * publish.GRACE_S)
    put(tmp_path / "grown", (*ITEMS[1:], incident(902)), revision=4, now=NOW + 5 * publish.GRACE_S)
    put(tmp_path / "anew", (*ITEMS[1:], incident(902)), revision=4)
    grown, anew = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "grown", tmp_path / "anew")
    )
    grown.pop("manifest.json"), anew.pop("manifest.json")
    assert grown == anew


def test_feeds_are_those_of_a_server_and_only_of_places_with_outages(tmp_path):
    out = tmp_path / "site"
    put(out)
    source = source_of(ITEMS)
    client = TestClient(Starlette(routes=PublicRoutes(lambda: source).routes()))
    feeds = sorted(str(path.relative_to(out)) for path in (out / "feeds").rglob("*") if path.is_file())
    feeds.remove("feeds/outages/places.json")
    assert "feeds/incidents.rss" in feeds
    assert "feeds/cap/index.atom" in feeds
    assert any(each.endswith(".ics") for each in feeds)
    assert any(each.startswith("feeds/cap/") and each.endswith(".xml") for each in feeds)
    for each in feeds:
        assert client.get(f"/{each}").content == (out / each).read_bytes(), each
    index = source.outages.of(source, source.now())
    served = {place.id for place in source.atlas.settlements.values() if index.subscribed(place)}
    assert {path.stem for path in (out / "feeds/outages").glob("*.ics")} == served
    assert set(read(out, "feeds/outages/places.json")["places"]) == served
    assert 0 < len(served) < len(source.atlas.settlements)
    for path in (out / "feeds/cap/index.atom").read_text("utf-8").split("/feeds/cap/")[1:]:
        name = path.split('"')[0].split("<")[0]
        assert (out / "feeds/cap" / name).is_file()


def test_places_are_not_asked_again_while_no_outage_changes(tmp_path, monkeypatch):
    out = tmp_path / "site"
    put(out)
    before = {path: status for path, status in state_of(out).items() if "outages/" in path}
    monkeypatch.setattr(OutageIndex, "subscribed", None)
    put(out, (*ITEMS, incident(901)), revision=2)
    assert {path: status for path, status in state_of(out).items() if "outages/" in path} == before
    manifest = read(out, "manifest.json")
    assert set(before) <= set(manifest["files"])
    with pytest.raises(TypeError):  # a new outage has every place asked
        put(out, (*ITEMS, replace(WATER, id=incident(902).id)), revision=3)


def test_plain_pages_tell_hostile_words_as_words_and_link_to_what_is_there(tmp_path):
    out = tmp_path / "site"
    put(out)
    for page in (out / "plain.html", *(out / "outages").rglob("index.html")):
        text = page.read_text("utf-8")
        assert "<script" not in text
        for address in re.findall(r'(?:href|src)="([^"]+)"', text):
            if "://" not in address:
                assert (page.parent / address.split("?")[0]).resolve().is_file(), address
    assert "&lt;script&gt;" in (out / "plain.html").read_text("utf-8")


def test_only_a_copy_says_what_a_copy_cannot_do(tmp_path):
    put(tmp_path / "site")
    source = source_of(ITEMS)
    served = TestClient(Starlette(routes=PublicRoutes(lambda: source).routes())).get("/map").text
    for page, told in (((tmp_path / "site/index.html").read_text("utf-8"), True), (served, False)):
        assert ("plain.html" in page) is told
        assert ("Копия ищет" in page) is told


def test_a_folder_of_the_version_before_is_gone_on_with(tmp_path):
    out = tmp_path / "site"
    put(out)
    manifest = read(out, "manifest.json")
    old = {**manifest, "format": 1, "files": {path: known[:2] for path, known in manifest["files"].items()}}
    (out / "manifest.json").write_text(json.dumps(old), "utf-8")
    put(out, (*ITEMS, incident(901)), revision=2)
    assert check_whole(out)[0]["revision"] == 2


def test_what_is_no_longer_referred_to_stays_for_open_pages_and_goes_later(tmp_path):
    out = tmp_path / "site"
    put(out)
    old = {month["file"] for month in read(out, "archive/index.json")["months"]}
    put(out, ITEMS[:3], revision=2)
    gone = old - {month["file"] for month in read(out, "archive/index.json")["months"]}
    assert gone
    assert all((out / "archive" / name).is_file() for name in gone)
    put(out, ITEMS[:2], revision=3, now=NOW + publish.GRACE_S + 1)
    assert not any((out / "archive" / name).exists() for name in gone)
    check_whole(out)


def test_a_damaged_file_is_mended(tmp_path):
    out = tmp_path / "site"
    put(out)
    (out / "index.html").write_text("half")
    put(out)
    check_whole(out)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError):
        put(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_archive_is_a_site(tmp_path):
    put(tmp_path / "site", ())
    assert check_whole(tmp_path / "site")[1] == 0


def test_a_failure_while_writing_leaves_the_site_of_before(tmp_path):
    out = tmp_path / "site"
    put(out)
    before = state_of(out)

    def broken(_):
        yield File("archive/index.json", lambda: [b"{"])
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        publish.write(out, "next", broken, now=NOW)
    assert state_of(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["site"]


@pytest.mark.parametrize("step", range(1, 8))
def test_a_crash_at_any_step_of_the_switch_leaves_a_whole_site(tmp_path, step):
    out = tmp_path / "site"
    put(out)
    items = (*ITEMS, incident(901))
    process = multiprocessing.get_context("fork").Process(target=die_at, args=(out, items, step))
    process.start()
    process.join(60)
    check_whole(out)  # of before or of after
    put(out, items, revision=2)
    assert check_whole(out)[1] == len(items)


def die_at(folder, items, step):
    """Publish, and die without any goodbye before the replacement number `step`."""
    left = [step]
    replace = Path.replace

    def counted(self, target):
        left[0] -= 1
        if left[0] <= 0:
            os._exit(9)
        return replace(self, target)

    Path.replace = counted
    put(folder, items, revision=2)


def test_readers_never_meet_half_a_site(tmp_path):
    out = tmp_path / "site"
    put(out)
    faults, over = [], threading.Event()

    def reader():
        while not over.is_set():
            try:
                index = read(out, "archive/index.json")
                for month in index["months"]:
                    assert len(features_of(out, month)) == month["count"]
            except (AssertionError, OSError, ValueError) as error:
                faults.append(error)

    thread = threading.Thread(target=reader)
    thread.start()
    for revision in range(2, 12):
        put(out, (*ITEMS, *(incident(900 + number) for number in range(revision))), revision=revision)
    over.set()
    thread.join()
    assert not faults


def test_two_at_once_is_told(tmp_path):
    out = tmp_path / "site"

    def files(_):
        with pytest.raises(publish.BusyError):
            put(out)
        yield File("index.html", lambda: [b"x"])

    publish.write(out, "one", files, now=NOW)
    assert (out / "index.html").read_bytes() == b"x"


def test_the_command_writes_and_says_what_it_did(tmp_path):
    env = {**os.environ, "KUBMAP_HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path(__file__).parents[1])}
    run = partial(subprocess.run, capture_output=True, check=True, timeout=120, env=env, cwd=tmp_path)
    run([sys.executable, "-m", "kubmap", "seed"])
    said = run([sys.executable, "-m", "kubmap", "publish", "out/"]).stdout.decode()
    assert "0 untouched" in said
    again = run([sys.executable, "-m", "kubmap", "publish", "out/"]).stdout.decode()
    assert " 0 written" in again
    check_whole(tmp_path / "out")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def file_server(tmp_path):
    """A plain file server over a folder; the site is somewhere below."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_a_browser_draws_the_site_from_a_sub_folder_with_no_other_host(tmp_path, file_server, chromium):
    put(tmp_path / "news" / "map")
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="ru-RU")
    foreign, errors = [], []
    host = urlsplit(file_server).netloc
    page.on("request", lambda request: urlsplit(request.url).netloc in {host, ""} or foreign.append(request.url))
    page.on("response", lambda response: response.status < 400 or errors.append(response.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type != "error" or errors.append(message.text))
    page.goto(f"{file_server}/news/map/index.html?from=2021-11-01&to=2021-11-30")
    expect(page.locator("body[data-drawn]")).to_be_attached(timeout=60_000)
    rows = page.locator("#list [data-id]")
    expect(rows.first).to_be_visible(timeout=30_000)
    hostile = page.locator("#list").get_by_text("<script>window.pwned=1", exact=False)
    expect(hostile.first).to_be_attached()
    rows.first.click()
    expect(page.locator("#card-title")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    page.close()
    assert not foreign
    assert not errors
