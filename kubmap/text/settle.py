"""Settlements with a type word: «ст-це Крепостной», «посёлков Верхнебаканский и Гайдук», «мкр. «Алексеевский»»."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubmap.atlas.roadwords import stem
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.bearers import Table
from kubmap.text.districts import district, districts_of
from kubmap.text.districts import stem as adjective_stem
from kubmap.text.named import goes_on, mention_of, outside_words, place_at
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention, Relation, replace
from kubmap.text.placewords import place_words
from kubmap.text.railway import station_name
from kubmap.text.scan import CLOSE, OPEN, Name, Scan
from kubmap.text.slips import misspelt

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas


LONG = 6
"""Letters of a type word that is too long to be an abbreviation: a full stop after it ends a sentence."""


def typed(scan: Scan, i: int) -> list[Mention] | None:
    """A type word and the name (or the list of names) after it."""
    word, k = scan.hyphenated(i)
    kind = scan.w.types.get(word)
    if kind is None or not (k := _after_type(scan, i, k, word)):
        return None
    if (kind == "пункт" and scan.fold[i - 1] not in _INHABITED) or (kind == "станция" and is_of_a_net(scan, i)):
        return None
    plural = word in scan.w.plural
    inner, inner_end = scan.hyphenated(k)
    if inner in scan.w.types and inner_end < scan.size and not scan.is_title(k):
        kind, k = scan.w.types[inner], inner_end + (scan.fold[inner_end] == ".")
    if kind == "река":
        return _river(scan, i, k)
    if (plural or scan.fold[k].endswith(_OF_WHOLE)) and (
        around := _around(scan, i, k, kind, plural=plural)
    ) is not None:
        return around or None
    first = _one(scan, i, k, kind)
    if first is None:
        return None
    found, end = [first[0]], first[1]
    while plural and (nxt := _list_next(scan, end)) is not None and district(scan, nxt) is None:
        item = _one(scan, nxt, nxt, kind)
        if item is None:
            break
        found.append(item[0])
        end = item[1]
    return _grouped(scan, found)


def is_of_a_net(scan: Scan, i: int) -> bool:
    """«газораспределительная станция Сочи»: a station of a utility is no place."""
    return i > 0 and scan.fold[i - 1].startswith(tuple(scan.w.words("stations", "other")))


def _river(scan: Scan, i: int, k: int) -> list[Mention] | None:
    """«на реке Макопсе»: near the village of a short river's name."""
    name = scan.name(k) if scan.is_title(k) else None
    short = scan.w.words("rivers", "municipalities")
    places = [scan.atlas.settlements.get(n) for n in name.ids] if name else []
    ids = tuple(p.id for p in places if p is not None and p.municipality in short)
    ids = compatible(scan, ids, "река") if ids else ()
    if name is None or not ids:
        return None
    return [mention_of(scan, i, name.end, ids, "river_village", relation=Relation.NEAR)]


def _around(scan: Scan, i: int, k: int, kind: str, *, plural: bool) -> list[Mention] | None:
    """What the words after a type word tell to be around; empty where that is another rule's; None for a name."""
    return _wider(scan, i, k, kind) if plural else _in_whole(scan, k)


def _wider(scan: Scan, i: int, k: int, kind: str) -> list[Mention] | None:
    """«в станицах Темрюкского района», «сёла Геленджика»: what is around villages; empty where no district is."""
    inside = district(scan, k) if scan.is_title(k) else None
    if inside is None or len(inside) != 1:
        return _villages_of(scan, i, k, kind)
    return inside if inside[0].kind == PlaceKind.DISTRICT and not inside[0].inner else []


def _in_whole(scan: Scan, k: int) -> list[Mention] | None:
    """«в станице Северского района»: the district; empty for «в селе Краснодарского края», «в посёлке Кубани»."""
    word = scan.fold[k]
    if word in scan.w.words("krai", "words") or (word in scan.w.words("krai", "own") and _is_krai(scan, k + 1)):
        return []
    inside = district(scan, k) if scan.is_title(k) else None
    return inside if inside is not None and len(inside) == 1 and inside[0].kind in _WHOLES else None


_WHOLES = frozenset({PlaceKind.DISTRICT, PlaceKind.OUTSIDE})


