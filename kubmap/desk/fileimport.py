"""A file imported at once, in the foreground: what `kubmap import` does with tables, texts and exports."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from kubmap.desk import mapping, rejects
from kubmap.desk.bulk import signed, take
from kubmap.desk.mapping import Kind
from kubmap.desk.plan import Opened, Plan, open_file, restored
from kubmap.errors import InputError
from kubmap.store import mapping as memory
from kubmap.store.intake import Report
from kubmap.store.rows import BadRow
from kubmap.store.store import Store

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

ACTOR = "import"


@dataclass(frozen=True)
class Choices:
    """What the person says of the file: rules {column's name: field}, values for the whole of it."""

    kind: Kind | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    publish: bool = False
    revise: bool = False


def choices_of(given: Sequence[str], values: Sequence[str], **further: Any) -> Choices:
    """Choices by «Колонка=поле» or FILE.toml (tables `columns` and `values`), and «поле=значение».

    Raises InputError for what cannot be read.
    """
    rules: dict[str, str] = {}
    known: dict[str, str] = {}
    for each in given:
        if "=" in each:
            column, _, name = each.rpartition("=")
            rules[column.strip()] = name.strip()
        else:
            data = _toml(Path(each))
            rules |= {str(column): str(name) for column, name in data.get("columns", {}).items()}
            known |= {str(name): str(value) for name, value in data.get("values", {}).items()}
    for each in values:
        name, equals, value = each.partition("=")
        if not equals:
            raise InputError(f"--set «{each}»: нужно «поле=значение»")
        known[name.strip()] = value.strip()
    return Choices(rules=rules, values=known, **further)


def planned(store: Store, path: Path, choices: Choices, now: datetime) -> tuple[Opened, Plan]:
    """The file and how it is read: what is said now over what was said of such a header before, over what is guessed.

    Raises InputError, OSError.
    """
    opened = open_file(path, choices.kind)
    known = memory.recall(store, signed(opened.header), choices.kind) if opened.form == "table" else None
    if known is not None:
        opened = replace(opened, kind=cast("Kind", known.kind))
    plan = Plan(opened.form, opened.kind, now.date(), values=choices.values, publish=choices.publish,
                revise=choices.revise)  # fmt: skip
    if opened.form != "table":
        return opened, plan
    fields = restored(opened.header, known.fields) if known else mapping.guess(opened.kind, opened.header)
    values = {**(known.values if known else {}), **choices.values}
    columns = mapping.parsed(opened.kind, opened.header, choices.rules, values=values, fields=fields)
    return opened, replace(plan, fields=columns.fields, values=columns.values)


def import_file(  # noqa: PLR0913  keyword-only options
    store: Store,
    opened: Opened,
    plan: Plan,
    atlas: Atlas,
    *,
    now: datetime,
    target: Path,
    on_reject: Callable[[BadRow], object],
    progress: Callable[[int], object],
) -> Report:
    """Store the rows; what is set aside goes to `target` in the shape of the file. Raises InputError, OSError."""
    if opened.form == "table":
        memory.remember(
            store, plan.kind, signed(opened.header), fields=signed(plan.fields, opened.header), values=plan.values,
            actor=ACTOR, at=now,
        )  # fmt: skip
    done = 0

    def told(report: Report) -> None:
        nonlocal done
        progress(report.read - done)
        done = report.read

    with TemporaryDirectory() as folder, rejects.Spool(Path(folder) / "rejects") as spool:

        def reject(row: BadRow) -> None:
            spool(row)
            on_reject(row)

        report = take(store, opened, plan, atlas, actor=ACTOR, on_reject=reject, on_report=told)
        spool.mark()
        if report.rejected:
            target.parent.mkdir(parents=True, exist_ok=True)
            rejects.write(opened, rejects.spooled(spool.path), target)
    return report


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--map {path}: {error}; нужно «Колонка=поле» или файл TOML с таблицей [columns]") from None
