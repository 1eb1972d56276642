"""Bulk loading: tables of any kind become drafts, what cannot be read comes back to be mended, nothing doubles."""

from __future__ import annotations

import csv
import io
import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kubmap.atlas.atlas import load_atlas
from kubmap.desk import mapping
from kubmap.desk.access import User
from kubmap.desk.bulk import Bulk
from kubmap.desk.plan import open_file
from kubmap.domain import MOSCOW, Category, Precision, Role, Status
from kubmap.errors import AccessError, InputError
from kubmap.store import Store, loads
from kubmap.store.loads import State

EDITOR, CHIEF, READER = (
    User(str(n), name, role)
    for n, name, role in ((1, "анна", Role.EDITOR), (2, "пётр", Role.CHIEF), (3, "гость", Role.READER))
)
NOW = datetime(2021, 11, 25, 12, 0, tzinfo=MOSCOW)
SIX, MIDNIGHT = datetime(2021, 11, 27, 6, 0, tzinfo=MOSCOW), datetime(2021, 11, 28, tzinfo=MOSCOW)
HEADER = ["Населённый пункт", "Адрес", "Дата начала", "Время", "Причина", "Ресурс"]
ROWS = [
    ["ст. Тбилисская", "ул. Красная, 1–20", "27.11.2021", "9:00–17:00", "ремонт линии", "электроэнергия"],
    ["Неведомск", "ул. Мира", "27.11.2021", "с 9 до 17", "ремонт", "вода"],
    ["Крымск", "", "послезавтра", "", "замена", "вода"],
    ["Гайдук", "ул. Мира, 3", "28.11.2021", "с 8 до 12", "", "вода"],
]


@pytest.fixture
def store(tmp_path):
    made = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def bulk(store, tmp_path):
    return Bulk(store, load_atlas(), tmp_path, now=lambda: NOW)


def csv_of(rows, delimiter=";", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_of(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def loaded(bulk, content, name="график.csv", who=EDITOR, **choices):
    """Receive, look, run as the page does."""
    path = bulk.receive(who, name, content)
    look = bulk.look(who, path)
    plan = bulk.plan(
        look.opened, **{"fields": look.fields, "values": look.values, "publish": True, "revise": True, **choices}
    )
    load = bulk.begin(who, look.opened, plan)
    return bulk.run(load.id)


def counts(load):
    report = load.report
    return {
        name: getattr(report, name)
        for name in ("read", "added", "updated", "unchanged", "rejected")
        if getattr(report, name)
    }


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_csv_of_notices_of_any_kind(bulk, store, delimiter, encoding):
    load = loaded(bulk, csv_of([HEADER, ROWS[0]], delimiter, encoding))
    assert (load.state, counts(load)) == (State.DONE, {"read": 1, "added": 1})
    (found,) = store.find()
    assert found.category is Category.OUTAGE_POWER
    assert found.outage.streets == ("ул. Красная, 1–20",)
    assert found.outage.places == ("Тбилисская",)
    assert found.outage.cause == "ремонт линии"
    assert (found.starts_at.isoformat(), found.ends_at.isoformat()) == (
        "2021-11-27T09:00:00+03:00",
        "2021-11-27T17:00:00+03:00",
    )
    assert found.created_by == "анна"


def test_xlsx_with_dates_titles_merged_headers_and_formulas(bulk, store):
    book = Workbook()
    sheet = book.active
    sheet.append(["График отключений на неделю"])
    sheet.merge_cells("A1:F1")
    sheet.append(["Населённый пункт", "Улицы", "Срок", None, "Ресурс", "Причина"])
    sheet.merge_cells("C2:D2")
    sheet.append([None, None, "Дата начала", "Дата окончания", None, None])
    sheet.append(["Крымск", "ул. Ленина", *(at.replace(tzinfo=None) for at in (SIX, MIDNIGHT)), "вода", "=1+1"])
    out = io.BytesIO()
    book.save(out)
    load = loaded(bulk, out.getvalue(), "график.xlsx", publish=False)
    assert counts(load) == {"read": 1, "added": 1}
    (found,) = store.find()
    assert found.status is Status.DRAFT
    assert (found.starts_at, found.ends_at) == (SIX, MIDNIGHT)
    assert found.outage.cause is None  # a formula is never run, and was never computed


@pytest.mark.parametrize(("name", "make"), [("a.csv", csv_of), ("a.xlsx", xlsx_of)])
def test_rejects_come_back_in_the_same_shape_and_nothing_doubles(bulk, store, name, make):
    load = loaded(bulk, make([HEADER, *ROWS]), name)
    assert counts(load) == {"read": 4, "added": 2, "rejected": 2}
    path = bulk.rejected(EDITOR, load)
    assert path.suffix == Path(name).suffix
    table = _table(path)
    assert table[0] == [*HEADER, "Ошибка"]
    assert [row[0] for row in table[1:]] == ["Неведомск", "Крымск"]
    assert "строка 3" in table[1][-1]
    assert "столбец «Населённый пункт»" in table[1][-1]
    assert "«Неведомск»" in table[1][-1]
    assert "столбец «Дата начала»" in table[2][-1]
    again = loaded(bulk, path.read_bytes(), name)  # as it is: the same errors, nothing new
    assert counts(again) == {"read": 2, "rejected": 2}
    table[1][0], table[2][2] = "станица Северская", "29.11.2021"
    fixed = loaded(bulk, make(table), name)
    assert counts(fixed) == {"read": 2, "added": 2}
    assert counts(loaded(bulk, make([HEADER, *ROWS]), name)) == {"read": 4, "unchanged": 2, "rejected": 2}
    assert len(store.find()) == 4


def _table(path):
    if path.suffix == ".xlsx":
        return [
            [cell if cell is not None else "" for cell in row]
            for row in load_workbook(path).active.iter_rows(values_only=True)
        ]
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))


