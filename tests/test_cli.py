"""The command line: documented, streaming, honest exit codes; run in processes of their own, as people do it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kubmap.cli import app
from kubmap.store import Store

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
SEED_1 = (
    "Авария произошла 22 ноября около 5:00 на федеральной трассе Кропоткин — Краснодар. По предварительным данным,…"
)


def command_names(group: typer.core.TyperGroup, prefix: str = "kubmap") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from command_names(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def kubmap(*args: str, given: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    data = given.encode() if isinstance(given, str) else given
    return subprocess.run(
        [sys.executable, "-m", "kubmap", *args], input=data, capture_output=True, check=False, timeout=120
    )


def test_every_command_is_documented() -> None:
    documented = set(re.findall(r"^\| `(kubmap [a-z -]+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert documented == set(command_names(group))


@pytest.mark.parametrize("command", [[], ["parse"], ["geocode"], ["import"], ["serve"], ["atlas", "check"]])
def test_help_is_there_and_names_the_exit_codes(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], terminal_width=120)
    assert shown.exit_code == 0
    assert "Exit codes" in shown.output


def test_parse_keeps_the_order_sets_bad_lines_aside_and_exits_1(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": SEED_1, "published": "2021-11-23"}, {"id": "b", "text": "Свод правил приняли."}]
    lines = [json.dumps(rows[0]), "{oops", json.dumps({"id": "x"}), json.dumps(rows[1])]
    source, answers, rejects = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "bad.jsonl"
    source.write_text("\n".join(lines), "utf-8")
    done = kubmap("parse", str(source), "-o", str(answers), "--rejects", str(rejects))
    assert done.returncode == 1, done.stderr.decode()
    assert [json.loads(line)["id"] for line in answers.read_text("utf-8").splitlines()] == ["a", "b"]
    bad = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [(row["line"], row["field"]) for row in bad] == [(2, None), (3, "text")]
    assert all(row["reason"] for row in bad)


def test_parse_reads_standard_input_and_writes_the_contract() -> None:
    done = kubmap("parse", "-", given=json.dumps({"id": "1", "text": SEED_1, "published": "2021-11-23"}))
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert set(answer) >= {
        "id", "category", "is_scheduled", "starts_at", "ends_at", "casualties", "places", "location", "alternatives",
        "reasons",
    }  # fmt: skip
    assert answer["starts_at"] == "2021-11-22T05:00+03:00"
    assert set(answer["location"]) >= {
        "lat", "lon", "precision", "radius_m", "label", "municipality", "zone", "road", "km", "method", "geometry",
    }  # fmt: skip


def test_a_file_that_is_not_there_is_wrong_usage() -> None:
    done = kubmap("parse", "no-such-file.jsonl")
    assert done.returncode == 2
    assert b"no-such-file.jsonl" in done.stderr


def test_geocode_prints_json_and_exits_1_when_there_is_nothing() -> None:
    done = kubmap("geocode", "на 1362-м км М-4 «Дон»", "--json")
    assert done.returncode == 0, done.stderr.decode()
    best = json.loads(done.stdout)[0]
    assert best["precision"] == "road_km"
    assert best["km"] == 1362
    assert kubmap("geocode", "Абракадабровка").returncode == 1


def test_import_is_idempotent_and_keeps_what_it_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBMAP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KUBMAP_DATABASE_URL", raising=False)
    source = tmp_path / "in.csv"
    source.write_text(f'text;published\n"{SEED_1}";2021-11-23\n"";2021-11-23\n', "utf-8")
    first, second = (kubmap("import", str(source), "--publish") for _ in range(2))
    assert (first.returncode, second.returncode) == (1, 1), first.stderr.decode()
    assert (tmp_path / "in.rejects.csv").read_text("utf-8-sig").splitlines()[0] == "text;published;Ошибка"
    kubmap("import", str(source), "--rejects", str(tmp_path / "bad.jsonl"))
    (bad,) = map(json.loads, (tmp_path / "bad.jsonl").read_text("utf-8").splitlines())
    assert (bad["line"], bad["reason"]) == (3, "столбец «text»: пусто: нужен текст сообщения")
    store = Store(f"sqlite:///{tmp_path / 'home' / 'kubmap.sqlite'}")
    assert len(list(store.find())) == 1
