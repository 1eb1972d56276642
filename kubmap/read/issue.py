"""Issue: a version of an incident that went out; Ledger: where the past of incidents is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kubmap.domain import Incident


@dataclass(frozen=True, slots=True)
class Issue:
    """A version of an incident that readers could see, or that took it from them; `at` is when."""

    version: int
    at: datetime
    shown: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """Why an incident that readers saw is shown no more: the editor's words, when, and what it was merged into."""

    reason: str
    at: datetime
    merged_into: str | None = None


class Ledger(Protocol):
    """Where the past of incidents is asked for."""

    def taken_back(self) -> Sequence[Incident]:
        """Outages that were published once and are retracted now."""
        ...

    def issues(self, incident_id: str) -> Sequence[Issue]:
        """The versions that went out, oldest first; none for an unknown id."""
        ...

    def fate(self, incident_id: str) -> Fate | None:
        """Why it is shown no more; None for what readers see or never saw."""
        ...
