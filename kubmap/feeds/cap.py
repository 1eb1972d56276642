"""Alerts by the Common Alerting Protocol 1.2 (OASIS, 1 July 2010) and their Atom index.

One alert a version of a notice: Alert, then Update, at the end Cancel, each with references to those before. The area
is what the notice serves (circles of settlements, polygons of municipalities), not the spot of the accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lxml import etree

from kubmap.atlas.model import KRAI
from kubmap.domain import MOSCOW, OutageKind, Utility
from kubmap.feeds import answer
from kubmap.feeds.words import category_name, safe_link, uri
from kubmap.feeds.xmltext import clean
from kubmap.read.brief import headline

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.read.issue import Issue
    from kubmap.read.residents import Notice

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
INDEXED = 200
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=MOSCOW)
_KRAI_OKTMO = "03000000"
_LEAST_KM = 0.5
_UNTOLD = "мест с таким названием в крае несколько"
_INSTRUCTION = {
    Utility.WATER: "Запаситесь водой до начала отключения.",
    Utility.POWER: "Зарядите телефоны и выключите приборы до начала отключения.",
    Utility.GAS: "Перекройте кран на газовой трубе; не ищите утечку огнём.",
    Utility.HEAT: "Подготовьте тёплые вещи и безопасный обогреватель.",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Who sends: the address of the installation, without a slash at the end; `demo`: nothing of it is real."""

    address: str
    demo: bool = False

    @property
    def sender(self) -> str:
        """The host, which names the sender for ever."""
        return f"kubmap@{urlsplit(self.address).hostname or 'localhost'}"


def alert(notice: Notice, issues: Sequence[Issue], atlas: Atlas, site: Site) -> bytes:
    """The last alert of a notice; `issues` are its versions that went out, oldest first."""
    sent = _sent(notice, issues)
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    put = _Putter(root)
    put("identifier", _identifier(notice, notice.incident.version))
    put("sender", site.sender)
    put("sent", _time(sent))
    put("status", "Exercise" if site.demo else "Actual")
    put("msgType", _kind(notice, issues))
    put("scope", "Public")
    references = _references(notice, issues, site)
    if references:
        put("references", references)
    _info(put.child("info"), notice, sent, atlas, site)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def index(notices: Iterable[Notice], site: Site) -> bytes:
    """Atom (RFC 4287): the last alerts, the newest version first. feedgen 1.0 drops rel and type of an entry's link."""
    newest = sorted(notices, key=lambda each: (_sent(each, ()), each.incident.id), reverse=True)[:INDEXED]
    address = f"{site.address}/feeds/cap/index.atom"
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "ru-RU")
    put = _Putter(root, _ATOM)
    put("id", address)
    put("title", "Отключения на Кубани: оповещения CAP")
    put("updated", _time(max((_sent(each, ()) for each in newest), default=_NEVER)))
    put.child("author")("name", "kubmap")
    put("link", "", href=address, rel="self", type="application/atom+xml")
    for notice in newest:
        _entry(put.child("entry"), notice, site)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


class _Putter:
    """Appends elements in the order that the standard gives them."""

    def __init__(self, parent: Any, namespace: str = NAMESPACE) -> None:
        self._parent = parent
        self._namespace = namespace

    def __call__(self, name: str, text: str, **attributes: str) -> None:
        self._element(name, attributes).text = clean(text) or None

    def child(self, name: str) -> _Putter:
        return _Putter(self._element(name, {}), self._namespace)

    def _element(self, name: str, attributes: dict[str, str]) -> Any:
        return etree.SubElement(self._parent, f"{{{self._namespace}}}{name}", attributes)


def _info(put: _Putter, notice: Notice, sent: datetime, atlas: Atlas, site: Site) -> None:
    incident, found = notice.incident, notice.course
    put("language", "ru-RU")
    put("category", "Infra")
    put("event", category_name(incident.category))
    put("responseType", "AllClear" if notice.cancelled else "Prepare")
    put("urgency", "Past" if notice.cancelled else _urgency(notice, sent))
    put("severity", _severity(notice))
    put("certainty", "Likely" if incident.is_scheduled else "Observed")
    put("effective", _time(sent))
    put("onset", _time(found.start))
    put("expires", _time(found.last))
    put("senderName", incident.source_name or "kubmap")
    put("headline", _headline(notice))
    put("description", _description(notice))
    if not notice.cancelled:
        put("instruction", _INSTRUCTION[notice.utility])
    put("web", uri(safe_link(incident.source_url) or f"{site.address}/map?id={incident.id}"))
    _area(put.child("area"), notice, atlas)


