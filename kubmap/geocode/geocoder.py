"""A geopy geocoder of the krai: offline; other geocoders may be chained behind it, off by default."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from geopy.exc import GeocoderQueryError, GeopyError
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location as GeopyLocation
from geopy.point import Point

from kubmap.geocode.query import at_point, find
from kubmap.geocode.reading import location_json

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.domain import Location

_LOG = logging.getLogger(__name__)
_LIMIT = 10


class KubanGeocoder(Geocoder):  # type: ignore[misc]  # geopy ships no types
    """Places of Krasnodar Krai by words, km of a road, or coordinates.

    `online` are other geopy geocoders, asked in order when the atlas knows nothing finer than a settlement's whole
    surroundings; their results outside the krai are rejected, and one that fails gives way to the next.
    """

    def __init__(
        self,
        *,
        atlas: Atlas | None = None,
        online: Sequence[Any] = (),
        timeout: Any = DEFAULT_SENTINEL,
        user_agent: str | None = None,
    ) -> None:
        super().__init__(scheme="https", timeout=timeout, user_agent=user_agent or "kubmap")
        if atlas is None:
            from kubmap.atlas.atlas import load_atlas  # noqa: PLC0415  the import of the package stays cheap

            atlas = load_atlas()
        self.atlas = atlas
        self.online = tuple(online)

    def geocode(
        self,
        query: str,
        *,
        exactly_one: bool = True,
        limit: int | None = None,
        timeout: Any = DEFAULT_SENTINEL,
    ) -> GeopyLocation | list[GeopyLocation] | None:
        """The best place (or all, with `exactly_one` false), None when there is none in the krai.

        `.raw` carries lat, lon (null for a krai-wide answer), precision, radius_m (metres), method, municipality, zone,
        road, km, geometry and label. A place without a pin has the middle of its line or of the krai as its point.

        Raises:
            GeocoderQueryError: the query is empty.
        """
        if not isinstance(query, str) or not query.strip():
            raise GeocoderQueryError("пустой запрос: напишите место, например «станица Тбилисская»")
        found = [self._location(place) for place in find(query, self.atlas, limit=limit or _LIMIT)]
        if not found:
            found = self._chained(lambda coder: coder.geocode(query, exactly_one=False, timeout=timeout))
        return self._answer(found[:limit], exactly_one=exactly_one)

    def reverse(
        self,
        query: Point | tuple[float, float] | str,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
    ) -> GeopyLocation | list[GeopyLocation] | None:
        """The municipality and the nearest settlement of a point (degrees, lat first); None outside the krai.

        Raises:
            GeocoderQueryError: the point cannot be read.
        """
        try:
            point = Point(query)
        except (TypeError, ValueError) as error:
            raise GeocoderQueryError(f"точка не читается: {error}") from error
        here = at_point(self.atlas, point.latitude, point.longitude)
        found = [self._location(here)] if here else []
        if here and self.online:
            found = self._chained(lambda coder: coder.reverse(point, exactly_one=False, timeout=timeout)) + found
        return self._answer(found, exactly_one=exactly_one)

    @staticmethod
    def _answer(found: list[GeopyLocation], *, exactly_one: bool) -> GeopyLocation | list[GeopyLocation] | None:
        if not found:
            return None
        return found[0] if exactly_one else found

    def _location(self, place: Location) -> GeopyLocation:
        lat, lon = (place.lat, place.lon) if place.lat is not None else _middle(place)
        address = ", ".join(part for part in (place.label, place.municipality, "Краснодарский край") if part)
        return GeopyLocation(address, Point(lat, lon), location_json(place))

    def _chained(self, ask: Callable[[Any], Any]) -> list[GeopyLocation]:
        """The first answer in the krai of the geocoders behind; one that fails is passed over."""
        for coder in self.online:
            try:
                answer = ask(coder) or []
            except (GeopyError, OSError) as error:
                _LOG.warning("geocoder %s failed: %s", type(coder).__name__, error)
                continue
            inside = [self._adopted(found, type(coder).__name__) for found in answer if self._in_krai(found)]
            if inside:
                return inside
        return []

    def _in_krai(self, found: GeopyLocation) -> bool:
        return at_point(self.atlas, found.latitude, found.longitude) is not None

    def _adopted(self, found: GeopyLocation, method: str) -> GeopyLocation:
        """An online answer with our own raw keys."""
        here = at_point(self.atlas, found.latitude, found.longitude)
        raw = {**(location_json(here) or {}), "label": found.address, "radius_m": 200, "method": method}
        return GeopyLocation(found.address, Point(found.latitude, found.longitude), raw)


def _middle(place: Location) -> tuple[float, float]:
    """Where geopy needs a point and there is no pin: the middle of the line, else of the krai."""
    line = (place.geometry or {}).get("coordinates") or [[39.2, 45.3]]
    lon, lat = line[len(line) // 2]
    return lat, lon
