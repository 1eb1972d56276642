"""data/geo/providers.csv: who supplies whom, resolved to settlement ids. One row is one served area."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubmap.atlas.build.tables import read_facts, read_input
from kubmap.atlas.words import fold

COLUMNS = (
    "provider", "name", "aliases", "utility", "municipality", "settlements", "exceptions", "text", "confidence", "source",
    "note",
)  # fmt: skip
_TYPE = re.compile(r"\b(?:г|ст|х|пос|с|мкр|ст-ца)\.?\s+")
_TOWN_WIDE = re.compile(r"весь район|весь город|часть района|все округа")


def build(settlements: list[dict[str, str]]) -> list[dict[str, str]]:
    """Served areas in the order of the facts; areas outside the krai are left out."""
    names = {row["provider_ru"]: row for row in read_input("providers")}
    ids = {row["municipality_ru"]: row["id"] for row in read_input("municipality_ids")}
    return [
        _area(fact, names[fact["provider_ru"]], ids[fact["served_municipality"]], settlements)
        for fact in read_facts("service_areas")
        if fact["served_municipality"] in ids
    ]


def _area(
    fact: dict[str, str], name: dict[str, str], municipality: str, settlements: list[dict[str, str]]
) -> dict[str, str]:
    text = fact["served_settlement"]
    inside = [row for row in settlements if row["municipality"] == municipality]
    served, _, excepted = text.partition("(кроме ")
    found = _find(served, inside)
    exceptions = _find(excepted, inside) if excepted else []
    return {
        "provider": name["id"], "name": name["short"], "aliases": name["aliases"], "utility": fact["utility"],
        "municipality": municipality, "settlements": ";".join(i for i in found if i not in exceptions),
        "exceptions": ";".join(exceptions), "text": text, "confidence": fact["confidence"],
        "source": fact["source_url"], "note": fact["note"],
    }  # fmt: skip


def _find(text: str, inside: list[dict[str, str]]) -> list[str]:
    """Ids of the settlements that a text of the facts names, in its order; «с/п» stands for the whole rural settlement."""
    found: list[str] = []
    for piece in _pieces(text):
        for row in _rural(piece, inside) or _named(piece, inside):
            if row["id"] not in found:
                found.append(row["id"])
    return found


def _pieces(text: str) -> Iterator[str]:
    """«г. Геленджик: мкр Тонкий мыс» names the microdistrict, not the town."""
    text = text.rpartition(":")[2] if "мкр" in text else text.partition(":")[0]
    for piece in re.split(r"[,;()«»]| и (?=х\.|с\.|пос\.|ст\.|близ|сёла)|в т\.ч\.|начало", text):
        if piece.strip() and not _TOWN_WIDE.search(piece):
            yield piece.strip()


def _rural(piece: str, inside: list[dict[str, str]]) -> list[dict[str, str]]:
    """All places whose OKTMO begins as that of the village that «X-ское с/п» is named for."""
    match = re.match(r"(\S+) с/п", piece)
    if not match:
        return []
    stem = fold(match[1])[:-2]
    heads = [row for row in inside if row["oktmo"].endswith("101") and fold(row["name"]).startswith(_root(stem))]
    return [row for head in heads[:1] for row in inside if row["oktmo"].startswith(head["oktmo"][:8])]


def _root(stem: str) -> str:
    """вышестеблиевск -> вышестеблиевск; новотаманск -> новотаманск (the centre may be named otherwise)."""
    return stem[:6]


def _named(piece: str, inside: list[dict[str, str]]) -> list[dict[str, str]]:
    name = fold(_TYPE.sub("", piece)).strip()
    for names in ({name}, {f"{name} микрорайон"}):
        found = [row for row in inside if names & {fold(n) for n in (row["name"], *row["aliases"].split(";")) if n}]
        if found:
            return [min(found, key=lambda row: _mismatch(piece, row))]
    return []


def _mismatch(piece: str, row: dict[str, str]) -> tuple[bool, int]:
    kinds = {"х.": "хутор", "ст.": "станица", "пос.": "посёлок", "с.": "село", "г.": "город", "мкр": "микрорайон"}
    wanted = next((kind for mark, kind in kinds.items() if piece.startswith(mark)), row["type"])
    return (wanted != row["type"], -int(row["population"] or 0))
