"""Feeds at the desk, on the command line and beside the server: who may, what is said, what is polled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from kubmap.atlas.atlas import load_atlas
from kubmap.desk import poller
from kubmap.desk.access import User
from kubmap.desk.feeds import Feeds, fetcher_of
from kubmap.domain import MOSCOW, Role
from kubmap.errors import AccessError, FetchError, InputError
from kubmap.settings import Settings
from kubmap.store import sources
from kubmap.store.backup import backup, restore
from kubmap.store.leases import Lease
from kubmap.store.store import Store
from tests.feed_site import Site, item, rss, send, serving

CRASH = "В Кореновске 22 ноября около 5:00 столкнулись две машины, пострадали двое."
ANNA = User("1", "anna", Role.EDITOR)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        found.answers["/rss"] = send(rss([item(CRASH, guid="1", link="javascript:x()"), item("", guid="2")]))
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'kubmap.sqlite'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def feeds(store, site) -> Feeds:
    return Feeds(store, load_atlas(), fetcher_of("127.0.0.1/32", str(site.port)))


@pytest.fixture
def command(tmp_path, site):
    """`kubmap …` over the store of the test."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kubmap", *args], env=environment(tmp_path, site), capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip

    return run


def environment(home: Path, site: Site, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "KUBMAP_DATABASE_URL"}
    own = {"KUBMAP_HOME": str(home), "KUBMAP_FETCH_ALLOW": "127.0.0.1/32", "KUBMAP_FETCH_PORTS": str(site.port)}
    return {**kept, **own, "PYTHONPATH": str(Path(__file__).parents[1]), **more}


@pytest.mark.parametrize("who", [None, User("2", "reader", Role.READER)])
def test_the_role_is_asked_for_inside_every_action(feeds, site, who):
    made = feeds.add(ANNA, url=site.url("/rss"), name="Район")
    seen = len(site.seen)
    actions = {
        "every": lambda: feeds.every(who),
        "trial": lambda: feeds.trial(who, site.url("/rss")),
        "add": lambda: feeds.add(who, url=site.url("/other"), name="Другая"),
        "rename": lambda: feeds.rename(who, made.id, "Иначе"),
        "set_enabled": lambda: feeds.set_enabled(who, made.id, enabled=False),
        "remove": lambda: feeds.remove(who, made.id),
        "pull": lambda: feeds.pull(who, [made.id]),
    }
    assert actions.keys() == {name for name in vars(Feeds) if not name.startswith("_")} - {"tried", "puller"}
    for action in actions.values():
        with pytest.raises(AccessError):
            action()
    assert feeds.every(ANNA) == (made,)
    assert len(site.seen) == seen


def test_a_trial_shows_what_would_be_read_and_keeps_nothing(feeds, site, store):
    trial = feeds.trial(ANNA, site.url("/rss"))
    assert (trial.title, trial.total, trial.url) == ("Новости района", 2, site.url("/rss"))
    first, second = trial.items
    assert (first.what, first.place) == ("ДТП", "Кореновск")
    assert "нет текста" in second.issue
    assert (store.find(), feeds.every(ANNA)) == ((), ())
    site.answers["/moved"] = send(b"", status=301, Location="/rss")
    assert feeds.trial(ANNA, site.url("/moved")).url == site.url("/rss")
    site.answers["/no"] = send(b"nothing")
    for path, error in (("/no", InputError), ("/missing", FetchError)):
        with pytest.raises(error):
            feeds.trial(ANNA, site.url(path))


def test_asking_now_does_not_wait_and_says_when_another_process_polls(feeds, site, store):
    made = feeds.add(ANNA, url=site.url("/later"), name="Район")
    assert [each.ok for each in feeds.pull(ANNA, [made.id])] == [False]
    site.answers["/later"] = site.answers["/rss"]
    assert [each.ok for each in feeds.pull(ANNA, [made.id])] == [True]
    other = Lease(store.engine, "pull", lambda: datetime.now(MOSCOW))
    assert other.take()
    with pytest.raises(InputError, match="другой процесс"):
        feeds.pull(ANNA, [made.id])


