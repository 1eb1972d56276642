"""Words: proper names and rare words that both texts use."""

from __future__ import annotations

from kubmap.geocode.alike.kind import works
from kubmap.geocode.alike.said import Said, listed
from kubmap.geocode.alike.where import place
from kubmap.geocode.event import Event
from kubmap.geocode.traces import name_stems


def names(a: Event, b: Event) -> Said | None:
    """Proper names that both texts write, but for streets and the place that both were located at."""
    known = _located(a, b) | a.traces.streets | b.traces.streets
    one, two = a.traces, b.traces
    both = ((one.names & two.capitals) | (two.names & one.capitals)) - known
    if both:
        return Said(min(2.4, 0.9 * len(both)), f"названы оба раза: {listed(both)}")
    return Said(-0.6, "названия разные") if one.names - known and two.names - known else None


def _located(a: Event, b: Event) -> frozenset[str]:
    """Names that the rule of places has weighed already; of announced works the district as well."""
    one, two = a.location, b.location
    if one is None or two is None:
        return frozenset()
    if works(a, b):
        return name_stems(one.label, one.municipality or "") & name_stems(two.label, two.municipality or "")
    at = place(a, b)
    return name_stems(one.label) & name_stems(two.label) if at and at.weight > 0 else frozenset()


def words(a: Event, b: Event) -> Said | None:
    """Words that both texts use, but for names and common news words, against the shorter text and a few more."""
    proper = a.traces.names | b.traces.names
    one, two = a.traces.words - proper, b.traces.words - proper
    least = min(len(one), len(two))
    if least < 2:
        return None
    both = len(one & two)
    weight = 8.0 * (both - _CHANCE * least) / (least + _MORE)
    return Said(max(-1.0, min(2.5, weight)), f"общих слов {both} из {least}")


_CHANCE = 0.14
"""Share of the words that two unrelated stories of one kind have in common."""
_MORE = 8
"""Words added to the shorter text, so that one of four words tells little."""
