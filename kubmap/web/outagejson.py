"""The state of a place as JSON: GET /api/v1/outages. Moments are ISO 8601 with +03:00, null where nothing is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubmap.atlas.cases import where
from kubmap.feeds import answer
from kubmap.feeds.words import headline, iso, safe_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.course import Span
    from kubmap.read.residents import Concern, Day, Notice, OutageState, UtilityState


def state_json(state: OutageState, days: Sequence[Day], atlas: Atlas) -> dict[str, Any]:
    """The whole answer: the sentence, each utility, the calendar, past notices."""
    place = where(state.place, atlas.names)
    return {
        "place": _place(state.place, atlas, place),
        "at": iso(state.now),
        "answer": answer.answer(state, place),
        "utilities": {each.value: _utility(found, place, state) for each, found in state.utilities.items()},
        "calendar": [_day(each) for each in days],
        "past": [notice_json(each) for each in state.past],
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """What a notice says, without a clock."""
    incident, found, outage = notice.incident, notice.course, notice.incident.outage
    return {
        "id": incident.id,
        "version": incident.version,
        "utility": notice.utility.value,
        "kind": outage.kind.value if outage else None,
        "title": answer.title(notice),
        "headline": headline(incident),
        "when": answer.when_words(found),
        "is_scheduled": incident.is_scheduled,
        "starts_at": iso(found.start if found.start_exact else found.start.date()),
        "ends_at": iso(found.end),
        "over_from": iso(found.over_from),
        "over_by": iso(found.over_by),
        "stale_at": iso(found.stale_at),
        "withdrawn": notice.cancelled,
        "windows": [span_json(each) for each in found.spans],
        "streets": list(notice.streets),
        "exceptions": list(notice.exceptions),
        "cause": outage.cause if outage else None,
        "provider": outage.provider if outage else None,
        "facts": [{"name": name, "value": value} for name, value in answer.facts(notice)],
        "published_at": iso(incident.published_at),
        "source_name": incident.source_name,
        "source_url": safe_link(incident.source_url),
    }


def span_json(span: Span) -> dict[str, Any]:
    """A stretch of one phase."""
    return {
        "phase": span.phase.value,
        "starts_at": iso(span.start),
        "ends_at": iso(span.end),
        "supplied": span.supplied,
    }


def _place(place: Settlement, atlas: Atlas, told: str) -> dict[str, Any]:
    home = atlas.municipality_of(place)
    parent = atlas.settlements.get(place.parent) if place.parent else None
    return {
        "id": place.id,
        "name": place.name,
        "type": place.type,
        "where": told,
        "municipality": home.name if home else None,
        "city": parent.name if parent else None,
        "lat": place.lat,
        "lon": place.lon,
    }


def _utility(found: UtilityState, place: str, state: OutageState) -> dict[str, Any]:
    return {
        "state": found.phase.value,
        "state_text": answer.phase_name(found.phase),
        "notices": [_concern(each, answer.sentence(each, place, state.now)) for each in found.concerns],
        "excepted": [_concern(each, answer.excepted(each, place, state.now)) for each in found.excepted],
    }


def _concern(concern: Concern, sentence: str) -> dict[str, Any]:
    return {
        **notice_json(concern.notice),
        "state": concern.phase.value,
        "sentence": sentence,
        "reach": concern.reach.value,
        "reach_text": answer.sureness(concern),
        "partial": concern.partial,
        "parts": list(concern.parts),
        "current": span_json(concern.current) if concern.current else None,
        "next": span_json(concern.following) if concern.following else None,
    }


def _day(day: Day) -> dict[str, Any]:
    spans = [
        {"id": notice.incident.id, "utility": notice.utility.value, "partial": bool(notice.streets), **span_json(span)}
        for notice, span in day.spans
    ]
    return {"day": day.day.isoformat(), "spans": spans}
