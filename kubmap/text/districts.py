"""Districts: «Тимашевский район», «район Тимашевский», «в Темрюкском и Ейском р-нах», cut-off «Выселковского…»."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kubmap.atlas.asked import Asked
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention
from kubmap.text.placewords import place_words
from kubmap.text.scan import Scan

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas
    from kubmap.atlas.model import Settlement

_JOINTS = frozenset({",", "и"})
_LISTED = 44  # adjectives of one list: the krai has no more municipalities
_ENDINGS = frozenset(
    ["ому", "ему", "ого", "его", "ыми", "ими", "ий", "ый", "ой", "им", "ым", "ом", "ем", "ие", "ые", "их", "ых"]
)


@dataclass(frozen=True, slots=True)
class Districts:
    """Adjective stem («усть лабинск») -> municipality id; -> inner-city settlement ids."""

    municipalities: Mapping[str, str]
    inner: Mapping[str, tuple[str, ...]]


class _Stems(Asked[str | None]):
    """Folded word -> its adjective stem."""

    def tell(self, word: str) -> str | None:
        for size in (3, 2):
            if word[-size:] in _ENDINGS and len(word) > size + 2:
                return word[:-size].replace("-", " ")
        return None


_STEMS = _Stems()


def stem(word: str) -> str | None:
    """«ейском» -> «ейск»; None when it has no ending of a masculine adjective."""
    return _STEMS[word]


@per_atlas
def districts_of(atlas: Atlas) -> Districts:
    """The stems of an atlas, made once."""
    found: dict[str, str] = {}
    for municipality in atlas.municipalities.values():
        head = fold(municipality.name).split(" ")[0]
        if municipality.name.endswith("район") and (base := stem(head)):
            found[base] = municipality.id
    for base, name in place_words().sections["municipalities"].items():
        if (known := atlas.municipality_named(name)) is not None:
            found.setdefault(base, known.id)
    inner: dict[str, list[str]] = {}
    for place in atlas.settlements.values():
        if place.type in {"район", "микрорайон"} and (base := stem(fold(place.name).split(" ")[0])):
            inner.setdefault(base, []).append(place.id)
    return Districts(found, {base: tuple(ids) for base, ids in inner.items()})


class _Adjective(NamedTuple):
    first: int
    end: int
    base: str


def district(scan: Scan, i: int) -> list[Mention] | None:
    """Districts that begin at token `i`, or None."""
    word, end = scan.hyphenated(i)
    if word in scan.w.district_one:
        return _noun_first(scan, i, end)
    items = _adjectives(scan, i) or _neuter(scan, i)
    if not items:
        return None
    noun = _noun(scan, items[-1].end)
    if noun is None:
        return _cut_off(scan, items) if len(items) == 1 else _announced(scan, items)
    return _listed(scan, items, noun[0], okrug=noun[1])


def _adjectives(scan: Scan, i: int, stem_of: Callable[[str], str | None] = stem) -> list[_Adjective]:
    """«Темрюкском, Ейском, Славянском» as far as they are adjectives of places."""
    found: list[_Adjective] = []
    k = i
    while len(found) < _LISTED and scan.is_word(k) and scan.is_title(k):
        word, end = scan.hyphenated(k)
        base = stem_of(word)
        if base is None:
            break
        found.append(_Adjective(k, end, base))
        k = end
        if scan.fold[k] in scan.w.between_adjectives and scan.fold[k + 1] in _JOINTS:  # «Кубанское сельское и …»
            k += 1
        if scan.fold[k] not in _JOINTS:
            break
        if scan.is_title(k + 1):
            k += 1
        elif scan.fold[k] == "," and scan.fold[k + 1] == "и":
            k += 2
        else:
            break
    return found


def _neuter(scan: Scan, i: int) -> list[_Adjective]:
    """«Новомалороссийское сельское поселение», a list of such: only a rural settlement is neuter."""
    if not scan.hyphenated(i)[0].endswith(NEUTER):
        return []
    items = _adjectives(scan, i, _neuter_stem)
    noun = _noun(scan, items[-1].end) if items else None
    return items if noun is not None and noun[1] == "поселение" else []


def _neuter_stem(word: str) -> str | None:
    return word[:-2].replace("-", " ") if word.endswith(NEUTER) else None


NEUTER = ("ское", "цкое")
"""How the adjective of a rural settlement ends."""


def _announced(scan: Scan, items: list[_Adjective]) -> list[Mention] | None:
    """«в районах Кубани: Туапсинском и Северском»: a list of districts that their noun announces."""
    first = items[0].first
    if scan.fold[first - 1] not in _ANNOUNCING or first < 2:
        return None
    before = scan.folds[max(0, first - _REACH) : first - 1]
    known = districts_of(scan.atlas).municipalities
    told = not scan.w.district_many.isdisjoint(before) or "района" in before  # «три района (…)»
    if not told or not all(item.base in known for item in items):
        return None
    return _listed(scan, items, items[-1].end, okrug="район")


_ANNOUNCING = frozenset({":", "(", "—", "–"})
_REACH = 12  # tokens between «районах» and the list of them


def _noun(scan: Scan, k: int) -> tuple[int, str] | None:
    """The token after «район» (with «муниципальный» before it), and which noun it was."""
    first = k
    while k < first + 2 and scan.fold[k] in scan.w.between_adjectives:
        k += 1
    word, end = scan.hyphenated(k)
    noun = _nouns().get(word)
    if noun == "округ":
        return end, _okrug(scan.fold[first:k])
    if noun is None:
        return None
    return end + (word in {"рн", "р-н"} and scan.fold[end] == "." and scan.glued(end)), noun


def _okrug(adjectives: list[str]) -> str:
    if any(word.startswith("сельск") for word in adjectives):
        return "сельский округ"
    return "городской округ" if any(word.startswith(("городск", "муницип")) for word in adjectives) else "округ"


@lru_cache(maxsize=1)
def _nouns() -> Mapping[str, str]:
    """Folded word -> which noun of a district it is."""
    w = place_words()
    found = dict.fromkeys(w.words("district", "settlement"), "поселение")
    found |= {word: kind for word, kind in w.types.items() if kind == "микрорайон"}
    found |= dict.fromkeys(w.words("district", "energy"), "район")
    found |= dict.fromkeys(w.okrug, "округ")
    return found | dict.fromkeys(w.district_one | w.district_many, "район")


def _listed(scan: Scan, items: list[_Adjective], end: int, *, okrug: str) -> list[Mention] | None:
    group = scan.new_group() if len(items) > 1 else 0
    last = items[-1]
    found = [_named(scan, item, end if item is last else item.end, okrug, group) for item in items]
    known = [mention for mention in found if mention is not None]
    return known or None


def _named(scan: Scan, item: _Adjective, end: int, noun: str, group: int) -> Mention | None:
    """The municipality, the inner-city district, the place outside or the unknown district of one adjective."""
    table = districts_of(scan.atlas)
    municipality, inner = table.municipalities.get(item.base), table.inner.get(item.base, ())
    foreign = municipality is None and not inner and item.base in scan.w.outside_districts
    if noun in _RURAL or (noun == "округ" and not inner and municipality is None and not foreign):
        return _rural(scan, item, end, group, strange=noun == "округ")
    if municipality is not None and (noun in {"район", "городской округ"} or (noun == "округ" and not inner)):
        name = scan.atlas.municipalities[municipality].name
        return scan.mention(item.first, end, PlaceKind.DISTRICT, name, "district", ids=(municipality,), group=group)
    if inner:
        name = scan.atlas.settlements[inner[0]].name
        return scan.mention(
            item.first, end, PlaceKind.DISTRICT, name, "inner_district", ids=inner, group=group, inner=True
        )
    if foreign:
        return scan.mention(item.first, end, PlaceKind.OUTSIDE, _read(scan, item.first, end), "outside_district")
    if noun == "микрорайон":
        return _quarter(scan, item, end, group)
    kind = PlaceKind.OUTSIDE if _is_strange(scan, item) else PlaceKind.OTHER
    return scan.mention(item.first, end, kind, _read(scan, item.first, end), "unknown_district")


_RURAL = frozenset({"поселение", "сельский округ"})
_PLURAL = ("ие", "ые", "их", "ых", "ими", "ыми")
_LONG = 9  # letters of an adjective that may bear two slips


def _is_strange(scan: Scan, item: _Adjective) -> bool:
    """«Лужского района»: an adjective in -ский of no place of the krai, and no slip for one of its districts."""
    word, _ = scan.hyphenated(item.first)
    return not word.endswith(_PLURAL) and _strange(scan.atlas)[item.base]


class _Strange(Asked[bool]):
    """Adjective stem -> whether no place of the krai, and nothing of many places, is called so."""

    def __init__(self, atlas: Atlas) -> None:
        super().__init__()
        self._known = [*districts_of(atlas).municipalities]
        self._stems = _by_stem(atlas)
        self._names = [fold(name) for place in atlas.settlements.values() for name in (place.name, *place.aliases)]

    def tell(self, word: str) -> bool:
        w = place_words()
        if not word.endswith(("ск", "цк")) or word in w.words("district", "common") or word in self._stems:
            return False
        if word + "ий" in w.ordinary or self._is_of_a_name(word):
            return False
        slips = 2 if len(word) >= _LONG else 1
        return process.extractOne(word, self._known, scorer=OSA.distance, score_cutoff=slips) is None

    def _is_of_a_name(self, word: str) -> bool:
        """«таманск» of Тамань, «сукковск» of Сукко."""
        roots = [root for end in _SUFFIXES if len(root := word.removesuffix(end)) >= _ROOT and root != word]
        return any(name.startswith(root) and len(name) - len(root) <= _TAIL for name in self._names for root in roots)


_SUFFIXES = ("ск", "инск", "енск", "овск", "евск", "цк")
_ROOT, _TAIL = 4, 3
"""Letters of the root that an adjective shares with a name, and letters of the name after it."""


@per_atlas
def _strange(atlas: Atlas) -> _Strange:
    return _Strange(atlas)


def _quarter(scan: Scan, item: _Adjective, end: int, group: int) -> Mention:
    return scan.mention(
        item.first, end, PlaceKind.OTHER, _read(scan, item.first, end), "quarter", group=group, inner=True
    )


def _rural(scan: Scan, item: _Adjective, end: int, group: int, *, strange: bool) -> Mention:
    """«Нижнешиловский сельский округ», «Троицкое поселение»: the places whose names share the stem.

    `strange`: an okrug of a stem that no place of the krai has lies outside.
    """
    ids = tuple(p.id for p in _by_stem(scan.atlas).get(item.base, ()))
    kind = PlaceKind.DISTRICT if ids else PlaceKind.OTHER
    if not ids and strange and _is_strange(scan, item):
        return scan.mention(item.first, end, PlaceKind.OUTSIDE, _read(scan, item.first, end), "unknown_district")
    return scan.mention(
        item.first, end, kind, _read(scan, item.first, end), "rural_okrug", ids=ids, group=group, inner=True
    )


@per_atlas
def _by_stem(atlas: Atlas) -> Mapping[str, list[Settlement]]:
    """Adjective stem of a village («нижнешиловск») -> settlements: «Нижняя Шиловка» -> «нижнешиловск»."""
    found: dict[str, list[Settlement]] = {}
    for place in atlas.settlements.values():
        for base in _rural_stems(fold(place.name)):
            found.setdefault(base, []).append(place)
    rarer: dict[str, list[Settlement]] = {}
    for place in atlas.settlements.values():
        for base in _longer_stems(fold(place.name)):
            if base not in found:
                rarer.setdefault(base, []).append(place)
    return found | rarer


def _longer_stems(name: str) -> Sequence[str]:
    """«упорная» -> «упорненск», «сладкий» -> «сладковск», «передовая» -> «передовск»: names that are adjectives."""
    if " " in name or "-" in name or not name.endswith(_ADJECTIVES):
        return ()
    base = name[:-2]
    return (base + ("енск" if base.endswith("н") else "ск" if base.endswith("ов") else "овск"),)


_ADJECTIVES = ("ая", "ое", "ий", "ый", "ой")


def _rural_stems(name: str) -> set[str]:
    """Adjective stems that a village's name may give: «молдаванское» -> «молдаванск»; «нижняя шиловка» too."""
    parts = name.replace("-", " ").split()
    joined = "".join([part[:-2] + "е" if part.endswith(("яя", "ее", "ий")) else part[:-2] + "о" for part in parts[:-1]])
    last = parts[-1]
    bases = {last[:-2] if last.endswith(("ая", "ое", "ий", "ый", "ой", "ие")) else ""}
    bases |= {
        last[:-2] + "ск" if last.endswith(("ка", "ки")) else "",
        last[:-1] + "ск" if last[-1:] in "аоиы" else last + "ск",
        last if last.endswith("ск") else "",
    }
    return {(joined + base).strip() for base in bases if base}


