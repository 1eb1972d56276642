"""What the public routes answer, without HTTP: (source, values of the query) -> bytes ready to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubmap.feeds import geojson, table, words
from kubmap.read.snapshot import Filter
from kubmap.read.view import look
from kubmap.web.httpcache import CORS, Answer, answer
from kubmap.web.problems import Fault, bad_request, not_found

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.snapshot import Snapshot
    from kubmap.read.view import Selection
    from kubmap.web.source import Source

GEOJSON = "application/geo+json"
JSON = "application/json"
Values = dict[str, Any]


def json_answer(body: Any, media_type: str = JSON) -> Answer:
    """The object as JSON bytes; keys in the order given, so equal objects are equal bytes."""
    return answer(orjson.dumps(body), media_type, CORS)


def _zone_name(atlas: Atlas, given: str | None) -> str | None:
    if not given:
        return None
    for zone in atlas.zones.values():
        if given in (zone.id, zone.name, zone.short):
            return zone.name
    raise bad_request(Fault("zone", f"нет такой зоны; есть: {', '.join(sorted(atlas.zones))}"))


def _municipality_name(atlas: Atlas, given: str | None) -> str | None:
    if not given:
        return None
    found = atlas.municipalities.get(given) or atlas.municipality_named(given)
    if found is None:
        raise bad_request(Fault("municipality", "нет такого муниципалитета в крае"))
    return found.name


def wanted(atlas: Atlas, values: Values) -> Filter:
    """The filter of a query's values.

    Raises:
        ProblemError: an unknown zone or municipality.
    """
    zone, municipality = _zone_name(atlas, values["zone"]), _municipality_name(atlas, values["municipality"])
    return Filter(
        categories=frozenset(values["category"]) or None,
        since=values["from"],
        until=values["to"],
        zones=frozenset({zone}) if zone else None,
        municipalities=frozenset({municipality}) if municipality else None,
        text=values["q"] or "",
    )


def state(snapshot: Snapshot) -> dict[str, Any]:
    """What a page needs to know of the whole archive."""
    period = snapshot.period
    return {
        "revision": snapshot.etag,
        "demo": snapshot.demo,
        "total": len(snapshot),
        "first_day": words.iso(period[0]) if period else None,
        "last_day": words.iso(period[1]) if period else None,
    }


def _view(snapshot: Snapshot, found: Selection, zoom: int) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [geojson.brief(each) for each in found.shown],
        "krai": [geojson.brief(each) for each in found.krai],
        "unplaced": [geojson.brief(each) for each in found.unplaced],
        "counts": found.counts,
        "total": found.total,
        "elsewhere": found.elsewhere,
        "zoom": zoom,
        "state": state(snapshot),
    }


def view(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /api/v1/view."""
    found = look(snapshot, wanted(source.atlas, values), bbox=values["bbox"])
    return json_answer(_view(snapshot, found, values["zoom"]), GEOJSON)


def incidents(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /api/v1/incidents.geojson."""
    rows = snapshot.select(wanted(source.atlas, values))
    return json_answer(geojson.collection(snapshot.take(rows)), GEOJSON)


def incident(snapshot: Snapshot, incident_id: str) -> Answer:
    """GET /api/v1/incidents/{id}.

    Raises:
        ProblemError: nothing published under that id.
    """
    found = snapshot.get(incident_id)
    if found is None:
        raise not_found("Такого события нет или оно больше не опубликовано.")
    return json_answer(geojson.feature(found), GEOJSON)


def table_of(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /export/incidents.csv."""
    rows = snapshot.select(wanted(source.atlas, values))
    headers = {**CORS, "Content-Disposition": 'attachment; filename="kubmap-incidents.csv"'}
    return answer(table.incidents_csv(snapshot.take(rows)).encode(), "text/csv; charset=utf-8", headers)


def _place(atlas: Atlas, found: Settlement) -> dict[str, Any]:
    home = atlas.municipalities.get(found.municipality)
    zone = atlas.zones.get(home.zone) if home else None
    return {
        "id": found.id,
        "name": found.name,
        "type": found.type,
        "municipality": home.name if home else None,
        "zone": zone.name if zone else None,
        "lat": found.lat,
        "lon": found.lon,
    }


def places(source: Source, values: Values) -> Answer:
    """GET /api/v1/places: type-ahead, best first."""
    found = source.atlas.names.search(values["q"], limit=values["limit"])
    return json_answer({"places": [_place(source.atlas, each) for each in found]})
