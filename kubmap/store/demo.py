"""Demonstration data: what marks them and how they leave when real data come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kubmap.domain import Status
from kubmap.store import incidents, meta
from kubmap.store.incidents import Writer
from kubmap.store.schema import incidents as table

ACTOR = "seed"
"""`created_by` of demonstration data."""

TEASERS = Path(__file__).parent / "seed" / "teasers.jsonl"

SOURCE_NAME = "Демонстрационные данные"


def begin(writer: Writer) -> None:
    """From now on the pages say that the data are for demonstration."""
    meta.write(writer.connection, "demo", 1)


def retire(writer: Writer, *, actor: str) -> int:
    """Retract what is still demonstration data and say so no more; how many were retracted."""
    there = (table.c.created_by == ACTOR) & (table.c.status != Status.RETRACTED.value)
    found = list(incidents.where(writer.connection, there))
    for each in found:
        retracted = replace(each, status=Status.RETRACTED)
        writer.change(each, retracted, actor=actor, reason="загружены настоящие данные")
    meta.write(writer.connection, "demo", 0)
    writer.new_revision()
    return len(found)
