"""The part of the desk that says where: see `kubmap.desk.places`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubmap.desk import places
from kubmap.desk.access import User, require
from kubmap.desk.room import Room
from kubmap.domain import Location, Role

if TYPE_CHECKING:
    from kubmap.desk.places import PlaceChoice, RoadChoice


class Locating(Room):
    """Places for the map, the road form and the search."""

    def at_point(
        self, who: User | None, lat: float, lon: float, *, radius_m: float | None = None, zoom: float | None = None
    ) -> Location:
        """See `places.at_point`."""
        require(who, Role.EDITOR)
        return places.at_point(self._atlas, lat, lon, radius_m=radius_m, zoom=zoom)

    def at_road_km(self, who: User | None, road_id: str, km: float) -> Location:
        """See `places.at_road_km`."""
        require(who, Role.EDITOR)
        return places.at_road_km(self._atlas, road_id, km)

    def at_place(self, who: User | None, place_id: str, *, near: bool = False) -> Location:
        """See `places.at_place`."""
        require(who, Role.EDITOR)
        return places.at_place(self._atlas, place_id, near=near)

    def at_krai(self, who: User | None) -> Location:
        """The krai as a whole: no pin."""
        require(who, Role.EDITOR)
        return places.at_krai()

    def find_places(self, who: User | None, query: str, *, limit: int = 10) -> tuple[PlaceChoice, ...]:
        """Places for what was typed, best first."""
        require(who, Role.EDITOR)
        return places.find_places(self._atlas, query, limit=limit)

    def roads(self, who: User | None) -> tuple[RoadChoice, ...]:
        """Roads for the form «дорога + км»."""
        require(who, Role.EDITOR)
        return places.roads(self._atlas)
