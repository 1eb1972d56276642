"""What the public routes answer, without HTTP: (source, values of the query) -> bytes ready to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubmap.atlas.finder import find
from kubmap.domain import Category
from kubmap.feeds import geojson, table, words
from kubmap.read.cluster import KRAI, UNPLACED, members
from kubmap.read.membership import DIGITS
from kubmap.read.paging import after, token
from kubmap.read.snapshot import Filter
from kubmap.read.tight import tight
from kubmap.read.timeline import timeline as timeline_of
from kubmap.read.view import look, matches
from kubmap.web.httpcache import BRISK, CORS, FIRM, Answer, answer
from kubmap.web.problems import Fault, ProblemError, bad_request, gone, not_found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement
    from kubmap.read.brief import Brief
    from kubmap.read.cluster import Cluster
    from kubmap.read.issue import Fate
    from kubmap.read.snapshot import Rows, Snapshot
    from kubmap.read.view import View
    from kubmap.web.source import Source

GEOJSON = "application/geo+json"
JSON = "application/json"
KRAI_SHOWN = 20
"""Of what has no place on the map a view names so many; all of them are members of the clusters "krai", "unplaced"."""

Values = dict[str, Any]
_VALUES = {category: category.value for category in Category}


def json_answer(body: Any, media_type: str = JSON, *, level: int = FIRM) -> Answer:
    """The object as JSON bytes; keys in the order given, so equal objects are equal bytes."""
    return answer(tight(body), media_type, CORS, level=level)


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


def _counts(found: dict[Category, int]) -> dict[str, int]:
    return {_VALUES[category]: count for category, count in found.items()}


def _briefs(snapshot: Snapshot, rows: Iterable[int]) -> list[orjson.Fragment]:
    return [orjson.Fragment(snapshot.keep(int(row), _brief)) for row in rows]


def _brief(brief: Brief) -> bytes:
    return tight(geojson.brief(brief))


def _degrees(bbox: tuple[float, float, float, float]) -> list[float]:
    return [round(value, DIGITS) for value in bbox]


def _cluster(snapshot: Snapshot, found: Cluster) -> geojson.Feature:
    properties: dict[str, Any] = {
        "kind": "cluster",
        "count": found.count,
        "categories": _counts(found.categories),
        "bbox": found.bbox,
        "latest": snapshot.moment(found.latest),
        "wide": found.wide,
    }
    if found.place is not None:
        shape = snapshot.places.shapes[found.place]
        properties |= {"place": shape.location.label, "ref": shape.ref}
        if shape.geometry:
            properties["shape"] = orjson.Fragment(shape.geometry)
    point = [found.lon, found.lat]
    return {
        "type": "Feature", "id": found.id, "geometry": {"type": "Point", "coordinates": point},
        "properties": properties,
    }  # fmt: skip


def _zone_counts(atlas: Atlas, found: View) -> dict[str, int]:
    return {zone.id: found.matches.zones.get(zone.name, 0) for zone in atlas.zones.values()}


def _view(atlas: Atlas, snapshot: Snapshot, found: View) -> dict[str, Any]:
    match, elsewhere, period = found.matches, found.elsewhere, snapshot.period
    clusters = [_cluster(snapshot, each) for each in found.groups.clusters]
    return {
        "type": "FeatureCollection",
        "features": [*clusters, *_briefs(snapshot, found.groups.singles)],
        "krai": _briefs(snapshot, match.krai[:KRAI_SHOWN]),
        "krai_count": len(match.krai),
        "unplaced": _briefs(snapshot, match.unplaced[:KRAI_SHOWN]),
        "unplaced_count": len(match.unplaced),
        "total": match.total,
        "shown": found.groups.count,
        "elsewhere": elsewhere and {"count": elsewhere.count, "bbox": _degrees(elsewhere.bbox)},
        "zones": _zone_counts(atlas, found),
        "categories": _counts(match.categories),
        "period": [words.iso(day) for day in period] if period else None,
        "revision": snapshot.revision,
        "demo": snapshot.demo,
    }


def view(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /api/v1/view."""
    found = look(snapshot, wanted(source.atlas, values), bbox=values["bbox"], zoom=values["zoom"])
    return json_answer(_view(source.atlas, snapshot, found), GEOJSON, level=BRISK)