def _headline(notice: Notice) -> str:
    cancelled = "Отменено: " if notice.cancelled else ""
    return f"{cancelled}{answer.title(notice)}, {answer.when_words(notice.course)}"


def _description(notice: Notice) -> str:
    if notice.cancelled:
        return _headline(notice)
    first = headline(notice.incident.title, notice.incident.text)
    return "\n".join([first, *(f"{name}: {value}" for name, value in answer.facts(notice))])


def _urgency(notice: Notice, sent: datetime) -> str:
    """By how long before its start it was told (CAP 1.2, 3.2.2)."""
    hours = (notice.course.start - sent).total_seconds() / 3600
    if hours <= 0:
        return "Immediate"
    return "Expected" if hours <= 1 else "Future"


def _severity(notice: Notice) -> str:
    outage = notice.incident.outage
    return "Minor" if outage and outage.kind is not OutageKind.OFF else "Moderate"


def _area(put: _Putter, notice: Notice, atlas: Atlas) -> None:
    served = notice.served
    whole = [KRAI] if served.krai else []
    districts = [atlas.municipalities[each] for each in sorted(served.municipalities)]
    places = [atlas.settlements[each] for each in served.places if each in atlas.settlements]
    names = [*whole, *(each.name for each in districts), *(each.name for each in places)]
    told = ", ".join(dict.fromkeys(names)) or _somewhere(notice)
    put("areaDesc", told + (f"; кроме: {', '.join(notice.exceptions)}" if notice.exceptions else ""))
    for each in districts:
        for ring in _rings(atlas.areas.outline(each.id, detail="low")):
            put("polygon", ring)
    for place in places:
        put("circle", f"{place.lat:.4f},{place.lon:.4f} {max(place.radius_m / 1000, _LEAST_KM):.1f}")
    for code in [_KRAI_OKTMO] if served.krai else [each.id for each in places if each.id.isdigit()]:
        _geocode(put.child("geocode"), code)


def _somewhere(notice: Notice) -> str:
    """Where, of a notice whose place the atlas does not know or cannot tell from others of its name."""
    incident = notice.incident
    if notice.served.homonyms and incident.outage:
        return f"{', '.join(incident.outage.places)} ({_UNTOLD})"
    return incident.location.label if incident.location else KRAI


def _geocode(put: _Putter, code: str) -> None:
    put("valueName", "OKTMO")
    put("value", code)


def _rings(geometry: Any) -> Iterator[str]:
    """Outer rings as CAP writes them: «lat,lon lat,lon …», closed."""
    if geometry is None:
        return
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for part in parts:
        yield " ".join(f"{lat:.4f},{lon:.4f}" for lon, lat, *_ in part[0])


def _kind(notice: Notice, issues: Sequence[Issue]) -> str:
    if notice.cancelled and len(issues) > 1:
        return "Cancel"
    return "Update" if len(issues) > 1 else "Alert"


def _references(notice: Notice, issues: Sequence[Issue], site: Site) -> str:
    """«sender,identifier,sent» of the alerts before, with spaces between."""
    before = [each for each in issues if each.version < notice.incident.version]
    return " ".join(f"{site.sender},{_identifier(notice, each.version)},{_time(each.at)}" for each in before)


def _identifier(notice: Notice, version: int) -> str:
    return f"kubmap-{notice.incident.id}-{version}"


def _sent(notice: Notice, issues: Sequence[Issue]) -> datetime:
    own = next((each.at for each in issues if each.version == notice.incident.version), None)
    told = own or notice.incident.updated_at or notice.incident.published_at
    if isinstance(told, datetime):
        return told
    return notice.course.start if told is None else datetime.combine(told, time(), MOSCOW)


def _time(moment: datetime) -> str:
    """CAP 1.2, 3.3.2: seconds, and an offset that is never Z."""
    return moment.astimezone(MOSCOW).replace(microsecond=0).isoformat()


def _entry(put: _Putter, notice: Notice, site: Site) -> None:
    put("id", f"urn:kubmap:{_identifier(notice, notice.incident.version)}")
    put("title", _headline(notice))
    put("updated", _time(_sent(notice, ())))
    put("link", "", href=f"{site.address}/feeds/cap/{notice.incident.id}.xml", rel="alternate", type=MEDIA_TYPE)
    put("summary", _somewhere(notice))
    put("category", "", term=category_name(notice.incident.category))
