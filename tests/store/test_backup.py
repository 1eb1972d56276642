"""Copies of a store: whole, portable, checked before anything is touched."""

from __future__ import annotations

import json
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from kubmap.domain import Incident, Role, Status
from kubmap.errors import InputError
from kubmap.store import Store
from kubmap.store.archive import MANIFEST, Archive
from kubmap.store.backup import PASSING, backup, restore
from kubmap.store.schema import metadata
from kubmap.store.users import Users

Make = Callable[..., Incident]
HOSTILE = "<script>alert(1)</script> ${1} \u202e\u200b '; DROP TABLE incidents; --"


@pytest.fixture
def full(store: Store, draft: Make) -> Store:
    """Records with versions, one that is a duplicate of a later one, an account, a retraction."""
    first = store.add(draft(title=HOSTILE), actor="анна")
    other = store.add(draft(title="Тот же пожар"), actor="анна")
    store.update(first.id, expected_version=1, changes={"duplicate_of": other.id}, actor="борис", reason="дубликат")
    shown = store.add(draft(title="Виден", status=Status.PUBLISHED), actor="анна")
    store.retract(shown.id, expected_version=1, actor="анна", reason="ошибка")
    Users(store.engine).add("anna", Role.CHIEF, password="a long secret phrase", by="test")
    return store


def content(store: Store) -> dict[str, list[dict[str, object]]]:
    """Everything that a copy must hold; the epoch is a new one on purpose."""
    with store.engine.connect() as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in metadata.sorted_tables
            if table.name not in PASSING
        }
    found["meta"] = [row for row in found["meta"] if row["key"] != "epoch"]
    return found


def test_everything_comes_back(full: Store, empty_url: str, tmp_path: Path, noon: datetime) -> None:
    made = backup(full.engine, tmp_path / "copy.zip", now=noon)
    assert stat.S_IMODE((tmp_path / "copy.zip").stat().st_mode) == 0o600
    restore(empty_url, tmp_path / "copy.zip", now=noon)
    back = Store(empty_url)
    assert content(back) == content(full)
    assert made.rows > 8
    assert not PASSING & {sheet.name for sheet in made.sheets}
    assert back.published().epoch != full.published().epoch, "what readers keep is of another store"
    again = back.add(back.find(limit=1)[0], actor="анна")
    assert len(back.history(again.id)) == 1, "numbers of history go on where they were"
    with pytest.raises(SQLAlchemyError), back.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM history")
    back.close()


@pytest.mark.postgres
@pytest.mark.parametrize("to_server", [True, False])
def test_from_one_database_to_the_other(
    request: pytest.FixtureRequest, tmp_path: Path, noon: datetime, draft: Make, *, to_server: bool
) -> None:
    server = request.getfixturevalue("postgres_url").format("postgres")
    here = f"sqlite:///{tmp_path}/here.sqlite"
    name = f"moved_{'in' if to_server else 'out'}"
    there = Store(server)
    with there.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    there.close()
    source, target = (here, server.replace("/postgres", f"/{name}")) if to_server else (
        server.replace("/postgres", f"/{name}"), here)  # fmt: skip
    store = Store(source)
    store.migrate()
    first = store.add(draft(title=HOSTILE), actor="анна")
    store.update(first.id, expected_version=1, changes={"title": "Иначе"}, actor="анна")
    backup(store.engine, tmp_path / "copy.zip", now=noon)
    restore(target, tmp_path / "copy.zip", now=noon)
    back = Store(target)
    assert content(back) == content(store)
    store.close()
    back.close()


def test_a_copy_is_of_one_moment_while_others_write(
    full: Store, make_store: Callable[..., Store], draft: Make, empty_url: str, tmp_path: Path, noon: datetime
) -> None:
    writer, done = make_store(), threading.Event()

    def write() -> None:
        while not done.is_set():
            new = writer.add(draft(title="во время копии"), actor="робот")
            writer.update(new.id, expected_version=1, changes={"title": "иначе"}, actor="робот")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        backup(full.engine, tmp_path / "copy.zip", now=noon)
    finally:
        done.set()
        thread.join()
    restore(empty_url, tmp_path / "copy.zip", now=noon)  # checks that every version has its history
    back = Store(empty_url)
    assert all(back.history(each.id)[-1].version == each.version for each in back.find(limit=10_000))
    back.close()


def test_a_store_with_data_is_not_overwritten(full: Store, url: str, tmp_path: Path, noon: datetime) -> None:
    backup(full.engine, tmp_path / "copy.zip", now=noon)
    before = content(full)
    with pytest.raises(InputError, match="уже есть данные"):
        restore(url, tmp_path / "copy.zip", now=noon)
    assert content(full) == before
    with pytest.raises(InputError, match="уже есть"):
        backup(full.engine, tmp_path / "copy.zip", now=noon)


def test_replace_keeps_the_old_store_aside(tmp_path: Path, noon: datetime, draft: Make) -> None:
    url = f"sqlite:///{tmp_path}/kubmap.sqlite"
    store = Store(url)
    store.migrate()
    store.add(draft(title="старое"), actor="анна")
    backup(store.engine, tmp_path / "copy.zip", now=noon)
    store.add(draft(title="новое"), actor="анна")
    with pytest.raises(InputError, match="остановите"):
        restore(url, tmp_path / "copy.zip", replace=True, now=noon)  # somebody has it open
    store.close()
    restore(url, tmp_path / "copy.zip", replace=True, now=noon + timedelta(hours=1))
    store = Store(url)
    assert [each.title for each in store.find()] == ["старое"]
    store.close()
    (aside,) = tmp_path.glob("kubmap.sqlite.before-*")
    old = Store(f"sqlite:///{aside}")
    assert {each.title for each in old.find()} == {"старое", "новое"}
    old.close()
    assert not list(tmp_path.glob(".*.part*"))


