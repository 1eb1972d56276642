"""Bulk loading: a file is looked at, its columns are settled, its rows are run in the background and told of.

A file lies in a folder of its own below `home`/imports with its rejects; how it is read and how far it is stands in the
store, so a closed tab, another editor or a new process sees the same.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from kubmap.desk import mapping, rejects
from kubmap.desk.access import User, require
from kubmap.desk.mapping import Kind
from kubmap.desk.plan import ERROR, Opened, Plan, columns_of, count, open_file, plan_of, restored, rows_of
from kubmap.desk.preview import Shown, shown
from kubmap.domain import MOSCOW, Role
from kubmap.errors import InputError, KubmapError
from kubmap.geocode.reading import read_teaser
from kubmap.store import loads, records
from kubmap.store import mapping as memory
from kubmap.store.identity import uuid7
from kubmap.store.intake import Report, intake
from kubmap.store.loads import Load, State
from kubmap.store.rows import BadRow
from kubmap.store.sheets import Record
from kubmap.store.store import Store

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

MAX_FILE: Final = 100 * 1024 * 1024
"""Bytes of a file that is loaded through the page."""
KEPT: Final = timedelta(days=30)
"""Files of imports are kept for so long."""
SAMPLE: Final = 5

_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson", ".xml", ".rss", ".atom"}
_BATCH = 200


class Cancelled(KubmapError):  # noqa: N818  not an error: an editor's wish
    """An editor stopped the run."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is and how it would be read: as an editor said of its header last, else as it is guessed."""

    opened: Opened
    fields: tuple[str | None, ...]
    values: Mapping[str, str]
    samples: tuple[tuple[str, ...], ...]
    remembered: memory.Remembered | None = None


class Bulk:
    """Imports of one store. `home` is the folder of the app's data, `now` gives the time (aware)."""

    def __init__(
        self, store: Store, atlas: Atlas, home: Path, *, now: Callable[[], datetime] = lambda: datetime.now(MOSCOW)
    ) -> None:
        self.store = store
        self.atlas = atlas
        self.folder = home / "imports"
        self._now = now

    def receive(self, who: User | None, name: str, content: bytes) -> Path:
        """Keep a file that was uploaded or pasted; it keeps its kind of name. Raises InputError, AccessError."""
        require(who, Role.EDITOR)
        suffix = Path(name).suffix.lower()
        if suffix not in _SUFFIXES:
            raise InputError(f"{_safe(name)}: нужен файл .csv, .xlsx, .jsonl, .txt или лента .xml")
        if len(content) > MAX_FILE:
            raise InputError(f"{_safe(name)}: файл больше {MAX_FILE >> 20} МБ; разделите его")
        self._clean()
        folder = self.folder / uuid7(self._now())
        folder.mkdir(parents=True)
        path = folder / f"{_safe(Path(name).stem)}{suffix}"
        path.write_bytes(content)
        return path

    def look(self, who: User | None, path: Path, kind: Kind | None = None) -> Look:
        """What the file holds, and what its columns mean. Raises InputError, AccessError."""
        require(who, Role.EDITOR)
        opened = open_file(self._own(path), kind)
        known = memory.recall(self.store, signed(opened.header), kind) if opened.sheet else None
        if known is not None:
            opened = replace(opened, kind=cast("Kind", known.kind))
        fields = mapping.guess(opened.kind, opened.header)
        if known is not None:
            fields = restored(opened.header, known.fields)
        return Look(opened, fields, known.values if known else {}, _samples(opened), known)

    def plan(self, opened: Opened, **choices: object) -> Plan:
        """A plan for a file; `choices` are its further fields."""
        return replace(Plan(opened.form, opened.kind, self._now().date()), **choices)  # type: ignore[arg-type]

    def preview(self, who: User | None, opened: Opened, plan: Plan, *, limit: int = 12) -> tuple[Shown, ...]:
        """The first rows as they will be. Raises InputError, AccessError."""
        require(who, Role.EDITOR)
        return shown(opened, plan, self.atlas, limit=limit)

    def begin(self, who: User | None, opened: Opened, plan: Plan) -> Load:
        """A load that waits to be run; what the columns mean is remembered. Raises InputError, AccessError."""
        editor = require(who, Role.CHIEF if opened.form == "records" else Role.EDITOR)
        path = self._own(opened.path)
        if opened.form == "table":
            columns_of(opened, plan)
            memory.remember(
                self.store, plan.kind, signed(opened.header), fields=signed(plan.fields, opened.header),
                values=plan.values, actor=editor.name, at=self._now(),
            )  # fmt: skip
        told = {**plan.as_json(), "path": str(path.relative_to(self.folder))}
        return loads.begin(self.store, name=path.name, actor=editor.name, plan=told, now=self._now())

    def recent(self, who: User | None, *, limit: int = 10) -> tuple[Load, ...]:
        require(who, Role.EDITOR)
        return loads.last(self.store, limit=limit)

    def get(self, who: User | None, load_id: str) -> Load:
        """Raises NotFoundError, AccessError."""
        require(who, Role.EDITOR)
        return loads.get(self.store, load_id)

    def cancel(self, who: User | None, load_id: str) -> None:
        """Stop a run after the rows that it is at; what was stored stays."""
        require(who, Role.EDITOR)
        loads.cancel(self.store, load_id)

    def rejects_name(self, who: User | None, load: Load) -> str | None:
        """The name of the file of what was set aside; None when there is nothing, or no more."""
        require(who, Role.EDITOR)
        path = self._path(load)
        if not load.report.rejected or not path.exists() or not _spool(path).exists():
            return None
        return f"{path.stem}.не загружено{rejects.suffix_of(path, plan_of(load.plan).form)}"

    def rejected(self, who: User | None, load: Load) -> Path | None:
        """The file of what was set aside, to mend and import, made when it is asked for."""
        name = self.rejects_name(who, load)
        if name is None:
            return None
        path = self._path(load)
        target, spool = path.with_name(name), _spool(path)
        if not target.exists() or target.stat().st_mtime <= spool.stat().st_mtime:
            opened = open_file(path, plan_of(load.plan).kind)
            rejects.write(opened, islice(rejects.spooled(spool), load.report.rejected), target)
        return target

    def run(self, load_id: str) -> Load:
        """Run a load to its end, or on from where it was broken off: for the background, on behalf of its editor.

        Whatever happens is told in the load; raises InputError when it runs already.
        """
        load = loads.take(self.store, load_id, now=self._now())
        try:
            self._run(load)
        except Cancelled:
            state, message = State.CANCELLED, "остановлено; загруженное осталось"
        except (KubmapError, OSError) as error:
            state, message = State.FAILED, str(error)
        except Exception as error:
            loads.tell(self.store, load_id, now=self._now(), state=State.FAILED, message=f"ошибка: {error!r:.200}")
            raise
        else:
            state, message = State.DONE, ""
        loads.tell(self.store, load_id, now=self._now(), state=state, message=message)
        return loads.get(self.store, load_id)

    def _run(self, load: Load) -> None:
        path, plan = self._path(load), plan_of(load.plan)
        if not path.exists():
            raise InputError(f"файла {load.name} больше нет: загрузите его снова")
        opened = open_file(path, plan.kind)
        loads.tell(self.store, load.id, now=self._now(), total=count(opened))
        before = load.report
        with rejects.Spool(_spool(path), mark=load.mark) as spool:

            def told(report: Report) -> None:
                if loads.tell(self.store, load.id, now=self._now(), report=before + report, mark=spool.mark()):
                    raise Cancelled("остановлено")

            take(self.store, opened, plan, self.atlas, actor=load.actor, on_reject=spool, on_report=told,
                 skip=before.read)  # fmt: skip

    def _path(self, load: Load) -> Path:
        return self.folder / str(load.plan["path"])

    def _own(self, path: Path) -> Path:
        """Only what was received is read: a path is never a person's word."""
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise InputError("такого файла нет")
        return path

    def _clean(self) -> None:
        """Folders of long ago go."""
        oldest = (self._now() - KEPT).timestamp()
        for folder in self.folder.glob("*") if self.folder.is_dir() else ():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def take(  # noqa: PLR0913  keyword-only options
    store: Store,
    opened: Opened,
    plan: Plan,
    atlas: Atlas,
    *,
    actor: str,
    on_reject: Callable[[BadRow], object],
    on_report: Callable[[Report], object],
    skip: int = 0,
) -> Report:
    """Store the rows of a file after the first `skip`; `on_report` is told what was done, and may raise to stop."""
    if opened.form == "records":
        return _take_records(store, opened, plan, on_reject=on_reject, on_report=on_report, skip=skip)
    return intake(
        store, islice(rows_of(opened, plan, atlas), skip, None), partial(read_teaser, atlas=atlas),
        publish=plan.publish, actor=actor, on_reject=on_reject, on_report=on_report, revise=plan.revise,
    )  # fmt: skip