def _is_krai(scan: Scan, k: int) -> bool:
    return scan.fold[k] in scan.w.words("krai", "noun")


_OF_WHOLE = ("ого", "его", "кубани")
"""Endings of the words that tell of what a village is a part."""


def _villages_of(scan: Scan, i: int, k: int, kind: str) -> list[Mention] | None:
    """«семь сёл Геленджика», «в хуторах Крымска»: the municipality around a town."""
    name = scan.name(k, ("obl",)) if kind in _RURAL and scan.is_title(k) else None
    towns = [scan.atlas.settlements.get(n) for n in name.ids] if name else []
    town = next((place for place in towns if place is not None and place.type == "город"), None)
    if name is None or town is None or not scan.fold[name.end - 1].endswith(_GENITIVE):
        return None
    owner = scan.atlas.municipalities.get(town.municipality)
    if owner is None or owner.centre != town.id:
        return None
    return [scan.mention(i, name.end, PlaceKind.DISTRICT, owner.name, "villages_of", ids=(owner.id,))]


_RURAL = frozenset({"село", "хутор", "посёлок", "станица", "аул"})
_GENITIVE = ("а", "я", "ы", "и", "ого")
_INHABITED = frozenset(
    {"населенный", "населенного", "населенном", "населенному", "населенным", "населенные", "населенных", "населенными"}
)


def _after_type(scan: Scan, i: int, k: int, word: str) -> int:
    """The token where the name begins, 0 when the word is no type word here."""
    if len(word) == 1 and i and (scan.is_number(i - 1) or scan.fold[i - 1] == "/"):
        return 0
    if scan.fold[k] == ".":
        return k + 1 if len(word) < LONG else 0
    short = word in scan.w.dotted
    if short and word not in scan.w.words("dotted", "free"):
        return 0
    return k if k < scan.size and (scan.is_title(k) or not short) else 0


def _one(scan: Scan, first: int, k: int, kind: str) -> tuple[Mention, int] | None:
    """The mention of one name of a type; a name that the atlas does not know is OTHER."""
    quoted = scan.fold[k] in OPEN
    k += quoted
    if not (scan.is_title(k) or scan.is_number(k)):
        return None
    name = (station_name(scan, k) if kind == "станция" else None) or scan.name(k)
    if name is not None and kind == "микрорайон" and place_at(scan, name.ids[0]).type == "город":
        return None
    if name is None and (alike := _quarter(scan, k, kind) or _alike(scan, k, kind) or _slip(scan, k, kind)) is not None:
        end = alike.end + (quoted and scan.fold[alike.end] in CLOSE)
        return mention_of(scan, first, end, alike.ids, "typed_alike", type_word=kind), end
    if name is None or goes_on(scan, k, name):
        return _unknown(scan, first, k, kind, quoted=quoted)
    end = name.end + (quoted and scan.fold[name.end] in CLOSE)
    ids = compatible(scan, name.ids, kind)
    if not ids:
        return _unknown(scan, first, k, kind, quoted=quoted)
    return mention_of(scan, first, end, ids, "typed", type_word=kind), end


def _quarter(scan: Scan, k: int, kind: str) -> Name | None:
    """«микрорайон Губернский» for the «Губернский микрорайон» of the atlas."""
    word, end = scan.hyphenated(k)
    if kind != "микрорайон" or scan.is_title(end):
        return None
    ids = districts_of(scan.atlas).inner.get(adjective_stem(word) or "", ())
    ids = tuple(i for i in ids if place_at(scan, i).type == "микрорайон")
    return Name(ids, end) if ids else None


def _alike(scan: Scan, k: int, kind: str) -> Name | None:
    """«хут. Тарусино» for Тарусин: one place of that very type whose name differs in its ending only."""
    word, end = scan.hyphenated(k)
    if len(word) < 6 or scan.is_title(end):
        return None
    ids = tuple(i for i in same_stem(scan.atlas).get(stem(word), ()) if place_at(scan, i).type == kind)
    return Name(ids, end) if len(ids) == 1 else None


