"""data/geo/forms.tsv: every way in which a name may stand in a text, made once so that the app needs no morphology.

A line: folded nominative, "c" when it is an ordinary word of the language too, oblique forms, adjectives, inhabitants;
forms joined by ";". Which settlements bear the name is known from settlements.csv and outside.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pymorphy3

from kubmap.atlas.build import declension
from kubmap.atlas.build.tables import read_input
from kubmap.atlas.words import fold, words

COLUMNS = ("name", "common", "oblique", "adjective", "people")


def build(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Lines of the file, sorted; `rows` have name and aliases."""
    names = {" ".join(words(name)): name for row in rows for name in _names(row)}
    made = {" ".join(words(row["place"])): row for row in read_input("adjectives")}
    morph = pymorphy3.MorphAnalyzer()
    return [_line(key, names[key], made.get(key), morph) for key in sorted(names)]


def write(path: Path, lines: Sequence[str]) -> None:
    """Write the file."""
    path.write_text("\n".join(("\t".join(COLUMNS), *lines, "")), encoding="utf-8")


def _names(row: Mapping[str, str]) -> list[str]:
    return [row["name"], *filter(None, row.get("aliases", "").split(";"))]


def _line(key: str, name: str, made: Mapping[str, str] | None, morph: pymorphy3.MorphAnalyzer) -> str:
    oblique = declension.decline(name)
    adjective = _adjective_forms(made["adjective"]) if made else []
    people = [form for noun in made["people"].split(";") for form in _people_forms(noun)] if made else []
    common = "c" if name.isupper() or _is_common(key, morph) else ""
    return "\t".join([key, common, *map(";".join, (oblique, adjective, people))]).rstrip("\t")


def _is_common(key: str, morph: pymorphy3.MorphAnalyzer) -> bool:
    """A dictionary word that is not only a proper name (Победа, Северный, Разъезд), or an abbreviation.

    Adjectives in -ск- come from names, but for a few.
    """
    kinds = {row["word"]: row["kind"] for row in read_input("word_kinds") if row["kind"] in {"common", "ordinary ск"}}
    if key in {fold(word) for word, kind in kinds.items() if kind == "common"}:
        return True
    if " " in key or (key[:-2].endswith(("ск", "цк")) and kinds.get(key[:-2]) != "ordinary ск"):
        return False
    proper = {"Geox", "Surn", "Name", "Patr", "Orgn", "Trad"}
    return any(p.is_known and not proper & set(p.tag.grammemes) and p.score >= 0.1 for p in morph.parse(key))


def _adjective_forms(adjective: str) -> list[str]:
    """All cases, genders and numbers of an adjective in -ский or -ской."""
    *first, last = words(adjective)
    stem = last[:-2]
    ends = ("ий", "ой", "ого", "ому", "им", "ом", "ая", "ую", "ое", "ие", "их", "ими")
    return [" ".join([*first, stem + end]) for end in ends if end != "ий" or not adjective.endswith("ой")]


def _people_forms(noun: str) -> list[str]:
    """Cases of an inhabitants' name in -цы/-ец or -чане/-чанин."""
    ends = {
        "цы": ("цы", "цев", "цам", "цами", "цах"),
        "ец": ("ец", "ца", "цу", "цем", "це"),
        "не": ("не", "н", "нам", "нами", "нах"),
        "ка": ("ка", "ки", "ке", "ку", "кой", "ок", "кам", "ками", "ках"),
        "ин": ("ин", "ина", "ину", "ином", "ине"),
    }[noun[-2:]]
    stem = noun[:-2]
    if noun.endswith("иец"):  # новороссиец -> новороссийца
        return [noun, *(f"{stem}й{end}" for end in ends[1:])]
    return [stem + end for end in ends]