@pytest.fixture
def copy(tmp_path: Path, noon: datetime, draft: Make) -> Path:
    store = Store(f"sqlite:///{tmp_path}/source.sqlite")
    store.migrate()
    for number in range(30):
        store.add(draft(title=str(number)), actor="анна")
    backup(store.engine, tmp_path / "copy.zip", now=noon)
    store.close()
    return tmp_path / "copy.zip"


def rewritten(copy: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other files in it."""
    with zipfile.ZipFile(copy) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    made = copy.with_name("changed.zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made


def _other_word(members: dict[str, bytes]) -> None:
    members["tables/incidents.jsonl"] = members["tables/incidents.jsonl"].replace(b'"title":"7"', b'"title":"8"')


def _newer(members: dict[str, bytes]) -> None:
    members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), "schema": "9999"}).encode()


def _format(members: dict[str, bytes]) -> None:
    members[MANIFEST] = json.dumps({**json.loads(members[MANIFEST]), "format": 2}).encode()


def _slip(members: dict[str, bytes]) -> None:
    members["../../evil"] = b"x"


def _no_manifest(members: dict[str, bytes]) -> None:
    del members[MANIFEST]


def _odd_manifest(members: dict[str, bytes]) -> None:
    members[MANIFEST] = b'{"format": 1, "tables": 5}'


def _missing(members: dict[str, bytes]) -> None:
    del members["tables/history.jsonl"]


@pytest.mark.parametrize(
    ("change", "told"),
    [(_other_word, "контрольная сумма"), (_newer, "более новым"), (_format, "другой версией"), (_slip, "лишние"),
     (_no_manifest, "нет описи"), (_odd_manifest, "опись"), (_missing, "повреждена")],
)  # fmt: skip
def test_a_copy_that_is_not_as_it_was_changes_nothing(
    copy: Path, tmp_path: Path, noon: datetime, change: Callable[[dict[str, bytes]], None], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        restore(f"sqlite:///{tmp_path}/target.sqlite", rewritten(copy, change), now=noon)
    assert not list(tmp_path.glob("*target*"))


@pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
def test_a_torn_copy_changes_nothing(copy: Path, tmp_path: Path, noon: datetime, part: float) -> None:
    torn = tmp_path / "torn.zip"
    torn.write_bytes(copy.read_bytes()[: int(copy.stat().st_size * part)])
    with pytest.raises(InputError):
        restore(f"sqlite:///{tmp_path}/target.sqlite", torn, now=noon)
    assert not list(tmp_path.glob("*target*"))


def test_a_flipped_byte_is_found(copy: Path, tmp_path: Path, noon: datetime) -> None:
    data = bytearray(copy.read_bytes())
    with zipfile.ZipFile(copy) as file:
        at = file.getinfo("tables/history.jsonl").header_offset + 200
    data[at] ^= 0x55
    copy.write_bytes(data)
    with pytest.raises(InputError):
        restore(f"sqlite:///{tmp_path}/target.sqlite", copy, now=noon)


def test_values_of_another_kind_are_refused(copy: Path, tmp_path: Path, noon: datetime) -> None:
    """An archive that agrees with itself and still is none of ours."""
    import hashlib

    def forge(members: dict[str, bytes]) -> None:
        data = members["tables/incidents.jsonl"].replace(b'"version":1', b'"version":"1"')
        members["tables/incidents.jsonl"] = data
        manifest = json.loads(members[MANIFEST])
        for each in manifest["tables"]:
            if each["name"] == "incidents":
                each["sha256"] = hashlib.sha256(data).hexdigest()
        members[MANIFEST] = json.dumps(manifest).encode()

    with pytest.raises(InputError, match=r"incidents\.version"):
        restore(f"sqlite:///{tmp_path}/target.sqlite", rewritten(copy, forge), now=noon)
    assert not list(tmp_path.glob("*target*"))


def test_an_archive_of_the_first_schema_is_brought_up(tmp_path: Path, noon: datetime) -> None:
    """Columns that came later get what the migrations give them."""
    from alembic import command

    from kubmap.store import engine as engines
    from kubmap.store.archive import write
    from kubmap.store.migrate import config

    tables = {"incidents": [], "history": [], "meta": [{"key": "epoch", "value": 5}]}
    old = engines.open_engine(f"sqlite:///{tmp_path}/old.sqlite")
    with engines.writing(old) as connection:
        options = config()
        options.attributes["connection"] = connection
        command.upgrade(options, "0001")
        columns = {
            name: tuple(row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")) for name in tables
        }
    old.dispose()
    write(tmp_path / "old.zip", "0001", noon, ((name, columns[name], rows) for name, rows in tables.items()))
    restore(f"sqlite:///{tmp_path}/new.sqlite", tmp_path / "old.zip", now=noon)
    store = Store(f"sqlite:///{tmp_path}/new.sqlite")
    store.migrate()
    assert store.find() == ()
    store.close()


def test_no_archive_at_all(tmp_path: Path, noon: datetime) -> None:
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    with pytest.raises(InputError, match="не копия"):
        Archive(tmp_path / "x.zip")
    shutil.copy(__file__, tmp_path / "y.zip")
    with pytest.raises(InputError, match="не копия"):
        restore(f"sqlite:///{tmp_path}/target.sqlite", tmp_path / "y.zip", now=noon)
