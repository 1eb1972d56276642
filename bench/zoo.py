"""Rivals on the same teasers in one run: what a user would otherwise build, and its named-entity tagger alone.

The naive pipeline is natasha's NER, the first of its names that a gazetteer knows, dateparser's search, and categories
by keywords. It gets the same gazetteer as we do, and every name of it is lemmatised beforehand.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.timing import rates
from kubmap.atlas.atlas import data_folder, load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.reading import moment_of, read_teaser, reading_json

HERE = Path(__file__).parent
GOLD = HERE.parent / "tests" / "gold"
FIGURES = (
    "category_macro_f1", "mappable_f1", "false_pins", "hit", "hit_5km", "abstained", "median_km", "honest",
    "radius_ratio", "road_km_hit_5km", "krai_ok", "starts", "ends", "starts_spurious", "scheduled",
)  # fmt: skip
TOWN_M, DISTRICT_M = 3_000, 25_000
Answer = Mapping[str, Any]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Contender:
    """`read` gives an answer as `kubmap parse` does, as far as it can; `answers` is False for a tagger alone."""

    name: str
    read: Callable[[Teaser], Answer]
    answers: bool = True


def table() -> Iterator[Row]:
    """A header, then speed and accuracy of every contender."""
    gold, contenders = _gold(), [_ours(), _naive(), _tagger()]
    teasers = [_teaser(item) for item in gold]
    yield ("figure", *(contender.name for contender in contenders))
    yield from _speed([replace(teaser, title=None) for teaser in teasers], contenders)
    answers = [[contender.read(teaser) for teaser in teasers] for contender in contenders]
    figures = [_figures(gold, each) if c.answers else {} for c, each in zip(contenders, answers, strict=True)]
    for name in FIGURES:
        yield (f"`{name}`", *(_shown(each.get(name, "—")) for each in figures))
    yield ("places found, of those labelled", *(f"{_found(gold, each):.3f}" for each in answers))


def _speed(teasers: Sequence[Teaser], contenders: Sequence[Contender]) -> Iterator[Row]:
    """Teasers a second on texts without titles, one core and one thread."""
    first, best = rates([_pass(contender, teasers) for contender in contenders], len(teasers))
    yield ("teasers a second", *(f"{each:,.0f}" for each in best))
    yield ("teasers a second, first pass (nothing cached)", *(f"{each:,.0f}" for each in first))
    yield ("kubmap is faster by", "", *(f"{best[0] / each:.1f}x" for each in best[1:]))
    yield ("kubmap is faster by, first pass", "", *(f"{first[0] / each:.1f}x" for each in first[1:]))


def _pass(contender: Contender, teasers: Sequence[Teaser]) -> Callable[[], Any]:
    first = "Авария произошла 5 мая в 10:00 на 1362-м км трассы М-4 «Дон»."
    contender.read(replace(teasers[0], text=first))  # what loads at first use is not counted, for anybody
    return lambda: [contender.read(teaser) for teaser in teasers]


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


# the labelled teasers


def _gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / "dev.jsonl").read_text("utf-8").splitlines()]


def _teaser(item: Mapping[str, Any]) -> Teaser:
    return Teaser(item["id"], item["teaser"], item["title"], moment_of(item["published"], "published"))


def _figures(gold: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> Mapping[str, Any]:
    figures: Mapping[str, Any] = _score().teasers(gold, answers)[0]
    return figures


@cache
def _score() -> ModuleType:
    """tests/gold/score.py, which is a script."""
    spec = importlib.util.spec_from_file_location("score", GOLD / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(GOLD / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _found(gold: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> float:
    """Share of the labelled place phrases that something found overlaps."""
    hit = of = 0
    for item, answer in zip(gold, answers, strict=True):
        spans = [(p["start"], p["end"]) for p in answer["places"] if p.get("source", "text") == "text"]
        for place in item["places"]:
            start = item["teaser"].find(place["text"])
            if start >= 0:
                of += 1
                hit += any(low < start + len(place["text"]) and start < high for low, high in spans)
    return hit / of


# contenders


def _ours() -> Contender:
    atlas = load_atlas()
    return Contender("kubmap", lambda teaser: reading_json(read_teaser(teaser, atlas)))


@cache
def _entities() -> Callable[[str], Any]:
    """Text -> spans of natasha's NER."""
    from natasha import Doc, NewsEmbedding, NewsNERTagger, Segmenter

    segmenter, tagger = Segmenter(), NewsNERTagger(NewsEmbedding())

    def entities(text: str) -> Any:
        doc = Doc(text)
        doc.segment(segmenter)
        doc.tag_ner(tagger)
        return doc.spans

    return entities


def _tagger() -> Contender:
    return Contender("natasha NER alone", lambda teaser: {"places": _places(teaser.text)}, answers=False)


def _places(text: str) -> list[dict[str, Any]]:
    return [{"text": s.text, "start": s.start, "end": s.stop} for s in _entities()(text) if s.type == "LOC"]


def _naive() -> Contender:
    words, known = tomllib.loads((HERE / "naive.toml").read_text("utf-8")), _gazetteer()

    def read(teaser: Teaser) -> Answer:
        told = f"{teaser.title or ''} {teaser.text}".lower()
        category = next((name for name, stems in words["categories"].items() if _any(stems, told)), "none")
        places = _places(teaser.text)
        location = next((known[key] for place in places if (key := _lemmas(place["text"])) in known), None)
        starts, ends = _dates(teaser.text, teaser.published)
        return {
            "id": teaser.id, "category": category, "starts_at": starts, "ends_at": ends, "places": places,
            "is_scheduled": _any(words["planned"]["words"], told),
            "location": location if category != "none" else None,
        }  # fmt: skip

    return Contender("naive pipeline", read)


def _any(stems: Sequence[str], told: str) -> bool:
    return any(stem in told for stem in stems)


def _gazetteer() -> dict[str, dict[str, Any]]:
    """Lemmas of a name -> the largest settlement, or the municipality, of that name."""
    known: dict[str, dict[str, Any]] = {}
    with (data_folder() / "settlements.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["population"] or 0))
    for row in rows:
        known[_lemmas(row["name"])] = _at(row, TOWN_M)
    with (data_folder() / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known.setdefault(_lemmas(row["name"]), _at(row, DISTRICT_M))
    return known


def _at(row: Mapping[str, str], radius_m: int) -> dict[str, Any]:
    return {"lat": float(row["lat"]), "lon": float(row["lon"]), "radius_m": radius_m, "label": row["name"]}


def _lemmas(name: str) -> str:
    return " ".join(_lemma(word) for word in re.findall(r"\w+", name.lower()))


@cache
def _lemma(word: str) -> str:
    return str(_morphology().parse(word)[0].normal_form)


@cache
def _morphology() -> Any:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")


def _dates(text: str, published: date | None) -> tuple[str | None, str | None]:
    """The first two dates that dateparser finds: a minute where its words have a clock, else a day."""
    from dateparser.search import search_dates

    base = datetime(published.year, published.month, published.day) if published else None  # noqa: DTZ001
    settings = {"RELATIVE_BASE": base} if base else {}
    found = search_dates(text, languages=["ru"], settings=settings) or []
    said = [
        f"{moment:%Y-%m-%dT%H:%M}+03:00" if re.search(r"\d[:.]\d\d", words) else f"{moment:%Y-%m-%d}"
        for words, moment in found[:2]
    ]
    return said[0] if said else None, said[1] if len(said) > 1 else None
