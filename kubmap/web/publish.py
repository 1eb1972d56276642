"""`kubmap publish OUT/`: the files of site.py put into a folder, so that a reader never meets half a site.

Everything is first written beside the folder. Then what has changed is moved in, file by file: names that hold the
print of their content first (nothing refers to them yet), what refers to them after, the page last. A crash on the way
leaves the site of before; what is no longer referred to stays for the readers of the page of before, and goes later.
A file whose bytes are the same is not touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import orjson

from kubmap.errors import InputError, KubmapError
from kubmap.web import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kubmap.web.sitefile import File, Written
    from kubmap.web.source import Source

MANIFEST = "manifest.json"
GRACE_S = 3_600
"""How long a file that is no longer referred to stays, for pages that are open."""
FORMAT = 2


class BusyError(KubmapError):
    """Another process is writing the same site."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did; `size` is of the whole site, bytes."""

    written: int
    untouched: int
    removed: int
    size: int

    def summary(self) -> str:
        """One line for people."""
        files = self.written + self.untouched
        return (
            f"{files} files, {self.size / 1e6:.1f} MB: {self.written} written, {self.untouched} untouched, "
            f"{self.removed} removed"
        )


@dataclass(slots=True)
class Manifest:
    """What a folder holds: {path: [print, size, print of what it is made of]}, the state it shows, what may go.

    The state is "" while it is being changed.
    """

    state: str = ""
    files: dict[str, list[Any]] = field(default_factory=dict)
    retired: dict[str, float] = field(default_factory=dict)

    def encode(self) -> bytes:
        told = {"format": FORMAT, "state": self.state, "files": self.files, "retired": self.retired}
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def publish(source: Source, folder: Path, *, now: float | None = None) -> Report:
    """Write the site of the source's snapshot into `folder`; `now` is the time in seconds (for what may go).

    Raises:
        InputError: the folder holds something else.
        BusyError: another process is writing it.
    """
    snapshot = source.now()
    state = site.state(source, snapshot)
    files = partial(site.files, source, snapshot)
    return write(folder, state, files, now=time.time() if now is None else now)


def write(folder: Path, state: str, files: Callable[[Written], Iterable[File]], *, now: float) -> Report:
    """Put files, those that refer to others after them, into the folder.

    `files` is told what the folder has.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(folder)
    with _alone(beside.with_suffix(".lock"), folder):
        before = _manifest(folder)
        if before.state == state and _is_whole(folder, before):
            return Report(0, len(before.files), 0, _size(before))
        stage = beside.with_suffix(".new")
        shutil.rmtree(stage, ignore_errors=True)  # what a crash left
        try:
            after = Manifest(state)
            stager = _Stager(folder, stage, before, after)
            changed = [file.path for file in files(stager) if stager.put(file)]
            gone = _retire(before, after, now)
            if folder.exists():
                between = Manifest("", {**before.files, **after.files}, after.retired)
                _move(stage, folder, between, changed=changed, gone=gone)
                _put(folder / MANIFEST, after.encode())
            else:  # the first time all of it appears in one step
                _put(stage / MANIFEST, after.encode())
                stage.replace(folder)
            return Report(len(changed), len(after.files) - len(changed), len(gone), _size(after))
        finally:
            shutil.rmtree(stage, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Stager:
    """Writes what the folder has not into the stage."""

    folder: Path
    stage: Path
    before_: Manifest
    after: Manifest

    def put(self, file: File) -> bool:
        """Whether it is another one than the folder has; it is made only where nobody can tell without."""
        if file.given and file.given == self.given(file.path):
            self.after.files[file.path] = self.before_.files[file.path]
            return False
        content, fresh = _staged(self.folder, self.stage, file.path, file.parts())
        self.after.files[file.path] = [*content, file.given]
        return fresh

    def given(self, path: str) -> str:
        known = self.before_.files.get(path)
        return str(known[2]) if known and _has(self.folder, path, known[1]) else ""

    def before(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def read(self, path: str) -> bytes:
        staged = self.stage / path
        return (staged if staged.is_file() else self.folder / path).read_bytes()


def _move(stage: Path, folder: Path, between: Manifest, *, changed: Iterable[str], gone: Iterable[str]) -> None:
    """Move in what has changed. `between` names all files, old and new: after a crash it tells what may go."""
    _put(folder / MANIFEST, between.encode())
    for path in changed:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).replace(folder / path)
    for path in gone:
        (folder / path).unlink(missing_ok=True)


def _staged(folder: Path, stage: Path, path: str, parts: Iterable[bytes]) -> tuple[list[Any], bool]:
    """Print and size of the content, and whether the folder has other bytes there; those wait in the stage then."""
    digest, size = hashlib.blake2b(digest_size=12), 0
    waiting = stage / path
    waiting.parent.mkdir(parents=True, exist_ok=True)
    with _Comparison(folder / path) as there, waiting.open("wb") as file:
        for part in parts:
            digest.update(part)
            size += len(part)
            there.feed(part)
            file.write(part)
        same = there.is_same()
    if same:
        waiting.unlink()
    return [digest.hexdigest(), size], not same


class _Comparison:
    """Whether parts put together are the bytes of a file that may not be there."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb") if path.is_file() else None
        self._same = self._file is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def feed(self, part: bytes) -> None:
        if self._same and self._file is not None:
            self._same = self._file.read(len(part)) == part

    def is_same(self) -> bool:
        return self._same and self._file is not None and not self._file.read(1)


def _retire(before: Manifest, after: Manifest, now: float) -> list[str]:
    """Note what is no longer referred to; the paths of what has been so for long enough."""
    left = {path: before.retired.get(path, now) for path in (*before.files, *before.retired) if path not in after.files}
    gone = [path for path, since in left.items() if now - since >= GRACE_S]
    after.retired = {path: since for path, since in left.items() if now - since < GRACE_S}
    return gone


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        told = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        if folder.is_dir() and any(not path.name.startswith(".kubmap") for path in folder.iterdir()):
            raise InputError(f"{folder} is not empty and no site of kubmap: name another folder") from None
        return Manifest()
    except ValueError:
        raise InputError(f"{path} cannot be read: name another folder, or empty this one") from None
    if not isinstance(told, dict) or told.get("format") not in {1, FORMAT}:
        raise InputError(f"{path} is of another version of kubmap: name another folder, or empty this one")
    files = {path: [*known, ""][:3] for path, known in told["files"].items()}  # format 1 knew no third value
    return Manifest(told["state"], files, told["retired"])


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    return all(_has(folder, path, known[1]) for path, known in manifest.files.items())


def _has(folder: Path, path: str, size: int) -> bool:
    there = folder / path
    return there.is_file() and there.stat().st_size == size


def _size(manifest: Manifest) -> int:
    return sum(known[1] for known in manifest.files.values())


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _beside(folder: Path) -> Path:
    """A name beside the folder for what is being written; in it where the place beside is another disk or not ours."""
    parent = folder.parent
    if folder.exists() and (parent.stat().st_dev != folder.stat().st_dev or not os.access(parent, os.W_OK)):
        return folder / ".kubmap"
    return parent / f".{folder.name}.kubmap"


@contextmanager
def _alone(lock: Path, folder: Path) -> Iterator[None]:
    """Let one process at a time write a site, where the system has such locks."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows)
    except ImportError:
        yield
        return
    with lock.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another process is writing {folder}") from None
        yield
