"""The wheel works outside the checkout: it carries its data, its page files and its migrations."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree and installed into a folder of its own (its dependencies are the test's)."""
    folder = tmp_path_factory.mktemp("wheel")
    for command in (
        ["build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder / "site"), "--find-links",
         str(folder), "kubmap"],
    ):  # fmt: skip
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KUBMAP_")}
    return kept | {"PYTHONPATH": str(folder / "site"), "KUBMAP_HOME": str(folder / "home")}


def run(folder: Path, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, *args], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_carries_data_and_no_tests(installed: Path) -> None:
    names = zipfile.ZipFile(next(installed.glob("*.whl"))).namelist()
    assert "kubmap/data/geo/settlements.csv" in names
    assert "kubmap/data/geo/SOURCES.md" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_command_line_reads_from_the_installed_data(installed: Path) -> None:
    assert str(installed) in run(installed, "-c", "import kubmap; print(kubmap.__file__)")
    assert str(installed) in run(installed, "-c", "from kubmap.atlas.atlas import data_folder; print(data_folder())")
    assert "1362" in run(installed, "-m", "kubmap", "geocode", "на 1362-м км М-4 «Дон»")


def test_it_serves_the_map_and_the_app(installed: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kubmap", "serve", "--seed", "--port", str(port)]
    with subprocess.Popen(command, cwd=installed, env=environment(installed), stdout=subprocess.DEVNULL) as server:
        try:
            assert fetched(f"http://127.0.0.1:{port}/healthz")
            assert b"leaflet" in fetched(f"http://127.0.0.1:{port}/map").lower()
            assert b"streamlit" in fetched(f"http://127.0.0.1:{port}/").lower()
        finally:
            server.terminate()


def fetched(url: str, *, seconds: float = 60) -> bytes:
    """The body, as soon as the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
