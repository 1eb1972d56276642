"""Streets and houses, as text: «ул. Коммунаров, 56 и 58», «улиц Новой и Старокубанской», «Красная улица».

What a street is called («ул. Краснодарская», «ул. 72 км») must not be read as a place or a road.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubmap.atlas.streets import Key, Street, key_of, load_streets
from kubmap.domain import PlaceKind
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention
from kubmap.text.scan import CLOSE, OPEN, Name, Scan

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

ENDINGS = ("ая", "ой", "ую", "ий", "ый", "ого", "ом", "ое", "их", "ых", "ей")
"""How a street's adjective ends."""
_WIDER = ("област", "республик", "трасс", "дорог", "желез", "набережн", "косе", "бухт")
"""After an adjective that is a street's name too: «по Ростовской области»."""
_LONGEST = 4  # words of a street's name
_HAMLET = 1_500  # people
_ONE = frozenset({"улица", "улицу", "улице", "улицей"})


def street(scan: Scan, i: int) -> list[Mention] | None:
    """A street that begins at token `i`, with the further ones of a list, or None."""
    word, end = scan.hyphenated(i)
    if word in scan.w.words("street", "before"):
        return _after_word(scan, i, end, word)
    if not scan.is_title(i):
        return None
    found = _before_word(scan, i, end) if scan.fold[end] in scan.w.words("street", "after") else None
    return found or (_bare(scan, i, word, end) if scan.fold[i - 1] in _ON else None)


_ADDRESSES = frozenset({"адресам", "адресах"})
"""Words before a list of streets: «по адресам: Горная, Заводская»."""
_ON = frozenset({"на", "по"})


def _after_word(scan: Scan, first: int, end: int, word: str) -> list[Mention] | None:
    if scan.fold[end] == "." and (word in scan.w.words("street", "dotted") or "-" in word):
        end += 1
    elif word in scan.w.words("street", "dotted") and word not in {"ул", "пр"}:
        return None
    plural = (word.startswith("улиц") and word not in _ONE) or word in _ADDRESSES
    end += scan.fold[end] == ":" and plural
    stop = _name(scan, end)
    if stop is None or _is_town(scan, end):
        return None
    found = [_mention(scan, end if word in _ADDRESSES else first, _houses(scan, stop))]
    while (item := _next(scan, scan_end(scan, found[-1]), plural=plural)) is not None:
        found.append(_mention(scan, item[0], _houses(scan, item[1])))
    return found


def _is_town(scan: Scan, k: int) -> bool:
    """«35 улиц Краснодара»: the streets of a town."""
    name = scan.name(k)
    place = scan.atlas.place(name.ids[0]) if name else None
    return place is not None and place.type == "город" and not scan.fold[k].endswith(("ая", "ой", "ую", "ого"))


@per_atlas
def streets_of(atlas: Atlas) -> Mapping[tuple[str, Key], Street]:
    """The known streets of an atlas, read once."""
    return load_streets(atlas.folder)


@per_atlas
def _known_keys(atlas: Atlas) -> frozenset[Key]:
    return frozenset(key for _, key in streets_of(atlas))


def is_bare(atlas: Atlas, first: str, word: str) -> bool:
    """Whether a folded word (and its first token) may name a known street without «улица»."""
    return first.endswith(("ой", "ей")) and key_of(word) in _known_keys(atlas)


def _bare(scan: Scan, i: int, word: str, end: int) -> list[Mention] | None:
    """«на Ставропольской, 149», «движение по Российской»: a known street without its word."""
    if not is_bare(scan.atlas, scan.fold[i], word) or (scan.is_word(end) and scan.is_title(end)):
        return None
    if scan.fold[end].startswith(_WIDER) or ((name := scan.name(i)) is not None and name.end > end):
        return None
    return [_mention(scan, i, _houses(scan, end))]


def scan_end(scan: Scan, mention: Mention) -> int:
    """The token after a mention."""
    return bisect_left(scan.starts, mention.end)


