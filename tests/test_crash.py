"""The server is killed while eight editors write, and eight write at once: nothing that was acknowledged is lost."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from kubmap.store import codec
from kubmap.store import engine as engines
from kubmap.store.schema import history, incidents, working
from tests.desk_client import Editor, Newsroom, RefusedError

pytestmark = pytest.mark.slow

EDITORS = 8
WRITES = 1_000
"""What a round is made for; the server dies somewhere among them, and until then nobody stops writing."""
ROUNDS = 5


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    made = Newsroom(tmp_path_factory.mktemp("crash"), editors=EDITORS)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """It answers, whatever the test before left of it."""
    if not newsroom.runs:
        newsroom.start()
    return newsroom


@pytest.fixture(scope="module")
def editors(newsroom: Newsroom) -> list[Editor]:
    """Logged in once: their sessions outlive the server."""
    found = [Editor(newsroom, login) for login in newsroom.logins]
    for each in found:
        each.log_in()
    return found


@dataclass
class Kept:
    """What one editor was told is stored: texts by record, titles by record and version, what was typed over one."""

    texts: dict[str, str] = field(default_factory=dict)
    titles: dict[tuple[str, int], str] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    notes: str = ""
    """The record that they type over and never save."""
    typed: list[str | None] = field(default_factory=lambda: [None])
    """The last that was acknowledged and, while it is under way, the next."""
    attempted: int = 0
    done: int = 0


def work(editor: Editor, kept: Kept, mark: str, told: Callable[[], None]) -> None:
    """Write as an editor does: paste, correct, type, publish; stops when nobody answers."""
    record: dict[str, Any] | None = None
    for turn in range(WRITES):
        name = f"{mark}, {editor.login}, запись {turn}"
        kept.attempted += 1
        try:
            if turn % 4 == 3:
                kept.typed.append(name)
                editor.post("/autosave", id=kept.notes, base_version=1, changes={"text": name})
                kept.typed = [name]
            elif turn % 4 == 0 or record is None:
                text = f"В Ейске 22 ноября горел склад. Это {name}."
                record = editor.post("/paste", text=text)["drafts"][0]["incident"]
                kept.texts[record["id"]] = text
                kept.notes = kept.notes or record["id"]
                record = None if kept.notes == record["id"] else record
            elif turn % 12 == 2:
                assert not editor.post("/publish", ids=[record["id"]])["failed"]
                kept.published.add(record["id"])
                record = None
            else:
                path, base = f"/incidents/{record['id']}/save", record["version"]
                record = editor.post(path, base_version=base, changes={"title": name})["incident"]
                kept.titles[record["id"], record["version"]] = name
        except (OSError, http.client.HTTPException):
            return
        except RefusedError as error:
            if error.status != 429:  # that is told who is faster than the others by far
                raise
            kept.attempted -= 1
            time.sleep(0.1)
            continue
        kept.done += 1
        told()


def all_at_once(tasks: list[Callable[[], None]]) -> None:
    """Run them in threads; what one raises is raised."""
    errors: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001  raised below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if errors:
        raise errors[0]


def killed_while_writing(room: Newsroom, editors: list[Editor], mark: str, after: int) -> list[Kept]:
    """A round: the server is killed once `after` writes were acknowledged, with others under way."""
    kept = [Kept() for _ in editors]
    enough = threading.Semaphore(0)

    def kill() -> None:
        for _ in range(after):
            enough.acquire()
        time.sleep(random.uniform(0, 0.02))
        room.kill()

    writers: list[Callable[[], None]] = [
        lambda editor=editor, one=one: work(editor, one, mark, enough.release)  # type: ignore[misc]
        for editor, one in zip(editors, kept, strict=True)
    ]
    all_at_once([kill, *writers])
    return kept


def check_store(room: Newsroom) -> None:
    """The file is sound, each record is what the last of its versions says, and no version is missing."""
    store = room.store()
    with engines.reading(store.engine) as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        records = {row["id"]: codec.from_row(row) for row in connection.execute(select(incidents)).mappings()}
        versions: dict[str, list[tuple[int, str]]] = {}
        columns = (history.c.incident_id, history.c.version, history.c.snapshot)
        for name, version, snapshot in connection.execute(select(*columns).order_by(history.c.version)):
            versions.setdefault(name, []).append((version, snapshot))
    store.close()
    assert versions.keys() == records.keys()
    for name, record in records.items():
        assert [version for version, _ in versions[name]] == list(range(1, record.version + 1))
        assert codec.loads(versions[name][-1][1]) == json.loads(codec.dumps(codec.to_json(record)))


def check_kept(room: Newsroom, editor: Editor, kept: Kept) -> None:
    """All that the editor was told is stored is stored."""
    store = room.store()
    with engines.reading(store.engine) as connection:
        rows = connection.execute(select(incidents.c.id, incidents.c.text, incidents.c.status)).all()
        texts, status = {row.id: row.text for row in rows}, {row.id: row.status for row in rows}
        told = connection.execute(select(history.c.incident_id, history.c.version, history.c.snapshot))
        titles = {(name, version): codec.loads(text).get("title") for name, version, text in told}
        mine = (working.c.owner == editor.login) & (working.c.target == kept.notes)
        typed = connection.scalar(select(working.c.content).where(mine))
    store.close()
    assert kept.texts.items() <= texts.items()
    assert kept.titles.items() <= titles.items()
    assert {status[each] for each in kept.published} <= {"published"}
    assert (codec.loads(typed)["text"] if typed else None) in kept.typed


def test_killed_during_a_thousand_writes_five_times_over(room: Newsroom, editors: list[Editor]) -> None:
    chance = random.Random(20211122)
    done = 0
    for number in range(ROUNDS):
        after = chance.randint(WRITES // 10, WRITES * 6 // 10)
        kept = killed_while_writing(room, editors, f"раунд {number}", after)
        acknowledged = sum(each.done for each in kept)
        assert acknowledged >= after
        assert all(each.attempted > each.done for each in kept), "each was met by the kill while it wrote"
        done += acknowledged
        for editor, each in zip(editors, kept, strict=True):
            check_kept(room, editor, each)
        check_store(room)
        room.start()
    store = room.store()
    with engines.reading(store.engine) as connection:
        one = connection.scalars(select(incidents.c.id).limit(1)).one()
    store.close()
    opened = editors[0].get(f"/incidents/{one}")  # the session is still good, and the desk works
    assert opened["history"][-1]["version"] == opened["incident"]["version"]
    print(f"{done} writes acknowledged in {ROUNDS} rounds")  # noqa: T201  shown with -s


def increment(editor: Editor, record: str, seen: dict[str, Any], mark: str) -> tuple[dict[str, Any], int]:
    """Add one to the number in a record's title; returns it as it is then, and how often others were faster."""
    lost = 0
    while True:
        number = int(seen["title"].split()[0])
        changes = {"title": f"{number + 1} {mark}"}  # unlike anybody's, or two equal changes would be one
        try:
            data = editor.post(f"/incidents/{record}/save", base_version=seen["version"], changes=changes)
        except RefusedError as error:
            if error.status == 429:
                time.sleep(1)
                continue
            if error.status != 409:
                raise
            seen, lost = newer(error.data["clash"], seen), lost + 1
            continue
        return data["incident"], lost


