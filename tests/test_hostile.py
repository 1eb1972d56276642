"""The hostile corpus through every way in and out of the program: it comes back as text, whole, and runs nowhere.

The browser looks at the same archive in tests/browser/test_hostile.py.
"""

from __future__ import annotations

import csv
import io
import json
import re
from html import escape, unescape

import feedparser
import icalendar
import lxml.html
import pytest
import vobject
from lxml import etree
from openpyxl import Workbook, load_workbook
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.desk import export
from kubmap.desk.bulk import Bulk
from kubmap.desk.desk import Desk
from kubmap.domain import Role, Status
from kubmap.errors import DataError, InputError
from kubmap.feeds.table import FORMULA_STARTS, guarded
from kubmap.feeds.xmltext import clean
from kubmap.geocode.reading import read_teaser
from kubmap.read.cache import SnapshotCache
from kubmap.read.ledger import StoreLedger
from kubmap.store import Store
from kubmap.store.intake import intake_file
from kubmap.store.loads import State
from kubmap.store.users import Users
from kubmap.web import publish
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import Source
from tests.hostile import ANN, CHIEF, CORPUS, MEGABYTE, NOW, PLACES, REFUSED, TAKEN, archive, folded, town, withdrawn
from tests.test_outage_feeds import SCHEMA

try:
    FOLDER = data_folder()
except DataError:
    pytest.skip("data/geo is not built", allow_module_level=True)

