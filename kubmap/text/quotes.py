"""Names in quotes that are nobody's place: «ФК «Краснодар»», «ансамбль «Криница»», «дерби «Краснодар» — «Сочи»»."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubmap.atlas.asked import Asked
from kubmap.atlas.words import fold
from kubmap.domain import PlaceKind
from kubmap.text.marks import WORD
from kubmap.text.named import mention_of
from kubmap.text.once import per_atlas
from kubmap.text.places import Mention, Role
from kubmap.text.placewords import place_words
from kubmap.text.scan import OPEN, Scan

if TYPE_CHECKING:
    from kubmap.atlas.atlas import Atlas

CLUBS = frozenset({"фк", "хк", "бк", "гк", "пфк"})
_STRETCH = ("перегон", "станци", "участк")
_SPOKEN = 4
_SHORTEST, _TOWN = 8, 4  # letters of such a company's name, and of its town
_LARGE = 10_000  # people: companies are named after such places
_LONGEST = 7  # words: a longer quotation is speech, and its places count
_NEAR = 24  # tokens from one quotation mark to the other
_ENDS = frozenset(".!?…")


def enterprise(scan: Scan, i: int) -> list[Mention] | None:
    """A short quotation, or a bare name after «ФК»; the mention tells how far to skip and names no place."""
    if scan.fold[i] in OPEN:
        end = _closing(scan, i)
        if end is not None and scan.fold[end] == "," and scan.fold[end + 1] in {"—", "-"} and end - i > _SPOKEN:
            return None  # «Авария под Динской», — рассказал очевидец
        if end is not None and scan.fold[i - 1].startswith(_STRETCH):
            return None  # «на перегоне «Козырьки — Выселки»»
        return None if end is None else [_landmark(scan, i, end) or company(scan, i + 1, end) or _skipped(scan, i, end)]
    if scan.fold[i] in CLUBS and scan.is_title(i + 1):
        return [_skipped(scan, i, i + 2)]
    return None


def _landmark(scan: Scan, i: int, end: int) -> Mention | None:
    """«курорт «Роза Хутор»»: the whole quotation is the name of a place where nobody lives."""
    name = scan.name(i + 1)
    if name is None or name.end != end - 1 or name.end - i < 3:
        return None
    places = [scan.atlas.settlements.get(k) for k in name.ids]
    if any(place is None or place.type != "место" for place in places):
        return None
    return mention_of(scan, i, end, name.ids, "quoted_place")


def company(scan: Scan, k: int, end: int) -> Mention | None:
    """«Краснодаргоргаз», «Ейскводоканал»: a company whose name is made of a town's and of what it supplies."""
    word = scan.fold[k]
    last = _SUPPLIES[word]
    if last < 0:
        return None
    town = word[:last].removesuffix("о")
    ids = _towns(scan.atlas).get(town) or _towns(scan.atlas).get(word[:last])
    if ids is None:
        return None
    return mention_of(scan, k, max(k + 1, end - 1), (ids,), "company", role=Role.SOURCE)


def is_company(word: str) -> bool:
    """Whether a folded word is long enough for such a name, and says what is supplied."""
    return _SUPPLIES[word] >= 0


class _Supplies(Asked[int]):
    """Word -> where in it «горгаз», «водоканал», … begins; -1 where nowhere."""

    def tell(self, word: str) -> int:
        parts = place_words().sections["company"]["parts"] if len(word) >= _SHORTEST else ()
        return min((at for part in parts if (at := word.find(part)) >= _TOWN), default=-1)


_SUPPLIES = _Supplies()


@per_atlas
def _towns(atlas: Atlas) -> dict[str, str]:
    """Folded name, with and without its vowel at the end -> id of a town."""
    found: dict[str, str] = {}
    for place in atlas.settlements.values():
        if place.type == "город" or (place.population or 0) > _LARGE:
            name = fold(place.name).replace("-", "").replace(" ", "")
            found.setdefault(name, place.id)
            found.setdefault(name.rstrip("аоийя"), place.id)
    return found


def _closing(scan: Scan, i: int) -> int | None:
    """The token after the closing quote of a short quotation."""
    near = scan.folds[i + 1 : i + _NEAR]
    close = "»" if scan.fold[i] == "«" else '"'
    if close not in near:
        return None
    end = i + 1 + near.index(close)
    words = sum(map(WORD.__and__, scan.signs[i + 1 : end]))
    if words > _LONGEST or not _ENDS.isdisjoint(scan.folds[i + 1 : end]):
        return None
    return end + 1 if scan.is_title(i + 1) or words <= 2 else None


def _skipped(scan: Scan, first: int, end: int) -> Mention:
    return scan.mention(first, end, PlaceKind.OTHER, "", "enterprise")