def _noun_first(scan: Scan, first: int, end: int) -> list[Mention] | None:
    """«район Тимашевский», «р-н Северский»."""
    if not scan.is_title(end):
        return None
    word, after = scan.hyphenated(end)
    base = stem(word)
    if base is None or base not in districts_of(scan.atlas).municipalities or scan.fold[after] in scan.w.types:
        return None
    if scan.fold[after] in scan.w.words("krai", "noun"):
        return None
    if not word.endswith(("ий", "ый", "ого", "его", "ому", "им", "ым", "ом", "ем")) and not _is_named_so(
        scan, word, base
    ):
        return None
    if (name := scan.name(end)) is not None and name.end > after:  # «в районе Анапской пересыпи»
        return None
    found = _named(scan, _Adjective(first, after, base), after, "район", 0)
    return [found] if found else None


_MASCULINE = ("ий", "ый", "ого", "его", "ому", "им", "ым", "ом", "ем")


def _is_named_so(scan: Scan, word: str, base: str) -> bool:
    """«район Динской»; «в районе Северской» is near the stanitsa."""
    name = scan.atlas.municipalities[districts_of(scan.atlas).municipalities[base]].name
    return fold(name).split(" ")[0] == word


def _cut_off(scan: Scan, items: list[_Adjective]) -> list[Mention] | None:
    """«ст. Ирклиевской Выселковского…»: the feed cut the word «района» off."""
    item = items[0]
    rest = scan.text[scan.ends[item.end - 1] :].strip()
    word, _ = scan.hyphenated(item.first)
    after_place = bool(scan.found) and not scan.text[scan.found[-1].end : scan.starts[item.first]].strip(" (,")
    if rest not in {"...", "…"} or not (word.endswith(("ого", "его")) and after_place):
        return None
    if item.base not in districts_of(scan.atlas).municipalities:
        return None
    found = _named(scan, item, item.end, "район", 0)
    return [found] if found else None


def _read(scan: Scan, first: int, end: int) -> str:
    start, stop = scan.offsets(first, end)
    return scan.text[start:stop]
