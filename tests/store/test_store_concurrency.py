"""Eight editors at once, a writer that is killed, a reader in another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

import kubmap
from kubmap.domain import Incident, Status
from kubmap.errors import ConflictError
from kubmap.store import Store

Make = Callable[..., Incident]
WRITERS, ROUNDS = 8, 6
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(kubmap.__file__).parents[1])}

WRITE_UNTIL_KILLED = """
import sys
from kubmap.domain import Category, Incident, Status
from kubmap.store import Store
store = Store(sys.argv[1])
for number in range(100_000):
    new = Incident(id="", version=0, status=Status.PUBLISHED, category=Category.FIRE, title=str(number), text="Пожар")
    added = store.add(new, actor="робот")
    print(added.id, 1, flush=True)
    store.update(added.id, expected_version=1, changes={"title": "новый"}, actor="робот")
    print(added.id, 2, flush=True)
"""


def test_no_update_is_lost(store: Store, make_store: Callable[..., Store], draft: Make) -> None:
    counted = store.add(draft(title="0", status=Status.PUBLISHED), actor="анна")
    stores = [make_store() for _ in range(WRITERS)]
    conflicts = []

    def count_up(mine: Store) -> None:
        done = 0
        while done < ROUNDS:
            now = mine.get(counted.id)
            changes = {"title": str(int(now.title or "") + 1)}
            try:
                mine.update(counted.id, expected_version=now.version, changes=changes, actor="робот")
                done += 1
            except ConflictError as error:
                conflicts.append(error)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count_up, stores))
    total = WRITERS * ROUNDS
    last = store.get(counted.id)
    assert (last.title, last.version) == (str(total), total + 1)
    assert [entry.version for entry in store.history(counted.id)] == list(range(1, total + 2))
    assert store.revision() == total + 1
    assert all(error.found > error.expected for error in conflicts)


def test_eight_that_add_at_once(store: Store, make_store: Callable[..., Store], draft: Make) -> None:
    stores = [make_store() for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        added = list(pool.map(lambda mine: [mine.add(draft(), actor="анна").id for _ in range(ROUNDS)], stores))
    ids = {each for some in added for each in some}
    assert {each.id for each in store.find(limit=1000)} == ids
    assert len(ids) == WRITERS * ROUNDS


def test_a_reader_does_not_wait_for_a_writer(store: Store, make_store: Callable[..., Store], draft: Make) -> None:
    shown = store.add(draft(status=Status.PUBLISHED), actor="анна")
    writing, read = threading.Event(), threading.Event()

    def hold() -> None:
        with make_store().writing() as writer:
            writer.update(shown.id, expected_version=1, changes={"title": "B"}, actor="анна")
            writing.set()
            read.wait(10)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert writing.wait(10)
        assert store.published().incidents == (shown,)
        assert store.revision() == 1
        read.set()
        held.result(10)
    assert store.revision() == 2


def test_the_revision_is_seen_from_another_process(store: Store, url: str, draft: Make) -> None:
    store.add(draft(status=Status.PUBLISHED), actor="анна")
    program = "import sys; from kubmap.store import Store; print(Store(sys.argv[1]).revision())"
    command = [sys.executable, "-c", program, url]
    seen = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "1"


@pytest.mark.parametrize("acknowledged", [7, 60])
def test_a_killed_writer_leaves_every_acknowledged_write(store: Store, url: str, acknowledged: int) -> None:
    command = [sys.executable, "-c", WRITE_UNTIL_KILLED, url]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().split() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        told += [line.split() for line in process.stdout if len(line.split()) == 2]
    assert process.returncode == -signal.SIGKILL
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    for incident_id, version in told:
        assert store.get(incident_id).version >= int(version)
    versions = 0
    for each in store.find(limit=100_000):
        entries = store.history(each.id)
        assert entries[-1].snapshot == each
        assert [entry.version for entry in entries] == list(range(1, each.version + 1))
        versions += len(entries)
    assert store.revision() == versions
    assert store.published().revision == versions
