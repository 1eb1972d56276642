"""Names of records: UUIDv7 identifiers and the key that makes an import idempotent."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime

from kubmap.atlas.words import fold


def uuid7(at: datetime) -> str:
    """A UUIDv7 of the moment `at` (aware), in text form; ids of later microseconds sort after.

    RFC 9562, section 5.7; the twelve bits of `rand_a` hold the microsecond (section 6.2, method 3).
    """
    micros = round(at.timestamp() * 1_000_000)
    millis, rest = divmod(micros, 1000)
    fraction = (rest << 12) // 1000
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def import_key(text: str, source_url: str | None) -> str:
    """Hex sha256 of the address and the text; case, ё and runs of white space do not make another teaser."""
    return hashlib.sha256(f"{(source_url or '').strip()}\n{_plain(text)}".encode()).hexdigest()


def text_key(text: str) -> str:
    """Hex digest of the text alone, by the same rule: what was pasted is known again in a feed."""
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:32]


def _plain(text: str) -> str:
    return " ".join(fold(text).split())
