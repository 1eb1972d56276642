"""A made-up archive as a store: incidents of every precision over ten years, the same for the same seed.

Places are the atlas's: settlements by population, kilometres and stretches of its roads, districts, providers' areas.
Reasons and alternatives are as long as those of real readings, so that what a reader of the store pays is real.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert

from kubmap.atlas.atlas import Atlas, load_atlas
from kubmap.domain import (
    MOSCOW,
    Alternative,
    Casualties,
    Category,
    Incident,
    Interval,
    Location,
    Outage,
    Precision,
    Reason,
    Status,
    Utility,
)
from kubmap.feeds.words import day_words
from kubmap.geocode import precision
from kubmap.store import Store, codec, meta
from kubmap.store.engine import writing
from kubmap.store.schema import incidents

CACHE = Path(__file__).parent.parent / ".cache" / "bench"
SIZES = (1_000, 100_000, 1_000_000)
FIRST_DAY, DAYS = date(2016, 1, 1), 3_650
_BATCH = 5_000
_MIX = (("town", 44), ("address", 14), ("km", 12), ("stretch", 7), ("several", 6), ("road", 3), ("district", 4),
        ("provider", 2), ("krai", 8))  # fmt: skip
"""Kinds of places in shares (percent), as in the labelled teasers of tests/gold."""


def archive(count: int, *, seed: int = 1, folder: Path = CACHE) -> Path:
    """A store file of so many published incidents; made once, then kept under `folder`."""
    path = folder / f"archive-{count}-{seed}.sqlite"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".part")
        for each in folder.glob(f"{made.name}*"):
            each.unlink()
        fill(f"sqlite:///{made}", made_up(load_atlas(), count, seed=seed))
        made.rename(path)
    return path


def fill(url: str, given: Iterator[Incident]) -> None:
    """Put the incidents into an empty store at once, as one revision and without their history."""
    store = Store(url)
    store.migrate()
    with writing(store.engine) as connection:
        batch: list[dict[str, Any]] = []
        for each in given:
            batch.append({**codec.to_row(each), "revision": 1})
            if len(batch) == _BATCH:
                connection.execute(insert(incidents), batch)
                batch = []
        if batch:
            connection.execute(insert(incidents), batch)
        meta.write(connection, "revision", 1)
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def made_up(atlas: Atlas, count: int, *, seed: int = 1) -> Iterator[Incident]:
    """So many published incidents, oldest first."""
    writer = Writer(atlas, Random(seed))
    for number in range(count):
        yield writer.incident(number, FIRST_DAY + timedelta(days=number * DAYS // count))


class Writer:
    """Makes up incidents of an atlas with a source of chance."""

    def __init__(self, atlas: Atlas, random: Random) -> None:
        self.atlas = atlas
        self.random = random
        self.words = words()
        self.towns = sorted(atlas.settlements.values(), key=lambda each: each.id)
        self.weights = _running([(each.population or 60) ** 0.8 for each in self.towns])
        self.kinds = [Category(name) for name in self.words["kinds"]]
        self.kind_weights = _running([each["weight"] for each in self.words["kinds"].values()])
        self.roads = [road for road in atlas.roads.roads.values() if road.length_km > 5]
        self.road_weights = _running([road.length_km for road in self.roads])
        self.at = cache(partial(_settlement, atlas))
        self.of_district = cache(partial(_of_district, atlas))
        self.of_provider = cache(partial(_of_provider, atlas))
        self.makers: list[Callable[[], Location]] = [getattr(self, f"_{name}") for name, _ in _MIX]
        self.mix = _running([share for _, share in _MIX])

    def incident(self, number: int, day: date) -> Incident:
        kind = self._one(self.kinds, self.kind_weights)
        place = self._one(self.makers, self.mix)()
        told = self._told(kind, place, day)
        start = self._start(day)
        published = datetime.combine(day, time(self.random.randrange(6, 23), self.random.randrange(60)), MOSCOW)
        return Incident(
            id=_id(published, number, self.random),
            version=1,
            status=Status.PUBLISHED,
            category=kind,
            title=told[0],
            text=told[1],
            source_name="Проверочный архив",
            source_url=f"https://example.org/{number}",
            published_at=published,
            starts_at=start,
            ends_at=self._end(kind, start, day),
            is_scheduled=self.random.random() < 0.7 if kind.is_outage else None,
            casualties=self._casualties(kind),
            location=place,
            alternatives=self._alternatives(place),
            reasons=_reasons(told[1], kind, place),
            outage=_outage(kind, start, place),
            created_at=published,
            updated_at=published,
        )

    # what and when

    def _told(self, kind: Category, place: Location, day: date) -> tuple[str | None, str]:
        random, words = self.random, self.words
        facts = {
            "p": place.label, "s": random.choice(words["streets"]), "d": day_words(day, year=False),
            "h": random.randrange(6, 23), "n": random.randrange(2, 9), "k": random.randrange(11, 990),
            "a": random.randrange(18, 90), "t": random.choice(words["things"]), "c": random.choice(words["cars"]),
            "v": random.choice(words["cars"]), "o": random.choice(words["causes"]),
        }  # fmt: skip
        of_kind = words["kinds"][kind.value]
        tails = random.sample(words["tails"], random.randrange(1, 4))
        text = " ".join([random.choice(of_kind["texts"]), *tails]).format(**facts)
        title = random.choice(of_kind["titles"]).format(**facts) if random.random() < 0.8 else None
        return title, text

    def _start(self, day: date) -> date | datetime | None:
        chance = self.random.random()
        if chance < 0.25:
            return day if chance < 0.18 else None
        return datetime.combine(day, time(self.random.randrange(24), self.random.choice((0, 15, 30, 40))), MOSCOW)

    def _end(self, kind: Category, start: date | datetime | None, day: date) -> date | datetime | None:
        if not kind.is_outage or start is None:
            return None
        if isinstance(start, datetime):
            return start + timedelta(hours=self.random.randrange(2, 12))
        return day + timedelta(days=self.random.randrange(3))

    def _casualties(self, kind: Category) -> Casualties:
        if kind is not Category.ROAD_ACCIDENT or self.random.random() < 0.4:
            return Casualties()
        return Casualties(dead=self.random.choice((0, 0, 0, 1, 2)), injured=self.random.randrange(5))

    # where

    def _town(self) -> Location:
        return self.at(self._one(self.towns, self.weights).id)

    def _address(self) -> Location:
        town = self._town()
        assert town.lat is not None
        assert town.lon is not None
        reach = (town.radius_m or 1_000) / 111_000
        street = self.random.choice(self.words["streets"])
        return replace(
            town,
            lat=round(town.lat + self.random.uniform(-reach, reach), 5),
            lon=round(town.lon + self.random.uniform(-reach, reach), 5),
            precision=Precision.ADDRESS,
            radius_m=400,
            label=f"{town.label}, улица {street}",
            method="street",
        )

    def _km(self) -> Location:
        road = self._one(self.roads, self.road_weights)
        km = round(self.random.uniform(road.km_min, road.km_max), 1)
        point = self.atlas.roads.at_km(road.id, km)
        return precision.at_road_km(self.atlas, road.id, km, point) if point else self._town()

    def _stretch(self) -> Location:
        road = self._one(self.roads, self.road_weights)
        first = self.random.uniform(road.km_min, road.km_max - 3)
        span = self.atlas.roads.span(road.id, first, min(first + self.random.uniform(3, 25), road.km_max))
        if span is None:
            return self._town()
        return precision.at_road_span(self.atlas, road.id, span, label=road.label, municipality=None)

    def _several(self) -> Location:
        parts = [self._town() for _ in range(self.random.randrange(2, 5))]
        label = ", ".join(dict.fromkeys(each.label for each in parts))
        return precision.at_area(parts, label=label, method="several_places")

    def _road(self) -> Location:
        return precision.along_road(self.atlas, self._one(self.roads, self.road_weights).id)

    def _district(self) -> Location:
        return self.of_district(self.random.choice(sorted(self.atlas.municipalities)))

    def _provider(self) -> Location:
        return self.of_provider(self.random.choice(sorted(self.atlas.providers)))

    def _krai(self) -> Location:
        return precision.krai_wide("krai")

    def _alternatives(self, place: Location) -> tuple[Alternative, ...]:
        if place.precision is not Precision.SETTLEMENT or self.random.random() < 0.5:
            return ()
        others = (self._town() for _ in range(self.random.randrange(1, 4)))
        return tuple(Alternative(each, 0.2, "одно из одноимённых, дальше от названного района") for each in others)

    def _one(self, values: list[Any], running: list[float]) -> Any:
        return self.random.choices(values, cum_weights=running)[0]


@cache
def words() -> dict[str, Any]:
    """Sentences by kind, streets, things and whoever collides."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _of_district(atlas: Atlas, municipality: str) -> Location:
    return precision.at_district(atlas, atlas.municipalities[municipality])


