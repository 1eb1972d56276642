"""What is wider than a district: the krai, its zones, other regions; towns by by-names, people, adjectives."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.data import load
from kubmap.text.named import people_role
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention, Role
from kubmap.text.placewords import place_words, split
from kubmap.text.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubmap.atlas.atlas import Atlas

_KRAI = "Краснодарский край"
_TOWN = 15_000
"""People: adjectives and inhabitants of smaller places are surnames and common words too often."""
PEOPLE = (
    "цы",
    "цев",
    "цам",
    "цами",
    "цах",
    "ец",
    "ца",
    "цу",
    "не",
    "ан",
    "нам",
    "нами",
    "нин",
    "нина",
    "чи",
    "чей",
    "нка",
    "нке",
    "нку",
    "нкой",
    "рка",
    "рки",
    "рке",
    "рку",
    "йка",
    "йки",
    "йке",
    "йку",
    "нки",
    "чка",
)
AIRPORT = ("аэро", "возд")
REGION_ENDINGS = ("ая", "ой", "ую", "ого", "ий", "ом", "ем", "ему", "ому")
ADJECTIVE = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ие", "их", "ими", "ое")


def capital(scan: Scan, i: int) -> list[Mention] | None:
    """«столица края», «кубанской столице»."""
    pair = (scan.fold[i], scan.fold[i + 1])
    if pair not in capital_phrases():
        return None
    hit = scan.atlas.names.named(scan.w.sections["krai"]["capital_id"])
    return [scan.mention(i, i + 2, PlaceKind.SETTLEMENT, hit[0].name, "capital", ids=(hit[0].id,))] if hit else None


def _is_surname(scan: Scan, i: int) -> bool:
    """«Владимир Северский»: after a first name, or before no noun."""
    named = (
        scan.is_word(i - 1)
        and scan.written(i - 1).istitle()
        and (i > 1 or scan.fold[i - 1] in scan.w.words("persons", "names"))
    )
    return named or not scan.is_word(i + 1) or scan.is_capital(i + 1) or len(scan.fold[i + 1]) <= 3


def airport(scan: Scan, i: int) -> list[Mention] | None:
    """«аэропорт Краснодара», «воздушная гавань краевого центра»: the airport, where the atlas knows it."""
    end = _airport_words(scan, i)
    if end is None:
        return None
    end += scan.fold[end] in {"в", "г", "города"}
    end += scan.fold[end] == "."
    town = capital(scan, end)
    name = None if town else scan.name(end)
    ids = town[0].ids if town else name.ids if name else ()
    places = [scan.atlas.settlements[k] for k in ids if k in scan.atlas.settlements]
    known = scan.atlas.names.named(f"аэропорт {places[0].name}") if places else []
    if not known or known[0].id not in scan.atlas.settlements:
        return None
    stop = end + 2 if town else name.end if name else end
    return [scan.mention(i, stop, PlaceKind.SETTLEMENT, known[0].name, "airport", ids=(known[0].id,))]


def _airport_words(scan: Scan, i: int) -> int | None:
    """The token after «аэропорт» or «воздушная гавань»."""
    if not scan.fold[i].startswith(AIRPORT):
        return None
    words = scan.w.sections["airport"]
    if scan.fold[i].startswith(tuple(words["stems"])):
        return i + 1
    pair = f"{scan.fold[i]} {scan.fold[i + 1]}"
    return i + 2 if any(pair.startswith(head) for head in words["pairs"]) else None


@lru_cache(maxsize=1)
def capital_phrases() -> frozenset[tuple[str, ...]]:
    return frozenset(split(phrase) for phrase in place_words().sections["krai"]["capital"])


def krai(scan: Scan, i: int) -> list[Mention] | None:
    """«Кубань», «Краснодарский край», «край», «регион», «кубанцы»."""
    word = scan.fold[i]
    krai_words = scan.w.words("krai", "words")
    if word in krai_words and scan.is_title(i):
        if _is_river(scan, i):
            return [scan.mention(i, i + 1, PlaceKind.OTHER, scan.written(i), _river_rule(scan, i))]
        return None if _is_outlet(scan, i) else [scan.mention(i, i + 1, PlaceKind.KRAI, _KRAI, "krai")]
    if word in scan.w.words("krai", "people"):
        return [scan.mention(i, i + 1, PlaceKind.KRAI, _KRAI, "krai_people", role=Role.RESIDENTS)]
    if word in scan.w.words("krai", "own") and scan.fold[i + 1] in scan.w.words("krai", "noun"):
        return [scan.mention(i, i + 2, PlaceKind.KRAI, _KRAI, "krai")]
    if word in scan.w.words("krai", "noun") and scan.fold[i - 1] in scan.w.words("krai", "before"):
        residents = scan.fold[i - 1].startswith("жител")
        rule, role = ("krai_residents", Role.RESIDENTS) if residents else ("krai_noun", Role.WEAK)
        return [scan.mention(i, i + 1, PlaceKind.KRAI, _KRAI, rule, role=role)]
    return None


def _river_rule(scan: Scan, i: int) -> str:
    return "bridge" if any(word.startswith("мост") for word in scan.before(i, 4)) else "river"


def _is_river(scan: Scan, i: int) -> bool:
    """«через реку Кубань», «русло р. Кубань», «берегу Кубани», «мост через Кубань»."""
    before = scan.fold[i - 2] if scan.fold[i - 1] == "." else scan.fold[i - 1]
    if before == "через":
        return any(word.startswith(_CROSSING) for word in scan.before(i, 4))
    return before in scan.w.words("krai", "river")


_CROSSING = ("мост", "переправ", "паром")


def tram(scan: Scan, i: int) -> list[Mention] | None:
    """«трамвай»: only the krai's capital has them."""
    if not scan.fold[i].startswith("трамва"):
        return None
    place = scan.atlas.names.named(scan.w.sections["krai"]["capital_id"])[0]
    return [scan.mention(i, i + 1, PlaceKind.SETTLEMENT, place.name, "tram", ids=(place.id,), role=Role.WEAK)]


