"""An import adds once, renews what no editor touched, and never takes anything from readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from kubmap.domain import (
    Alternative,
    Casualties,
    Category,
    Incident,
    Location,
    Moment,
    Outage,
    Precision,
    Reason,
    Status,
    Teaser,
)
from kubmap.store import Store
from kubmap.store.demo import SOURCE_NAME, TEASERS
from kubmap.store.intake import Report, incident_of, intake, intake_file, seed
from kubmap.store.rows import BadRow, Row

EYSK = Location(46.71, 38.27, Precision.SETTLEMENT, 4000, "Ейск", municipality="Ейский район")
ANAPA = Location(44.89, 37.32, Precision.SETTLEMENT, 6000, "Анапа", municipality="Анапа")
SEED_PAGE = Path(__file__).parents[3] / "shared" / "seed" / "page.txt"


@dataclass(frozen=True)
class Read:
    category: Category = Category.FIRE
    is_scheduled: bool | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    casualties: Casualties = field(default_factory=Casualties)
    outage: Outage | None = None
    location: Location | None = EYSK
    alternatives: tuple[Alternative, ...] = ()
    reasons: tuple[Reason, ...] = ()


def read(teaser: Teaser) -> Read:
    return Read(Category.NONE, location=None) if "рецепт" in teaser.text else Read()


def says(**fields: object) -> Callable[[Teaser], Read]:
    return lambda _: replace(Read(), **fields)  # type: ignore[arg-type]


def given(*texts: str) -> list[Row | BadRow]:
    return [
        Row(line, Teaser(str(line), text, source_url="https://example.org/x")) for line, text in enumerate(texts, 1)
    ]


def only(store: Store) -> Incident:
    (found,) = store.find()
    return found


def test_drafts_by_default_and_readers_see_with_publish(store: Store) -> None:
    assert intake(store, given("пожар", "рецепт"), read, publish=False) == Report(read=2, added=2, not_incidents=1)
    assert {each.status for each in store.find()} == {Status.DRAFT}
    assert store.revision() == 0
    assert intake(store, given("пожар", "рецепт"), read, publish=True) == Report(
        read=2, updated=1, unchanged=1, not_incidents=1
    )
    (shown,) = store.published().incidents
    assert (shown.text, shown.version, shown.created_by) == ("пожар", 2, "import")
    assert {each.category for each in store.find(status=Status.DRAFT)} == {Category.NONE}


def test_the_same_again_changes_nothing(store: Store) -> None:
    first = intake(store, given("пожар", "Пожар ", "второй пожар"), read, publish=True)
    assert first == Report(read=3, added=2, unchanged=1)
    before, revision = store.find(), store.revision()
    assert intake(store, given("ПОЖАР", "второй  пожар"), read, publish=True) == Report(read=2, unchanged=2)
    assert (store.find(), store.revision()) == (before, revision)


def test_a_better_reading_renews_what_nobody_touched(store: Store) -> None:
    intake(store, given("пожар"), says(starts_at=date(2021, 11, 22)), publish=True)
    first = only(store)
    store.update(first.id, expected_version=1, changes={"starts_at": date(2021, 11, 21)}, actor="анна")
    better = says(starts_at=date(2021, 11, 20), category=Category.ROAD_ACCIDENT, location=ANAPA)
    assert intake(store, given("пожар"), better, publish=True) == Report(read=1, updated=1)
    now = only(store)
    assert (now.starts_at, now.category, now.location) == (date(2021, 11, 21), Category.ROAD_ACCIDENT, ANAPA)
    assert [change.field for change in store.history(first.id)[-1].diff] == ["category", "location"]
    assert intake(store, given("пожар"), better, publish=True) == Report(read=1, unchanged=1)


def test_a_verified_location_does_not_move(store: Store) -> None:
    intake(store, given("пожар"), read, publish=True)
    first = only(store)
    store.update(first.id, expected_version=1, changes={"location_verified": True}, actor="анна")
    other = says(location=ANAPA, alternatives=(Alternative(EYSK, 0.5),), is_scheduled=True)
    assert intake(store, given("пожар"), other, publish=True).updated == 1
    now = only(store)
    assert (now.location, now.alternatives, now.is_scheduled, now.location_verified) == (EYSK, (), True, True)


@pytest.mark.parametrize("status", [Status.RETRACTED, Status.DRAFT])
def test_what_an_editor_took_back_stays_back(store: Store, status: Status) -> None:
    intake(store, given("пожар"), read, publish=True)
    first = only(store)
    store.update(first.id, expected_version=1, changes={"status": status}, actor="анна")
    for _ in range(2):
        intake(store, given("пожар"), says(is_scheduled=True), publish=True)
        assert only(store).status is status


def test_an_import_takes_nothing_from_readers(store: Store) -> None:
    intake(store, given("пожар"), read, publish=True)
    shown = only(store)
    for publish in (True, False):
        intake(store, given("пожар"), says(category=Category.NONE, location=None), publish=publish)
        assert only(store) == shown
    intake(store, given("пожар"), read, publish=False)
    assert only(store).status is Status.PUBLISHED


def test_a_reader_that_fails_sets_one_row_aside(store: Store) -> None:
    def fails(teaser: Teaser) -> Read:
        if "плохой" in teaser.text:
            raise ZeroDivisionError("ноль")
        return Read()

    told: list[BadRow] = []
    mixed = [BadRow(9, "не JSON", "{"), *given("пожар", "плохой")]
    report = intake(store, mixed, fails, publish=True, on_reject=told.append)
    assert report == Report(read=3, added=1, rejected=2)
    assert [(row.line, row.reason) for row in told] == [(9, "не JSON"), (2, "не удалось разобрать: ноль")]


def test_what_cannot_be_stored_is_set_aside(store: Store) -> None:
    told: list[BadRow] = []
    nowhere = says(location=replace(EYSK, lon=None))
    assert intake(store, given("пожар"), nowhere, publish=True, on_reject=told.append) == Report(read=1, rejected=1)
    assert "координаты" in told[0].reason
    assert store.find() == ()


def test_a_file_with_rejects_and_progress(store: Store, tmp_path: Path) -> None:
    path, rejects = tmp_path / "in.jsonl", tmp_path / "rejects.jsonl"
    path.write_text("".join(json.dumps({"text": f"пожар {number}"}) + "\n" for number in range(450)) + "{\n")
    steps: list[int] = []
    report = intake_file(store, path, read, publish=True, rejects=rejects, progress=steps.append)
    assert report == Report(read=451, added=450, rejected=1)
    assert (sum(steps), len(steps)) == (451, 3)
    assert json.loads(rejects.read_text())["line"] == 451
    assert store.revision() == 3
    path.write_text('{"text": "пожар"}\n')
    assert intake_file(store, path, read, publish=True, rejects=tmp_path / "none.jsonl").added == 1
    assert not (tmp_path / "none.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "content", "mended"),
    [
        ("a.csv", "text,published\nпожар,вчера\n", ("вчера", "2021-11-23")),
        ("a.jsonl", '{"text": "пожар", "published": "вчера"}\n', ("вчера", "2021-11-23")),
        ("a.jsonl", '{"text": "пожар", "published": "2021-11-23"\n', ('-23\\"', '-23\\"}')),
    ],
)
def test_rejects_are_mended_and_imported(
    store: Store, tmp_path: Path, name: str, content: str, mended: tuple[str, str]
) -> None:
    (tmp_path / name).write_text(content)
    rejects = tmp_path / "rejects.jsonl"
    assert intake_file(store, tmp_path / name, read, publish=True, rejects=rejects).rejected == 1
    assert intake_file(store, rejects, read, publish=True).rejected == 1
    rejects.write_text(rejects.read_text().replace(*mended))
    assert intake_file(store, rejects, read, publish=True) == Report(read=1, added=1)
    assert (only(store).text, only(store).published_at) == ("пожар", date(2021, 11, 23))


def test_an_import_that_was_cut_off_can_be_run_again(store: Store) -> None:
    def cut() -> object:
        yield from given(*(f"пожар {number}" for number in range(250)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake(store, cut(), read, publish=True)  # type: ignore[arg-type]
    assert len(store.find(limit=1000)) == 200
    texts = [f"пожар {number}" for number in range(250)]
    assert intake(store, given(*texts), read, publish=True) == Report(read=250, added=50, unchanged=200)


def test_incident_of_keeps_all_that_was_read() -> None:
    teaser = Teaser("1", "текст", "заголовок", date(2021, 11, 23), "https://example.org", "Газета")
    outage = Read(reasons=(Reason("fire"),), casualties=Casualties(dead=1), ends_at=date(2021, 11, 24))
    made = incident_of(teaser, outage)
    assert (made.title, made.published_at, made.source_name) == ("заголовок", date(2021, 11, 23), "Газета")
    assert (made.reasons, made.casualties, made.ends_at) == ((Reason("fire"),), Casualties(dead=1), date(2021, 11, 24))
    assert (made.status, made.location) == (Status.DRAFT, EYSK)


def seen(teaser: Teaser) -> Read:
    known = any(word in teaser.text for word in ("вария", "обман", "ремонтные"))
    return Read() if known else Read(Category.NONE, location=None)


def test_the_seed_is_shown_once_and_says_that_it_is_a_demonstration(store: Store) -> None:
    assert seed(store, seen) == Report(read=6, added=6, not_incidents=2)
    assert seed(store, seen) == Report(read=6, unchanged=6, not_incidents=2)
    now = store.published()
    assert (now.demo, now.revision, len(now.incidents)) == (True, 1, 4)
    assert {(each.source_name, each.created_by, each.published_at) for each in now.incidents} == {
        (SOURCE_NAME, "seed", date(2021, 11, 23))
    }


def test_real_data_take_the_demonstration_away(store: Store) -> None:
    seed(store, seen)
    intake(store, given("рецепт"), read, publish=True)
    intake(store, given("пожар"), read, publish=False)
    assert store.demo()
    first_of_seed = json.loads(TEASERS.read_text().splitlines()[0])["text"]
    real = [Row(1, Teaser("1", first_of_seed)), *given("пожар")]
    intake(store, real, seen, publish=True)
    intake(store, real, read, publish=True)
    now = store.published()
    assert not now.demo
    assert {(each.text, each.created_by) for each in now.incidents} == {(first_of_seed, "import"), ("пожар", "import")}
    assert seed(store, seen) == Report()
    assert store.published() == now


@pytest.mark.skipif(not SEED_PAGE.exists(), reason="../shared is absent")
def test_the_seed_is_word_for_word() -> None:
    texts = [json.loads(line)["text"] for line in TEASERS.read_text().splitlines()]
    assert texts == SEED_PAGE.read_text().splitlines()[-6:]