def test_rejects_of_json_lines_and_of_pasted_text(bulk, store):
    lines = [{"Текст": "В Ейске горел склад.", "Дата": "23.11.2021"}, {"Текст": "", "Дата": "23.11.2021"}]
    load = loaded(bulk, "\n".join(json.dumps(each) for each in lines).encode(), "a.jsonl")
    assert counts(load) == {"read": 2, "added": 1, "rejected": 1}
    (value,) = [json.loads(line) for line in bulk.rejected(EDITOR, load).read_text().splitlines()]
    assert value["Дата"] == "23.11.2021"
    assert "строка 2: столбец «Текст»: пусто" in value["Ошибка"]
    value["Текст"] = "В Анапе горел дом."
    assert counts(loaded(bulk, json.dumps(value).encode(), "b.jsonl")) == {"read": 1, "added": 1}
    text = "27.11.2021 с 9 до 17 отключат воду: х. Неведомый, ул. Мира; х. Северин, ул. Ленина."
    load = loaded(bulk, text.encode(), "a.txt")
    assert counts(load) == {"read": 2, "added": 1, "rejected": 1}
    told = bulk.rejected(EDITOR, load).read_text("utf-8")
    assert told.startswith("Ошибка: строка 1: населённого пункта «х. Неведомый» в крае нет")
    assert counts(loaded(bulk, told.replace("х. Неведомый", "ст. Динская").encode(), "b.txt")) == {
        "read": 1,
        "added": 1,
    }


