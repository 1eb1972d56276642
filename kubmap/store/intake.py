"""Import: rows of a file become incidents, once each however often they come.

A row is known again by its `import_key`. What the last import read is remembered as a digest a field (`marks`), so a
new reading replaces only what no editor has touched; a verified location never moves, and nothing that readers see is
taken from them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeAlias

from sqlalchemy import Connection, select, update

from kubmap.domain import Alternative, Casualties, Category, Incident, Location, Moment, Outage, Reason, Status, Teaser
from kubmap.errors import InputError
from kubmap.store import codec, demo, incidents
from kubmap.store.earlier import Earlier
from kubmap.store.identity import import_key, text_key
from kubmap.store.incidents import Writer
from kubmap.store.renewal import marks_of, merged, polled
from kubmap.store.revising import Predecessors, revised
from kubmap.store.rows import AnyRow, BadRow, Rejects, Row, bad, rows
from kubmap.store.schema import incidents as table
from kubmap.store.store import Store

_LOG = logging.getLogger(__name__)

BATCH = 200
"""Rows a transaction: readers and editors never wait long for an import."""


class Reading(Protocol):
    """What a reader of teasers tells (kubmap.geocode.reading.Reading does)."""

    @property
    def category(self) -> Category: ...
    @property
    def is_scheduled(self) -> bool | None: ...
    @property
    def starts_at(self) -> Moment | None: ...
    @property
    def ends_at(self) -> Moment | None: ...
    @property
    def casualties(self) -> Casualties: ...
    @property
    def outage(self) -> Outage | None: ...
    @property
    def location(self) -> Location | None: ...
    @property
    def alternatives(self) -> tuple[Alternative, ...]: ...
    @property
    def reasons(self) -> tuple[Reason, ...]: ...


Read: TypeAlias = Callable[[Teaser], Reading]
OnReject: TypeAlias = Callable[[BadRow], object]
OnProgress: TypeAlias = Callable[[int], object]
"""Told how many rows were done since the last call."""
OnReport: TypeAlias = Callable[["Report"], object]
"""Told what was done so far, after the transaction of each batch; what it raises ends the import there."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: read = added + updated + unchanged + rejected; `not_incidents` are of category none."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    not_incidents: int = 0

    def __add__(self, other: Report) -> Report:
        return Report(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def summary(self) -> str:
        """One line for the log and the command line."""
        told = f"{self.read} read: {self.added} added, {self.updated} updated, {self.unchanged} unchanged"
        return f"{told}, {self.rejected} set aside; {self.not_incidents} are no incidents"


@dataclass(frozen=True, slots=True)
class _Item:
    """A row that was read: its incident, the key to know it by and what to remember of it."""

    row: Row
    fresh: Incident
    key: str
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store remembers of a key."""

    id: str
    created_by: str
    marks: Mapping[str, str]
    pasted: bool = False
    """At the desk, without an address; the import tells it."""
    formerly: str = ""
    """The key under which a polled feed told it, in other words."""


def intake_file(  # noqa: PLR0913  keyword-only options
    store: Store,
    path: Path,
    read: Read,
    *,
    publish: bool,
    rejects: Path | None = None,
    actor: str = "import",
    on_reject: OnReject | None = None,
    progress: OnProgress | None = None,
    revise: bool = False,
) -> Report:
    """Import FILE.jsonl, FILE.csv or FEED.xml; bad rows go to the file `rejects` and to `on_reject`.

    Raises InputError for a file that cannot be read at all, OSError.
    """
    with Rejects(rejects) if rejects else nullcontext() as keep:

        def reject(row: BadRow) -> None:
            for each in (keep, on_reject):
                if each is not None:
                    each(row)

        return intake(
            store, rows(path), read, publish=publish, actor=actor, on_reject=reject, progress=progress, revise=revise
        )


def intake(  # noqa: PLR0913  keyword-only options
    store: Store,
    given: Iterable[AnyRow],
    read: Read,
    *,
    publish: bool,
    actor: str = "import",
    on_reject: OnReject | None = None,
    progress: OnProgress | None = None,
    revise: bool = False,
    on_report: OnReport | None = None,
) -> Report:
    """Store the rows as drafts or, with `publish`, for readers; what is no incident stays a draft.

    With `revise` a notice that changes one before it (other hours, called off) becomes its next version; one of the
    same import only where the notice says that it changes something. The first import that publishes takes the
    demonstration data away.
    """
    counts: Counter[str] = Counter()
    earlier = Earlier()
    try:
        for batch in _batches(given):
            _take(store, batch, read, counts, earlier, publish=publish, actor=actor, on_reject=on_reject, revise=revise)
            if progress is not None:
                progress(len(batch))
            if on_report is not None:
                on_report(Report(**counts))
    finally:
        if publish and counts["read"] > counts["rejected"] + counts["not_incidents"]:
            _end_demo(store, actor=actor)
    return Report(**counts)


def _take(  # noqa: PLR0913  keyword-only options
    store: Store,
    batch: list[AnyRow],
    read: Read,
    counts: Counter[str],
    earlier: Earlier,
    *,
    publish: bool,
    actor: str,
    on_reject: OnReject | None,
    revise: bool,
) -> None:
    """Read a batch and store it in one transaction."""
    items: list[_Item] = []
    for row in batch:
        done = row if isinstance(row, BadRow) else _item(row, read, publish=publish)
        if isinstance(done, BadRow):
            _reject(done, counts, on_reject)
        else:
            items.append(done)
    _write(store, items, counts, earlier, actor=actor, on_reject=on_reject, revise=revise)
    counts["read"] += len(batch)


def seed(store: Store, read: Read) -> Report:
    """Publish the demonstration teasers, once; nothing happens when real data have been published."""
    if store.revision() and not store.demo():
        return Report()
    with store.writing() as writer:
        demo.begin(writer)
    return intake(store, rows(demo.TEASERS), read, publish=True, actor=demo.ACTOR)


def incident_of(teaser: Teaser, reading: Reading, *, status: Status = Status.DRAFT) -> Incident:
    """The incident that a teaser and its reading make; the store gives it an id and a version."""
    return Incident(
        id="",
        version=0,
        status=status,
        category=reading.category,
        title=teaser.title,
        text=teaser.text,
        source_name=teaser.source_name,
        source_url=teaser.source_url,
        published_at=teaser.published,
        starts_at=reading.starts_at,
        ends_at=reading.ends_at,
        is_scheduled=reading.is_scheduled,
        casualties=reading.casualties,
        location=reading.location,
        alternatives=tuple(reading.alternatives),
        reasons=tuple(reading.reasons),
        outage=reading.outage,
    )


def _item(row: Row, read: Read, *, publish: bool) -> _Item | BadRow:
    teaser = row.teaser
    try:
        reading = read(teaser)
        fresh = incident_of(teaser, reading)
        fresh = row.given(fresh) if row.given else fresh
        if publish and fresh.category is not Category.NONE:
            fresh = replace(fresh, status=Status.PUBLISHED)
        return _Item(row, fresh, import_key(teaser.text, teaser.source_url), marks_of(fresh))
    except InputError as error:
        return _set_aside(row, str(error))
    except Exception as error:  # noqa: BLE001  one teaser that breaks the reader must not stop the others
        _LOG.exception("line %d cannot be read", row.line)
        return _set_aside(row, f"не удалось разобрать: {error}")


def _write(  # noqa: PLR0913  keyword-only options
    store: Store,
    items: list[_Item],
    counts: Counter[str],
    earlier: Earlier,
    *,
    actor: str,
    on_reject: OnReject | None,
    revise: bool,
) -> None:
    if not items:
        return
    with store.writing() as writer:
        known = _known(writer.connection, [item.key for item in items])
        known |= _reworded(writer.connection, [item for item in items if item.key not in known])
        known |= _pasted(writer.connection, [item for item in items if item.key not in known])
        new = [item.fresh for item in items if item.key not in known]
        before = Predecessors(writer.connection, new, earlier) if revise else None
        done = [_stored(writer, item, known, before, actor=actor) for item in items]
    for item, outcome in zip(items, done, strict=True):
        if isinstance(outcome, BadRow):
            _reject(outcome, counts, on_reject)
        else:
            counts[outcome] += 1
            counts["not_incidents"] += item.fresh.category is Category.NONE


def _known(connection: Connection, keys: list[str]) -> dict[str, _Known]:
    """By key, what is in the store already."""
    query = select(table.c.import_key, table.c.id, table.c.created_by, table.c.import_marks)
    found = connection.execute(query.where(table.c.import_key.in_(keys)))
    return {key: _Known(name, by, codec.loads(marks)) for key, name, by, marks in found}


def _reworded(connection: Connection, items: list[_Item]) -> dict[str, _Known]:
    """By key, what a polled feed told in other words before."""
    before = {item.row.formerly: item.key for item in items if item.row.formerly}
    found = _known(connection, list(before))
    return {before[key]: replace(each, formerly=key) for key, each in found.items()}


def _pasted(connection: Connection, items: list[_Item]) -> dict[str, _Known]:
    """By key, what an editor pasted without an address in the words of a row that has one."""
    keys = {text_key(item.fresh.text): item.key for item in reversed(items) if item.fresh.source_url}
    if not keys:
        return {}
    query = select(table.c.text_key, table.c.id, table.c.created_by, table.c.import_marks).where(
        table.c.text_key.in_(list(keys)), table.c.source_url.is_(None), table.c.import_marks.is_not(None)
    )
    found = connection.execute(query.order_by(table.c.id.desc()))  # of several the first pasted
    return {keys[words]: _Known(name, by, codec.loads(marks), pasted=True) for words, name, by, marks in found}


def _stored(
    writer: Writer, item: _Item, known: dict[str, _Known], before: Predecessors | None, *, actor: str
) -> str | BadRow:
    """One of "added", "updated", "unchanged", or the reason why not."""
    try:
        outcome = _told_again(writer, item, known.get(item.key), actor=actor)
        if outcome:
            return outcome
        if before is not None and (current := before.find(item.fresh)) is not None:
            outcome = _revised(writer, item, current, before, actor=actor)
            if outcome:
                return outcome
        own = {"import_key": item.key, "import_marks": codec.dumps(item.marks)}
        new = writer.add(item.fresh, actor=actor, reason="импорт", **own)
    except InputError as error:
        return _set_aside(item.row, str(error))
    known[item.key] = _Known(new.id, actor, item.marks)
    if before is not None:
        before.add(new)
    return "added"


def _revised(writer: Writer, item: _Item, current: Incident, before: Predecessors, *, actor: str) -> str | None:
    """None: it retells what is known."""
    new = revised(writer, current, item.fresh, key=item.key, actor=actor)
    if new is None:
        return None
    before.put(new)
    return "unchanged" if new is current else "updated"


def _told_again(writer: Writer, item: _Item, known: _Known | None, *, actor: str) -> str | None:
    """What became of a row that is known; None for one that is news."""
    if known is None:
        return None
    renew = _renewed if item.row.formerly is None else _repolled
    return renew(writer, item, known, actor=actor)


def _repolled(writer: Writer, item: _Item, known: _Known, *, actor: str) -> str | None:
    """As `_renewed`, of a polled feed: readers see nothing that no editor published. None: make another draft."""
    if item.row.undated:
        item = replace(item, marks={**item.marks, "published_at": known.marks.get("published_at", "")})
    if known.marks == item.marks and not (known.pasted or known.formerly):
        return "unchanged"
    current = incidents.get(writer.connection, known.id)
    fresh = replace(item.fresh, published_at=current.published_at) if item.row.undated else item.fresh
    wanted = polled(current, fresh, seen=known.marks, formerly=known.formerly)
    if wanted is None:
        return None
    if known.pasted and current.status is Status.DRAFT:
        wanted = replace(wanted, source_url=fresh.source_url)
    own = {"import_key": item.key, "import_marks": codec.dumps(item.marks)}
    new = writer.change(current, wanted, actor=actor, reason="изменилось в ленте", **own)
    if new is current:  # its words are known now all the same
        writer.connection.execute(update(table).where(table.c.id == current.id).values(own))
    return "unchanged" if new is current else "updated"


def _renewed(writer: Writer, item: _Item, known: _Known, *, actor: str) -> str:
    if item.row.undated:  # told again on another day, it says nothing new
        item = replace(item, marks={**item.marks, "published_at": known.marks.get("published_at", "")})
    adopted = known.created_by == demo.ACTOR != actor  # the same teaser, for real now
    if known.marks == item.marks and not (adopted or known.pasted):
        return "unchanged"
    current = incidents.get(writer.connection, known.id)
    fresh = replace(item.fresh, published_at=current.published_at) if item.row.undated else item.fresh
    wanted = merged(current, fresh, seen=known.marks)
    if adopted:
        wanted = replace(wanted, created_by=actor)
    if known.pasted:
        wanted = replace(wanted, source_url=item.fresh.source_url)
    published = Status.PUBLISHED.value
    status = published if published in {known.marks.get("status"), wanted.status.value} else Status.DRAFT.value
    marks = codec.dumps({**item.marks, "status": status})
    own = {"import_marks": marks} | ({"import_key": item.key} if known.pasted else {})
    new = writer.change(current, wanted, actor=actor, reason="повторный импорт", **own)
    return "unchanged" if new is current else "updated"


def _end_demo(store: Store, *, actor: str) -> None:
    if actor != demo.ACTOR and store.demo():
        with store.writing() as writer:
            demo.retire(writer, actor=actor)


def _reject(row: BadRow, counts: Counter[str], on_reject: OnReject | None) -> None:
    counts["rejected"] += 1
    if on_reject is not None:
        on_reject(row)


def _set_aside(row: Row, reason: str) -> BadRow:
    return replace(bad(row.line, reason, row.raw), cells=row.cells)


def _batches(given: Iterable[AnyRow]) -> Iterator[list[AnyRow]]:
    iterator = iter(given)
    while batch := list(islice(iterator, BATCH)):
        yield batch
