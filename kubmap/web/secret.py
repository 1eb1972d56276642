"""The secret that cookies and form tokens are signed with: KUBMAP_SECRET, or a file made at the first start."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kubmap.errors import DataError, InputError

if TYPE_CHECKING:
    from kubmap.settings import Settings

SHORTEST: Final = 32
"""Characters."""


def secret_of(chosen: Settings) -> str:
    """The secret of the settings. Raises InputError for one that is too short, DataError for a broken file."""
    if chosen.secret is None:
        return _kept(chosen.home / "secret")
    found = chosen.secret.get_secret_value()
    if len(found) < SHORTEST:
        raise InputError(f"KUBMAP_SECRET: at least {SHORTEST} characters, please", field="secret")
    return found


def _kept(path: Path) -> str:
    """The content of the file; only its owner can read it (0600)."""
    if not path.exists():
        _make(path)
    found = path.read_text(encoding="ascii").strip()
    if len(found) < SHORTEST:
        raise DataError(f"{path} is broken: delete it, and everybody logs in again")
    return found


def _make(path: Path) -> None:
    """Whole or not at all; of several processes that start at once one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass  # another process was faster
    finally:
        Path(name).unlink()