def test_the_meaning_of_columns_is_remembered_by_header_and_kind(bulk):
    header = ["Где", "Что за улицы", "Когда", "Чего нет"]
    row = ["Крымск", "ул. Мира", "27.11.2021 с 9 до 17", "вода"]
    path = bulk.receive(EDITOR, "a.csv", csv_of([header, row]))
    look = bulk.look(EDITOR, path, "notices")
    assert look.remembered is None
    with pytest.raises(InputError, match="в каком столбце"):
        bulk.begin(EDITOR, look.opened, bulk.plan(look.opened))
    fields = ("place", "street", "start", "utility")
    bulk.begin(EDITOR, look.opened, bulk.plan(look.opened, fields=fields, values={"provider": "Водоканал"}))
    second = bulk.look(
        CHIEF, bulk.receive(CHIEF, "b.csv", csv_of([[name.upper() for name in header], row], ",")), "notices"
    )
    assert second.fields == fields
    assert (second.remembered.actor, second.remembered.at, second.values) == ("анна", NOW, {"provider": "Водоканал"})
    with_errors = csv_of([[*header, "Ошибка"], [*row, "строка 2: …"]])
    assert bulk.look(EDITOR, bulk.receive(EDITOR, "c.csv", with_errors), "notices").fields == (*fields, None)
    assert bulk.look(EDITOR, bulk.receive(EDITOR, "d.csv", csv_of([header, row])), "teasers").remembered is None


def test_teasers_with_ready_columns_are_facts(bulk, store):
    rows = [
        ["Текст", "Дата", "Рубрика", "Широта", "Долгота", "Погибли", "Начало"],
        ["На складе что-то произошло.", "23.11.2021", "Пожар", "45,0355", "38,9753", "0", "22.11.2021 5:00"],
        ["Переставлено.", "23.11.2021", "Пожар", "38.9753", "45.0355", "", ""],
        ["Далеко.", "23.11.2021", "Пожар", "55.75", "37.61", "", ""],
        ["Одна.", "23.11.2021", "Пожар", "45.03", "", "", ""],
        ["Рубрика.", "23.11.2021", "Чепуха", "", "", "", ""],
        ["Число.", "23.11.2021", "Пожар", "", "", "два", ""],
    ]
    load = loaded(bulk, csv_of(rows))
    assert counts(load) == {"read": 6, "added": 1, "rejected": 5}
    (found,) = store.find()
    assert (found.category, found.status) == (Category.FIRE, Status.PUBLISHED)
    assert (found.location.lat, found.location.lon, found.location.precision) == (45.0355, 38.9753, Precision.ADDRESS)
    assert found.location.municipality == "Краснодар"
    assert found.casualties.dead == 0
    assert found.starts_at == datetime(2021, 11, 22, 5, 0, tzinfo=MOSCOW)
    reasons = [row[-1] for row in _table(bulk.rejected(EDITOR, load))[1:]]
    parts = [
        "переставлены",
        "вне Краснодарского края",
        "столбец «Долгота»: нужны обе",
        "рубрики «Чепуха» нет",
        "столбец «Погибли»: «два» — не число",
    ]
    for reason, part in zip(reasons, parts, strict=True):
        assert part in reason


def test_a_verified_location_never_moves(bulk, store):
    rows = [["Текст", "Дата", "Координаты"], ["В Ейске горел склад.", "23.11.2021", "46.71, 38.27"]]
    loaded(bulk, csv_of(rows))
    (found,) = store.find()
    store.update(found.id, expected_version=1, changes={"location_verified": True}, actor="анна")
    rows[1][2] = "45.03, 38.97"
    loaded(bulk, csv_of(rows))
    (after,) = store.find()
    assert after.location == found.location


def test_who_may_not(bulk):
    content = csv_of([HEADER, ROWS[0]])
    path = bulk.receive(EDITOR, "a.csv", content)
    look = bulk.look(EDITOR, path)
    load = bulk.begin(EDITOR, look.opened, bulk.plan(look.opened, fields=look.fields))
    for who in (None, READER):
        for attempt in (
            lambda who=who: bulk.receive(who, "a.csv", content),
            lambda who=who: bulk.look(who, path),
            lambda who=who: bulk.preview(who, look.opened, bulk.plan(look.opened, fields=look.fields)),
            lambda who=who: bulk.begin(who, look.opened, bulk.plan(look.opened, fields=look.fields)),
            lambda who=who: bulk.recent(who),
            lambda who=who: bulk.get(who, load.id),
            lambda who=who: bulk.cancel(who, load.id),
            lambda who=who: bulk.rejected(who, load),
        ):
            with pytest.raises(AccessError):
                attempt()


