"""The letter ё in names: the registry writes е everywhere, Overture (package wkls) tells them apart."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from kubmap.atlas.build.fetch import Package, wheel
from kubmap.atlas.build.tables import read_input
from kubmap.atlas.words import fold

WKLS = Package(
    "wkls", "1.4.0", "wkls-1.4.0-py3-none-any.whl", "85f2ee5518b23c182d1d7ccba64f49642a5e7eb3454a99fb658e2070736ed87f"
)
_WORD = re.compile(r"[^\W\d_]+")


class Speller:
    """Puts ё where names of the krai have it: the same place first, else a word that is always written with ё."""

    def __init__(self, places: Iterable[tuple[str, str]], words: Iterable[str]) -> None:
        """`places` are (name, name of the county or of what contains it), `words` further words with ё."""
        seen: dict[str, set[str]] = defaultdict(set)
        self._places: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name, county in places:
            self._places[fold(name), county].add(name)
            for word in _WORD.findall(name):
                seen[fold(word)].add(word.lower())
        self._words = {key: next(iter(forms)) for key, forms in seen.items() if len(forms) == 1 and "ё" in min(forms)}
        self._words.update((fold(word), word.lower()) for word in words)

    def spell(self, name: str, county: str) -> str:
        """`name` with ё restored; unchanged where nothing is known or both spellings occur."""
        same = self._places.get((fold(name), county), set())
        if len(same) == 1 and "ё" in (spelt := next(iter(same))).lower() and len(spelt) == len(name):
            return _merge(name, spelt)
        return _WORD.sub(lambda m: _merge(m[0], self._words.get(fold(m[0]), m[0])), name)


def _merge(name: str, spelt: str) -> str:
    """`name`, its е made ё where `spelt`, of the same length, has it."""
    return "".join(_letter(a, b) for a, b in zip(name, spelt, strict=True))


def _letter(here: str, there: str) -> str:
    if there not in "ёЁ":
        return here
    return {"е": "ё", "Е": "Ё"}.get(here, here)


@cache
def speller() -> Speller:
    """The speller of Краснодарский край."""
    rows = {str(row["id"]): row for row in _krai()}
    places = [(str(row["name_primary"]), _county(row, rows)) for row in rows.values() if row["name_primary"]]
    return Speller(sorted(places), [row["word"] for row in read_input("yo")])


def _krai() -> list[dict[str, str | None]]:
    from pyarrow import parquet  # type: ignore[import-untyped]  # noqa: PLC0415  # heavy, and for the build only

    with wheel(WKLS).open("wkls/data/overture.zstd18.parquet") as file:
        table = parquet.read_table(
            io.BytesIO(file.read()), columns=["id", "region", "subtype", "name_primary", "parent_id"]
        )
    rows: list[dict[str, str | None]] = table.to_pylist()
    return [row for row in rows if row["region"] == "RU-KDA"]


def _county(row: Mapping[str, str | None], rows: Mapping[str, Mapping[str, str | None]]) -> str:
    """The stem of the municipality that contains a place: «Абинский», «Анапа», or "" where Overture does not say."""
    seen: Mapping[str, str | None] | None = row
    while seen is not None and seen["subtype"] != "county":
        seen = rows.get(seen["parent_id"] or "")
    return stem(seen["name_primary"] or "") if seen is not None else ""


def stem(municipality: str) -> str:
    """What tells municipalities apart in any source: «городской округ Сочи», «Город-курорт Сочи» -> «сочи»."""
    kinds = r"городской округ|муниципальный округ|район|город-курорт|город-герой|город"
    return re.sub(rf"\b(?:{kinds})\b", "", fold(municipality)).strip()
