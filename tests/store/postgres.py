"""A private PostgreSQL cluster in a folder of its own: no TCP port, a socket in the folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SETTINGS = "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: the newest of Debian's, else that of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name.split(".")[0]))
    for folder in reversed(debian):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def cluster(bin_folder: Path) -> Iterator[str]:
    """SQLAlchemy URL of a running cluster, with `{}` where the name of the database goes."""
    folder = Path(tempfile.mkdtemp(prefix="kubmap-pg-"))
    who = _who(folder)
    data, log = folder / "data", folder / "log"
    control = [bin_folder / "pg_ctl", "-D", data, "-w"]
    try:
        _run([bin_folder / "initdb", "-D", data, "-U", "kubmap", "-A", "trust", "-E", "UTF8", "--no-sync"], who)
        options = f"-c unix_socket_directories={folder} {_SETTINGS}"
        _run([*control, "-l", log, "-o", options, "start"], who)
        try:
            yield f"postgresql+psycopg://kubmap@/{{}}?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"], who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _who(folder: Path) -> dict[str, Any]:
    """Arguments of subprocess that leave root behind: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no user to run PostgreSQL as")


def _run(command: list[Any], who: dict[str, Any]) -> None:
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    # Output goes to a file: the server inherits it, and a pipe would never close.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(each) for each in command],
            check=False, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment, cwd="/", **who,
        )  # fmt: skip
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {output.read().decode('utf-8', 'replace')}")