def test_a_path_is_nobody_s_word(bulk, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(csv_of([HEADER, ROWS[0]]))
    with pytest.raises(InputError, match="такого файла нет"):
        bulk.look(EDITOR, secret)
    path = bulk.receive(EDITOR, "../../../etc/cron.d/x;rm -rf.csv", b"a")
    assert path.parent.parent == bulk.folder


def many(number):
    return [["Текст", "Дата"], *([f"В станице Динской сгорел дом № {n}.", "23.11.2021"] for n in range(number))]


def test_progress_is_told_and_a_run_can_be_stopped_and_gone_on_with(bulk, store, monkeypatch):
    path = bulk.receive(EDITOR, "a.csv", csv_of([*many(900), ["", "23.11.2021"]]))
    look = bulk.look(EDITOR, path)
    load = bulk.begin(EDITOR, look.opened, bulk.plan(look.opened, fields=look.fields))
    told = []
    tell = loads.tell

    def watched(store, load_id, **options):
        if options.get("report"):
            told.append(options["report"].read)
            if options["report"].read == 400:
                bulk.cancel(EDITOR, load_id)
        return tell(store, load_id, **options)

    monkeypatch.setattr(loads, "tell", watched)
    stopped = bulk.run(load.id)
    assert (stopped.state, stopped.report.read, stopped.total) == (State.CANCELLED, 400, 901)
    assert told == [200, 400]
    assert len(store.find(limit=2000)) == 400
    done = bulk.run(load.id)
    assert (done.state, counts(done)) == (State.DONE, {"read": 901, "added": 900, "rejected": 1})
    assert len(_table(bulk.rejected(EDITOR, done))) == 2
    with pytest.raises(InputError, match="уже идёт или закончена"):
        bulk.run(load.id)


def test_a_run_whose_process_died_goes_on_where_it_was(bulk, store, monkeypatch, tmp_path):
    """The process dies after a batch was stored and before that was told: the batch comes again and doubles nothing."""
    rows = many(600)
    rows[100] = ["", "23.11.2021"]
    path = bulk.receive(EDITOR, "a.csv", csv_of(rows))
    look = bulk.look(EDITOR, path)
    load = bulk.begin(EDITOR, look.opened, bulk.plan(look.opened, fields=look.fields))
    tell = loads.tell

    class Killed(BaseException):
        pass

    def dying(store, load_id, **options):
        if options.get("report") and options["report"].read == 400:
            raise Killed
        return tell(store, load_id, **options)

    with monkeypatch.context() as patch:
        patch.setattr(loads, "tell", dying)
        with pytest.raises(Killed):
            bulk.run(load.id)
    left = loads.get(store, load.id)
    assert (left.state, left.report.read) == (State.RUNNING, 200)
    assert not left.broken_off(NOW)
    with pytest.raises(InputError, match="уже идёт"):
        bulk.run(load.id)
    later = Bulk(store, load_atlas(), tmp_path, now=lambda: NOW + timedelta(minutes=5))
    done = later.run(load.id)
    assert done.state is State.DONE
    assert (done.report.read, done.report.rejected) == (600, 1)
    assert done.report.added + done.report.unchanged == 599
    assert len(store.find(limit=2000)) == 599
    assert len(_table(bulk.rejected(EDITOR, done))) == 2


def test_others_write_while_a_load_runs(bulk, store):
    path = bulk.receive(EDITOR, "a.csv", csv_of(many(1000)))
    look = bulk.look(EDITOR, path)
    load = bulk.begin(EDITOR, look.opened, bulk.plan(look.opened, fields=look.fields))
    thread = threading.Thread(target=bulk.run, args=(load.id,))
    thread.start()
    seen = set()
    while thread.is_alive():
        now = bulk.get(EDITOR, load.id)
        seen.add(now.report.read)
        for found in store.find(limit=1):
            if found.version < 20:
                store.update(
                    found.id, expected_version=found.version, changes={"title": f"{found.version}"}, actor="пётр"
                )
    thread.join()
    assert bulk.get(EDITOR, load.id).report.added == 1000
    assert len(seen) > 2


def test_what_is_guessed():
    header = ("id", "category", "category_name", "title", "text", "starts_at", "ends_at", "published_at", "lat", "lon")
    told = dict(zip(header, mapping.guess("teasers", header), strict=True))
    assert told["category_name"] is None
    assert {name: field for name, field in told.items() if name not in {"category_name", "published_at"}} == {
        name: name for name in header if name not in {"category_name", "published_at"}
    }
    assert told["published_at"] == "published"


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (("№", "Район", "Нас. пункт", "Улицы", "Дата отключения", "Время отключения", "Время включения", "Вид работ"),
         (None, "district", "place", "street", "start", "start_time", "end_time", "cause")),
        (("Дата", "Время начала", "Время окончания", "Адреса отключения", "Причина отключения"),
         ("start", "start_time", "end_time", "address", "cause")),
        (("Settlement", "Street", "Start", "End", "Reason"), ("place", "street", "start", "end", "cause")),
        (("Наименование РЭС", "Дата и время начала", "Дата и время окончания", "Населенные пункты", "Перечень улиц"),
         ("provider", "start", "end", "place", "street")),
        (("Дата начала", "Время начала", "Дата окончания", "Время окончания", "Город", "Улица, дома", "Примечание"),
         ("start", "start_time", "end", "end_time", "place", "street", "text")),
    ],
)  # fmt: skip
def test_headers_as_utilities_write_them(columns, fields):
    assert mapping.kind_of(columns) == "notices"
    assert mapping.guess("notices", columns) == fields


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "пуст"),
        ("a.xlsx", b"not a book", "повреждён"),
        ("a.xlsx", b"PK\x03\x04broken", "повреждён"),
        ("a.csv", b"\xd0\xcf\x11\xe0old excel", "старый Excel"),
        ("a.docx", b"x", "нужен файл"),
        ("a.jsonl", b"[]\n1\n", "объект JSON"),
        ("a.csv", b"\x98\xff\xfe\xfd", "кодировка"),
    ],
)
def test_what_cannot_be_read_at_all(bulk, name, content, reason):
    with pytest.raises(InputError, match=reason):
        bulk.look(EDITOR, bulk.receive(EDITOR, name, content))


