"""Why a teaser was read so: its tokens and frame, the rules that fired, every candidate with its score, the winner.

Pure, and made of what the reader itself uses: nothing is explained that did not take part in the reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kubmap.domain import Category, PlaceKind, Teaser
from kubmap.geocode.precision import label_of, municipality_name
from kubmap.geocode.reading import Reading, read_teaser, reading_json
from kubmap.geocode.resolve import RULES
from kubmap.geocode.roadplace import readings
from kubmap.geocode.score import Evidence, candidates, speaking
from kubmap.text.category import classify
from kubmap.text.frame import Frame, read_frame
from kubmap.text.places import Mention
from kubmap.text.teaser import MAX_CHARACTERS
from kubmap.text.tokens import Token, tokenize
from kubmap.text.votes import shares

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

_ROADS = frozenset({PlaceKind.ROAD, PlaceKind.ROAD_KM})


@dataclass(frozen=True, slots=True)
class Source:
    """The text or the title as the rules see it; a title has no frame."""

    name: str
    text: str
    tokens: tuple[Token, ...]
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Weight:
    """What one feature said of a candidate: a number that is added, and a note in Russian."""

    feature: str
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What a mention may mean. `score` is None where nothing has to be weighed; `weights` are its parts."""

    id: str
    label: str
    municipality: str | None
    score: float | None = None
    weights: tuple[Weight, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A mention with its candidates, best first."""

    mention: Mention
    candidates: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind a reading. `tried` are the rules of the location in order; the last one answered.

    `scores` are those of the rules for the category, `words` the probabilities by its words: None where they were not
    asked.
    """

    reading: Reading
    sources: tuple[Source, ...]
    scores: Mapping[Category, float]
    words: Mapping[Category, float] | None
    mentions: tuple[Weighed, ...]
    tried: tuple[str, ...]


def explain(teaser: Teaser, atlas: Atlas) -> Explanation:
    """Read a teaser and keep what the reading was made of."""
    reading = read_teaser(teaser, atlas)
    text, title = teaser.text[:MAX_CHARACTERS], (teaser.title or "")[:MAX_CHARACTERS]
    evidence = _evidence(reading, atlas)
    kind = classify(text, title or None)
    sources = [Source("text", text, tuple(tokenize(text)), read_frame(text))]
    if title:
        sources.append(Source("title", title, tuple(tokenize(title)), None))
    return Explanation(
        reading=reading,
        sources=tuple(sources),
        scores=kind.scores,
        words=None if kind.said is None else shares(kind.said),
        mentions=tuple(_weigh(evidence, mention) for mention in reading.mentions),
        tried=_tried(_evidence(reading, atlas)),
    )


def _evidence(reading: Reading, atlas: Atlas) -> Evidence:
    """As `read_teaser` gathers it; the rules leave notes in it, so each use has its own."""
    published = reading.teaser.published if reading.teaser else None
    return Evidence(atlas, reading.mentions, reading.category, published.year if published else None)


def _tried(evidence: Evidence) -> tuple[str, ...]:
    names: list[str] = []
    for rule, _ in RULES:
        names.append(rule.__name__)
        if rule(evidence) is not None:
            break
    return tuple(names)


def _weigh(evidence: Evidence, mention: Mention) -> Weighed:
    if mention.kind in _ROADS and mention.ids:
        return Weighed(mention, tuple(_roads(evidence, mention)))
    places = tuple(_settlement(evidence, mention, c.place, c.score) for c in candidates(evidence, mention))
    return Weighed(mention, places or tuple(_listed(evidence.atlas, each) for each in mention.ids))


def _roads(evidence: Evidence, mention: Mention) -> list[Scored]:
    network = evidence.atlas.roads
    found = readings(evidence, mention)
    return [Scored(c.road_id, network.road(c.road_id).label, None, c.score, note=c.reason) for c in found]


def _settlement(evidence: Evidence, mention: Mention, place: Settlement, score: float) -> Scored:
    features, _ = speaking(evidence, mention)
    spoken = ((feature.__name__, feature(evidence, mention, place)) for feature in features)
    weights = tuple(Weight(name, *said) for name, said in spoken if said is not None)
    owner = municipality_name(evidence.atlas, place.municipality)
    return Scored(place.id, label_of(evidence.atlas, place), owner, score, weights)


def _listed(atlas: Atlas, each: str) -> Scored:
    """A district, a zone, a provider or a place outside: known by name, nothing to weigh."""
    known = (atlas.municipalities, atlas.zones, atlas.providers, atlas.outside, atlas.settlements)
    name = next((table[each].name for table in known if each in table), each)
    return Scored(each, name, municipality_name(atlas, each))


# JSON out


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation as plain values; `reading` is what `kubmap parse` writes."""
    return {
        "reading": reading_json(explanation.reading),
        "sources": [_source_json(source) for source in explanation.sources],
        "category_scores": {name.value: round(score, 3) for name, score in explanation.scores.items()},
        "category_words": {name.value: round(share, 3) for name, share in (explanation.words or {}).items()},
        "mentions": [_weighed_json(weighed) for weighed in explanation.mentions],
        "location_rules": list(explanation.tried),
    }


def _source_json(source: Source) -> dict[str, Any]:
    tokens = [{"text": t.text, "kind": t.kind, "start": t.start, "end": t.end} for t in source.tokens]
    return {
        "source": source.name,
        "text": source.text,
        "tokens": tokens,
        "frame": source.frame._asdict() if source.frame else None,
    }


def _weighed_json(weighed: Weighed) -> dict[str, Any]:
    m = weighed.mention
    return {
        "text": m.text,
        "start": m.start,
        "end": m.end,
        "source": m.source,
        "kind": m.kind.value,
        "name": m.name,
        "role": m.role.value,
        "relation": m.relation.value,
        "rule": m.rule,
        "candidates": [_scored_json(each) for each in weighed.candidates],
    }


def _scored_json(scored: Scored) -> dict[str, Any]:
    score = None if scored.score is None else round(scored.score, 3)
    weights = [{**asdict(weight), "value": round(weight.value, 3)} for weight in scored.weights]
    return {**asdict(scored), "score": score, "weights": weights}
