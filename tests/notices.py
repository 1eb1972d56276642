"""Notices as utilities word them, in our own words, and the index that their reading makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kubmap.atlas.atlas import load_atlas
from kubmap.domain import MOSCOW, Incident, Status
from kubmap.geocode.reading import parse
from kubmap.read.residents import OutageIndex, index_of
from kubmap.store.intake import incident_of

KRYMSK, HOPE, NOVOROSSIYSK, GELENDZHIK = "03625101001", "kk-kry-nadezhda", "03720000001", "03708000001"
KRASNODAR, EYSK, ANAPA = "03701000001", "03616101001", "03703000001"


def notice(text: str, published: str = "2021-11-25", number: int = 1, **changes: object) -> Incident:
    """A published record of the text, as an import makes it."""
    read = parse(text, published=published)
    made = incident_of(read.teaser, read, status=Status.PUBLISHED)
    return replace(made, **{"id": f"017d4a00-0000-7000-8000-{number:012d}", "version": 1, **changes})


def indexed(*incidents: Incident, **options: object) -> OutageIndex:
    return index_of(incidents, load_atlas(), **options)


def told(*texts: str, published: str = "2021-11-25") -> OutageIndex:
    return indexed(*(notice(text, published, number) for number, text in enumerate(texts, 1)))


def place(place_id: str):
    return load_atlas().settlements[place_id]


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2021) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=MOSCOW)
