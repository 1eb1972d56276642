"""A desk over a migrated store on each database, at a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.desk.access import User
from kubmap.desk.desk import Desk
from kubmap.domain import MOSCOW, Role
from kubmap.errors import DataError
from tests.store.conftest import databases, empty_url, make_store, postgres_url, store, url

__all__ = ["databases", "empty_url", "make_store", "postgres_url", "store", "url"]

ANN = User("1", "анна", Role.EDITOR)
BOB = User("2", "boris", Role.EDITOR)
CHIEF = User("3", "chief", Role.CHIEF)
READER = User("4", "reader", Role.READER)


@dataclass
class Clock:
    """The desk's time."""

    at: datetime = datetime(2021, 11, 23, 12, 0, tzinfo=MOSCOW)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@pytest.fixture(scope="session")
def atlas():
    try:
        data_folder()
    except DataError:
        pytest.skip("data/geo is not built")
    return load_atlas()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(store, atlas, clock):
    return Desk(store, atlas, now=clock)


@pytest.fixture
def paste(desk):
    """One draft of a text."""

    def one(text="В Ейске 22 ноября на улице Мира горел склад.", **options):
        (found,) = desk.paste(ANN, text, **options)
        return found.incident

    return one
