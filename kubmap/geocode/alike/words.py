"""Words: proper names and rare words that both texts use."""

from __future__ import annotations

from kubmap.geocode.alike.details import age, dead, make, numbers, target, theme, vehicle
from kubmap.geocode.alike.kind import works
from kubmap.geocode.alike.said import Rule, Said, listed
from kubmap.geocode.alike.where import km, place, street
from kubmap.geocode.event import Event
from kubmap.geocode.traces import name_stems


def names(a: Event, b: Event) -> Said | None:
    """Proper names that both texts write, but for streets and the place that both were located at."""
    known = _located(a, b) | a.traces.streets | b.traces.streets
    one, two = a.traces, b.traces
    both = ((one.names & two.capitals) | (two.names & one.capitals)) - known
    if both:
        weight = sum(0.4 if name in _around(a, b) else 0.9 for name in both)
        return Said(min(2.4, weight), f"названы оба раза: {listed(both)}")
    return Said(-0.6, "названия разные") if one.names - known and two.names - known else None


def _located(a: Event, b: Event) -> frozenset[str]:
    """Names that the rule of places has weighed already; of announced works the district as well."""
    if works(a, b):
        return _words_of(a, wide=True) & _words_of(b, wide=True)
    return _words_of(a, wide=False) & _words_of(b, wide=False) if _agree(a, b) else frozenset()


def _around(a: Event, b: Event) -> frozenset[str]:
    """Names of the place or the municipality of either, where the places agree: half known already."""
    return _words_of(a, wide=True) | _words_of(b, wide=True) if _agree(a, b) else frozenset()


def _agree(a: Event, b: Event) -> bool:
    at = place(a, b)
    return at is not None and at.weight > 0


def _words_of(event: Event, *, wide: bool) -> frozenset[str]:
    at = event.location
    if at is None:
        return frozenset()
    return name_stems(at.label, (at.municipality if wide else None) or "")


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


def nothing(a: Event, b: Event) -> Said | None:
    """A kind, a town and a day in common are not one event yet: two tellings of it share some detail as well."""
    if any(said.weight > 0 for rule in _DETAILS if (said := rule(a, b)) is not None):
        return None
    both_off = a.category.is_outage and b.category.is_outage  # a town is without water once, whatever else is told
    return Said(-0.3 if both_off else -1.0, "кроме вида, места и дня, ничего общего")


_DETAILS: tuple[Rule, ...] = (names, words, numbers, street, km, make, age, theme, target, vehicle, dead)