def _name(scan: Scan, i: int) -> int | None:
    """The token after a street's name that begins at `i`; None where no name begins."""
    k, seen = i, 0
    if scan.fold[k] in OPEN:
        k += 1
    while seen < _LONGEST and k < scan.size:
        if not _fits(scan, k, first=seen == 0):
            break
        seen += 1
        _, k = scan.hyphenated(k)
        if scan.fold[k] == "." and (scan.fold[k - 1] in scan.w.words("street", "lead") or len(scan.fold[k - 1]) == 1):
            k += 1
    if not seen or (k == i + 1 and scan.is_number(i)):
        return None
    return k + 1 if scan.fold[k] in CLOSE and scan.fold[i] in OPEN else k


def _fits(scan: Scan, k: int, *, first: bool) -> bool:
    """Whether token `k` may belong to a street's name."""
    if k >= scan.size:
        return False
    fold = scan.fold[k]
    if fold in scan.w.words("street", "lead"):
        return True
    if scan.is_number(k):
        after = scan.fold[k + 1]
        return first and (after in scan.w.words("street", "tail") or after in {"-", "км"} or after.startswith("лет"))
    if not scan.is_word(k):
        return False
    return scan.is_title(k) or (not first and (fold in scan.w.words("street", "tail") or fold in {"летия", "км"}))


def _houses(scan: Scan, k: int) -> int:
    """The token after the house numbers that follow a street's name: «, 56 и 58», «, д. 4/1», «, 129/1»."""
    end = k
    while True:
        at = k
        while scan.fold[at] in {",", "и", "№", "."} or scan.fold[at] in scan.w.words("street", "house"):
            at += 1
        if not scan.is_number(at) or len(scan.fold[at]) > 3:
            return end
        if scan.fold[at + 1] in {":", "км"} or _is_date(scan, at + 1):
            return end
        if scan.fold[at + 1] == "-" and scan.glued(at + 1) and scan.is_word(at + 2):
            return end
        k = at + 1
        while scan.fold[k] in {"/", "-"} and scan.glued(k) and scan.glued(k + 1):
            k += 2
        if scan.is_word(k) and len(scan.fold[k]) == 1 and scan.glued(k):
            k += 1
        end = k


def _is_date(scan: Scan, k: int) -> bool:
    return scan.fold[k][:3] in {
        "янв",
        "фев",
        "мар",
        "апр",
        "мая",
        "июн",
        "июл",
        "авг",
        "сен",
        "окт",
        "ноя",
        "дек",
        "час",
    }


def _next(scan: Scan, k: int, *, plural: bool) -> tuple[int, int] | None:
    """A further street of a list: «, Есенина и Российской» -> its first and end tokens.

    In a list that «улицы» opens a hamlet's name is a street's: «на улицах Ленина, Мира».
    """
    if scan.fold[k] not in {",", "и"}:
        return None
    k += 1
    if scan.fold[k] in {"ул", "улица"}:
        return None
    known = scan.name(k)
    if not _fits(scan, k, first=True):
        return None
    if known is not None and not (_street_like(scan, k, known.end) or (plural and _is_hamlet(scan, known))):
        return None
    end = _name(scan, k)
    return (k, end) if end is not None else None


def _is_hamlet(scan: Scan, name: Name) -> bool:
    """Whether all places of a name are so small that a street of that name is meant rather."""
    places = [place for i in name.ids if (place := scan.atlas.place(i)) is not None]
    return bool(places) and all((place.population or 0) < _HAMLET and place.type != "район" for place in places)


def _street_like(scan: Scan, k: int, end: int) -> bool:
    """A word of a list that is a settlement's name too, but declined as a street's is: «Шаумяна», «Лермонтова»."""
    word = scan.fold[k]
    if word.endswith(("ой", "ая", "ую", "ого", "ева", "ова", "ина")):
        return True
    of_a_person = word.endswith(("на", "ка", "да", "та", "са", "ла", "ра", "ича", "ича"))
    return of_a_person and end == k + 1 and scan.name(k, ("nom",)) is None


def _before_word(scan: Scan, i: int, end: int) -> list[Mention] | None:
    """«Красная улица», «Кубанская Набережная»."""
    if not scan.is_word(i) or not scan.fold[i].endswith(ENDINGS):
        return None
    if scan.fold[end] in {"площади", "площадь"}:
        return None
    return [_mention(scan, i, _houses(scan, end + 1))]


def _mention(scan: Scan, first: int, end: int) -> Mention:
    start, stop = scan.offsets(first, end)
    return scan.mention(first, end, PlaceKind.STREET, scan.text[start:stop].strip(), "street")
