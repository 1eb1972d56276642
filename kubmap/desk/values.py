"""What the desk gives back: values only, with the words that editors read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from kubmap.domain import Category, Incident, Reason
from kubmap.errors import ConflictError, InputError
from kubmap.store.confidence import Doubt
from kubmap.store.history import HistoryEntry

PASTE: Final = "paste"
"""The key of the working copy of the paste box."""

NAMES: Final = {
    "title": "заголовок",
    "text": "текст",
    "category": "категория",
    "source_name": "источник",
    "source_url": "ссылка",
    "published_at": "опубликовано",
    "starts_at": "начало",
    "ends_at": "конец",
    "is_scheduled": "запланировано",
    "casualties": "пострадавшие",
    "location": "место",
    "location_verified": "место проверено",
    "outage": "отключение",
    "status": "состояние",
    "alternatives": "другие места",
    "reasons": "прочитанное",
    "duplicate_of": "дубликат записи",
    "sources": "другие источники",
}
"""What editors call the fields of an incident."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Words of a pasted page that became no draft, and why (in Russian); `line` is 1-based."""

    text: str
    why: str
    line: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """A draft that a teaser became; `new` is False for one that the store had, `note` says so in Russian.

    `line` is the line (1-based) of the pasted page that it begins on.
    """

    incident: Incident
    new: bool
    note: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class PasteResult:
    """What a paste made, in the order of the page; iterates and counts as its drafts."""

    drafts: tuple[Pasted, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __iter__(self) -> Iterator[Pasted]:
        return iter(self.drafts)

    def __len__(self) -> int:
        return len(self.drafts)

    def __getitem__(self, at: int) -> Pasted:
        return self.drafts[at]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What an editor wants to see of the queue; None or empty stands for everything.

    `since` and `until` are days of the incident (its start, else its publication), both included; `doubts` are codes;
    `mine` keeps what `who` pasted; `text` are words that all occur in title, text or place.
    """

    categories: frozenset[Category] | None = None
    zones: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None
    doubts: frozenset[str] | None = None
    mine: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has an incident open, and when they were last heard of."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A draft of the queue; `open_by` are names of who else has it open.

    `duplicates` counts likely duplicates; None: not known yet, the archive of its days is being read.
    """

    incident: Incident
    confidence: float
    doubts: tuple[Doubt, ...]
    duplicates: int | None
    open_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A page of `total` that pass; `next` asks for the page after it (None: the last).

    `counts` are of the whole queue: {"category" | "zone" | "source" | "doubt": {value: how many}}.
    """

    items: tuple[Item, ...]
    total: int
    next: str | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field side by side, as domain values; `same` says that they tell the same."""

    name: str
    one: Any
    other: Any
    same: bool


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record that may tell of the same event: `fields` compare the open record (one) with it (other).

    `offers` are the fields that the open record leaves unsaid and this one tells.
    """

    incident: Incident
    score: float
    same_event: bool
    reasons: tuple[Reason, ...]
    fields: tuple[Difference, ...]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Working:
    """A working copy: what somebody typed and has not saved, over version `base_version` (None: the paste box)."""

    key: str
    base_version: int | None
    changes: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An incident as an editor opens it; `working` is {} where nothing unsaved was kept."""

    incident: Incident
    confidence: float
    doubts: tuple[Doubt, ...]
    history: tuple[HistoryEntry, ...]
    duplicates: tuple[Duplicate, ...]
    others: tuple[Presence, ...]
    working: Mapping[str, Any] = field(default_factory=dict)
    working_base: int | None = None
    working_at: datetime | None = None
    duplicates_known: bool = True
    """False while the archive of its days is being read: open it again, or ask `duplicates`, which waits."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The stored version; `merged` are the fields that somebody else changed meanwhile and that were kept."""

    incident: Incident
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that an action of several left alone, and why (in Russian)."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action of several did; `undo` is the token that takes it back (None: nothing was done)."""

    done: tuple[Incident, ...]
    failed: tuple[Failure, ...] = ()
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class ClashField:
    """A field that two editors changed otherwise, as domain values."""

    name: str
    base: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True, slots=True)
class Joined:
    """Two records that became one: `kept` stays, `other` is retracted as its duplicate; `undo` takes both back."""

    kept: Incident
    other: Incident
    undo: str


class Clash(ConflictError):  # noqa: N818  the word of the trade; it is a ConflictError
    """Somebody saved first, and the same field otherwise.

    `base` is the version that the editor had read, `theirs` what is stored now (`by` whom, `at` when), `fields` what
    has to be decided, `merged` the editor's changes that clash with nothing. To decide: save once more with
    `base_version=theirs.version` and `merged` with what was chosen.
    """

    def __init__(  # noqa: PLR0913  keyword-only
        self, *, base: Incident, theirs: Incident, fields: tuple[ClashField, ...], merged: Mapping[str, Any],
        by: str, at: datetime,
    ) -> None:  # fmt: skip
        names = ", ".join(NAMES.get(each.name, each.name) for each in fields)
        message = f"Раньше вас запись сохранил(а) {by}, и иначе: {names}. Выберите, что оставить."
        super().__init__(message, expected=base.version, found=theirs.version)
        self.base = base
        self.theirs = theirs
        self.fields = fields
        self.merged = dict(merged)
        self.by = by
        self.at = at


class FieldErrors(InputError):  # noqa: N818  several errors
    """What is wrong with a form: `errors` is {field: words in Russian}."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        first = next(iter(errors))
        told = "; ".join(f"{NAMES.get(name, name)}: {words}" for name, words in errors.items())
        super().__init__(told, field=first)
        self.errors = dict(errors)