@pytest.mark.parametrize(("allow", "ports"), [("nonsense", ""), ("", "http"), ("10.0.0.0/99", "")])
def test_settings_that_cannot_be_read_are_named(allow, ports):
    with pytest.raises(InputError, match="KUBMAP_FETCH_ALLOW"):
        fetcher_of(allow, ports)


def test_the_command_line(command, site, store):
    added = command("source", "add", site.url("/rss"))
    assert added.returncode == 0, added.stderr
    assert "ДТП, Кореновск" in added.stdout
    assert command("source", "add", site.url("/rss")).returncode == 2
    assert command("source", "add", site.url("/missing")).returncode == 1
    pulled = command("pull")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert "Новости района: новых 1, изменилось 0, прежних 0; не принято 1: запись 2: нет текста" in pulled.stdout
    assert [each.text for each in store.find()] == [CRASH]
    listed = command("source", "list").stdout.split("\t")
    assert (listed[0], listed[2], listed[3]) == ("Новости района", "ok", "records 1")
    assert command("source", "add", site.url("/bad"), "--unread", "--name", "Плохая \x1b[31m\u202e").returncode == 0
    failed = command("pull")
    assert failed.returncode == 1
    assert "по этому адресу ничего нет (404)" in failed.stderr
    assert "\x1b" not in failed.stderr + command("source", "list").stdout
    assert "прежних 1" in failed.stdout, "the good one was read all the same"
    assert command("source", "disable", site.url("/bad")).returncode == 0
    assert command("pull").returncode == 0
    assert command("source", "enable", site.url("/bad")).returncode == 0
    assert command("pull", "Новости района").returncode == 0
    assert command("source", "remove", site.url("/bad")).returncode == 0
    assert command("source", "remove", site.url("/bad")).returncode == 3
    assert len(sources.every(store.engine)) == 1


def test_a_copy_of_the_store_has_its_sources_and_knows_their_items(feeds, site, store, tmp_path):
    made = feeds.add(ANNA, url=site.url("/rss"), name="Район")
    feeds.pull(ANNA, [made.id])
    Lease(store.engine, "pull", lambda: datetime.now(MOSCOW)).take()
    backup(store.engine, tmp_path / "copy.zip", now=datetime.now(MOSCOW))
    url = f"sqlite:///{tmp_path / 'second.sqlite'}"
    restore(url, tmp_path / "copy.zip", now=datetime.now(MOSCOW))
    second = Store(url)
    again = Feeds(second, feeds.atlas, feeds.fetcher)
    assert again.every(ANNA) == feeds.every(ANNA)
    assert sources.known_items(second.engine, made.id) == sources.known_items(store.engine, made.id) != {}
    (done,) = again.pull(ANNA, [made.id])  # the lease of the other store did not come along
    assert (done.report.added, done.report.unchanged) == (0, 1)
    second.close()


def test_beside_a_server_a_process_polls_what_is_due(feeds, site, store, tmp_path, monkeypatch):
    for name, value in environment(tmp_path, site).items():
        monkeypatch.setenv(name, value)
    chosen = Settings()
    assert poller.start(chosen) is None, "by default nothing is polled"
    assert poller.poll_if_due(chosen) is False
    feeds.add(ANNA, url=site.url("/rss"), name="Район")
    assert poller.poll_if_due(chosen) is True
    assert [each.text for each in store.find()] == [CRASH]


def test_a_turn_that_fails_is_not_the_last(monkeypatch):
    turns: list[int] = []

    class EndError(BaseException):
        """Ends the loop of the test."""

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) < 3:
            raise OSError("no database")
        raise EndError

    monkeypatch.setattr(poller.time, "sleep", lambda _: None)
    with pytest.raises(EndError):
        poller._forever(turn, 60)
    assert turns == [0, 1, 2]


@pytest.mark.slow
def test_serve_polls_by_itself_and_ends_when_told(feeds, site, store, tmp_path):
    feeds.add(ANNA, url=site.url("/rss"), name="Район")
    env = environment(tmp_path, site, KUBMAP_PULL_MINUTES="0.05")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kubmap", "serve", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 90
        while not store.find():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text("utf-8")[-2000:]
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert [each.text for each in store.find()] == [CRASH]
