"""The gazetteer of data/geo: settlements, places outside, municipalities, zones, providers and the forms of names."""

from __future__ import annotations

from pathlib import Path

from kubmap.atlas.build import forms, municipalities, outside, providers, settlements
from kubmap.atlas.build.tables import write


def build(out: Path) -> None:
    """Write the gazetteer's files into `out`; two runs give identical bytes."""
    out.mkdir(parents=True, exist_ok=True)
    places, repairs = settlements.build()
    beyond = outside.build()
    districts, zones = municipalities.build(places)
    write(out / "settlements.csv", settlements.COLUMNS, places)
    write(out / "repairs.csv", settlements.REPAIR_COLUMNS, repairs)
    write(out / "outside.csv", outside.COLUMNS, beyond)
    write(out / "municipalities.csv", municipalities.COLUMNS, districts)
    write(out / "zones.csv", municipalities.ZONE_COLUMNS, zones)
    write(out / "providers.csv", providers.COLUMNS, providers.build(places))
    forms.write(out / "forms.tsv", forms.build([*places, *beyond]))