def newer(clash: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    """The record as the answer of a clash tells it."""
    assert [each["name"] for each in clash["fields"]] == ["title"]
    assert clash["theirs"]["version"] > seen["version"]
    theirs: dict[str, Any] = clash["theirs"]
    return theirs


def numbered(editor: Editor, name: str) -> dict[str, Any]:
    """A record with the number 0."""
    made = editor.post("/paste", text=f"В Ейске 22 ноября горел склад. Счёт {name}.")["drafts"][0]["incident"]
    path = f"/incidents/{made['id']}/save"
    saved: dict[str, Any] = editor.post(path, base_version=1, changes={"title": "0"})["incident"]
    return saved


def test_eight_writers_on_one_record_lose_nothing(room: Newsroom, editors: list[Editor]) -> None:
    each = 12
    first = numbered(editors[0], "один")
    clashes: Counter[str] = Counter()

    def add(editor: Editor) -> None:
        seen = first
        for turn in range(each):
            seen, lost = increment(editor, first["id"], seen, f"{editor.login}-{turn}")
            clashes[editor.login] += lost

    all_at_once([lambda editor=editor: add(editor) for editor in editors])  # type: ignore[misc]
    last = editors[0].get(f"/incidents/{first['id']}")
    assert int(last["incident"]["title"].split()[0]) == each * EDITORS
    assert last["incident"]["version"] == first["version"] + each * EDITORS
    assert sum(clashes.values()) > 0, "they met"
    numbers = [int(entry["diff"][0]["after"].split()[0]) for entry in last["history"] if entry["version"] > 2]
    assert sorted(numbers) == list(range(1, each * EDITORS + 1))
    check_store(room)


def test_eight_writers_on_many_records_lose_nothing(room: Newsroom, editors: list[Editor]) -> None:
    firsts = [numbered(editors[0], f"много {number}") for number in range(EDITORS)]
    done: Counter[str] = Counter()
    counting = threading.Lock()

    def add(editor: Editor, chance: random.Random) -> None:
        seen = {each["id"]: each for each in firsts}
        for turn in range(15):
            name = chance.choice(sorted(seen))
            seen[name], _ = increment(editor, name, seen[name], f"{editor.login}-{turn}")
            with counting:
                done[name] += 1

    all_at_once(
        [lambda editor=editor, at=at: add(editor, random.Random(at)) for at, editor in enumerate(editors)]  # type: ignore[misc]
    )
    for first in firsts:
        last = editors[0].get(f"/incidents/{first['id']}")["incident"]
        assert int(last["title"].split()[0]) == done[first["id"]]
    assert sum(done.values()) == 15 * EDITORS
    check_store(room)


def test_different_fields_at_once_are_all_there(room: Newsroom, editors: list[Editor]) -> None:
    first = numbered(editors[0], "поля")
    changes = [
        {"title": "Заголовок"},
        {"source_name": "Источник"},
        {"source_url": "https://news.example/1"},
        {"category": "crime"},
        {"published_at": "2021-11-23"},
        {"starts_at": "2021-11-22"},
        {"ends_at": "2031-11-24"},
        {"casualties": {"dead": 0, "injured": 3}},
    ]
    path = f"/incidents/{first['id']}/save"
    version = first["version"]
    tasks = [
        lambda editor=editor, change=change: editor.post(path, base_version=version, changes=change)  # type: ignore[misc]
        for editor, change in zip(editors, changes, strict=True)
    ]
    all_at_once(tasks)
    last = editors[0].get(f"/incidents/{first['id']}")["incident"]
    assert last["version"] == first["version"] + len(changes)
    for change in changes:
        for name, value in change.items():
            assert last[name] == value, name
