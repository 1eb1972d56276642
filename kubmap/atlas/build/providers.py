"""data/geo/providers.csv: who supplies whom, resolved to settlement ids. One row is one served area."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubmap.atlas.build.tables import read_facts, read_input
from kubmap.atlas.words import fold

COLUMNS = (
    "provider", "name", "aliases", "utility", "municipality", "settlements", "exceptions", "text", "confidence",
    "source", "note",
)  # fmt: skip
_TYPE = re.compile(r"\b(?:г|ст|х|пос|с|мкр|ст-ца|ГРС)\.?\s+")
_WHOLE = re.compile(r"весь район|весь город|часть района|все округа|^в т\.ч\.")
_BREAK = re.compile(r"[,;()«»]| и (?=х\.|с\.|пос\.|ст\.|близ|сёла)|(?<=\()в т\.ч\.|начало")
_KINDS = {"х.": "хутор", "ст.": "станица", "пос.": "посёлок", "с.": "село", "г.": "город", "мкр": "микрорайон"}
Rows = list[dict[str, str]]


def build(settlements: Rows) -> Rows:
    """Served areas in the order of the facts; areas outside the krai are left out."""
    names = {row["provider_ru"]: row for row in read_input("providers")}
    ids = {row["municipality_ru"]: row["id"] for row in read_input("municipality_ids")}
    return [
        _area(fact, names[fact["provider_ru"]], ids[fact["served_municipality"]], settlements)
        for fact in read_facts("service_areas")
        if fact["served_municipality"] in ids
    ]


def _area(fact: dict[str, str], name: dict[str, str], municipality: str, settlements: Rows) -> dict[str, str]:
    text = fact["served_settlement"]
    inside = [row for row in settlements if row["municipality"] == municipality]
    meant = {row["words"]: row["settlements"] for row in read_input("served_words")}
    served, _, excepted = text.partition("(кроме ")
    found = _find(served, inside, meant)
    exceptions = _find(excepted, inside, meant) if excepted else []
    return {
        "provider": name["id"], "name": name["short"], "aliases": name["aliases"], "utility": fact["utility"],
        "municipality": municipality, "settlements": ";".join(i for i in found if i not in exceptions),
        "exceptions": ";".join(exceptions), "text": text, "confidence": fact["confidence"],
        "source": fact["source_url"], "note": fact["note"],
    }  # fmt: skip


def _find(text: str, inside: Rows, meant: dict[str, str]) -> list[str]:
    """Ids of the settlements that a text of the facts names, in its order; «с/п» is all of a rural settlement."""
    rows = [
        row
        for piece in _pieces(text)
        for words in meant.get(piece, piece).split(";")
        for row in _rural(words, inside) or _named(words, inside)
    ]
    return list(dict.fromkeys(row["id"] for row in rows))


def _pieces(text: str) -> Iterator[str]:
    """«г. Геленджик: мкр Тонкий мыс» names the microdistrict, not the town; «в т.ч. …» alone names examples."""
    text = text.rpartition(":")[2] if "мкр" in text else text.partition(":")[0]
    if not _WHOLE.search(text.partition("(")[0]):
        yield from (piece.strip() for piece in _BREAK.split(text) if piece.strip() and not _WHOLE.search(piece))


def _rural(words: str, inside: Rows) -> Rows:
    """All places whose OKTMO begins as that of the village that «X-ское с/п» is named for."""
    name, mark, _ = fold(words).partition(" с/п")
    if not mark:
        return []
    stem = name.removesuffix("ое")
    heads = [row for row in inside if row["oktmo"].endswith("101") and fold(row["name"]).startswith(stem)]
    return [row for row in inside if heads and row["oktmo"].startswith(heads[0]["oktmo"][:8])]


def _named(words: str, inside: Rows) -> Rows:
    """The settlement of this name, of the type named with it if there is one."""
    name = fold(_TYPE.sub("", words)).strip()
    for wanted in (name, f"{name} микрорайон"):
        found = [row for row in inside if wanted in _names(row)]
        if found:
            return [min(found, key=lambda row: _mismatch(words, row))]
    return []


def _names(row: dict[str, str]) -> set[str]:
    return {fold(name) for name in (row["name"], *row["aliases"].split(";")) if name}


def _mismatch(words: str, row: dict[str, str]) -> tuple[bool, int]:
    wanted = next((kind for mark, kind in _KINDS.items() if words.startswith(mark)), row["type"])
    return (wanted != row["type"], -int(row["population"] or 0))