RUSSIAN = r"[а-я]{4,}"
BEFORE = "2021-11-26T12:00"
NAMES = [case.name for case in TAKEN]
SHEET = [case for case in TAKEN if not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", case.text)]
"""What a spreadsheet can hold."""


def opened(path):
    store = Store(f"sqlite:///{path / 'kubmap.sqlite'}")
    store.migrate()
    return store


@pytest.fixture
def store(tmp_path):
    made = opened(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A store where the whole corpus was pasted, edited and published."""
    made = opened(tmp_path_factory.mktemp("hostile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def records(room):
    return archive(room, load_atlas())


@pytest.fixture(scope="module")
def source(room, records):
    return Source(load_atlas(), FOLDER, SnapshotCache(room), ledger=StoreLedger(room))


@pytest.fixture(scope="module")
def client(source):
    return TestClient(Starlette(routes=PublicRoutes(lambda: source).routes()))


def got(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.text[:300])
    assert set(answer.headers) & {"x-injected"} == set()
    return answer


def shown(case):
    """The words of a case as XML can tell them: without what it forbids and what turns the direction."""
    return folded(clean(case.text))


def all_in(cases, texts, of=shown):
    """Every case stands in one of the texts."""
    told = [folded(text) for text in texts]
    missing = [case.name for case in cases if not any(of(case) in text for text in told)]
    assert missing == []


# in


@pytest.mark.parametrize("case", TAKEN, ids=NAMES)
def test_the_desk_keeps_every_field_as_it_was_typed(records, room, case):
    kept = room.get(records[case.name].id)
    assert kept.status is Status.PUBLISHED
    assert case.words in folded(kept.text)
    assert kept.title == kept.source_name == case.text.strip()
    assert kept.outage.cause == kept.outage.provider == kept.outage.exceptions[0] == case.text
    assert case.text in [entry.reason for entry in room.history(kept.id)]


@pytest.mark.parametrize("case", TAKEN, ids=NAMES)
def test_a_paste_loses_nothing(store, case):
    """A page of it: what became no teaser is told."""
    found = Desk(store, load_atlas(), now=lambda: NOW).paste(ANN, f"Пожар в Ейске 22 ноября. {case.text}")
    told = [each.incident.text for each in found] + [each.incident.title or "" for each in found]
    told += [each.text for each in found.left_out]
    assert sorted("".join("".join(told).split())) == sorted("".join(f"Пожар в Ейске 22 ноября. {case.text}".split()))


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_what_no_text_may_hold_is_refused_in_russian(store, case):
    desk = Desk(store, load_atlas(), now=lambda: NOW)
    with pytest.raises(InputError, match=RUSSIAN):
        desk.paste(ANN, f"Пожар в Ейске 22 ноября. {case.text}")
    (draft,) = desk.paste(ANN, "Пожар в Ейске 22 ноября, горел сарай.")
    for name in ("title", "text", "source_name"):
        with pytest.raises(InputError, match=RUSSIAN):
            desk.save(ANN, draft.incident.id, base_version=1, changes={name: case.text})
    with pytest.raises(InputError, match=RUSSIAN):
        desk.retract(ANN, draft.incident.id, case.text)
    assert store.get(draft.incident.id).version == 1


def test_a_megabyte_is_refused_in_russian(store):
    desk = Desk(store, load_atlas(), now=lambda: NOW)
    with pytest.raises(InputError, match="1 МБ"):
        desk.paste(ANN, MEGABYTE)
    (draft,) = desk.paste(ANN, "Пожар в Ейске 22 ноября, горел сарай.")
    for name in ("title", "text", "source_name"):
        with pytest.raises(InputError, match="длиннее"):
            desk.save(ANN, draft.incident.id, base_version=1, changes={name: MEGABYTE})


@pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
def test_links_are_of_the_web_only(store, case):
    desk = Desk(store, load_atlas(), now=lambda: NOW)
    (draft,) = desk.paste(ANN, "Пожар в Ейске 22 ноября, горел сарай.")
    for url in (case.text, "javascript:window.pwned=1", "data:text/html,x", "//evil.example"):
        with pytest.raises(InputError, match=r"http|символ"):
            desk.save(ANN, draft.incident.id, base_version=1, changes={"source_url": url})


@pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
def test_logins_are_letters_and_digits(store, case):
    with pytest.raises(InputError, match=RUSSIAN):
        Users(store.engine).add(case.text, Role.EDITOR, password="верная лошадь батарея", by="test")


def rows(cases):
    head = ["Текст", "Заголовок", "Источник", "Дата публикации"]
    return [head, *(["Пожар в Ейске 22 ноября: " + each.text, each.text, each.text, "22.11.2021"] for each in cases)]


def as_csv(cases):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows(cases))
    return "архив.csv", out.getvalue().encode()


def as_xlsx(cases):
    book, out = Workbook(), io.BytesIO()
    for row in rows(cases):
        book.active.append([None] * len(row))
        for at, value in enumerate(row, start=1):
            cell = book.active.cell(book.active.max_row if at > 1 else book.active._current_row, at)
            cell.value, cell.data_type = value, "s"
    book.save(out)
    return "архив.xlsx", out.getvalue()


def as_jsonl(cases):
    told = [
        {"text": "Пожар в Ейске 22 ноября: " + each.text, "title": each.text, "source_name": each.text,
         "published": "2021-11-22"}
        for each in cases
    ]  # fmt: skip
    return "архив.jsonl", "\n".join(json.dumps(each) for each in told).encode()


def load(store, folder, name, content):
    bulk = Bulk(store, load_atlas(), folder, now=lambda: NOW)
    look = bulk.look(ANN, bulk.receive(ANN, name, content))
    bulk.preview(ANN, look.opened, bulk.plan(look.opened, fields=look.fields))
    plan = bulk.plan(look.opened, fields=look.fields, values=look.values, publish=True)
    done = bulk.run(bulk.begin(ANN, look.opened, plan).id)
    assert done.state is State.DONE
    return done, bulk


@pytest.mark.parametrize(("make", "cases"), [(as_csv, TAKEN), (as_jsonl, TAKEN), (as_xlsx, SHEET)])
def test_files_come_in_whole(store, tmp_path, make, cases):
    done, _ = load(store, tmp_path, *make(cases))
    assert (done.report.added, done.report.rejected) == (len(cases), 0)
    found = store.find(limit=500)
    words = lambda case: case.words  # noqa: E731
    for name in ("text", "title", "source_name"):
        all_in(cases, [getattr(each, name) for each in found], words)


def test_bad_rows_come_back_to_be_mended(store, tmp_path):
    done, bulk = load(store, tmp_path, *as_jsonl([*REFUSED, TAKEN[0]]))
    assert (done.report.added, done.report.rejected) == (1, len(REFUSED))
    back = [json.loads(line) for line in bulk.rejected(ANN, done).read_text("utf-8").splitlines()]
    assert all(re.search("[а-я]{4,}", each["Ошибка"]) for each in back)


def test_the_command_line_takes_what_the_page_takes(store, tmp_path):
    name, content = as_jsonl(TAKEN)
    (tmp_path / name).write_bytes(content)
    report = intake_file(store, tmp_path / name, lambda teaser: read_teaser(teaser, load_atlas()), publish=True)
    assert (report.added, report.rejected) == (len(TAKEN), 0)


def test_feeds_come_in_as_words(store, tmp_path):
    """Told as text, the words are those; told as markup, what a browser would show."""
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    etree.SubElement(channel, "title").text = escape(TAKEN[0].text)
    for case in TAKEN:
        for kind, told in (("текст", escape(clean(case.text))), ("разметка", clean(case.text))):
            item = etree.SubElement(channel, "item")
            etree.SubElement(item, "title").text = told or "-"
            etree.SubElement(item, "description").text = f"Пожар в Ейске 22 ноября ({case.name}, {kind}): {told}"
    (tmp_path / "лента.xml").write_bytes(etree.tostring(root))
    done, _ = load(store, tmp_path, "лента.xml", (tmp_path / "лента.xml").read_bytes())
    assert (done.report.added, done.report.rejected) == (2 * len(TAKEN), 0)
    texts = {each.text.split(":")[0]: folded(each.text) for each in store.find(limit=500)}
    for case in TAKEN:
        # feedparser takes elements away that a page must not have, before we read the words
        assert f"Пожар в Ейске 22 ноября ({case.name}, разметка)" in texts
        if not re.search("[<>&]", case.text):
            assert shown(case) in texts[f"Пожар в Ейске 22 ноября ({case.name}, текст)"]


def test_pasted_notices_keep_streets_and_causes(store, tmp_path):
    text = "\n\n".join(
        f"Плановое отключение воды ({case.name})\n28.11.2021 с 9:00 до 17:00 в Крымске, ул. Мира. Причина: {case.words}"
        for case in TAKEN
    )
    done, bulk = load(store, tmp_path, "объявления.txt", text.encode())
    told = [each.text for each in store.find(limit=500)]
    if done.report.rejected:
        told.append(bulk.rejected(ANN, done).read_text("utf-8"))
    assert len([case for case in TAKEN if any(f"({case.name})" in text for text in told)]) == len(TAKEN)


# out


def test_features_and_views(client, records):
    whole = json.loads(got(client, "/api/v1/incidents.geojson").content)
    told = {each["id"]: each["properties"] for each in whole["features"]}
    for case in TAKEN:
        found = told[records[case.name].id]
        assert folded(found["title"]) == case.words
        assert found["source_name"] == case.text.strip()
        assert found["source_url"].startswith("https://example.org/")
        one = json.loads(got(client, f"/api/v1/incidents/{records[case.name].id}").content)
        assert one["properties"]["text"] == found["text"]
    view = got(client, "/api/v1/view?bbox=30,40,45,50&zoom=14&from=2021-11-01&to=2021-11-30")
    assert json.loads(view.content)["features"]


def test_search_finds_words_and_fears_none(client):
    for case in TAKEN:
        for path in ("/api/v1/view?bbox=30,40,45,50&zoom=7&", "/api/v1/incidents.geojson?", "/api/v1/places?"):
            answer = client.get(path, params={"q": case.text[:100]})
            assert answer.status_code in {200, 400}, (case.name, path)
            if answer.status_code == 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["invalid_params"][0]["name"] == "q"


@pytest.mark.parametrize("name", ["bbox", "zoom", "from", "category", "zone", "after", "limit", "place", "unknown"])
def test_problems_name_the_parameter(client, name):
    for case in CORPUS:
        value = case.text.encode("utf-8", "replace").decode()
        for path in ("/api/v1/view", "/api/v1/outages", "/api/v1/incidents.geojson"):
            answer = client.get(path, params={name: value})
            if answer.status_code != 200:
                assert answer.status_code in {400, 404}
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert any(each["name"] == name for each in answer.json().get("invalid_params", [{"name": name}]))


def test_a_retraction_tells_its_reason(client, room, records):
    desk = Desk(room, load_atlas(), now=lambda: NOW)
    for case in TAKEN[:: len(TAKEN) // 6]:
        answer = got(client, f"/api/v1/incidents/{withdrawn(desk, case).id}", 410)
        assert answer.headers["content-type"] == "application/problem+json"
        assert any(case.words in folded(str(value)) for value in answer.json().values())


def cells(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_table_of_readers_runs_in_no_spreadsheet(client, records):
    told = {each["id"]: each for each in cells(got(client, "/export/incidents.csv").content)}
    for case in TAKEN:
        row = told[records[case.name].id]
        assert not [cell for cell in row.values() if cell.startswith(FORMULA_STARTS) and not _is_number(cell)]
        assert row["title"] == row["source_name"] == guarded(case.text.strip())


def _is_number(cell):
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "geojson"])
def test_exports_of_editors(room, records, tmp_path, form):
    path = tmp_path / f"all.{form}"
    export.write(room, path)
    if form == "jsonl":
        told = {each["id"]: each for each in map(json.loads, path.read_bytes().splitlines())}
    elif form == "geojson":
        told = {each["id"]: each["properties"] for each in json.loads(path.read_bytes())["features"]}
    elif form == "csv":
        told = {each["id"]: each for each in cells(path.read_bytes())}
    else:
        sheet = load_workbook(path).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
        head, *rest = sheet.iter_rows(values_only=True)
        told = {row[0]: dict(zip(head, row, strict=True)) for row in rest}
    for case in TAKEN if form != "xlsx" else SHEET:
        whole = case.text.strip()
        wanted = guarded(whole) if form in {"csv", "xlsx"} else whole
        assert folded(told[records[case.name].id]["title"]) == folded(wanted)


def test_lines_make_the_same_store_again(room, records, tmp_path, store):
    export.write(room, tmp_path / "all.jsonl", history=True)
    bulk = Bulk(store, load_atlas(), tmp_path, now=lambda: NOW)
    look = bulk.look(CHIEF, bulk.receive(CHIEF, "all.jsonl", (tmp_path / "all.jsonl").read_bytes()))
    done = bulk.run(bulk.begin(CHIEF, look.opened, bulk.plan(look.opened, publish=True)).id)
    assert (done.state, done.report.rejected) == (State.DONE, 0)
    for record in records.values():
        assert store.get(record.id) == room.get(record.id)


def test_rss_is_well_formed_and_words_are_words(client):
    content = got(client, "/feeds/incidents.rss").content
    etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    feed = feedparser.parse(content, sanitize_html=False)
    assert not feed.bozo
    titles = [each.title for each in feed.entries]
    all_in(TAKEN, titles, lambda case: shown(case).replace("<", "‹").replace(">", "›"))
    bodies = [unescape(re.sub(r"<br\s*/?>", " ", each.description)) for each in feed.entries]
    all_in(TAKEN, bodies)
    for each in feed.entries:  # as a reader that takes it as HTML does
        harmless(each.description, tags={"br"})
        assert each.link.startswith("http")


def here(place):
    """The cases whose outage is at a place, by its name."""
    return [case for case in TAKEN if town(case) == place]


@pytest.mark.parametrize("place", PLACES)
def test_feed_of_a_place(client, place):
    content = got(client, f"/feeds/outages/{PLACES[place]}.rss").content
    feed = feedparser.parse(content, sanitize_html=False)
    assert not feed.bozo
    all_in(here(place), [unescape(re.sub(r"<br\s*/?>", " ", each.description)) for each in feed.entries])
    for each in feed.entries:
        harmless(each.description, tags={"br"})


@pytest.mark.parametrize("place", PLACES)
def test_calendar_has_as_many_events_as_records(client, place):
    content = got(client, f"/feeds/outages/{PLACES[place]}.ics").content
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)]
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert len(events) == len(here(place))
    all_in(here(place), [str(each["description"]) for each in events])
    other = vobject.readOne(content.decode())
    assert len(other.vevent_list) == len(here(place))
    all_in(here(place), [each.description.value for each in other.vevent_list])


def test_alerts_keep_the_schema(client, records):
    index = etree.fromstring(got(client, "/feeds/cap/index.atom").content)
    assert len(index.findall("{*}entry")) == len(TAKEN)
    for case in TAKEN:
        alert = etree.fromstring(got(client, f"/feeds/cap/{records[case.name].id}.xml").content)
        SCHEMA.assertValid(alert)
        assert shown(case) in folded(alert.findtext(".//{*}description"))
        assert folded(alert.findtext(".//{*}senderName")) == shown(case)
        assert alert.findtext(".//{*}web").startswith("https://example.org/")


def harmless(html, tags=None):
    """Of the page: no element, attribute or address that people wrote."""
    root = lxml.html.fragment_fromstring(html, create_parent="div") if tags else lxml.html.fromstring(html)
    for node in root.iter(etree.Element):
        assert tags is None or node.tag in {*tags, "div"}, node.tag
        assert not [name for name in node.attrib if name.startswith("on")]
        for name in ("href", "src", "action", "xlink:href"):
            assert not re.match(r"\s*(javascript|data|vbscript):", node.get(name, ""), re.IGNORECASE)
    assert not [node for node in root.iter("script") if "pwned" in (node.text or "")]
    return root


@pytest.mark.parametrize("place", PLACES)
def test_page_of_residents(client, place):
    root = harmless(got(client, f"/outages/{PLACES[place]}?at={BEFORE}").text)
    page = folded(re.sub("[\x00-\x08\x0e-\x1f]", "", root.text_content()))
    missing = [case.name for case in here(place) if folded(re.sub("[\x00-\x08\x0e-\x1f]", "", case.text)) not in page]
    assert missing == []
    told = got(client, f"/api/v1/outages?place={PLACES[place]}&at={BEFORE}")
    notices = json.loads(told.content)["utilities"]["water"]["notices"]
    assert len(notices) == len(here(place))
    all_in(here(place), [each["cause"] or "" for each in notices], lambda case: case.words)


def test_search_of_residents(client):
    harmless(got(client, f"/outages/?at={BEFORE}").text)
    for case in TAKEN:
        answer = client.get("/outages", params={"q": case.text[:100]})
        assert answer.status_code in {200, 400}
        assert harmless(answer.text).xpath("//input[@name='q']")[0].get("value", "") in {
            case.text[:100],
            case.text[:100].strip(),
            "",
        }


def test_static_site(source, records, tmp_path):
    folder = tmp_path / "site"
    publish.publish(source, folder, now=1_700_000_000.0)
    harmless((folder / "index.html").read_text("utf-8"))
    for path in folder.rglob("*"):
        assert "pwned" not in path.name
        if path.suffix in {".json", ".geojson"}:
            json.loads(path.read_bytes())
        if path.suffix in {".rss", ".xml", ".atom"}:
            etree.fromstring(path.read_bytes())
        if path.suffix == ".html":
            harmless(path.read_text("utf-8"))
    told = {}
    for path in (folder / "export").glob("*.geojson"):
        told |= {each["id"]: each["properties"] for each in json.loads(path.read_bytes())["features"]}
    for case in TAKEN:
        assert told[records[case.name].id]["title"] == case.text.strip()
