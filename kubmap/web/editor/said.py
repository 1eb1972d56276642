"""Short Russian sentences of the desk: numbers with their nouns, what failed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubmap.desk.values import Outcome

_FEW = range(2, 5)
_TEENS = range(11, 15)


def plural(count: int, one: str, few: str, many: str) -> str:
    """«1 запись», «3 записи», «12 записей»."""
    if count % 100 in _TEENS:
        return f"{count} {many}"
    if count % 10 == 1:
        return f"{count} {one}"
    return f"{count} {few if count % 10 in _FEW else many}"


def counted(count: int) -> str:
    """Records."""
    return plural(count, "запись", "записи", "записей")


def drafts(count: int) -> str:
    """Drafts."""
    return plural(count, "черновик", "черновика", "черновиков")


def failures(outcome: Outcome) -> list[str]:
    """Why records were left alone, one sentence each."""
    return [f"Не тронуто: «{each.title[:80]}» — {each.why}" for each in outcome.failed]