def _of_provider(atlas: Atlas, provider: str) -> Location:
    areas = atlas.providers[provider].areas
    ids = [each for area in areas for each in area.settlements] or [
        atlas.municipalities[area.municipality].centre for area in areas
    ]
    return precision.at_provider(atlas, atlas.providers[provider], [atlas.settlements[each] for each in ids])


def _settlement(atlas: Atlas, settlement: str) -> Location:
    return precision.at_settlement(atlas, atlas.settlements[settlement])


def _running(weights: list[float]) -> list[float]:
    total, sums = 0.0, []
    for each in weights:
        total += each
        sums.append(total)
    return sums


def _id(at: datetime, number: int, random: Random) -> str:
    """A UUIDv7 without chance of the machine's; ids of one archive sort as they were made."""
    value = (round(at.timestamp() * 1000) & (1 << 48) - 1) << 80 | 0x7 << 76 | (number & 0xFFF) << 64
    return str(uuid.UUID(int=value | 0b10 << 62 | random.getrandbits(62)))


def _reasons(text: str, kind: Category, place: Location) -> tuple[Reason, ...]:
    return (
        Reason(f"category_{kind.value}", "слово говорит о виде события", 0, 12, "text", text[:12]),
        Reason(place.method or "place", f"место: {place.label}"[:120], 14, 40, "text", text[14:40]),
        Reason("when", "день и час названы в тексте", 2, 9, "text", text[2:9]),
    )


def _outage(kind: Category, start: date | datetime | None, place: Location) -> Outage | None:
    if not kind.is_outage:
        return None
    return Outage(Utility(kind.value.removeprefix("outage_")), works=Interval(start, None), places=(place.label,))
