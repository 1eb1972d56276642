"""Fills an empty store with the demonstration teasers, so that a newcomer sees a map and not a blank."""

from __future__ import annotations

from pathlib import Path

from kubmap.store import demo
from kubmap.store.intake import Read, Report, intake
from kubmap.store.rows import rows
from kubmap.store.store import Store

TEASERS = Path(__file__).parent / "seed" / "teasers.jsonl"


def seed(store: Store, read: Read) -> Report:
    """Publish the demonstration teasers, once; nothing happens when real data have been published."""
    if store.revision() and not store.demo():
        return Report()
    with store.writing() as writer:
        demo.begin(writer)
    return intake(store, rows(TEASERS), read, publish=True, actor=demo.ACTOR)
