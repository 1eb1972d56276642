from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine, text

from kubmap.domain import MOSCOW, Category, Incident, Status
from kubmap.store import Store

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _helper() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kubmap_test_postgres", Path(__file__).with_name("postgres.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a cluster of this (xdist) process, with {} for the database; fails where make test asked for it."""
    helper = _helper()
    folder = helper.binaries()
    if folder is None:
        message = "PostgreSQL is not installed (initdb not found): apt-get install postgresql"
        if os.environ.get("KUBMAP_TEST_POSTGRES") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with helper.cluster(folder) as url:
        yield url


class Databases:
    """Empty and migrated databases of one kind; a migrated one is a copy of a template."""

    def __init__(self, empty: Callable[[str], str], copy: Callable[[str, str], str]) -> None:
        self._numbers = itertools.count()
        self._copy = copy
        self.empty = lambda: empty(f"db{next(self._numbers)}")
        url = empty("template")
        store = Store(url)
        store.migrate()
        store.close()

    def migrated(self) -> str:
        return self._copy("template", f"db{next(self._numbers)}")


def _sqlite(folder: Path) -> Databases:
    def copy(source: str, name: str) -> str:
        shutil.copy(folder / f"{source}.sqlite", folder / f"{name}.sqlite")
        return f"sqlite:///{folder}/{name}.sqlite"

    return Databases(lambda name: f"sqlite:///{folder}/{name}.sqlite", copy)


def _postgres(url: str) -> Databases:
    admin = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")

    def make(name: str, more: str = "") -> str:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} {more}"))
        return url.format(name)

    return Databases(make, lambda source, name: make(name, f"TEMPLATE {source} STRATEGY FILE_COPY"))


@pytest.fixture(scope="session", params=BACKENDS)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    if request.param == "sqlite":
        return _sqlite(tmp_path_factory.mktemp("sqlite"))
    return _postgres(request.getfixturevalue("postgres_url"))


@pytest.fixture
def empty_url(databases: Databases) -> str:
    return databases.empty()


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.migrated()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A migrated, empty store on each database."""
    made = Store(url)
    yield made
    made.close()


@pytest.fixture
def make_store(url: str) -> Iterator[Callable[..., Store]]:
    """Further stores on the database of `store`, as other processes open them."""
    made: list[Store] = []

    def make(**options: object) -> Store:
        made.append(Store(url, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def draft() -> Callable[..., Incident]:
    """A small incident; options are fields."""

    def make(**fields: object) -> Incident:
        values: dict[str, object] = {
            "id": "", "version": 0, "status": Status.DRAFT, "category": Category.FIRE, "title": "Пожар",
            "text": "В Ейске горел склад.",
        }  # fmt: skip
        return Incident(**values | fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 5, 1, 12, 0, tzinfo=MOSCOW)