def cluster(source: Source, snapshot: Snapshot, group_id: str, values: Values) -> Answer:
    """GET /api/v1/clusters/{id}: the members, newest first, a page of them.

    Raises:
        ProblemError: not the id of a cluster, or nothing in it.
    """
    rows = members(snapshot, matches(snapshot, wanted(source.atlas, values)).passing, group_id)
    if rows is None or not (len(rows) or group_id in {KRAI, UNPLACED}):
        raise not_found("Такой группы нет: её номер берут из ответа /api/v1/view с тем же отбором.")
    page, further = _page(snapshot, rows, values)
    return json_answer({"count": len(rows), "members": _briefs(snapshot, page), "next": further})


def _page(snapshot: Snapshot, rows: Rows, values: Values) -> tuple[Rows, str | None]:
    """The rows of the page that was asked for, and what asks for the next one."""
    rest = after(snapshot, rows, values["after"]) if values["after"] else rows
    page = rest[: values["limit"]]
    return page, token(snapshot, int(page[-1])) if len(rest) > len(page) else None


def timeline(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /api/v1/timeline."""
    found = timeline_of(snapshot, wanted(source.atlas, values))
    bins = [
        {"start": each.start.isoformat(), "count": each.count, "categories": _counts(each.categories)}
        for each in found.bins
    ]
    return json_answer({"step": found.step.value, "bins": bins, "undated": found.undated})


def revision(snapshot: Snapshot) -> Answer:
    """GET /api/v1/revision."""
    return json_answer({"revision": snapshot.revision})


def incidents(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /api/v1/incidents.geojson: whole records, newest first, a page of them."""
    rows = snapshot.select(wanted(source.atlas, values))
    page, further = _page(snapshot, rows, {"after": None, "limit": None, **values})
    body = geojson.collection(snapshot.take(page)) | {"total": len(rows), "next": further}
    return json_answer(body, GEOJSON)


def incident(source: Source, snapshot: Snapshot, incident_id: str) -> Answer:
    """GET /api/v1/incidents/{id}.

    Raises:
        ProblemError: nothing published under that id; 410 with the reason for what an editor took from the readers.
    """
    found = snapshot.get(incident_id)
    if found is not None:
        return json_answer(geojson.feature(found), GEOJSON)
    fate = source.ledger.fate(incident_id) if source.ledger else None
    if fate is None:
        raise not_found("Такого события нет или оно больше не опубликовано.")
    raise _taken_back(snapshot, fate)


def _taken_back(snapshot: Snapshot, fate: Fate) -> ProblemError:
    """What the permalink tells: when and why, or the card that tells it now."""
    into = fate.merged_into if fate.merged_into and fate.merged_into in snapshot.rows else None
    day = fate.at.strftime("%d.%m.%Y")
    told = f"Редакция сняла это событие с карты {day}. Причина: {fate.reason}"
    if fate.merged_into:
        told = f"Об этом событии рассказывает другая карточка: {day} записи объединены."
    return gone(told, reason=None if fate.merged_into else fate.reason, gone_at=words.iso(fate.at), merged_into=into)


def table_of(source: Source, snapshot: Snapshot, values: Values) -> Answer:
    """GET /export/incidents.csv."""
    rows = snapshot.select(wanted(source.atlas, values))
    headers = {**CORS, "Content-Disposition": 'attachment; filename="kubmap-incidents.csv"'}
    found = snapshot.take(rows, reasons=False)
    return answer(table.incidents_csv(found).encode(), "text/csv; charset=utf-8", headers)


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
    found = find(source.atlas, values["q"], limit=values["limit"])
    return json_answer({"places": [_place(source.atlas, each) for each in found]})


def all_places(atlas: Atlas) -> list[dict[str, Any]]:
    """The rows of GET /api/v1/places for every settlement of the krai, the greatest first."""
    found = sorted(atlas.settlements.values(), key=lambda each: (-(each.population or 0), each.id))
    return [_place(atlas, each) for each in found]