def test_open_file_tells_tables_from_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(csv_of([HEADER, ROWS[0]], "\t"))
    (tmp_path / "b.txt").write_text("27 ноября с 9 до 17 отключат воду в Крымске, Анапе; и так далее")
    assert open_file(tmp_path / "a.txt").form == "table"
    assert open_file(tmp_path / "b.txt").form == "paste"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='Населённый пункт;,\t"\nТекстДата27.11.2021=<>\0\u202eвода', max_size=150))
def test_any_table_is_loaded_or_told(bulk, content):
    """From the bytes to the store and the file of rejects: nothing but an InputError ends it."""
    try:
        path = bulk.receive(EDITOR, "a.csv", content.encode())
        look = bulk.look(EDITOR, path)
        plan = bulk.plan(
            look.opened, fields=look.fields, values={"utility": "вода"} if look.opened.kind == "notices" else {}
        )
        bulk.preview(EDITOR, look.opened, plan)
        load = bulk.begin(EDITOR, look.opened, plan)
    except InputError:
        return
    done = bulk.run(load.id)
    assert done.state is State.DONE, done.message
    told = done.report
    assert told.read == told.added + told.updated + told.unchanged + told.rejected
    assert (bulk.rejected(EDITOR, done) is not None) == bool(told.rejected)
