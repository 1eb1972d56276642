"""Everything out: tables without live formulas, JSON lines that make the same store again, files only for editors."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from kubmap.atlas.atlas import load_atlas
from kubmap.desk import export
from kubmap.desk.access import User
from kubmap.desk.bulk import Bulk
from kubmap.domain import MOSCOW, Category, Incident, Interval, Location, Outage, Precision, Role, Status, Utility
from kubmap.errors import AccessError, InputError
from kubmap.feeds.table import HEADER
from kubmap.store import Store
from kubmap.store.loads import State
from kubmap.web import exportroutes
from kubmap.web.exportroutes import Download
from kubmap.web.write import route
from tests.accounts import accounts, log_in, site
from tests.web_items import HOSTILE

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=MOSCOW)
ODD = [
    "=cmd|' /C calc'!A0",
    "+7 861",
    "-1",
    "@SUM(1)",
    "\tx",
    "\rx",
    HOSTILE,
    "\u202eRTL\u202c",
    "\x07звонок",
    "я" * 40_000,
    "a\nb",
]
COLUMNS = (*HEADER, *export.FURTHER)


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    made.migrate()
    place = Location(46.71, 38.27, Precision.SETTLEMENT, 4000, "=Ейск", municipality="Ейский район")
    outage = Outage(Utility.WATER, works=Interval(NOON, None), streets=("ул. Мира, 1", "ул. Ленина"), cause="+ремонт")
    for number, odd in enumerate(ODD):
        made.add(
            Incident(
                id="",
                version=0,
                status=Status.PUBLISHED if number % 2 else Status.DRAFT,
                category=Category.OUTAGE_WATER,
                title=odd,
                text=odd.strip() or "x",
                source_name=odd,
                location=place,
                outage=outage,
                starts_at=NOON,
                published_at=date(2026, 5, 1),
            ),
            actor="анна",
        )
    yield made
    made.close()


def rows_of(store, tmp_path, form):
    path = tmp_path / f"out.{form}"
    number = export.write(store, path, drafts=True)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    else:
        sheet = load_workbook(path).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == [*COLUMNS]
    assert number == len(rows) - 1 == len(ODD)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_a_table_is_a_formula_and_every_field_is_there(store, tmp_path, form):
    rows = rows_of(store, tmp_path, form)
    for row in rows:
        for value in row.values():
            assert not (isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")))
    first = rows[0]
    assert (first["title"], first["place"], first["cause"]) == ("'=cmd|' /C calc'!A0", "'=Ейск", "'+ремонт")
    assert (first["status"], first["utility"], first["streets"]) == ("draft", "water", "ул. Мира, 1; ул. Ленина")
    assert (first["works_start"], first["created_by"]) == ("2026-05-01T12:00+03:00", "анна")
    assert float(first["lat"]) == 46.71


def test_json_lines_make_the_same_store_again_through_the_page_s_own_way(store, tmp_path):
    path = tmp_path / "out.jsonl"
    assert export.write(store, path, drafts=True, history=True) == len(ODD)
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.migrate()
    bulk = Bulk(other, load_atlas(), tmp_path)
    chief, editor = User("1", "chief", Role.CHIEF), User("2", "editor", Role.EDITOR)
    look = bulk.look(chief, bulk.receive(chief, "out.jsonl", path.read_bytes()))
    assert look.opened.form == "records"
    plan = bulk.plan(look.opened, publish=True)
    with pytest.raises(AccessError):  # the history of others is the chief's to bring
        bulk.begin(editor, look.opened, plan)
    assert len(bulk.preview(chief, look.opened, plan)) == len(ODD)
    load = bulk.run(bulk.begin(chief, look.opened, plan).id)
    assert (load.state, load.report.added) == (State.DONE, len(ODD))
    again = tmp_path / "again.jsonl"
    export.write(other, again, drafts=True, history=True)
    assert again.read_bytes() == path.read_bytes()
    other.close()


def test_geojson_is_a_collection_of_what_readers_see(store, tmp_path):
    path = tmp_path / "out.geojson"
    export.write(store, path)
    found = json.loads(path.read_bytes())
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == len(ODD) // 2
    assert {each["properties"]["status"] for each in found["features"]} == {"published"}


def test_what_cannot_be_written(store, tmp_path):
    for name, options, reason in (("out.docx", {}, "нужен файл"), ("out.csv", {"history": True}, "только в .jsonl")):
        with pytest.raises(InputError, match=reason):
            export.write(store, tmp_path / name, **options)


def test_an_empty_store_gives_whole_files(tmp_path):
    empty = Store(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    empty.migrate()
    for form in export.FORMS:
        assert export.write(empty, tmp_path / f"empty.{form}") == 0
    assert json.loads((tmp_path / "empty.geojson").read_bytes()) == {"type": "FeatureCollection", "features": []}
    assert [*load_workbook(tmp_path / "empty.xlsx").active.iter_rows(values_only=True)] == [COLUMNS]
    empty.close()


@pytest.fixture
def browser(store, tmp_path, monkeypatch):
    auth = accounts(tmp_path / "accounts")
    bulk = Bulk(store, load_atlas(), tmp_path)
    monkeypatch.setattr(exportroutes, "bulk", lambda: bulk)
    routes = [
        route(exportroutes.PATH, Download(Role.EDITOR, exportroutes.give, who=auth.user_of)),
        route(exportroutes.REJECTS, Download(Role.EDITOR, exportroutes.rejects, who=auth.user_of)),
    ]
    client = site(auth, *routes)
    client.bulk = bulk
    return client


@pytest.mark.parametrize("form", export.FORMS)
def test_files_are_for_editors(browser, form):
    assert browser.get(f"/desk/export.{form}").status_code == 401
    log_in(browser, "reader")
    assert browser.get(f"/desk/export.{form}").status_code == 403
    log_in(browser, "editor")
    answer = browser.get(f"/desk/export.{form}?drafts=1")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="kubmap.{form}"'
    assert len(answer.content) > 1000
    assert browser.post(f"/desk/export.{form}").status_code == 405


def test_other_files_are_not_found(browser):
    log_in(browser, "editor")
    assert browser.get("/desk/export.exe").status_code == 404
    assert browser.get("/desk/loads/нет/rejects").status_code == 404
    assert browser.get("/desk/export.csv?history=1").status_code == 422


def test_rejects_are_for_editors(browser):
    editor = User("2", "editor", Role.EDITOR)
    look = browser.bulk.look(editor, browser.bulk.receive(editor, "заметки.csv", "Текст;Дата\n;вчера\n".encode()))
    load = browser.bulk.run(
        browser.bulk.begin(editor, look.opened, browser.bulk.plan(look.opened, fields=look.fields)).id
    )
    path = exportroutes.rejects_path(load.id)
    assert browser.get(path).status_code == 401
    log_in(browser, "reader")
    assert browser.get(path).status_code == 403
    log_in(browser, "editor")
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "Ошибка" in answer.content.decode("utf-8-sig")
    assert "attachment" in answer.headers["content-disposition"]
