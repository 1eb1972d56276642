"""Made-up incidents at settlements, each told by two newsrooms: for the search of duplicates; the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from bench.synthetic import words
from kubmap.atlas.atlas import Atlas
from kubmap.atlas.model import Settlement
from kubmap.domain import MOSCOW, Casualties, Category, Incident, Location, Precision, Status, Teaser
from kubmap.feeds.words import day_words

_UTILITIES = {
    Category.OUTAGE_WATER: ("вода", "воды", "порвало водовод", "ремонта насосной станции"),
    Category.OUTAGE_POWER: ("электричество", "света", "оборвало провода", "замены опор"),
    Category.OUTAGE_GAS: ("газ", "газа", "повредили газопровод", "врезки трубы"),
}
_TEXTS: dict[Category, tuple[str, str]] = {
    Category.ROAD_ACCIDENT: (
        "Авария произошла {d} около {h}:{m:02}: {c1} столкнулась с {c2} на улице {s}, это {p}. Ранены {n} человек.",
        "{n} пострадавших в ДТП на улице {s}. Как сообщили, {c2} и {c1} не разъехались {d} в {h}:{m:02}. Место: {p}.",
    ),
    Category.FIRE: (
        "Пожар на улице {s}: {d} загорелся {t}, огонь охватил {k} квадратных метров. Место — {p}.",
        "{p}: сгорел {t} площадью {k} «квадратов» на улице {s}. Возгорание случилось {d}.",
    ),
    Category.FRAUD: (
        "Мошенники выманили у {a}-летней женщины {k} тысяч рублей, сообщила полиция {d}. Место — {p}.",
        "Пенсионерка {a} лет перевела аферистам {k} тысяч рублей. Это случилось {d}, место — {p}.",
    ),
    Category.CRIME: (
        "Полиция задержала {a}-летнего мужчину: {d} на улице {s} он ограбил {t}. Место — {p}, ущерб {k} тысяч рублей.",
        "Ограблен {t} на улице {s}, похищено {k} тысяч рублей. {a}-летнего грабителя поймали {d}. Место — {p}.",
    ),
    **{
        kind: (
            f"{{d}} с {{h}}:00 отключат {what}: {{p}}, улица {{s}}, без {of} будут {{k}} домов из-за {works}.",
            f"Без {of} останутся {{k}} домов {{d}} с {{h}}:00 из-за {works} на улице {{s}}. Место — {{p}}.",
        )
        for kind, (what, of, _, works) in _UTILITIES.items()
    },
}
FIRST_DAY = date(2021, 1, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """An incident of the archive, and how another newsroom tells of it."""

    incident: Incident
    retold: Teaser


def retellings(atlas: Atlas, count: int, *, seed: int = 1, days: int = 1_500) -> Iterator[Told]:
    """`count` incidents over `days` days, one retelling each."""
    random = Random(seed)
    settlements = sorted(atlas.settlements.values(), key=lambda each: each.id)
    weights = [(each.population or 50) ** 0.7 for each in settlements]
    kinds = list(_TEXTS)
    for number, place in enumerate(random.choices(settlements, weights, k=count)):
        yield _told(atlas, random, number, place, random.choice(kinds), random.randrange(days))


def _told(atlas: Atlas, random: Random, number: int, place: Settlement, kind: Category, day: int) -> Told:
    when = FIRST_DAY + timedelta(days=day)
    facts = {
        "d": day_words(when, year=False),
        "h": random.randrange(6, 22),
        "m": random.randrange(0, 60, 5),
        "s": random.choice(words()["streets"]),
        "c1": random.choice(words()["cars"]),
        "c2": random.choice(words()["cars"]),
        "t": random.choice(words()["things"]),
        "n": random.randrange(2, 9),
        "k": random.randrange(11, 990),
        "a": random.randrange(18, 90),
        "p": f"{place.type} {place.name}",
    }
    one, two = (text.format(**facts) for text in _TEXTS[kind])
    owner = atlas.municipalities.get(place.municipality)
    starts = datetime(when.year, when.month, when.day, facts["h"], facts["m"], tzinfo=MOSCOW)
    incident = Incident(
        id=f"{number:08d}",
        version=1,
        status=Status.PUBLISHED,
        category=kind,
        title=None,
        text=one,
        published_at=when,
        starts_at=starts if kind == Category.ROAD_ACCIDENT else when,
        is_scheduled=True if kind.is_outage else None,
        casualties=Casualties(injured=facts["n"]) if kind == Category.ROAD_ACCIDENT else Casualties(),
        location=Location(
            place.lat, place.lon, Precision.SETTLEMENT, place.radius_m, place.name,
            municipality=owner.name if owner else None,
        ),
    )  # fmt: skip
    return Told(incident, Teaser("", two, None, when + timedelta(days=random.randrange(2))))