def _slip(scan: Scan, k: int, kind: str) -> Name | None:
    """«станице Новоулешковской»: one place of that type, of the district after it, whose name is a slip or two away."""
    word, end = scan.hyphenated(k)
    around = district(scan, end) if scan.is_title(end) else None
    if kind in {"микрорайон", "станция"} or (around is None and scan.is_title(end)):
        return None
    known = [place for i in misspelt(scan.atlas, word) if (place := place_at(scan, i)).type in scan.w.compatible[kind]]
    if around is not None:
        owners = {owner for mention in around for owner in mention.ids}
        known = [place for place in known if place.municipality in owners]
    ids = tuple(place.id for place in known if _is_of_ska(place.name) or not _is_of_ska(word))
    return Name(ids, end) if len(ids) == 1 else None


def _is_of_ska(name: str) -> bool:
    """Whether a name is an adjective in -ский, -ская: «Серебрянский» is no slip for «Серебрянка»."""
    return stem(fold(name)).endswith(("ск", "цк"))


@per_atlas
def same_stem(atlas: Atlas) -> dict[str, list[str]]:
    """Stem of a one-word name -> ids of the krai's places."""
    found: dict[str, list[str]] = {}
    for place in atlas.settlements.values():
        found.setdefault(stem(fold(place.name)), []).append(place.id)
    return found


def _unknown(scan: Scan, first: int, k: int, kind: str, *, quoted: bool) -> tuple[Mention, int] | None:
    if scan.is_number(k) or kind in {"станция", "место", "пляж"}:
        return None
    _, end = scan.hyphenated(k)
    while scan.is_word(end) and scan.is_title(end) and end - k < 3 and not _goes_elsewhere(scan, end):
        _, end = scan.hyphenated(end)
    end += quoted and scan.fold[end] in CLOSE
    start, stop = scan.offsets(k, end)
    outside = outside_words(scan, k) or adjective_stem(scan.fold[k]) in scan.w.outside_districts
    place = PlaceKind.OUTSIDE if outside else PlaceKind.OTHER
    rule = "typed_outside" if outside else "quarter" if kind == "микрорайон" else "typed_unknown"
    inner = kind == "микрорайон"
    return scan.mention(first, end, place, scan.text[start:stop], rule, type_word=kind, inner=inner), end


def _goes_elsewhere(scan: Scan, k: int) -> bool:
    """Whether a name of its own begins at token `k`: «посёлка Берёзкино Туапсинского района» ends before it."""
    return _is_town(scan, k) or district(scan, k) is not None


def _is_town(scan: Scan, k: int) -> bool:
    """Whether a town's name begins at token `k`: «мкр. Звёздный Анапы» ends before it."""
    name = scan.name(k)
    return scan.fold[k] in scan.w.types or (name is not None and (place_at(scan, name.ids[0]).population or 0) > 10_000)


def compatible(scan: Scan, ids: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The candidates whose type the word may mean; all of them for a loose word that fits none."""
    return _compatible_of(scan.atlas)[ids, kind]


@per_atlas
def _compatible_of(atlas: Atlas) -> Table[tuple[tuple[str, ...], str], tuple[str, ...]]:
    def tell(key: tuple[tuple[str, ...], str]) -> tuple[str, ...]:
        ids, kind = key
        types = {i: (atlas.settlements.get(i) or atlas.outside[i]).type for i in ids}
        return _fitting(types, kind)

    return Table(tell)


def _fitting(types: Mapping[str, str], kind: str) -> tuple[str, ...]:
    """The candidates (with their types) that a type word may mean."""
    table = place_words().compatible[kind]
    near = tuple(i for i, found in types.items() if found in table)
    if kind == "станица" and not near:
        near = tuple(i for i, found in types.items() if found in {"станция", "разъезд"})
    if near or kind in {"город", "микрорайон", "место", "река", "пляж"}:
        return near
    if kind == "станция":
        return tuple(types)
    return tuple(i for i, found in types.items() if found not in {"район", "микрорайон", "город"})


def _list_next(scan: Scan, k: int) -> int | None:
    """The next item of a list: after «,», «и», «, а также»."""
    if scan.fold[k] not in {",", "и"}:
        return None
    k += 1
    while scan.fold[k] in {"и", "а", "также", "в", "во"}:
        k += 1
    return k if scan.is_title(k) or scan.fold[k] in OPEN else None


def _grouped(scan: Scan, found: list[Mention]) -> list[Mention]:
    if len(found) == 1:
        return found
    group = scan.new_group()
    return [replace(mention, group=group) for mention in found]
