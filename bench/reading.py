"""Reading: teasers a second beside natasha's NER and dateparser's search on the same texts, and start-up times."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench.timing import best, process
from kubmap.atlas.atlas import load_atlas
from kubmap.domain import Teaser
from kubmap.geocode.reading import read_teaser

GOLD = Path(__file__).parent.parent / "tests" / "gold" / "dev.jsonl"
Row = tuple[str, str]


def rows() -> Iterator[Row]:
    """Name and value of each figure."""
    texts = [json.loads(line)["teaser"] for line in GOLD.read_text("utf-8").splitlines()]
    ours = _rate(_reader(), texts)
    yield "teasers read and located a second", f"{ours:,.0f}"
    for name, rival in _rivals():
        theirs = _rate(rival, texts)
        yield f"{name}, teasers a second", f"{theirs:,.0f} (ours is {ours / theirs:.1f}x)"
    yield from _starts(texts[0])


def _reader() -> Callable[[str], Any]:
    atlas = load_atlas()
    return lambda text: read_teaser(Teaser("", text, published=date(2021, 11, 23)), atlas)


def _rate(read: Callable[[str], Any], texts: Sequence[str]) -> float:
    read(texts[0])  # what is loaded at first use is not counted, for anybody
    return len(texts) / best(lambda: [read(text) for text in texts])


def _rivals() -> Iterator[tuple[str, Callable[[str], Any]]]:
    from dateparser.search import search_dates
    from natasha import Doc, NewsEmbedding, NewsNERTagger, Segmenter

    segmenter, tagger = Segmenter(), NewsNERTagger(NewsEmbedding())

    def entities(text: str) -> Any:
        doc = Doc(text)
        doc.segment(segmenter)
        doc.tag_ner(tagger)
        return doc.spans

    yield "natasha NER alone", entities
    yield "natasha NER + dateparser search", lambda text: (entities(text), search_dates(text, languages=["ru"]))


def _starts(text: str) -> Iterator[Row]:
    line = json.dumps({"id": "1", "text": text, "published": "2021-11-23"}).encode()
    yield "`kubmap parse` of one teaser, whole process", f"{process(['-m', 'kubmap', 'parse', '-'], given=line):.2f} s"
    load = "import time; t = time.perf_counter(); from kubmap.atlas.atlas import load_atlas; load_atlas()"
    yield "python that only imports and loads the atlas, whole process", f"{process(['-c', load]):.2f} s"
    yield "python that does nothing, whole process", f"{process(['-c', '']):.2f} s"