def _is_outlet(scan: Scan, i: int) -> bool:
    """«Кубань 24», «Новая Кубань»: an outlet, not the region."""
    return scan.fold[i + 1] == "24" or scan.fold[i - 1] in scan.w.words("enterprise", "outlets")


def other_region(scan: Scan, i: int) -> list[Mention] | None:
    """«Омской области», «Пермского края», «Республика Адыгея»."""
    if not scan.is_title(i):
        return None
    word, end = scan.hyphenated(i)
    nouns = load("outside")["region"]
    if word in nouns["republic"] and scan.is_title(i + 1):
        return [_outside(scan, i, i + 2, "republic")]
    noun = scan.fold[end]
    if word in scan.w.words("krai", "own") or not word.endswith(REGION_ENDINGS):
        return None
    if noun in nouns["oblast"] or noun in nouns["republic"] or noun in nouns["krai"]:
        return [_outside(scan, i, end + 1, "other_region")]
    return None


def _outside(scan: Scan, first: int, end: int, rule: str) -> Mention:
    start, stop = scan.offsets(first, end)
    return scan.mention(first, end, PlaceKind.OUTSIDE, scan.text[start:stop], rule)


def bare_region(scan: Scan, i: int) -> list[Mention] | None:
    """«областная ГИБДД»: Kuban is a krai, so the story is of another region."""
    if scan.fold[i] not in load("outside")["region"]["bare"]:
        return None
    return [scan.mention(i, i + 1, PlaceKind.OUTSIDE, "другая область", "bare_region", role=Role.WEAK)]


def zone(scan: Scan, i: int) -> list[Mention] | None:
    """«Центральная экономическая зона», «Сочинской агломерации»."""
    if not scan.is_title(i) or not scan.is_word(i + 1):
        return None
    found = zones_of(scan.atlas).get(scan.fold[i][:-2])
    if found is None:
        return None
    after, last = scan.fold[i + 1], scan.fold[i + 2]
    if after.startswith("агломераци"):
        return [scan.mention(i, i + 2, PlaceKind.ZONE, scan.atlas.zones[found].name, "zone", ids=(found,))]
    if after.startswith("экономическ") and last.startswith("зон"):
        return [scan.mention(i, i + 3, PlaceKind.ZONE, scan.atlas.zones[found].name, "zone", ids=(found,))]
    return None


@per_atlas
def zones_of(atlas: Atlas) -> Mapping[str, str]:
    """Stem of a zone's first word («центральн») -> zone id."""
    return {fold(item.name).split(" ")[0][:-2]: item.id for item in atlas.zones.values()}


def people(scan: Scan, i: int) -> list[Mention] | None:
    """«краснодарцы», «анапчан», «волгоградцев»: people of a town, in any case of letters."""
    if not scan.fold[i].endswith(PEOPLE) or scan.fold[i] in scan.w.people_outside:
        return None
    name = scan.name(i, ("demonym",))
    if name is None:
        return None
    place = scan.atlas.place(name.ids[0])
    if place is None or ((place.population or 0) < _TOWN and place.id in scan.atlas.settlements):
        return None
    kind = PlaceKind.SETTLEMENT if place.id in scan.atlas.settlements else PlaceKind.OUTSIDE
    return [scan.mention(i, name.end, kind, place.name, "people", ids=name.ids[:1], role=people_role(scan.fold[i]))]


def adjective(scan: Scan, i: int) -> list[Mention] | None:
    """«краснодарских домов», «Анапской трассе»: weak evidence of a town."""
    if not scan.fold[i].endswith(ADJECTIVE):
        return None
    if scan.is_title(i) and _is_surname(scan, i):
        return None
    name = scan.name(i, ("adj",))
    place = scan.atlas.settlements.get(name.ids[0]) if name else None
    if name is None or place is None or (place.population or 0) < _TOWN:
        return None
    if scan.fold[name.end].startswith(_RURAL) and place.municipality in scan.atlas.municipalities:
        owner = scan.atlas.municipalities[place.municipality]  # «крымские сёла» lie around the town
        return [scan.mention(i, name.end, PlaceKind.DISTRICT, owner.name, "adjective", ids=(owner.id,), role=Role.WEAK)]
    return [scan.mention(i, name.end, PlaceKind.SETTLEMENT, place.name, "adjective", ids=(place.id,), role=Role.WEAK)]


_RURAL = ("села", "селе", "селах", "селам", "селами", "хутор", "станиц", "посел", "аул", "деревн")
"""Beginnings of villages, «сел» not among them: «сельские»."""