def _take_records(  # noqa: PLR0913  keyword-only options
    store: Store,
    opened: Opened,
    plan: Plan,
    *,
    on_reject: Callable[[BadRow], object],
    on_report: Callable[[Report], object],
    skip: int,
) -> Report:
    assert opened.sheet is not None, "an export is a table of JSON lines"
    left = islice(opened.sheet.records(), skip, None)
    report, later = Report(), dict[str, str]()
    while batch := list(islice(left, _BATCH)):
        for record, outcome in records.put_all(store, batch, publish=plan.publish):
            if isinstance(outcome, BadRow):
                on_reject(outcome)
                report += Report(read=1, rejected=1)
                continue
            report += Report(read=1, **{outcome: 1})
            if isinstance(record, Record) and record.value and record.value.get("duplicate_of"):
                later[record.value["id"]] = record.value["duplicate_of"]
        on_report(report)
    records.join_duplicates(store, later)
    return report


def _samples(opened: Opened) -> tuple[tuple[str, ...], ...]:
    """The first records of a table, as they stand."""
    if opened.sheet is None:
        return ()
    found = (each.cells for each in opened.sheet.records() if isinstance(each, Record))
    return tuple(islice(found, SAMPLE))


def signed(items: Sequence[str | None], header: Sequence[str] | None = None) -> tuple[str, ...]:
    """A header, or what belongs to its columns, without the column of errors: the file and its rejects are alike."""
    names = header if header is not None else items
    return tuple(each for each, name in zip(items, names, strict=False) if name != ERROR)  # type: ignore[misc]


def _spool(path: Path) -> Path:
    return path.with_name("rejects.spool")


def _safe(name: str) -> str:
    """A name that is a name of a file anywhere."""
    plain = re.sub(r"[^\w .()-]+", "_", name).strip(" .")[:80]
    return plain or "файл"
