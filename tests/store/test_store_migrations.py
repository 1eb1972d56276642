"""An empty database becomes the schema of the code, once, whoever starts first."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import kubmap
from kubmap.errors import DataError, InputError
from kubmap.store import Store
from kubmap.store import engine as engines
from kubmap.store.migrate import config
from kubmap.store.schema import metadata


def test_an_empty_database_gets_all_tables(empty_url: str) -> None:
    store = Store(empty_url)
    store.migrate()
    store.migrate()
    assert set(inspect(store.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    assert store.revision() == 0
    store.close()


def test_the_migrations_make_what_the_code_expects(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_down_and_up_again(store: Store) -> None:
    options = config()
    with engines.writing(store.engine) as connection:
        options.attributes["connection"] = connection
        command.downgrade(options, "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    store.migrate()
    assert store.find() == ()


def test_several_that_start_at_once(empty_url: str) -> None:
    stores = [Store(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Store.migrate, stores))
    assert len({store.published().epoch for store in stores}) == 1
    assert stores[0].published().epoch > 0
    for store in stores:
        store.close()


def test_a_database_of_a_newer_kubmap_is_left_alone(store: Store) -> None:
    with engines.writing(store.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataError, match="newer kubmap"):
        store.migrate()


def test_a_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("power cut")

    store = Store(empty_url)
    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            store.migrate()
    assert "incidents" not in inspect(store.engine).get_table_names()
    store.migrate()
    assert store.find() == ()
    store.close()


@pytest.mark.parametrize(
    "address", ["mysql://u:secret@h/d", "no url", "sqlite://", "postgresql+asyncpg://u:secret@h/d"]
)
def test_other_addresses_are_refused_without_telling_the_password(address: str) -> None:
    with pytest.raises(InputError) as caught:
        Store(address)
    assert "secret" not in str(caught.value)
    assert "KUBMAP_DATABASE_URL" in str(caught.value)


def test_the_working_folder_does_not_matter(tmp_path: Path) -> None:
    program = "from kubmap.store import Store; s = Store('sqlite:///here.sqlite'); s.migrate(); print(s.revision())"
    paths = os.environ | {"PYTHONPATH": str(Path(kubmap.__file__).parents[1])}
    command_line = [sys.executable, "-c", program]
    done = subprocess.run(command_line, cwd=tmp_path, env=paths, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert (tmp_path / "here.sqlite").exists()


def test_a_new_store_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/deep/kubmap.sqlite")
    store.migrate()
    modes = {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "deep").iterdir()}
    assert modes == {0o600}
    store.close()
